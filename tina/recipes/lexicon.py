"""How everyday things look, in features: what a word's neighbours in meaning do not tell.

lexicon = Lexicon.read()                    # lexicon.txt beside this file
lexicon.names, lexicon.features             # nouns, and a unit vector each: alike where things look alike
lexicon.without(["teapot"])                 # to know how words fare that are not in it
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
        for noun, features in said.items():
            if strange := set(features) - known:
                raise ValueError(f"{FILE.name}: {noun} has a feature that is not in the list: {', '.join(strange)}")
        return cls(said)

    @staticmethod
    def parts() -> tuple[set[str], dict[str, list[str]]]:
        """The list of features, and what is said of each noun."""
        above, below = FILE.read_text("utf-8").split("\n---\n")
        lines = [line.split(": ") for line in above.splitlines() if line and not line.startswith("#")]
        known = {feature for _, features in lines for feature in features.split()}
        return known, {noun: features.split() for noun, features in (line.split(": ") for line in below.splitlines())}

    @property
    def names(self) -> list[str]:
        return list(self.said)

    @property
    def features(self) -> Tensor:
        """Nouns x features, as unit vectors in which a rare feature says more than a common one."""
        places = {name: i for i, name in enumerate(sorted({f for features in self.said.values() for f in features}))}
        has = torch.zeros(len(self.said), len(places))
        for row, features in zip(has, self.said.values(), strict=True):
            row[[places[feature] for feature in features]] = 1
        return F.normalize(has * (len(has) / has.sum(0)).log().sqrt(), dim=1)

    def without(self, nouns: Collection[str]) -> Lexicon:
        return Lexicon({noun: features for noun, features in self.said.items() if noun not in nouns})
