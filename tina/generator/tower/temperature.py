"""Numbers that hang on the prompt: how sure a classifier may be, and from where on a picture is of none of its classes.

    heat = temperature(shown, reading).exp()          # (M,): what logits are multiplied by
    level = other_level(shown, reading)               # (M,): what "something else" has to be beaten by

Each is linear in what is known of the prompt (`evidence`, `level_evidence`): how many classes and pictures there are,
whether a picture that is left out is told by the others, how near it comes to any class, how alike the classes are
before what they have in common is taken away, and of names alone whether they are names of the tower's own classes,
words for many, others, or descriptions. The weights were fitted by tina/training/tower/calibrate.py on sets of
photographs.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.generator.tower.description import NUMBERS, describe
from tina.generator.tower.reading import Reading, Shown, once
from tina.generator.tower.words import KINDS

EVIDENCE, LEVEL_EVIDENCE = 17 + KINDS, 13 + KINDS
FAR_OFF = 0.1  # the quantile of left-out pictures that stands for those which come least near to any class

Evidence = Callable[[Shown, Reading], Tensor]  # of M prompts -> (M, N)


class OfPrompt(nn.Module):
    """Weights of N pieces of evidence, each of which has a mean and a scale."""

    weights: Tensor  # (N + 1,): the last is the constant
    mean: Tensor  # (N,)
    scale: Tensor  # (N,)
    limit: Tensor  # (): of what comes out, either way: no prompt is that different from those it was fitted on

    def __init__(self, limit: float, count: int, evidence: Evidence):
        """
        Args:
            limit: what comes out is kept between minus this and this.
            count: N.
            evidence: what is known of prompts.
        """
        super().__init__()
        self.evidence = evidence
        self.register_buffer("weights", torch.zeros(count + 1))
        self.register_buffer("mean", torch.zeros(count))
        self.register_buffer("scale", torch.ones(count))
        self.register_buffer("limit", torch.tensor(limit))

    def forward(self, shown: Shown, reading: Reading) -> Tensor:
        """(M,)"""
        return self.of(self.evidence(shown, reading))

    def of(self, found: Tensor) -> Tensor:
        """(M, N) -> (M,)."""
        x = (found - self.mean) / self.scale
        return (x @ self.weights[:-1] + self.weights[-1]).clamp(-self.limit, self.limit)


@once
def evidence(shown: Shown, reading: Reading) -> Tensor:
    """(M, EVIDENCE), for the temperature: means over a prompt's classes."""
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
        *_kinds(shown),
    )
    return torch.stack(found, 1)


def level_evidence(shown: Shown, reading: Reading) -> Tensor:
    """(M, LEVEL_EVIDENCE), for what "something else" has to be beaten by: how near left-out pictures come to the class
    that is nearest to them (the least near of them, the middle one, their spread), and what else is known."""
    real, counts = shown.described.float(), shown.counts.float()
    ways = real.sum(1).clamp(min=1)
    count, named = (counts * real).sum(1) / ways, (shown.named * real).sum(1) / ways
    none, more = (count == 0).float(), (count > 1).float()
    alone, two, log_ways = (ways == 1).float(), (ways == 2).float(), ways.log()
    own, other, asked = _left_out(shown, reading)
    near = torch.maximum(own, other).masked_fill(~asked, torch.nan).flatten(1)  # (M, K P)
    spread = (near - near.nanmean(1, keepdim=True)).square().nanmean(1).sqrt()
    of_left_out = (near.nanquantile(FAR_OFF, dim=1), near.nanmedian(dim=1).values, spread)
    found = (
        *(log_ways, none, count.log1p(), alone, two, named * (1 - none), more),
        *(part.nan_to_num() * more for part in of_left_out),
        *(alone * none, two * none, log_ways * none),
        *_kinds(shown),
    )
    return torch.stack(found, 1)


def _kinds(shown: Shown) -> list[Tensor]:
    """(M,) each: of which kind the texts of names alone are; zeros for prompts with pictures."""
    asked = (shown.described & ~shown.pictured[:, None]).float()
    return list(((shown.said.kind * asked[..., None]).sum(1) / asked.sum(1, keepdim=True).clamp(min=1)).unbind(1))


def _leave_one_out(shown: Shown, reading: Reading) -> tuple[Tensor, Tensor]:
    """(M,) twice, over shown pictures: by how much each is nearer to the mean of its class's others than to any other
    class's mean, and the share for which it is."""
    own, other, asked = _left_out(shown, reading)
    margin, asked = own - other, asked.float()
    total = asked.sum((1, 2)).clamp(min=1)
    return (margin * asked).sum((1, 2)) / total, ((margin > 0) * asked).sum((1, 2)) / total


def _left_out(shown: Shown, reading: Reading) -> tuple[Tensor, Tensor, Tensor]:
    """(M, K, P) each: every shown picture's cosine with the mean of its class's others and with the nearest mean of
    another class, and whether its class has others."""
    others = F.normalize(reading.pictures.sum(2, keepdim=True) - reading.pictures, dim=3)
    own = (reading.pictures * others).sum(3)
    cosines = reading.pictures @ reading.means.mT[:, None]  # (M, K, P, K)
    eye = torch.eye(cosines.shape[1], dtype=torch.bool, device=own.device)[:, None]
    there = (shown.counts > 0)[:, None, None]
    other = cosines.masked_fill(eye | ~there, -1).amax(3)
    return own, other, shown.shown & (shown.counts[..., None] > 1)
