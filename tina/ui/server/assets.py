"""Gradio's own programs and styles, sent at once: a visitor's first second goes into some seventy of them.

Gradio looks up, reads and compresses each anew for everybody.
Their names change with their content, so a browser that has one need not ask again.
"""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path

import brotli
from gradio.routes import BUILD_PATH_LIB
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FOR_GOOD = "public, max-age=31536000, immutable"
QUALITY = 4  # of compression, as Gradio's


class Assets:
    """A middleware that answers for what is in Gradio's folder of assets, and lets everything else pass."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.files = {f"/assets/{file.name}": file for file in Path(BUILD_PATH_LIB).iterdir() if file.is_file()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "GET"
        file = self.files.get(scope["path"]) if asked else None
        answer = _answer(file, "br" in Headers(scope=scope).get("accept-encoding", "")) if file else self.app
        await answer(scope, receive, send)


@cache  # there are as many as there are files
def _answer(file: Path, small: bool) -> Response:
    kind = mimetypes.guess_type(file.name)[0]
    return kept_for_good(file.read_bytes(), kind, small and file.suffix in (".js", ".css"))


def kept_for_good(content: bytes, kind: str | None, small: bool) -> Response:
    """A file whose address changes with its content; made smaller where the browser takes that."""
    headers = {"cache-control": FOR_GOOD, "vary": "Accept-Encoding"}
    if small:
        content, headers = brotli.compress(content, quality=QUALITY), headers | {"content-encoding": "br"}
    return Response(content, headers=headers, media_type=kind)
