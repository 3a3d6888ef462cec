"""Rows for classes that nothing was trained on, from what the encoder knows of pictures.

    transfer = Transfer.fit(features, vectors, labels)    # of pictures: by the generic network, and by the encoder
    rows, biases = transfer(prompts)
    weights = transfer.into(weights, prompts, known)      # in place of what the generator wrote for unknown classes

A generator that has only ever written rows for some classes writes one of theirs for any other. But the encoder has
looked at pictures: a linear map from its vector of a picture to the generic network's features of it says what the
features of a class would be on average, and a linear discriminant (Fisher, 1936) makes the row of that mean. The map
is fitted picture by picture, so it reaches further than the classes it was fitted with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import HEAD, Blueprint, Weights
from tina.blueprints.heads import EncoderHeads
from tina.encoder import Encoder
from tina.linear import ridge
from tina.worlds import World
from tina.zoo.wordings import PICTURES, Wordings, examples

RIDGE = 3.0  # of the map, in units of what vectors vary by; the best where seen classes were left out
TOGETHER = 500  # pictures that are looked at
SMOOTH = 0.3  # of the features' spread within a class, in units of itself


@dataclass(frozen=True)
class Transfer:
    middle: Tensor  # E: the usual vector of a picture
    usual: Tensor  # F: and its usual features
    lift: Tensor  # E x F: from vectors to features
    inverse: Tensor  # F x F: of how features vary within a class
    spread: Tensor  # F x F: how they vary over all
    reach: Tensor  # one number: how far a class's mean usually is from the middle, in units of how a class varies

    @classmethod
    def nothing(cls, width: int, features: int) -> Transfer:
        """Rows of zeros."""
        shapes = ((width,), (features,), (width, features), (features, features), (features, features), ())
        return cls(*map(torch.zeros, shapes))

    @classmethod
    def fit(cls, features: Tensor, vectors: Tensor, labels: Tensor) -> Transfer:
        """From N x F, N x E, and what each picture shows (N whole numbers)."""
        features, vectors = features.double(), vectors.double()
        usual, middle = features.mean(0), vectors.mean(0)
        away, lift = features - usual, ridge(vectors, features, RIDGE)
        counts = labels.bincount().clamp(min=1)
        means = away.new_zeros(len(counts), away.shape[1]).index_add(0, labels, away) / counts[:, None]
        within = _covariance(away - means[labels])
        within.diagonal().add_(SMOOTH * within.diagonal().mean())
        inverse = torch.linalg.inv(within)
        reach = ((means @ inverse) * means).sum(1).mean().sqrt()
        return cls(*(part.float() for part in (middle, usual, lift, inverse, _covariance(away), reach)))

    @classmethod
    @torch.no_grad()
    def of(cls, blueprint: Blueprint, generic: Weights, world: World, wordings: Wordings) -> Transfer:
        """Of the pictures that seen classes are shown by."""
        if on_own_tower(blueprint, wordings.encoder):
            return cls._on_own_tower(wordings)
        parts = [examples(world, name, PICTURES) for name in wordings.names]
        pictures = torch.from_numpy(np.concatenate(parts)).to(generic["head.bias"].device)
        found = [blueprint.features(generic, blueprint.scale(part)).cpu() for part in pictures.split(TOGETHER)]
        labels = torch.arange(len(parts)).repeat_interleave(torch.tensor([len(part) for part in parts]))
        return cls.fit(torch.cat(found), wordings.picture_vectors, labels)

    @classmethod
    def _on_own_tower(cls, wordings: Wordings) -> Transfer:
        """Where features are the encoder's own vectors, there is nothing to carry over: a class's row is its prompt's
        vector, as loud as the encoder learnt to take it. A discriminant would lean on how pictures of seen classes
        vary, which a tower that was trained on these holds too small."""
        dim = wordings.width
        reach = torch.tensor(wordings.encoder.scale / dim**0.5)
        varies = _covariance(wordings.picture_vectors * dim**0.5)
        return cls(torch.zeros(dim), torch.zeros(dim), torch.eye(dim), torch.eye(dim), varies, reach)

    def __call__(self, prompts: Tensor) -> tuple[Tensor, Tensor]:
        """Rows (... x F) and biases (...) for prompt vectors (... x E). How far away a class is said to be tells more
        of how it was asked for (a text or pictures, one or many) than of the class: all are taken to be equally far."""
        away = (prompts - self.middle) @ self.lift
        away = away * (self.reach / ((away @ self.inverse) * away).sum(-1, keepdim=True).clamp(min=1e-12).sqrt())
        rows = away @ self.inverse
        return rows, -(rows * (away / 2 + self.usual)).sum(-1)

    def into(self, weights: Weights, prompts: Tensor, mask: Tensor, known: Tensor) -> Weights:
        """Each class as much of the row that was written for it as it is known (M x K, from 0 to 1).

        Written rows have no absolute height: softmax does not see what they have in common. They are lifted to where
        they claim as many pictures as the transferred ones do.
        """
        rows, biases = self(prompts)
        written, written_biases = weights["head.weight"], weights["head.bias"]
        share = known * mask / (known * mask).sum(1, keepdim=True).clamp(min=1e-6)
        lack = self._claim(rows, biases) - self._claim(written, written_biases)
        lifted = written_biases + (lack * share).sum(1, keepdim=True)
        blended = torch.lerp(rows, written, known[..., None]), torch.lerp(biases, lifted, known)
        return weights | dict(zip(HEAD, (part * _real(part, mask) for part in blended), strict=True))

    def _claim(self, rows: Tensor, biases: Tensor) -> Tensor:
        """The logarithm of the mean of exp(logit) over pictures, their features taken for Gaussian."""
        return rows @ self.usual + biases + ((rows @ self.spread) * rows).sum(-1) / 2


def on_own_tower(blueprint: Blueprint, encoder: Encoder) -> bool:
    """Whether classifiers stand on the image tower of the encoder that their prompts go through."""
    return isinstance(blueprint, EncoderHeads) and blueprint.encoder.hash == encoder.hash


def _real(part: Tensor, mask: Tensor) -> Tensor:
    return mask.view(*mask.shape, *[1] * (part.ndim - mask.ndim)).to(part.dtype)


def _covariance(away: Tensor) -> Tensor:
    return away.T @ away / len(away)
