"""The visible traits of everyday nouns, which a text encoder's nearest neighbours do not give.

    lexicon = Lexicon.read()
    lexicon.names, lexicon.traits               # nouns, and a unit vector each: close where things look similar
    lexicon.without(["teapot"])                 # to measure words that are not in it

The data are in `lexicon.txt` beside this file.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

FILE = Path(__file__).with_suffix(".txt")


class Lexicon:
    """Nouns with their traits.

    Args:
        traits_of: noun -> its traits.
    """

    def __init__(self, traits_of: dict[str, list[str]]):
        self.traits_of = traits_of

    @classmethod
    def read(cls) -> Lexicon:
        """The lexicon of `lexicon.txt`. Raises ValueError where a noun has a trait that is not in the file's list."""
        listed, traits_of = cls.parse()
        for noun, traits in traits_of.items():
            if unlisted := set(traits) - listed:
                raise ValueError(f"{FILE.name}: {noun} has a trait that is not in the list: {', '.join(unlisted)}")
        return cls(traits_of)

    @staticmethod
    def parse() -> tuple[set[str], dict[str, list[str]]]:
        """All traits in the file's list, and noun -> its traits."""
        header, body = FILE.read_text("utf-8").split("\n---\n")
        lines = [line.split(": ") for line in header.splitlines() if line and not line.startswith("#")]
        listed = {trait for _, traits in lines for trait in traits.split()}
        return listed, {noun: traits.split() for noun, traits in (line.split(": ") for line in body.splitlines())}

    @property
    def names(self) -> list[str]:
        """The nouns."""
        return list(self.traits_of)

    @property
    def traits(self) -> Tensor:
        """Nouns x traits: unit rows, in which a trait weighs the square root of its inverse document frequency."""
        columns = {
            name: i for i, name in enumerate(sorted({trait for traits in self.traits_of.values() for trait in traits}))
        }
        rows = torch.zeros(len(self.traits_of), len(columns))
        for row, traits in zip(rows, self.traits_of.values(), strict=True):
            row[[columns[trait] for trait in traits]] = 1
        return F.normalize(rows * (len(rows) / rows.sum(0)).log().sqrt(), dim=1)

    def without(self, nouns: Collection[str]) -> Lexicon:
        """A lexicon of all other nouns."""
        return Lexicon({noun: traits for noun, traits in self.traits_of.items() if noun not in nouns})
