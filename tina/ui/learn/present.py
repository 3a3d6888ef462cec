"""What a projector adds: a QR code of the page, so that everybody in the room can go on from there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import gradio as gr
import segno
from markupsafe import Markup

from tina.ui.learn.reach import mounted
from tina.ui.markup import note
from tina.ui.server import links
from tina.ui.templates import render

LARGEST_VERSION = 14  # of a QR code that is still read from a wall: about 360 bytes


def qr_code(request: gr.Request, settings: links.LinkSettings) -> Markup | str:
    """Empty where nobody presents; a sentence where the link is too long to be read from a wall."""
    return svg(address(request)) if settings.mode == "present" else ""


def svg(link: str, label: str = "QR code of this link") -> Markup:
    """The QR code of a link, with its quiet border; `label` is what it is called where it cannot be seen."""
    try:
        code = segno.make_qr(link, error="m")
    except segno.DataOverflowError:
        code = None
    if code is None or code.version > LARGEST_VERSION:
        return note("This link is too long for a QR code.")
    rows = list(code.matrix_iter(border=4))
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return render("qr_code.html", size=len(rows), path=path, label=label)


def address(request: gr.Request) -> str:
    """Where this page is to be found, with the settings of its address but not the projector's."""
    url, query = request.request.url, dict(request.query_params)
    settings = {name: query[name] for name in links.SETTINGS if name in query}
    suffix = f"?{urlencode(settings)}" if settings else ""
    host = request.headers.get("host", url.netloc)
    return f"{scheme(request.headers, url.scheme)}://{host}{mounted()}/{suffix}"


def scheme(headers: Mapping[str, str], default: str) -> str:
    """https behind a proxy that says so."""
    return headers.get("x-forwarded-proto", default).partition(",")[0]
