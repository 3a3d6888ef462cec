"""`everyday`: what can be named in photographs. Names of every photo world, test pictures of Caltech-101's alone.

Tina writes classifiers for anything on a photograph, in or out of this world; it is what sentences ("things that fly")
and broad classes are looked up in, and what there is to score on where Caltech-101's archive is here. Nothing is
trained on it: its splits `train` and `zoo` are empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tina.worlds.archives import Source, cache_folder
from tina.worlds.base import HERE, World, unseen_names, vocabulary
from tina.worlds.photos import Caltech101, Cifar100, MiniImageNet, TinyImageNet
from tina.worlds.pictures import EVERYDAY_MIDDLE, middle_square

MOST = 16  # test photographs of a class that are kept


class TestPhotographs(Caltech101):
    """Caltech-101's test split, the first few of each class, cut as photo towers look at pictures."""

    __test__ = False  # no test of pytest's

    @property
    def _cache(self) -> Path:
        return cache_folder() / "worlds" / Everyday.id / f"{self.size}px"

    @property
    def present(self) -> bool:
        return self.source.find() is not None or all(
            (self._cache / file).is_file() for file in ("index.json", "test.npy")
        )

    def _square(self, image: Image.Image) -> np.ndarray:
        return middle_square(image, self.size, EVERYDAY_MIDDLE)

    def _read(self) -> Iterator[tuple[str, str, bytes | np.ndarray]]:
        taken = dict.fromkeys(self.labels, 0)
        for split, label, content in super()._read():
            if split == "test" and taken[label] < MOST:
                taken[label] += 1
                yield split, label, content


class Everyday(World):
    """The things of every photo world; pictures of those that Caltech-101 has."""

    id = "everyday"
    title = "Everyday photos"
    licence = f"test photographs: Caltech 101, {Caltech101.licence}; names and words: ours"
    home = Caltech101.home

    def __init__(self, size: int = 32):
        self.photographs = TestPhotographs(size)
        words = vocabulary()
        names = [name for kind in (Caltech101, TinyImageNet, Cifar100, MiniImageNet) for name in _names(kind.id)]
        super().__init__([words[name] for name in dict.fromkeys(names)], unseen_names()[Caltech101.id])
        self.size = size

    @property
    def present(self) -> bool:
        return self.photographs.present

    @property
    def advice(self) -> str:
        return "" if self.present else f"{self.photographs.advice} Any classifier is written without them."

    @property
    def missing(self) -> Source | None:
        return None if self.present else self.photographs.source

    def has_pictures(self, name: str) -> bool:
        return name in self.photographs.things

    def counts(self) -> dict[str, int]:
        return self.photographs.counts()

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        if split == "test" and self.has_pictures(name):
            return self.photographs.pictures(split, name, count)
        return np.zeros((0, self.size, self.size, 3), np.uint8)


def _names(id: str) -> list[str]:
    """Of a photo world's classes."""
    names: dict[str, str] = json.loads((HERE / "classes" / f"{id}.json").read_text("utf-8"))
    return list(names.values())
