"""Held-out pictures of a class set, on which every classifier of the page is scored: the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.classifier.score import Score
from tina.worlds.task import Task


@dataclass(frozen=True)
class HeldOutSettings:
    """How many pictures are scored on and shown, and how much stays in memory."""

    pictures: int = 800  # that every step is scored on: about 50 ms on one core
    fewest_per_class: int = 6
    shown: int = 24  # on the page, each large enough for a finger
    shown_per_class: int = 5
    cached_sets: int = 32  # class sets whose pictures stay in memory: 10 MB each
    prepared_sets: int = 6  # of these, as a network takes them: four times as much
    cached_labels: int = 512  # labels of which it stays in memory what they stand for
    cached_features: int = 512  # classes whose backbone features stay in memory: 80 KB each
    cached_pictures: int = 2048  # pictures of visitors whose backbone features stay in memory: 10 KB each


SETTINGS = HeldOutSettings()


@dataclass(frozen=True, eq=False)
class HeldOutSet:
    """The pictures that classifiers for some labels are scored on."""

    labels: tuple[str, ...]
    # label -> the world's classes it stands for; for "something else" those that may be trained on; empty where a label
    # is none of the world's
    task: Task
    pictures: np.ndarray  # (N, size, size, 3) uint8
    names: tuple[str, ...]  # N, the world's class that is on each picture
    features: Tensor | None  # what a backbone makes of the pictures; None where `blueprint` looks at them itself
    y: Tensor  # (N,) positions in `labels`
    blueprint: Blueprint  # what takes `x`
    on: str = ""  # what pictures these are, where they are not the world's: a visitor's own

    @property
    def x(self) -> Tensor:
        """The pictures as `blueprint` takes them: pixels, or a backbone's features."""
        return _prepared(self) if self.features is None else self.features

    @property
    def chance(self) -> float:
        """The accuracy of guessing."""
        return 1 / len(self.labels)

    def predictions(self, weights: Weights) -> Tensor:
        """What a classifier answers to every picture: (N,) positions in `labels`."""
        with torch.inference_mode():
            return self.blueprint.forward(weights, self.x).argmax(1)

    def score(self, predictions: Tensor) -> Score:
        """The confusion counts of such answers."""
        ways = len(self.labels)
        counts = torch.bincount(self.y * ways + predictions, minlength=ways * ways).view(ways, ways)
        return Score(self.labels, tuple(map(tuple, counts.tolist())), self.on)

    def score_weights(self, weights: Weights) -> Score:
        """How a classifier does on these pictures."""
        return self.score(self.predictions(weights))

    def shown_indices(self) -> list[int]:
        """Which pictures the page shows: the first few of each class."""
        each = max(1, min(SETTINGS.shown_per_class, SETTINGS.shown // len(self.labels)))
        return [i for k in range(len(self.labels)) for i in (self.y == k).nonzero()[:each, 0].tolist()]


@lru_cache(SETTINGS.prepared_sets)  # visitors keep their sets, and would keep these with them
def _prepared(held_out: HeldOutSet) -> Tensor:
    return held_out.blueprint.prepare(held_out.pictures)
