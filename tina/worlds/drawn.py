"""A drawing on plain paper, prepared so that its lines survive being made small; every other picture passes as it is.

    prepared(image)                 # trimmed to a square around the drawing, thin and faint lines made bold; or `image`
    looks_like_photograph(image)    # so that who shows one to a classifier of drawings can be told
    is_empty(image)                 # nothing is drawn

The browser does the same, number for number (`preparation` in classifier/engine/classifier.js), and so does a zip,
which has this file beside its `predict.py`: so it needs numpy and Pillow alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NAME = "drawn"  # as classifiers and checkpoints call this preparation

LONGEST = 320  # pixels of the longer side at which a picture is looked at
LIGHT = 150  # paper is at least that light
PLAIN = 24  # and its margin differs by no more from its middle value, per channel ...
MARGIN = 85  # ... in so many percent of its pixels
INK = 32  # what differs by more from the paper is drawn
COLOURS = 32  # of 4096: a drawing has no more in 80% of its ink
FLAT = 10  # neighbours inside what is filled differ by no more ...
FLATNESS = 60  # ... in so many percent
SPECKS = 500  # one part in so many of the ink may lie outside, on every side
SMALLEST = 12  # a drawing is no smaller than the picture's shorter side by this
AROUND = 8  # percent of the drawing's longer side that are left on every side
BOLD = 25  # a line is at least one part in so many of the square wide: 1.3 of 32 pixels
MOST = 8  # times that lines are made wider by a pixel on either side
DARK = 220  # by which the darker quarter of the lines differs from the paper, at least

DOTS = 5000  # one part in so many of an empty sheet may be something else
PHOTO_COLOURS = 6  # of 4096: a photograph has at least so many in 80% of its pixels ...
SOFT = 30  # ... and in so many percent of its rows' neighbours a difference ...
SOFT_LEAST, SOFT_MOST = 2, 24  # ... of at least and at most so much
ROUGH = 80  # or in so many percent one of more: no drawing either, but noise

Pixels = NDArray[np.uint8]


def prepared(image: Image.Image) -> Image.Image:
    """A drawing as a square of its own; any other picture is returned as it is.

    Args:
        image: in RGB.

    Returns:
        A square in RGB, or `image` itself.
    """
    square = drawing(np.asarray(reduced(image)))
    return image if square is None else Image.fromarray(square)


def looks_like_photograph(image: Image.Image) -> bool:
    """Whether a picture in RGB is more like a photograph than like a drawing: it has many colours, and neighbouring
    pixels that differ a little nearly everywhere."""
    return photograph(np.asarray(reduced(image)))


def is_empty(image: Image.Image) -> bool:
    """Whether nothing is drawn on a picture in RGB: hardly a pixel differs from its middle colour."""
    return empty(np.asarray(reduced(image)))


def empty(pixels: Pixels) -> bool:
    """The same for pixels of no more than 320 a side, H x W x 3."""
    flat = pixels.reshape(-1, 3).astype(np.int16)
    middle = np.sort(flat, 0)[len(flat) // 2]
    return int((_largest(flat - middle) > INK).sum()) * DOTS <= len(flat)


def photograph(pixels: Pixels) -> bool:
    """The same for pixels of no more than 320 a side, H x W x 3."""
    if pixels.shape[1] < 2:
        return False
    red, green, blue = (pixels.reshape(-1, 3) >> 4).astype(np.int32).T
    counts = np.sort(np.bincount(red * 256 + green * 16 + blue))[::-1]
    if int(counts[: PHOTO_COLOURS - 1].sum()) * 100 >= 80 * len(red):
        return False
    signed = pixels.astype(np.int16)
    step = _largest(signed[:, 1:] - signed[:, :-1])
    soft, rough = int(((step >= SOFT_LEAST) & (step <= SOFT_MOST)).sum()), int((step > SOFT_MOST).sum())
    return soft * 100 >= SOFT * step.size or rough * 100 >= ROUGH * step.size


def reduced(image: Image.Image) -> Image.Image:
    """A picture no longer than `LONGEST`; a smaller one as it is."""
    longest = max(image.size)
    if longest <= LONGEST:
        return image
    width, height = (max(1, (2 * side * LONGEST + longest) // (2 * longest)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def drawing(pixels: Pixels) -> Pixels | None:
    """The square around a drawing, its lines bold; None where the picture is none.

    Args:
        pixels: H x W x 3.

    Returns:
        N x N x 3, its paper white where it was thin lines.
    """
    height, width = pixels.shape[:2]
    paper = _paper(pixels)
    if paper is None:
        return None
    away = _largest(pixels.astype(np.int16) - paper)  # H x W
    ink = away > INK
    area = int(ink.sum())
    box = _box(ink, area) if area else None
    if box is None or not _drawn(pixels, ink, area):
        return None
    left, top, right, bottom = box
    longer = max(right - left, bottom - top)
    if longer * SMALLEST < min(height, width):
        return None
    side = longer + 2 * max(1, (longer * AROUND + 50) // 100)
    x0, y0 = (left + right - side) // 2, (top + bottom - side) // 2
    square = np.empty((side, side, 3), np.uint8)
    square[:] = paper.astype(np.uint8)
    xa, ya, xb, yb = max(0, x0), max(0, y0), min(width, x0 + side), min(height, y0 + side)
    square[ya - y0 : yb - y0, xa - x0 : xb - x0] = pixels[ya:yb, xa:xb]
    edges = int((ink[1:] != ink[:-1]).sum()) + int((ink[:, 1:] != ink[:, :-1]).sum())
    wider = (side * edges - 2 * BOLD * area + BOLD * edges) // (2 * BOLD * edges) if edges else 0
    if wider < 1:  # (wanted - width) / 2, rounded; the width of a line is twice its area by the length of its edges
        return square
    dark = np.sort(away[ink])[area * 3 // 4]
    strength = max(DARK, int(dark))
    bold = 255 - np.clip((paper - square.astype(np.int32)) * strength // int(dark), 0, 255)
    return _dilated(bold.astype(np.uint8), min(MOST, int(wider)))


def _paper(pixels: Pixels) -> NDArray[np.int16] | None:
    """The colour of the paper, if the margin is plain and light."""
    height, width = pixels.shape[:2]
    edge = 1 + min(height, width) // 64
    if min(height, width) < 2 * edge + 4:
        return None
    middle = pixels[edge:-edge]
    parts = (pixels[:edge], pixels[-edge:], middle[:, :edge], middle[:, -edge:])
    margin = np.concatenate([part.reshape(-1, 3) for part in parts])
    paper = np.sort(margin, 0)[len(margin) // 2].astype(np.int16)
    red, green, blue = map(int, paper)
    if 299 * red + 587 * green + 114 * blue < 1000 * LIGHT:
        return None
    plain = int((_largest(margin - paper) <= PLAIN).sum())
    return paper if 100 * plain >= MARGIN * len(margin) else None


def _box(ink: NDArray[np.bool_], area: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is drawn, a few specks aside; right and bottom are outside."""
    ends = []
    for axis in (0, 1):
        sums = ink.sum(axis)
        inside = np.flatnonzero((sums.cumsum() * SPECKS > area) & (sums[::-1].cumsum()[::-1] * SPECKS > area))
        ends.append((int(inside[0]), int(inside[-1]) + 1))
    (left, right), (top, bottom) = ends
    return left, top, right, bottom


