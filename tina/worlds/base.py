"""What every world is: named classes with texts, and pictures by split.

    train   for backbones, encoders and generators
    zoo     for fine-tuning classifiers on frozen things that have seen `train`: fresh pictures, no memorised features
    test    for scoring only

The three never share a picture, and a class marked unseen is in nobody's training, whatever the split.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tina.errors import UserError
from tina.worlds.archives import Source

SPLITS = ("train", "zoo", "test")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Thing:
    """Something that can be recognised, and the words for it; `families` are broader classes that it belongs to."""

    name: str
    synonyms: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    families: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Name, synonyms and descriptions."""
        return (self.name, *self.synonyms, *self.descriptions)


@cache
def vocabulary() -> dict[str, Thing]:
    """Every thing that texts were written for, by name. One thing has one record, however many worlds have it."""
    things: dict[str, Thing] = {}
    for file in sorted((HERE / "things").glob("*.json")):
        for name, record in json.loads(file.read_text("utf-8")).items():
            if name in things:
                raise ValueError(f"{file.name}: {name!r} has a second record")
            things[name] = Thing(name, *(tuple(record[k]) for k in ("synonyms", "descriptions", "families")))
    return things


@cache
def unseen_names() -> dict[str, list[str]]:
    """World id -> names of its classes that nothing may ever be trained on."""
    names: dict[str, list[str]] = json.loads((HERE / "classes" / "unseen.json").read_text("utf-8"))
    return names


def share(key: str) -> float:
    """A number in [0, 1) made of a hash: it decides a picture's split, the same one for ever.

    Args:
        key: a picture's name, say.

    Returns:
        The first 64 bits of the key's SHA-256, divided by 2^64.
    """
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def split_at(share: float) -> str:
    """The split of a picture with that `share`: 60% train, 15% zoo, 25% test."""
    return "test" if share < 0.25 else "zoo" if share < 0.4 else "train"


class World(ABC):
    """The base of all worlds: a subclass implements `counts` and `_pictures`."""

    id: str
    title: str
    licence: str
    home: str = ""  # where the pictures come from
    size: int = 32
    preparation: str = ""  # of drawings, that its pictures have been through and other pictures have to go through

    def __init__(self, things: Iterable[Thing], unseen: Iterable[str]):
        """
        Args:
            things: the classes.
            unseen: names of those that nothing may be trained on.
        """
        hidden = set(unseen)
        self.things = {thing.name: thing for thing in things}
        self.names = list(self.things)
        self.unseen = [name for name in self.names if name in hidden]
        self.seen = [name for name in self.names if name not in hidden]

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
    def missing(self) -> Source | None:
        """The one archive that would bring the pictures here; None where they are here, or no single one would."""
        return None

    def has_pictures(self, name: str) -> bool:
        """Whether there are pictures of a class where the world is present."""
        return name in self.things

    @property
    def families(self) -> dict[str, list[str]]:
        """Broad classes: family -> the names that belong to it (two or more)."""
        members: dict[str, list[str]] = {}
        for thing in self.things.values():
            for family in thing.families:
                members.setdefault(family, []).append(thing.name)
        return {family: names for family, names in members.items() if len(names) > 1}

    def pictures(self, split: str, name: str, count: int | None = None) -> np.ndarray:
        """Pictures of one class, always the same ones in the same order.

        Args:
            split: train, zoo or test.
            name: of the class.
            count: the first so many (default: all).

        Returns:
            uint8, N x size x size x 3.
        """
        if split not in SPLITS:
            raise UserError(f"There is no split {split!r}: it is one of {', '.join(SPLITS)}.")
        if name not in self.things:
            raise UserError(f"{self.title} has no class {name!r}.")
        return self._pictures(split, name, count)

    def batch(self, split: str, names: list[str], count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Pictures of several classes with their labels.

        Args:
            split: train, zoo or test.
            names: K classes.
            count: of each class (default: all).

        Returns:
            uint8, N x size x size x 3, and N whole numbers from 0 to K - 1.
        """
        parts = [self.pictures(split, name, count) for name in names]
        labels = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
        return np.concatenate(parts), labels

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """Pictures by split, over all classes; empty where they are not on this machine."""

    @abstractmethod
    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        """Implements `pictures`, for a split and a class that exist."""
