"""Numbers that hang on the prompt: how sure a classifier may be, and from where on a picture is of none of its classes.

    heat = temperature(shown, reading).exp()          # (M,): what logits are multiplied by
    level = other_level(shown, reading)               # (M,): what "something else" has to be beaten by

Each is linear in what is known of the prompt (`evidence`): how many classes and pictures there are, whether a picture
that is left out is told by the others, how alike the classes are before what they have in common is taken away. The
weights were fitted by tina/training/tower/calibrate.py on sets of photographs.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.generator.tower.description import NUMBERS, describe
from tina.generator.tower.reading import Reading, Shown, once

EVIDENCE = 17


class OfPrompt(nn.Module):
    """Weights of the evidence, each of which has a mean and a scale."""

    weights: Tensor  # (EVIDENCE + 1,): the last is the constant
    mean: Tensor  # (EVIDENCE,)
    scale: Tensor  # (EVIDENCE,)
    limit: Tensor  # (): of what comes out, either way: no prompt is that different from those it was fitted on

    def __init__(self, limit: float):
        """
        Args:
            limit: what comes out is kept between minus this and this.
        """
        super().__init__()
        self.register_buffer("weights", torch.zeros(EVIDENCE + 1))
        self.register_buffer("mean", torch.zeros(EVIDENCE))
        self.register_buffer("scale", torch.ones(EVIDENCE))
        self.register_buffer("limit", torch.tensor(limit))

    def forward(self, shown: Shown, reading: Reading) -> Tensor:
        """(M,)"""
        return self.of(evidence(shown, reading))

    def of(self, found: Tensor) -> Tensor:
        """(M, EVIDENCE) -> (M,)."""
        x = (found - self.mean) / self.scale
        return (x @ self.weights[:-1] + self.weights[-1]).clamp(-self.limit, self.limit)


@once
def evidence(shown: Shown, reading: Reading) -> Tensor:
    """(M, EVIDENCE): means over a prompt's classes."""
    real = shown.described.float()
    numbers = (describe(shown, reading) * real[..., None]).sum(1) / real.sum(1, keepdim=True).clamp(min=1)
    of = dict(zip(NUMBERS, numbers.unbind(1), strict=True))
    count = (shown.counts.float() * real).sum(1) / real.sum(1).clamp(min=1)
    none, one, more = (count == 0).float(), ((count > 0) & (count <= 1)).float(), (count > 1).float()
    margin, right = (part * more for part in _leave_one_out(shown, reading))
    found = (
        *(real.sum(1).clamp(min=1).log(), none, count.log1p(), of["named"] * (1 - none), more),
        *(margin, right, margin * count.log1p()),
        *(of["uncentred mean"], of["uncentred mean"] * one, of["nearest mean"] * one),
        *(of["agreement"], of["agreement margin"], of["right name"]),
        *(of["plain size"] * none, of["uncentred nearest name"] * none, of["nearest name"] * none),
    )
    return torch.stack(found, 1)


def _leave_one_out(shown: Shown, reading: Reading) -> tuple[Tensor, Tensor]:
    """(M,) twice, over shown pictures: by how much each is nearer to the mean of its class's others than to any other
    class's mean, and the share for which it is."""
    counts = shown.counts[..., None, None]
    others = F.normalize(reading.pictures.sum(2, keepdim=True) - reading.pictures, dim=3)
    own = (reading.pictures * others).sum(3)  # (M, K, P)
    cosines = reading.pictures @ reading.means.mT[:, None]  # (M, K, P, K)
    eye = torch.eye(cosines.shape[1], dtype=torch.bool, device=own.device)[:, None]
    there = (shown.counts > 0)[:, None, None]
    margin = own - cosines.masked_fill(eye | ~there, -1).amax(3)
    asked = (shown.shown & (counts[..., 0] > 1)).float()
    total = asked.sum((1, 2)).clamp(min=1)
    return (margin * asked).sum((1, 2)) / total, ((margin > 0) * asked).sum((1, 2)) / total
