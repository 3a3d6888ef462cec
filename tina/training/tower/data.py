"""Pictures as the tower sees them, and the words of their classes: what is learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from tina.blueprints.tower import TowerFeatures
from tina.generator.tower.words import Said


@dataclass(frozen=True)
class FeatureSet:
    """A set of photographs: what the tower makes of each, and which class it shows."""

    name: str
    group: str  # sets of one group are left out together when something is judged
    names: tuple[str, ...]  # of its C classes
    labels: Tensor  # (N,)
    whole: Tensor  # (N, F)
    middle: Tensor  # (N, F)

    @cached_property
    def of_class(self) -> list[Tensor]:
        """The numbers of each class's pictures."""
        return [(self.labels == k).nonzero()[:, 0] for k in range(len(self.names))]


@dataclass(frozen=True)
class TaskSource:
    """A set ready to draw tasks from: features and words are computed once."""

    name: str
    group: str
    z: Tensor  # (N, F)
    u: Tensor  # (N, F)
    of_class: Sequence[Tensor]
    said: Said  # of its C classes
    named: bool  # whether its names say anything of what is seen
    remembered: Tensor | None = None  # (C, F): mean z of its classes, where their names were learnt with other pictures

    @classmethod
    def of(cls, data: FeatureSet, features: TowerFeatures, said: Said, named: bool = True) -> TaskSource:
        """A set's features by a checkpoint's means and whitening."""
        z, u = features(data.whole.float(), data.middle.float()).chunk(2, dim=1)
        return cls(data.name, data.group, z, u, data.of_class, said, named)


def class_means(x: Tensor, labels: Tensor) -> Tensor:
    """(N, F), (N,) -> (C, F)."""
    counts = torch.bincount(labels)
    return x.new_zeros(len(counts), x.shape[1]).index_add(0, labels, x) / counts.clamp(min=1)[:, None]
