"""Classes that a Tina on a tower was taught with pictures: their rows are known by name, and what they look like.

    learnt = LearntClasses(["daisy", "my cup"], width)
    learnt.find("My cups")      # 1

The rows are closed form: one logistic regression over all classes and all their training pictures. A prompt of a few of
them gets these rows; the transformer writes the difference. How sure such classifiers are was fitted with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from tina.generator.tower.lexicon import singulars
from tina.generator.tower.words import Said
from tina.worlds.base import vocabulary

HEAT_LIMIT = 3.0  # of the temperature's logarithm, either way


class LearntClasses(nn.Module):
    """C classes by name; F is the width of the tower's features."""

    rows: Tensor  # (C, F): unit rows on z
    means: Tensor  # (C, F): of z over their pictures
    temperature: Tensor  # (2,): of a prompt of learnt names, log heat = the first + the second * log(classes)
    loudness: Tensor  # (): of what the transformer writes for such prompts
    level: Tensor  # (): of such prompts, the product below which a picture is of none of the classes

    def __init__(self, names: Sequence[str], width: int):
        """
        Args:
            names: of the C classes.
            width: F.
        """
        super().__init__()
        self.names = list(names)
        self.register_buffer("rows", torch.zeros(len(self.names), width))
        self.register_buffer("means", torch.zeros(len(self.names), width))
        self.register_buffer("temperature", torch.zeros(2))
        self.register_buffer("level", torch.zeros(()))
        self.register_buffer("loudness", torch.ones(()))
        self._numbers: dict[str, int] = {}
        words = vocabulary()
        for of in (lambda name: (name,), lambda name: words[name].synonyms if name in words else ()):
            for number, name in enumerate(self.names):
                for word in of(name):
                    self._numbers.setdefault(_key(word), number)

    def find(self, *labels: str) -> int | None:
        """The class whose name, or a synonym of it, the first of some labels is that is any; None where none is."""
        words = (word for label in labels for word in singulars(label))
        return next((self._numbers[word] for word in words if word in self._numbers), None)

    def log_heat(self, ways: Tensor) -> Tensor:
        """(M,): of prompts of so many classes."""
        found = self.temperature[0] + self.temperature[1] * ways.clamp(min=1).log()
        return found.clamp(-HEAT_LIMIT, HEAT_LIMIT)


def learnt_rows(said: Said, rows: Tensor) -> Said:
    """What is said of N learnt classes: their rows on z, nothing on u, and that nothing could be surer."""
    one = torch.ones_like(said.nearest)
    return replace(
        said, plain=torch.zeros_like(said.plain), row=rows, nearest=one, row_size=one, kind=torch.zeros_like(said.kind)
    )


def _key(word: str) -> str:
    """As `singulars` spells it."""
    return singulars(word)[0]
