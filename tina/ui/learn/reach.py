"""The address at which phones find this page: the machine's own in its network, where the page is open to it; and the
path of the page there."""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

EVERYWHERE = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class Reach:
    """Host and port for a link, and whether another machine gets there."""

    netloc: str
    open: bool


def reach(host_header: str, listens_on: str) -> Reach:
    """Where others find what this browser found at `host_header`.

    Args:
        host_header: what the browser asked for, such as "127.0.0.1:7860".
        listens_on: the address that the page is served at.
    """
    name, port = _split(host_header)
    if not _is_loopback(name):
        return Reach(host_header, True)
    if listens_on not in EVERYWHERE and _is_loopback(listens_on):
        return Reach(host_header, False)
    found = lan_address() if listens_on in EVERYWHERE else listens_on
    if found is None:
        return Reach(host_header, False)
    return Reach(f"[{found}]{port}" if ":" in found else f"{found}{port}", True)


def mounted() -> str:
    """The path below which a proxy has the page, as Gradio is told (GRADIO_ROOT_PATH), without a slash at its end."""
    return urlsplit(os.environ.get("GRADIO_ROOT_PATH", "")).path.rstrip("/")


def lan_address() -> str | None:
    """This machine's address in its network; None where it is in none. Nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's: it only chooses the way out
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if _is_loopback(address) or address in EVERYWHERE else address


def _split(netloc: str) -> tuple[str, str]:
    """Host and ":port"."""
    if netloc.startswith("["):
        name, _, port = netloc[1:].partition("]")
        return name, port
    name, colon, port = netloc.partition(":")
    return name, colon + port


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.casefold() == "localhost" or name.casefold().endswith(".localhost")
