"""The Sketchbook: everyday things drawn by code, so that a world of pictures is always there, without any download.

Every picture follows from (class, split, number) alone. A family is a module in `drawings/`; to add a class, write its
function there, name it in the module's DRAWINGS, and give it words in `things/sketchbook-<module>.json`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np

from tina.worlds.archives import cache_folder
from tina.worlds.base import World, unseen_names, vocabulary
from tina.worlds.sketchbook import render

COUNTS = {"train": 500, "zoo": 200, "test": 100}
FAMILIES = (
    "fruit", "food", "land_animals", "sea_life", "birds_insects", "sky", "vehicles", "buildings", "plants", "kitchen",
    "household", "tools", "clothes", "play",
)  # fmt: skip


@cache
def catalogue() -> dict[str, Callable]:
    """Class name -> its drawing, family by family."""
    found: dict[str, Callable] = {}
    for family in FAMILIES:
        found |= import_module(f"{__name__}.drawings.{family}").DRAWINGS
    return found


@cache
def version() -> str:
    """A hash of everything a picture depends on: pictures in the cache are used only while it stands."""
    import PIL

    digest = hashlib.sha256(PIL.__version__.encode())
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def draw(name: str, split: str, number: int, size: int = render.SIZE) -> np.ndarray:
    """One picture: uint8, size x size x 3."""
    return render.picture(catalogue()[name], Random(f"{name}/{split}/{number}"), size)


def _draw_class(name: str, split: str, count: int, size: int) -> np.ndarray:
    return np.stack([draw(name, split, i, size) for i in range(count)])


class Sketchbook(World):
    id = "sketchbook"
    title = "Sketchbook"
    licence = "Apache-2.0, drawn by this project's code"
    home = "tina/worlds/sketchbook"

    def __init__(self, size: int = render.SIZE):
        words = vocabulary()
        super().__init__([words[name] for name in catalogue()], unseen_names()[self.id])
        self.size = size
        self._arrays: dict[tuple[str, str], np.ndarray] = {}

    @property
    def cached(self) -> bool:
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
        from tqdm import tqdm

        self._folder.mkdir(parents=True, exist_ok=True)
        with get_context("spawn").Pool(min(8, os.cpu_count() or 1)) as pool:
            for split, count in COUNTS.items():
                drawn = pool.imap(partial(_draw_class, split=split, count=count, size=self.size), self.names)
                bar = tqdm(drawn, f"drawing the Sketchbook: {split}", len(self.names), file=sys.stderr, mininterval=2)
                np.save(self._folder / f"{split}.npy", np.concatenate(list(bar)))
        (self._folder / "classes.json").write_text(json.dumps(self.names), "utf-8")

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        """From the cache where everything is drawn; otherwise just the wanted ones are drawn now."""
        count = min(COUNTS[split], COUNTS[split] if count is None else count)
        if self.cached:
            if (split, "") not in self._arrays:
                self._arrays[split, ""] = np.load(self._folder / f"{split}.npy", mmap_mode="r")
            start = self.names.index(name) * COUNTS[split]
            return np.asarray(self._arrays[split, ""][start : start + count])
        have = self._arrays.get((split, name))
        if have is None or len(have) < count:
            have = np.stack([draw(name, split, i, self.size) for i in range(count)])
            self._arrays[split, name] = have
        return have[:count]
