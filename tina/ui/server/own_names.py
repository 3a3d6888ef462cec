"""What is made of names: of a visitor's zip, of classes as folders, of a world that lies in a folder here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tina.errors import UserError
from tina.worlds.own_photos import PREFIX

LONGEST = 200  # bytes of a class's folder


def title_of(zip_file: Path) -> str:
    """A zip's own name without what a reader or a shell could mind."""
    name = re.sub(r"[^\w.-]+", "-", zip_file.stem).strip("-.")[:60]
    return f"{name or 'pictures'}.zip"


def without_place(world: str) -> str:
    """A world's id for who takes a classifier along: a folder's name, and not where the folder lies here."""
    kind, folder, place = world.partition(PREFIX)
    return f"{kind}{folder}{Path(place).name}"


def folder_names(pictures: Mapping[str, Sequence[np.ndarray]]) -> dict[str, Sequence[np.ndarray]]:
    """By the names of folders for labels; a `UserError` where a label can be none, or is another one's."""
    found: dict[str, Sequence[np.ndarray]] = {}
    for label, some in pictures.items():
        name = " ".join(re.sub(r"[/\\\x00-\x1f]", " ", label).split()).strip(". ")
        if not name or len(name.encode()) > LONGEST or name.casefold() in map(str.casefold, found):
            raise UserError(f"“{label}” cannot be the name of a folder of pictures here: call it something else.")
        found[name] = some
    return found
