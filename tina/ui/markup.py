"""Small pieces that every figure of the page is put together from: pictures inside the page, and single sentences."""

from __future__ import annotations

import base64
import io

import numpy as np
from markupsafe import Markup
from PIL import Image

from tina.ui.templates import render


def is_photo(pixels: np.ndarray) -> bool:
    """Whether pixels (height x width x channels) are a photograph: larger than any drawing of the Sketchbook, and
    without the transparency that pictures of weights have."""
    return pixels.shape[0] > 32 and pixels.shape[2] == 3


def data_url(pixels: np.ndarray) -> Markup:
    """A picture (height x width x 3 or 4, uint8) as an address that needs no request.

    PNG, which keeps the pixels sharp; JPEG for a photograph, which would be ten times as many bytes.
    """
    file = io.BytesIO()
    kind, options = ("jpeg", {"quality": 90}) if is_photo(pixels) else ("png", {"compress_level": 1})
    Image.fromarray(pixels).save(file, kind, **options)
    return Markup(f"data:image/{kind};base64," + base64.b64encode(file.getvalue()).decode())


def thumbnail(pixels: np.ndarray, side: int) -> np.ndarray:
    """A picture (square, uint8) of at most `side` pixels a side."""
    if len(pixels) <= side:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))


def picture(pixels: np.ndarray, alt: str) -> Markup:
    """A picture as an <img> with its alternative text."""
    kind = "photo" if is_photo(pixels) else "pix"
    return render("picture.html", kind=kind, url=data_url(pixels), alt=alt)


def note(sentence: str, kind: str = "note") -> Markup:
    """A sentence below a figure or in its place; `kind` is "note" or "wrong-note"."""
    return render("note.html", kind=kind, sentence=sentence)
