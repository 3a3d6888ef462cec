"""The Sketchbook: everyday things drawn by code, so that a world of pictures is always there, without any download.

Every picture follows from (class, split, number) alone. A family is a module in `drawings/`; to add a class, write its
function there, name it in the module's DRAWINGS, and give it words in `things/sketchbook-<module>.json`.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache, partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from tina.storage import save_array, save_json
from tina.worlds import drawn
from tina.worlds.archives import cache_folder
from tina.worlds.base import World, unseen_names, vocabulary
from tina.worlds.sketchbook import by_hand, render
from tina.worlds.sketchbook.pen import Drawing

BY_HAND = 0.4  # share of the pictures that are drawn as people draw
COUNTS = {"train": 500, "zoo": 200, "test": 100}
FAMILIES = (
    "fruit", "food", "land_animals", "sea_life", "birds_insects", "sky", "vehicles", "buildings", "plants", "kitchen",
    "household", "tools", "clothes", "play",
)  # fmt: skip


@cache
def catalogue() -> dict[str, Drawing]:
    """Class name -> its drawing, family by family."""
    drawings: dict[str, Drawing] = {}
    for family in FAMILIES:
        drawings |= import_module(f"{__name__}.drawings.{family}").DRAWINGS
    return drawings


@cache
def version() -> str:
    """A hash of everything a picture depends on: pictures in the cache are used only while it stands."""
    import PIL

    digest = hashlib.sha256(PIL.__version__.encode())
    here = Path(__file__).parent
    for file in (*sorted(here.rglob("*.py")), here / "views.txt", Path(drawn.__file__)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def draw(name: str, split: str, number: int, size: int = render.SIZE) -> NDArray[np.uint8]:
    """One picture of the Sketchbook.

    Args:
        name: of a class.
        split: of `COUNTS`.
        number: of the picture, from 0.
        size: of the picture.

    Returns:
        uint8, size x size x 3; the same on every machine.
    """
    random, as_people_do = _chance(name, split, number)
    if as_people_do:
        return by_hand.picture(catalogue()[name], name, random, size)
    return render.picture(catalogue()[name], Random(f"{name}/{split}/{number}"), size)


def is_by_hand(name: str, split: str, number: int) -> bool:
    """Whether a picture is drawn as people draw."""
    return _chance(name, split, number)[1]


def _chance(name: str, split: str, number: int) -> tuple[Random, bool]:
    random = Random(f"{name}/{split}/{number}/by hand")
    return random, random.random() < BY_HAND


def _draw_class(name: str, split: str, count: int, size: int) -> NDArray[np.uint8]:
    return np.stack([draw(name, split, i, size) for i in range(count)])


class Sketchbook(World):
    """The world of `catalogue()`; its pictures are drawn when they are asked for, or all at once by `prepare`."""

    id = "sketchbook"
    title = "Sketchbook"
    licence = "Apache-2.0, drawn by this project's code"
    home = "tina/worlds/sketchbook"
    preparation = drawn.NAME

    def __init__(self, size: int = render.SIZE):
        words = vocabulary()
        super().__init__([words[name] for name in catalogue()], unseen_names()[self.id])
        self.size = size
        self._arrays: dict[tuple[str, str], NDArray[np.uint8]] = {}

    @property
    def cached(self) -> bool:
        """Whether all pictures were drawn by this version of the drawings."""
        return (self._folder / "classes.json").is_file()

    @property
    def _folder(self) -> Path:
        return cache_folder() / "worlds" / self.id / f"{version()}-{self.size}px"

    def counts(self) -> dict[str, int]:
        return {split: count * len(self.names) for split, count in COUNTS.items()}

    def prepare(self) -> None:
        """Draw everything once, on all cores, and keep it."""
        if self.cached:
            return
        from tqdm.auto import tqdm

        with get_context("spawn").Pool(min(8, os.cpu_count() or 1)) as pool:
            for split, count in COUNTS.items():
                drawn = pool.imap(partial(_draw_class, split=split, count=count, size=self.size), self.names)
                bar = tqdm(drawn, f"drawing the Sketchbook: {split}", len(self.names), file=sys.stderr, mininterval=2)
                save_array(np.concatenate(list(bar)), self._folder / f"{split}.npy")
        save_json(self.names, self._folder / "classes.json")  # last: with it the cache is complete

    def fresh(self, name: str, count: int) -> NDArray[np.uint8]:
        """Pictures of a class, as those of the split `zoo`, that nothing is trained on."""
        return np.stack([draw(name, "zoo", COUNTS["zoo"] + i, self.size) for i in range(count)])

    def _pictures(self, split: str, name: str, count: int | None) -> NDArray[np.uint8]:
        """From the cache if everything is drawn; if not, just these are drawn now."""
        count = min(COUNTS[split], COUNTS[split] if count is None else count)
        if self.cached:
            if (split, "") not in self._arrays:
                self._arrays[split, ""] = np.load(self._folder / f"{split}.npy", mmap_mode="r")
            start = self.names.index(name) * COUNTS[split]
            return np.asarray(self._arrays[split, ""][start : start + count])
        drawn = self._arrays.get((split, name))
        if drawn is None or len(drawn) < count:
            drawn = np.stack([draw(name, split, i, self.size) for i in range(count)])
            self._arrays[split, name] = drawn
        return drawn[:count]
