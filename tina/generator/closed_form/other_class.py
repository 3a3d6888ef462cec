"""The row of "something else", which no picture and no word describes: a formula, and nothing that is trained.

A picture of none of the classes looks less like them than a picture usually does, and no class stands out. So the row
is the mean of the rows that were written (it wins where none of them is far above the others), moved from what the
generic network's rows of these classes have in common towards what all its rows have in common, and a threshold, which
is the only number that depends on the world: how far a class stands out on pictures of its own.

Training measures it with slices of the generic network, on `zoo` pictures of seen classes, and keeps it in the
checkpoint's config.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.blueprints.slicing import slice_rows
from tina.prompts.something_else import is_something_else
from tina.training.zoo.prompt_sampler import example_pictures
from tina.worlds import World
from tina.worlds.task import Task

if TYPE_CHECKING:
    from tina.generator.tina import Tina

AWAY = 1.5  # how far; from 1 to 2 makes little difference
THRESHOLD = 7.0  # where there are too few classes to measure it on: about the Sketchbook's
PICTURES = 20  # of a class, to measure it on
TASKS = 100  # of each of so many classes
WAYS = (2, 5, 10)


def described_mask(vectors: Tensor, mask: Tensor) -> Tensor:
    """M x K: the classes that something is said of. The others have zeros for a vector."""
    return mask & vectors.any(-1).to(mask.device)


def with_other_class(tina: Tina, weights: Weights, vectors: Tensor, mask: Tensor) -> Weights:
    """A stack that was written for M x K x E prompt vectors, with the formula's row wherever nothing was said. What the
    generic network knows of a class is its row of the seen class whose name is nearest."""
    named = described_mask(vectors, mask)
    if torch.equal(named, mask):
        return weights
    nearest = (vectors @ tina.name_vectors.T).argmax(-1)
    return _filled(tina, weights, named, mask, _rows(dict(tina.generic.state_dict()))[nearest])


def generic_slice(tina: Tina, tasks: Sequence[Task]) -> Weights:
    """The generic network's own rows of the tasks' classes, and by the same formula that of "something else"."""
    weights = slice_rows(tina.blueprint, dict(tina.generic.state_dict()), tina.names, tasks)
    named, mask = torch.zeros(2, *weights["head.bias"].shape, dtype=torch.bool, device=tina.device)
    for m, task in enumerate(tasks):
        mask[m, : len(task)] = True
        named[m, : len(task)] = torch.tensor([not is_something_else(label) for label in task])
    return weights if torch.equal(named, mask) else _filled(tina, weights, named, mask, _rows(weights))


def _filled(tina: Tina, weights: Weights, named: Tensor, mask: Tensor, near: Tensor) -> Weights:
    """The formula, for every class in `mask` (M x K) that is not `named`; `near` (M x K x (width + 1), biases last) are
    the generic network's rows of those that are."""
    rows = _rows(weights)
    row = _mean(rows, named) + AWAY * (_rows(dict(tina.generic.state_dict())).mean(0) - _mean(near, named))
    row[:, -1] += tina.threshold
    rows = torch.where((mask & ~named)[..., None], row[:, None], rows)
    return weights | {"head.weight": rows[..., :-1].contiguous(), "head.bias": rows[..., -1].contiguous()}


@torch.no_grad()
def measured(blueprint: Blueprint, generic: Weights, names: Sequence[str], world: World) -> float:
    """The threshold at which slices of the generic network keep as large a share of their own classes' pictures as they
    let go of the others'."""
    if len(names) <= min(WAYS):
        return THRESHOLD
    device = generic["head.bias"].device
    shown = [torch.tensor(example_pictures(world, name, PICTURES), device=device) for name in names]
    logits = torch.cat([blueprint.forward(generic, blueprint.scale(part)) for part in shown])
    own = torch.cat([torch.full((len(part),), i, device=device) for i, part in enumerate(shown)])
    rng, kept, others = np.random.default_rng(0), [], []
    for ways in (ways for ways in WAYS if ways < len(names)):
        for _ in range(TASKS):
            asked = torch.from_numpy(rng.permutation(len(names))[:ways].copy()).to(device)
            mean = logits[:, asked].mean(1)
            above = logits[:, asked].max(1).values - mean - AWAY * (logits.mean(1) - mean)
            inside = torch.isin(own, asked)
            kept.append(above[inside])
            others.append(above[~inside])
    return _between(torch.cat(others), torch.cat(kept))


def _between(low: Tensor, high: Tensor) -> float:
    """The number that as large a share of the low ones is below as of the high ones is above."""
    cuts = torch.cat([low, high]).quantile(torch.linspace(0, 1, 1001, device=low.device))
    below = torch.stack([(low < cut).float().mean() - (high >= cut).float().mean() for cut in cuts])
    return round(float(cuts[below.abs().argmin()]), 2)


def _rows(weights: Weights) -> Tensor:
    return torch.cat([weights["head.weight"], weights["head.bias"][..., None]], dim=-1)


def _mean(rows: Tensor, some: Tensor) -> Tensor:
    """M x K x C, M x K -> M x C."""
    real = some[..., None].to(rows.dtype)
    return (rows * real).sum(1) / real.sum(1).clamp(min=1)
