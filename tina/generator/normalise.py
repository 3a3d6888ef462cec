"""Weights as numbers of about one, and back, by statistics of the tokens over a zoo.

    normaliser = fit_normaliser(batches)                                # tina/training/fit/normalise.py
    shared, classes = normaliser.normalise(shared, classes, mask)
    shared, classes = normaliser.invert(shared, classes)

Shared tokens have a mean and a scale for every entry. Class tokens have one scale for each column, the same for every
class, or classes could not be permuted. The mean over a classifier's classes is subtracted first: softmax does not see
it, so the network need not learn it. That leaves class tokens a mean of zero, so none is stored.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Normaliser(nn.Module):
    """Means and scales of a blueprint's tokens over a zoo."""

    shared_mean: Tensor  # (S, D), all three in fp32
    shared_scale: Tensor  # (S, D)
    class_scale: Tensor  # (C,)

    def __init__(self, shared_mean: Tensor, shared_scale: Tensor, class_scale: Tensor):
        super().__init__()
        self.register_buffer("shared_mean", shared_mean)
        self.register_buffer("shared_scale", shared_scale)
        self.register_buffer("class_scale", class_scale)

    @classmethod
    def empty(cls, shared: int, length: int, class_width: int) -> Normaliser:
        """The identity."""
        return cls(torch.zeros(shared, length), torch.ones(shared, length), torch.ones(class_width))

    def normalise(self, shared: Tensor, classes: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Weights (B, S, D), (B, K, C) to numbers of about one; padded classes (False in mask, B x K) to zeros."""
        return (shared - self.shared_mean) / self.shared_scale, centre(classes, mask) / self.class_scale

    def invert(self, shared: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Back to the weights that were applied, their classes centred."""
        return shared * self.shared_scale + self.shared_mean, classes * self.class_scale


def centre(classes: Tensor, mask: Tensor) -> Tensor:
    """Class tokens (B, K, C) less their mean over each classifier's real classes; padding becomes zeros."""
    real = mask[..., None].to(classes.dtype)  # (B, K, 1)
    return (classes - (classes * real).sum(1, keepdim=True) / real.sum(1, keepdim=True)) * real
