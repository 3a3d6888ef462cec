"""What every world is: named classes with texts, and pictures by split.

    train   for backbones, encoders and generators
    zoo     for fine-tuning classifiers on frozen things that have seen `train`: fresh pictures, no memorised features
    test    for scoring only

The three never share a picture, and a class marked unseen is in nobody's training, whatever the split.
"""

from __future__ import annotations

import hashlib
import json
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tina.errors import UserError

SPLITS = ("train", "zoo", "test")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Thing:
    """Something that can be recognised, and the words for it."""

    name: str
    synonyms: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    families: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.name, *self.synonyms, *self.descriptions)


@cache
def vocabulary() -> dict[str, Thing]:
    """Every thing we have written texts for, by name. One thing has one record, however many worlds show it."""
    found: dict[str, Thing] = {}
    for file in sorted((HERE / "things").glob("*.json")):
        for name, record in json.loads(file.read_text("utf-8")).items():
            if name in found:
                raise ValueError(f"{file.name}: {name!r} has a second record")
            found[name] = Thing(name, *(tuple(record[k]) for k in ("synonyms", "descriptions", "families")))
    return found


@cache
def unseen_names() -> dict[str, list[str]]:
    """World id -> names of its classes that nothing may ever be trained on."""
    return json.loads((HERE / "classes" / "unseen.json").read_text("utf-8"))


def share(key: str) -> float:
    """A number in [0, 1) that belongs to a key for ever: what a picture's split is decided by."""
    return struct.unpack(">Q", hashlib.sha256(key.encode()).digest()[:8])[0] / 2**64


class World(ABC):
    """The base of all worlds: a subclass counts its pictures and gives them."""

    id: str
    title: str
    licence: str
    home: str = ""  # where the pictures come from
    size: int = 32

    def __init__(self, things: Iterable[Thing], unseen: Iterable[str]):
        self.things = {thing.name: thing for thing in things}
        self.names = list(self.things)
        self.unseen = [name for name in self.names if name in set(unseen)]
        self.seen = [name for name in self.names if name not in set(unseen)]

    def __repr__(self) -> str:
        return f"<World {self.id}: {len(self.seen)} seen + {len(self.unseen)} unseen classes>"

    @property
    def present(self) -> bool:
        """Whether the pictures are on this machine."""
        return True

    @property
    def advice(self) -> str:
        """How to get the pictures, in one sentence, where they are not."""
        return ""

    @property
    def families(self) -> dict[str, list[str]]:
        """Broad classes: family -> the names that belong to it (two or more)."""
        found: dict[str, list[str]] = {}
        for thing in self.things.values():
            for family in thing.families:
                found.setdefault(family, []).append(thing.name)
        return {family: names for family, names in found.items() if len(names) > 1}

    def pictures(self, split: str, name: str, count: int | None = None) -> np.ndarray:
        """uint8, n x size x size x 3: the first `count` pictures of a class (by default all), always the same ones."""
        if split not in SPLITS:
            raise UserError(f"There is no split {split!r}: it is one of {', '.join(SPLITS)}.")
        if name not in self.things:
            raise UserError(f"{self.title} has no class {name!r}.")
        return self._pictures(split, name, count)

    def batch(self, split: str, names: list[str], count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Pictures of several classes and their labels (positions in `names`)."""
        parts = [self.pictures(split, name, count) for name in names]
        labels = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
        return np.concatenate(parts), labels

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """Pictures by split, over all classes; empty where they are not on this machine."""

    @abstractmethod
    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        """What `pictures` gives, for a split and a class that exist."""
