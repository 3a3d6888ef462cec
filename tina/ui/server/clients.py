"""Who asks: the address of whoever is behind the proxies, so that nobody gets more than their share by any way in.

A middleware writes the address where everything else looks for it, and a network of IPv6 counts as one client. Tools
for language models are asked by Gradio itself, from this machine: such a question carries a note, which only this
process can write, of whose it is.
"""

from __future__ import annotations

import secrets
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

NOTE = b"x-tina-asked-by"
UNKNOWN = "unknown"


class Clients:
    """A middleware: the client of every question is the one who really asks."""

    def __init__(self, app: ASGIApp, proxies: int = 0):
        """
        Args:
            app: what answers.
            proxies: how many are in front, each of which adds whom it heard it from to X-Forwarded-For.
        """
        self.app, self.proxies = app, proxies
        self._secret = secrets.token_hex(16).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One question."""
        if scope["type"] in ("http", "websocket"):
            headers = [pair for pair in scope["headers"] if pair[0] != NOTE]
            client = self._noted(scope) or self._forwarded(scope) or client_of((scope.get("client") or [""])[0])
            headers.append((NOTE, self._secret + b" " + client.encode()))
            scope = {**scope, "client": (client, 0), "headers": headers}
        await self.app(scope, receive, send)

    def _noted(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            secret, _, client = value.partition(b" ")
            if name == NOTE and secrets.compare_digest(secret, self._secret):
                return client.decode()
        return ""

    def _forwarded(self, scope: Scope) -> str:
        """Counted from the end: what stands before, anybody may have written."""
        if not self.proxies:
            return ""
        values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = [hop.strip() for hop in ",".join(values).split(",") if hop.strip()]
        return client_of(hops[-min(self.proxies, len(hops))]) if hops else ""


def client_of(address: str) -> str:
    """What counts as one client: an address, or a network of IPv6, of which one household has 2^64 addresses."""
    try:
        found = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address[:64] or UNKNOWN
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((found, 64), strict=False))
    return str(found)
