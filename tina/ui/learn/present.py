"""What a projector adds: a QR code of the page, so that everybody in the room can go on from there."""

from __future__ import annotations

from urllib.parse import urlencode

import gradio as gr

from tina.errors import UserError
from tina.ui.learn import qr
from tina.ui.markup import note
from tina.ui.server import links


def code(request: gr.Request, visit: links.Visit) -> str:
    """Nothing where nobody presents; a sentence where the link is too long to be read from a wall."""
    if visit.mode != "present":
        return ""
    try:
        return qr.svg(address(request))
    except UserError as error:
        return note(str(error))


def address(request: gr.Request) -> str:
    """Where this page is to be found, with the settings that it was asked for but not the projector's."""
    url, settings = request.request.url, dict(request.query_params)
    scheme = request.headers.get("x-forwarded-proto", url.scheme).partition(",")[0]
    kept = {name: settings[name] for name in links.SETTINGS if name in settings}
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{scheme}://{request.headers.get('host', url.netloc)}/{query}"
