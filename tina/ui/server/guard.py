"""What every answer says to browsers, whom the server answers to, and whether it is well.

    GET /health     {"status": "ready" | "busy" | "ending", ...}; 503 while it is ending

A page in another site's frame can be clicked without being seen: only those sites may show it that are named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEALTH = "/health"
SPACES = ("https://huggingface.co", "https://*.hf.space")  # where a Space is shown in a frame
POLICY = {
    "default-src": "'self'",
    # Gradio's page has programs in its text, and makes some of its own; the engine is WebAssembly
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob: mediastream:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
ALWAYS = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin"}


class Guard:
    """A middleware around all others."""

    def __init__(
        self,
        app: ASGIApp,
        health: Callable[[], dict[str, Any]],
        hosts: Sequence[str] = (),
        frames: Sequence[str] = (),
    ):
        """
        Args:
            app: what answers.
            health: what is said at /health; its "status" first.
            hosts: whom the server answers to, "*.example.org" for all below; none: to any.
            frames: origins that may show the page in a frame, beside its own.
        """
        self.app, self.health, self.hosts = app, health, tuple(host.lower() for host in hosts)
        policy = POLICY | {"frame-ancestors": " ".join(("'self'", *frames))}
        self.headers = ALWAYS | {
            "content-security-policy": "; ".join(f"{key} {value}" for key, value in policy.items())
        }
        if not frames:
            self.headers["x-frame-options"] = "SAMEORIGIN"  # which cannot name anybody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One question."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
            found = self.health()
            answer = JSONResponse(found, 503 if found["status"] == "ending" else 200, {"cache-control": "no-store"})
        elif not self._known(scope):
            answer = PlainTextResponse("This server does not go by that name.", 400)
        else:
            answer = self.app

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await answer(scope, receive, with_headers)

    def _known(self, scope: Scope) -> bool:
        """By the name that it is called, without the port. What comes from this machine is known in any case: Gradio
        asks itself whether it is there."""
        if not self.hosts:
            return True
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "").lower()
        name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
        if name in ("127.0.0.1", "localhost", "[::1]") and scope["client"][0] in ("127.0.0.1", "::1"):
            return True
        return any(name == known or (known.startswith("*.") and name.endswith(known[1:])) for known in self.hosts)
