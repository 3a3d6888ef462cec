"""Whether a picture looks like a photograph, so that who shows one to a classifier of drawings can be told.

    looks_like_photograph(image)

A photograph has many colours, and neighbouring pixels that differ a little nearly everywhere; a drawing has few, and
areas in which nothing differs. The browser counts the same (`photograph` in classifier/engine/classifier.js).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from tina.worlds.drawn import Pixels, reduced

COLOURS = 6  # of 4096: a photograph has at least so many in 80% of its pixels
SOFT = 30  # and in so many percent of its rows' neighbours a difference ...
LEAST, MOST = 2, 24  # ... of at least and at most so much


def looks_like_photograph(image: Image.Image) -> bool:
    """Whether a picture in RGB is more like a photograph than like a drawing."""
    return photograph(np.asarray(reduced(image)))


def photograph(pixels: Pixels) -> bool:
    """The same for pixels of no more than 320 a side, H x W x 3."""
    if pixels.shape[1] < 2:
        return False
    red, green, blue = (pixels.reshape(-1, 3) >> 4).astype(np.int32).T
    counts = np.sort(np.bincount(red * 256 + green * 16 + blue))[::-1]
    if int(counts[: COLOURS - 1].sum()) * 100 >= 80 * len(red):
        return False
    step = np.abs(np.diff(pixels.astype(np.int16), axis=1)).max(2)
    soft = int(((step >= LEAST) & (step <= MOST)).sum())
    return soft * 100 >= SOFT * step.size
