"""Statistics of a zoo's tokens."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from tina.errors import UserError
from tina.generator.normalise import Normaliser, centre

# An entry that varies less than this share of what entries usually do is as good as constant (padding, a norm that
# hardly moved): it is not blown up to the size of the others.
FLOOR = 1e-3


def fit_normaliser(batches: Iterable[tuple[Tensor, Tensor, Tensor]]) -> Normaliser:
    """From batches of shared (B, S, D), classes (B, K, C) and mask (B, K), each looked at once, in float64."""
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
    return Normaliser(mean.float(), _floored((spread / classifiers).sqrt()), _floored((squares / rows).sqrt()))


def _floored(scale: Tensor) -> Tensor:
    typical = scale.square().mean().sqrt()
    return (scale.clamp(min=FLOOR * float(typical)) if typical > 0 else torch.ones_like(scale)).float()