def _drawn(pixels: Pixels, ink: NDArray[np.bool_], area: int) -> bool:
    """Whether the ink is of few colours, and flat where it is filled: photographs are neither."""
    red, green, blue = (pixels[ink] >> 4).astype(np.int32).T
    counts = np.sort(np.bincount(red * 256 + green * 16 + blue))[::-1]
    if int(counts[:COLOURS].sum()) * 100 < 80 * area:
        return False
    within = ink[2:-2, 2:-2] & ink[:-4, 2:-2] & ink[4:, 2:-2] & ink[2:-2, :-4] & ink[2:-2, 4:]
    filled = int(within.sum())
    if 4 * filled < area:
        return True
    signed = pixels.astype(np.int16)
    down = _largest(signed[1:] - signed[:-1]) <= FLAT
    right = _largest(signed[:, 1:] - signed[:, :-1]) <= FLAT
    flat = within & down[1:-2, 2:-2] & down[2:-1, 2:-2] & right[2:-2, 1:-2] & right[2:-2, 2:-1]
    return int(flat.sum()) * 100 >= FLATNESS * filled


def _largest(differences: NDArray[np.int16]) -> NDArray[np.int16]:
    """Over the three channels, which come last, without the sign."""
    red, green, blue = np.moveaxis(np.abs(differences), -1, 0)
    return np.maximum(np.maximum(red, green), blue)


def _dilated(pixels: Pixels, times: int) -> Pixels:
    """What is dark spreads by a pixel to every side, so many times."""
    for _ in range(times):
        wide = pixels.copy()
        np.minimum(wide[:, 1:], pixels[:, :-1], out=wide[:, 1:])
        np.minimum(wide[:, :-1], pixels[:, 1:], out=wide[:, :-1])
        pixels = wide.copy()
        np.minimum(pixels[1:], wide[:-1], out=pixels[1:])
        np.minimum(pixels[:-1], wide[1:], out=pixels[:-1])
    return pixels
