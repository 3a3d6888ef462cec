"""Whether probabilities can be believed, and whether what is none of the classes is noticed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

BINS = 15
HEATS = tuple(2 ** (k / 2) for k in range(-4, 17))  # of logits: 0.25 to 256


def calibration_error(confidence: Tensor, right: Tensor, bins: int = BINS) -> float:
    """Expected calibration error: in bins of equal width, how far the mean confidence is from the share that is right,
    weighted by the number of answers.

    confidence: N probabilities of what was answered; right: N, whether it was right.
    """
    place = (confidence * bins).ceil().clamp(1, bins).long() - 1
    gaps = torch.zeros(bins, dtype=torch.float64).index_add(0, place, (confidence - right.float()).double())
    return float(gaps.abs().sum() / len(confidence))


def auroc(known: Tensor, unknown: Tensor) -> float:
    """The chance that a picture of a known class scores higher than one of an unknown class; ties count half."""
    order = unknown.sort().values
    below, up_to = torch.searchsorted(order, known), torch.searchsorted(order, known, right=True)
    return float((below + up_to).double().mean() / (2 * len(unknown)))


def best_heat(logits: Sequence[Tensor], labels: Sequence[Tensor]) -> float:
    """The factor with the least cross-entropy, the mean over tasks."""
    cross_entropy = torch.nn.functional.cross_entropy
    losses = {
        heat: sum(float(cross_entropy(heat * one, label)) for one, label in zip(logits, labels, strict=True))
        for heat in HEATS
    }
    return min(losses, key=lambda heat: losses[heat])
