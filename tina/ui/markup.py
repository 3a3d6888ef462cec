"""What every figure of the page is put together from: escaped text, percentages, pictures inside the page."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np
from PIL import Image

TEMPLATES = str.maketrans({c: f"&#{ord(c)};" for c in "{}$`"})


def text(value: object) -> str:
    """Text that is text in HTML and SVG, inside an attribute too, whatever a visitor typed.

    Also for a reader that looks for templates ({{...}}, ${...}): Gradio's HTML is put together by two of them.
    """
    return escape(str(value), quote=True).translate(TEMPLATES)


def percent(share: float | None, digits: int = 0) -> str:
    return "–" if share is None else f"{100 * share:.{digits}f}%"


def is_photo(pixels: np.ndarray) -> bool:
    """Larger than any drawing, and not of weights, which have a ground that lets through."""
    return pixels.shape[0] > 32 and pixels.shape[2] == 3


def data_url(pixels: np.ndarray) -> str:
    """A picture (height x width x 3 or 4, uint8) that needs no second request; its pixels stay sharp, but those of a
    photograph, which would be ten times as many bytes."""
    file = io.BytesIO()
    kind, options = ("jpeg", {"quality": 90}) if is_photo(pixels) else ("png", {"compress_level": 1})
    Image.fromarray(pixels).save(file, kind, **options)
    return f"data:image/{kind};base64," + base64.b64encode(file.getvalue()).decode()


def picture(pixels: np.ndarray, alt: str) -> str:
    kind = "photo" if is_photo(pixels) else "pix"
    return f'<img class="{kind}" src="{data_url(pixels)}" alt="{text(alt)}">'


def note(sentence: str, kind: str = "note") -> str:
    """A sentence where a figure will be, or instead of one."""
    return f'<p class="{kind}">{text(sentence)}</p>'
