"""Somebody's own pictures as a test: of a class that has more than a few, part is kept aside and never shown.

    shown, kept = hold_out({"my cup": pictures, "her cup": others})

Which part that is hangs on the pictures alone, so it stays the same when a prompt is made again. Copies of a picture
are on the same side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tina.prompts.prompt import PICTURES

FEW = 6  # pictures of a class that are all shown
ONE_IN = 3  # of more than these is kept aside
LEAST = 2  # pictures that are kept aside, if any
MOST = PICTURES + PICTURES // (ONE_IN - 1)  # pictures of a class: as many as can be shown, and their part kept aside

Pictures = dict[str, list[Any]]  # by label


def hold_out(pictures: Mapping[str, Sequence[Any]]) -> tuple[Pictures, Pictures]:
    """Each class's pictures as those to show and those to score on, both in the order they came in.

    Args:
        pictures: uint8 arrays, paths or PIL pictures by label.

    Returns:
        What is shown, by label; what is kept aside, by label, without those that keep none.
    """
    shown: Pictures = {}
    kept: Pictures = {}
    for label, some in pictures.items():
        flags = held_out_flags(some)
        shown[label] = [picture for picture, flag in zip(some, flags, strict=True) if not flag]
        if any(flags):
            kept[label] = [picture for picture, flag in zip(some, flags, strict=True) if flag]
    return shown, kept


def held_out_flags(pictures: Sequence[Any]) -> list[bool]:
    """For each picture of one class, whether it is kept aside."""
    if len(pictures) <= FEW:
        return [False] * len(pictures)
    prints = [fingerprint(picture) for picture in pictures]
    wanted = max(LEAST, len(pictures) // ONE_IN, len(pictures) - PICTURES)
    aside: set[str] = set()
    for digest in sorted(set(prints))[:-1]:  # of one picture and its copies nothing can be kept aside
        if sum(one in aside for one in prints) < wanted:
            aside.add(digest)
    return [digest in aside for digest in prints]


def fingerprint(picture: Any) -> str:
    """A hash of a picture's pixels, or of its file."""
    if isinstance(picture, str | Path):
        return hashlib.sha256(Path(picture).read_bytes()).hexdigest()
    pixels = np.asarray(picture.convert("RGB") if isinstance(picture, Image.Image) else picture)
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
