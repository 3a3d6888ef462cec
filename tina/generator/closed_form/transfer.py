"""Rows for classes that nothing was trained on, from what the encoder knows of pictures.

    rows, biases = transfer(prompts, from_pictures, keys)
    weights = transfer.replace_unfamiliar(weights, prompts, mask, familiar, from_pictures, keys)

A generator that has only ever written rows for some classes writes one of theirs for any other. But the encoder has
looked at pictures: a linear map from its vector of a picture to the generic network's features says what the features
of a class would be on average, and a linear discriminant (Fisher, 1936) makes the row of that mean. Words lie apart
from pictures: what they name is expected halfway between where the map puts it and where seen classes are whose words
are like these (kernel ridge regression). On the encoder's own tower the map is the identity (training/fit/transfer.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints import HEAD, Weights

NEVER = -1e9  # a logit that wins nothing


@dataclass(frozen=True)
class TransferSettings:
    """Chosen on `zoo` pictures of unseen classes of two worlds (docs/training.md)."""

    kernel_radius: float = 0.15  # cosines that are lower by this count by 1/e
    kernel_ridge: float = 1.0  # of the kernel regression from words to features
    # temperatures of the rounds in which biases are moved, in large steps first
    temperatures: tuple[float, ...] = (10.0,) * 10 + (3.0,) * 10 + (1.0,) * 20


class Transfer(nn.Module):
    """The map from vectors to features, and what a linear discriminant needs to make rows of them."""

    vector_mean: Tensor  # (E,): of pictures' vectors
    feature_mean: Tensor  # (F,): of pictures' features
    projection: Tensor  # (E, F): from vectors to features
    precision: Tensor  # (F, F): the inverse of the covariance within classes
    radius: Tensor  # (): the root mean square Mahalanobis distance of seen classes' means from the feature mean
    class_means: Tensor  # (R, F): the mean features of each seen class, less the feature mean; none on the own tower
    reference: Tensor  # (N, F): features of a few pictures of every seen class, to set biases by

    def __init__(
        self,
        vector_mean: Tensor,
        feature_mean: Tensor,
        projection: Tensor,
        precision: Tensor,
        radius: Tensor,
        class_means: Tensor,
        reference: Tensor,
        settings: TransferSettings | None = None,
    ):
        super().__init__()
        self.settings = settings or TransferSettings()
        self.register_buffer("vector_mean", vector_mean)
        self.register_buffer("feature_mean", feature_mean)
        self.register_buffer("projection", projection)
        self.register_buffer("precision", precision)
        self.register_buffer("radius", radius)
        self.register_buffer("class_means", class_means)
        self.register_buffer("reference", reference)

    @classmethod
    def empty(cls, width: int, features: int, settings: TransferSettings | None = None) -> Transfer:
        """Rows of zeros, for prompt vectors of this width and a head on so many features."""
        return cls(
            vector_mean=torch.zeros(width),
            feature_mean=torch.zeros(features),
            projection=torch.zeros(width, features),
            precision=torch.zeros(features, features),
            radius=torch.zeros(()),
            class_means=torch.zeros(0, features),
            reference=torch.zeros(0, features),
            settings=settings,
        )

    def forward(
        self, prompts: Tensor, from_pictures: Tensor | None = None, keys: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rows (..., F) and biases (...) for prompt vectors (..., E), as of pictures; with `keys` (R, E), the text
        vectors of the seen classes, also by words, as far as `from_pictures` (..., 0 to 1) says they are words."""
        means = self._at_radius((prompts - self.vector_mean) @ self.projection)  # (..., F), less the feature mean
        rows = means @ self.precision
        biases = -(rows * (means / 2 + self.feature_mean)).sum(-1)
        if keys is None or from_pictures is None or not len(self.class_means):
            return rows, biases
        kernel, ridge = self._kernel(keys, keys), self.settings.kernel_ridge
        solution = torch.linalg.solve(kernel + ridge * torch.eye(len(kernel), device=kernel.device), self.class_means)
        by_words = self._kernel(prompts, keys) @ solution  # (..., F)
        length = (self._at_radius(self.class_means) @ self.precision).norm(dim=1).mean()  # the usual row's
        text_rows = length * F.normalize((means + self._at_radius(by_words)) @ self.precision, dim=-1)
        text_biases = -(text_rows @ self.feature_mean)
        return torch.lerp(text_rows, rows, from_pictures[..., None]), torch.lerp(text_biases, biases, from_pictures)

    def replace_unfamiliar(
        self, weights: Weights, prompts: Tensor, mask: Tensor, familiar: Tensor, from_pictures: Tensor, keys: Tensor
    ) -> Weights:
        """A stack of M classifiers in which each class has as much of the row that was written for it as it is familiar
        (M x K, 0 to 1), and for the rest a transferred one; padding (False in `mask`) has zeros."""
        rows, biases = self(prompts, from_pictures, keys)
        rows = torch.lerp(rows, weights["head.weight"], familiar[..., None])
        biases = torch.lerp(biases, weights["head.bias"], familiar)
        biases = biases + self._bias_offsets(rows, biases, mask, familiar, from_pictures)
        return weights | dict(zip(HEAD, (rows * mask[..., None].to(rows.dtype), biases * mask), strict=True))

    def _bias_offsets(
        self, rows: Tensor, biases: Tensor, mask: Tensor, familiar: Tensor, from_pictures: Tensor
    ) -> Tensor:
        """(M, K): written and transferred rows have no common scale. An unfamiliar class's bias is moved until the
        reference pictures are taken for it as often as for any other class of the prompt. Rows from pictures already
        agree among themselves: the fewer classes are familiar, the more they move together."""
        logits = (self.reference @ rows.mT + biases[:, None]).masked_fill(~mask[:, None], NEVER)  # (M, N, K)
        offsets = torch.zeros_like(biases)
        fair = 1 / mask.sum(1, keepdim=True).clamp(min=1)  # (M, 1)
        unfamiliar = (1 - familiar) * mask
        group = unfamiliar * from_pictures / (unfamiliar * from_pictures).sum(1, keepdim=True).clamp(min=1e-6)
        tied = from_pictures * unfamiliar.sum(1, keepdim=True) * fair
        for temperature in self.settings.temperatures if len(self.reference) else ():
            share = ((logits + offsets[:, None]) / temperature).softmax(2).mean(1)  # (M, K)
            step = temperature * (fair / share.clamp(min=1e-4)).log()
            offsets = offsets + unfamiliar * torch.lerp(step, (group * step).sum(1, keepdim=True), tied)
        return offsets

    def _at_radius(self, means: Tensor) -> Tensor:
        """How far a mean is said to be tells more of how it was asked for (a text or pictures, one or many) than of the
        class: all are put at the same Mahalanobis distance."""
        distance = ((means @ self.precision) * means).sum(-1, keepdim=True).clamp(min=1e-12).sqrt()
        return means * (self.radius / distance)

    def _kernel(self, vectors: Tensor, others: Tensor) -> Tensor:
        """(..., E), (R, E) -> (..., R): exp((cosine - 1) / radius)."""
        return ((vectors @ others.T - 1) / self.settings.kernel_radius).exp()


def blend_kernels(weights: Weights, generic: Weights, familiar: Tensor, mask: Tensor) -> Weights:
    """Kernels as far the written ones as a prompt's classes are familiar (M x K), for the rest the generic network's:
    transferred rows were made for these."""
    share = (familiar * mask).sum(1) / mask.sum(1).clamp(min=1)  # (M,)
    kernels = {name: weight for name, weight in weights.items() if name not in HEAD}
    return weights | {
        name: torch.lerp(generic[name].expand_as(weight), weight, share.view(-1, *[1] * (weight.ndim - 1)))
        for name, weight in kernels.items()
    }
