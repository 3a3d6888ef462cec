"""Weights as numbers of about one, and back: statistics of the tokens over a zoo, stored beside the network.

    normaliser = Normaliser.fit(batches)                                 # of (shared, classes, mask)
    shared, classes = normaliser.apply(shared, classes, mask)
    shared, classes = normaliser.invert(shared, classes)

Shared tokens have a mean and a scale for every entry. Class tokens have one scale for each column, the same for every
class, or classes could not change places. What all classes of a classifier have in common is taken off them first:
softmax does not see it, so the network need not learn it. That leaves them a mean of zero, so none is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from tina.errors import UserError

# An entry that varies less than this share of what entries usually do is as good as constant (padding, a norm that
# hardly moved): it is not blown up to the size of the others.
FLOOR = 1e-3


@dataclass(frozen=True)
class Normaliser:
    shared_mean: Tensor  # S x D, all three in fp32
    shared_scale: Tensor  # S x D
    class_scale: Tensor  # C

    @classmethod
    def empty(cls, shared: int, length: int, class_width: int) -> Normaliser:
        """Leaves numbers as they are."""
        return cls(torch.zeros(shared, length), torch.ones(shared, length), torch.ones(class_width))

    @classmethod
    def fit(cls, batches: Iterable[tuple[Tensor, Tensor, Tensor]]) -> Normaliser:
        """From batches of shared (B x S x D), classes (B x K x C) and mask (B x K), each looked at once, in float64."""
        classifiers = rows = 0
        mean = spread = squares = torch.zeros((), dtype=torch.float64)
        for shared, classes, mask in batches:
            shared, classes = shared.double(), centre(classes.double(), mask)
            # The mean and squared distances of two parts make those of the whole (Chan, Golub & LeVeque, 1983).
            share = len(shared) / (classifiers + len(shared))
            step = shared.mean(0) - mean
            spread = spread + (shared - shared.mean(0)).square().sum(0) + step.square() * classifiers * share
            mean = mean + step * share
            squares = squares + classes.square().sum((0, 1))
            classifiers, rows = classifiers + len(shared), rows + int(mask.sum())
        if not classifiers:
            raise UserError("There are no classifiers to take statistics of.")
        return cls(mean.float(), _floored((spread / classifiers).sqrt()), _floored((squares / rows).sqrt()))

    def apply(self, shared: Tensor, classes: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Weights to numbers of about one; padded classes to zeros."""
        return (shared - self.shared_mean) / self.shared_scale, centre(classes, mask) / self.class_scale

    def invert(self, shared: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Back to the weights that were applied, their classes centred."""
        return shared * self.shared_scale + self.shared_mean, classes * self.class_scale

    def to(self, device: str | torch.device) -> Normaliser:
        return Normaliser(**{name: tensor.to(device) for name, tensor in self.state_dict().items()})

    def state_dict(self) -> dict[str, Tensor]:
        """For safetensors; `Normaliser(**state)` is the way back."""
        return dict(vars(self))


def centre(classes: Tensor, mask: Tensor) -> Tensor:
    """Class tokens without what the real classes of each classifier have in common; padding becomes zeros."""
    real = mask[..., None].to(classes.dtype)
    return (classes - (classes * real).sum(1, keepdim=True) / real.sum(1, keepdim=True)) * real


def _floored(scale: Tensor) -> Tensor:
    usual = scale.square().mean().sqrt()
    return (scale.clamp(min=FLOOR * float(usual)) if usual > 0 else torch.ones_like(scale)).float()
