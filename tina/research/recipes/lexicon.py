"""How everyday things look, in traits: what a word's neighbours in meaning do not tell.

    lexicon = Lexicon.read()
    lexicon.names, lexicon.traits               # nouns, and a unit vector each: alike where things look alike
    lexicon.without(["teapot"])                 # to know how words fare that are not in it

It is kept in `lexicon.txt` beside this file.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

FILE = Path(__file__).with_suffix(".txt")


class Lexicon:
    def __init__(self, said: dict[str, list[str]]):
        self.said = said

    @classmethod
    def read(cls) -> Lexicon:
        known, said = cls.parts()
        for noun, traits in said.items():
            if strange := set(traits) - known:
                raise ValueError(f"{FILE.name}: {noun} has a trait that is not in the list: {', '.join(strange)}")
        return cls(said)

    @staticmethod
    def parts() -> tuple[set[str], dict[str, list[str]]]:
        """The list of traits, and what is said of each noun."""
        above, below = FILE.read_text("utf-8").split("\n---\n")
        lines = [line.split(": ") for line in above.splitlines() if line and not line.startswith("#")]
        known = {trait for _, traits in lines for trait in traits.split()}
        return known, {noun: traits.split() for noun, traits in (line.split(": ") for line in below.splitlines())}

    @property
    def names(self) -> list[str]:
        return list(self.said)

    @property
    def traits(self) -> Tensor:
        """Nouns x traits, as unit vectors in which a rare trait says more than a common one."""
        places = {
            name: i for i, name in enumerate(sorted({trait for traits in self.said.values() for trait in traits}))
        }
        has = torch.zeros(len(self.said), len(places))
        for row, traits in zip(has, self.said.values(), strict=True):
            row[[places[trait] for trait in traits]] = 1
        return F.normalize(has * (len(has) / has.sum(0)).log().sqrt(), dim=1)

    def without(self, nouns: Collection[str]) -> Lexicon:
        return Lexicon({noun: traits for noun, traits in self.said.items() if noun not in nouns})
