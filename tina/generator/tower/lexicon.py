"""Words whose looks are known: names of the tower's own classes, and nouns whose relatives are among them.

    lexicon.classes("tabby cat")     # (281,): numbers of the tower's classes of that name
    lexicon.kin("wildcat")           # (281, 282, ...): those below the noun, or below what it is a kind of

It is made from WordNet (Miller, 1995) by tina/research/recipes/everyday_words.py, and kept in a checkpoint as bytes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

ENDINGS = (("ies", "y"), ("ves", "f"), ("ses", "s"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", ""))


@dataclass(frozen=True)
class Lexicon:
    """Numbers of the tower's classes by word, in small letters."""

    names: Mapping[str, Sequence[int]]
    groups: Sequence[Sequence[int]]  # classes that are of one kind
    nouns: Mapping[str, int]  # noun -> its group
    broad: Mapping[str, int]  # nouns that name a group themselves: "dog"

    def classes(self, text: str) -> tuple[int, ...]:
        """Of exactly that name, or of its singular; nothing for any other text."""
        return next((tuple(self.names[word]) for word in singulars(text) if word in self.names), ())

    def members(self, text: str) -> tuple[int, ...]:
        """Of the kind that a text names: all breeds of "dog"."""
        return next((tuple(self.groups[self.broad[word]]) for word in singulars(text) if word in self.broad), ())

    def kin(self, text: str) -> tuple[int, ...]:
        """Of the kind that a known noun belongs to."""
        return next((tuple(self.groups[self.nouns[word]]) for word in singulars(text) if word in self.nouns), ())

    def has(self, word: str) -> bool:
        """Whether it is a known noun at all."""
        return any(word in part for word in singulars(word) for part in (self.names, self.broad, self.nouns))

    def without_classes(self, classes: Collection[int]) -> Lexicon:
        """As if some of the tower's classes did not exist."""
        gone = frozenset(classes)
        groups = [[k for k in group if k not in gone] for group in self.groups]
        names = {word: [k for k in of if k not in gone] for word, of in self.names.items()}
        return Lexicon(
            {word: of for word, of in names.items() if of},
            groups,
            {word: group for word, group in self.nouns.items() if groups[group]},
            {word: group for word, group in self.broad.items() if groups[group]},
        )

    def to_bytes(self) -> Tensor:
        """As a tensor of bytes, for a checkpoint."""
        content = json.dumps(
            {"names": self.names, "groups": self.groups, "nouns": self.nouns, "broad": self.broad},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return torch.from_numpy(np.frombuffer(zlib.compress(content.encode(), 9), np.uint8).copy())

    @classmethod
    def from_bytes(cls, content: Tensor) -> Lexicon:
        """The inverse of `to_bytes`; no bytes are an empty lexicon."""
        if not len(content):
            return cls({}, (), {}, {})
        return cls(**json.loads(zlib.decompress(content.cpu().numpy().tobytes())))


def singulars(text: str) -> list[str]:
    """A text in small letters, and what it may be the plural of."""
    word = " ".join(text.casefold().replace("_", " ").split())
    return [word, *(word[: -len(end)] + new for end, new in ENDINGS if word.endswith(end) and len(word) > len(end) + 2)]
