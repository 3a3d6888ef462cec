"""What the transformer is told of each class: how much there is to go by, how its parts agree, and what they look like.

numbers, looks, pictures = describe(shown, reading, axes, text_axes, text_mean)
vectors = reader(numbers, looks, pictures, shown.shown)        # (M, K, width): its prompt vectors
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.generator.tower.reading import Reading, Shown, once

NUMBERS = (  # of a class
    *("named", "pictured", "count", "classes", "nearest", "plain size", "row size", "nearest name"),
    *("tightness", "margin", "nearest mean", "without itself", "agreement", "agreement margin", "right name"),
    *("right names", "uncentred nearest", "uncentred mean", "uncentred nearest name"),
)
LOUD = 4.0  # unit vectors on a few axes, as numbers of about one


@once
def describe(shown: Shown, reading: Reading) -> Tensor:
    """The numbers of `NUMBERS`: (M, K, 19)."""
    named, mask = (shown.named & shown.mask).float(), shown.mask.float()
    counts = shown.counts.float()  # (M, K)
    some, ways = (counts > 0).float(), mask.sum(1, keepdim=True).expand_as(mask)
    pairs = _pairs(shown.mask)  # (M, K, K): other real classes
    own, others = _cosines(shown, reading)  # (M, K, P)
    means, margin = _over(own, shown.shown), _over(own - others, shown.shown)
    left_out = ((own * counts[..., None] - 1) / (counts[..., None] - 1).clamp(min=1)) * (counts > 1)[..., None]
    agreement = reading.means @ reading.names.mT * named[:, None]  # (M, K, K)
    right = (2 * LOUD * agreement).masked_fill(~shown.mask[:, None], -torch.inf).softmax(2).diagonal(dim1=1, dim2=2)
    both = named * some
    diagonal = agreement.diagonal(dim1=1, dim2=2)
    raw = F.normalize((shown.pictures * shown.shown[..., None]).sum(2), dim=2)
    raw_near, raw_mean = _alike(raw, shown.mask & (some > 0))
    found = (
        *(named, some, counts.log1p() / 2, ways.log() / 2),
        *(shown.said.nearest * named, shown.said.plain_size * named / 2, shown.said.row_size * named / 2),
        _nearest(reading.names, pairs) * named,
        *(means * some, margin * some, _nearest(reading.means, pairs) * some, _over(left_out, shown.shown) * some),
        diagonal * both,
        (diagonal - agreement.masked_fill(~pairs, -2).amax(2)) * both,
        *(right * both, (_average(right, both) * both)),
        *(raw_near * some, raw_mean * some, _alike(shown.said.row, shown.mask & shown.named)[0] * named),
    )
    return torch.stack(found, 2) * mask[..., None]


class ClassReader(nn.Module):
    """Numbers, looks and pictures of a class as one vector; the pictures are a set, each of them read by itself."""

    axes: Tensor  # (Q, F): directions that tell classes apart
    text_axes: Tensor  # (T, E)
    text_mean: Tensor  # (E,)

    def __init__(self, width: int, features: int, texts: int, axes: int, text_axes: int, drop: float = 0.4):
        """
        Args:
            width: of the vectors that come out.
            features: F.
            texts: E.
            axes: Q.
            text_axes: T.
            drop: in training, the share of the looks and of pictures' parts that is hidden: what is known of few
                classes is easily learnt by heart.
        """
        super().__init__()
        self.width, self.drop = width, drop
        self.numbers = nn.Linear(len(NUMBERS), width)
        self.looks = nn.Linear(3 * axes + text_axes, width)
        self.pictures = nn.Linear(axes + 2, width)
        self.register_buffer("axes", torch.zeros(axes, features))
        self.register_buffer("text_axes", torch.zeros(text_axes, texts))
        self.register_buffer("text_mean", torch.zeros(texts))

    def forward(self, shown: Shown, reading: Reading) -> Tensor:
        """(M, K, width)."""
        x = self.numbers(describe(shown, reading))
        x = x + self.looks(F.dropout(self._looks(shown, reading), self.drop, self.training))
        each = F.gelu(
            self.pictures(F.dropout(self._pictures(shown, reading), self.drop, self.training))
        )  # (M, K, P, width)
        x = x + _over(each, shown.shown[..., None])
        return x * shown.described[..., None] / math.sqrt(self.width)

    def _looks(self, shown: Shown, reading: Reading) -> Tensor:
        """(M, K, 3 Q + T): mean and spread of the pictures, what the name predicts, and the text itself."""
        on_axes = reading.pictures @ self.axes.mT  # (M, K, P, Q)
        spread = _over(on_axes.square(), shown.shown[..., None]) - _over(on_axes, shown.shown[..., None]).square()
        named = (shown.named & shown.mask)[..., None]
        texts = (shown.said.vector - self.text_mean) @ self.text_axes.mT * named
        parts = reading.means @ self.axes.mT, spread.clamp(min=1e-9).sqrt(), reading.names @ self.axes.mT, texts
        return LOUD * torch.cat(parts, 2)

    def _pictures(self, shown: Shown, reading: Reading) -> Tensor:
        """(M, K, P, Q + 2)."""
        own, others = _cosines(shown, reading)
        return torch.cat([LOUD * reading.pictures @ self.axes.mT, own[..., None], (own - others)[..., None]], 3)


def _cosines(shown: Shown, reading: Reading) -> tuple[Tensor, Tensor]:
    """(M, K, P) twice: each picture's cosine with the mean of its class, and with the nearest mean of another class."""
    own = (reading.pictures * reading.means[:, :, None]).sum(3)
    each = (reading.pictures.flatten(1, 2) @ reading.means.mT).unflatten(1, own.shape[1:])  # (M, K, P, K)
    others = _pairs(shown.mask & (shown.counts > 0))[:, :, None]
    return own, each.masked_fill(~others, -1).amax(3)


def _pairs(mask: Tensor) -> Tensor:
    """(M, K, K): True where both are in `mask` and are not the same."""
    return mask[:, None] & mask[:, :, None] & ~torch.eye(mask.shape[1], dtype=torch.bool, device=mask.device)


def _over(values: Tensor, shown: Tensor) -> Tensor:
    """The mean over each class's pictures: (M, K, P, ...) -> (M, K, ...)."""
    return (values * shown).sum(2) / shown.sum(2).clamp(min=1)


def _nearest(rows: Tensor, pairs: Tensor) -> Tensor:
    """(M, K): the cosine with the nearest other class."""
    return (rows @ rows.mT).masked_fill(~pairs, -1).amax(2)


def _alike(rows: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """(M, K) twice: the cosine with the nearest other class, and the mean of all cosines, those with itself too."""
    cosines = rows @ rows.mT
    both = (mask[:, None] & mask[:, :, None]).to(rows.dtype)
    mean = (cosines * both).sum((1, 2)) / both.sum((1, 2)).clamp(min=1)
    return cosines.masked_fill(~_pairs(mask), -1).amax(2), mean[:, None].expand(mask.shape)


def _average(values: Tensor, weight: Tensor) -> Tensor:
    """(M, K) -> (M, 1)."""
    return (values * weight).sum(1, keepdim=True) / weight.sum(1, keepdim=True).clamp(min=1)
