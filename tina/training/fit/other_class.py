"""The threshold of "something else", measured with slices of the generic network on `zoo` pictures of seen classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.generator.closed_form.other_class import OtherClassSettings
from tina.training.zoo.prompt_sampler import example_pictures
from tina.worlds import World

PICTURES = 20  # of a class
TASKS = 100  # of each of so many classes
WAYS = (2, 5, 10)


@torch.no_grad()
def measure_other_class(
    blueprint: Blueprint, generic: Weights, names: Sequence[str], world: World
) -> OtherClassSettings:
    """With the threshold at which slices of the generic network keep as large a share of their own classes' pictures as
    they let go of the others'. With too few classes to measure it on, the default is taken."""
    settings = OtherClassSettings()
    if len(names) <= min(WAYS):
        return settings
    device = generic["head.bias"].device
    pictures = [torch.tensor(example_pictures(world, name, PICTURES), device=device) for name in names]
    logits = torch.cat([blueprint.forward(generic, blueprint.scale(part)) for part in pictures])  # (N, R)
    labels = torch.cat([torch.full((len(part),), i, device=device) for i, part in enumerate(pictures)])
    rng, own, others = np.random.default_rng(0), [], []
    for ways in (ways for ways in WAYS if ways < len(names)):
        for _ in range(TASKS):
            task = torch.from_numpy(rng.permutation(len(names))[:ways].copy()).to(device)
            mean = logits[:, task].mean(1)
            margin = logits[:, task].max(1).values - mean - settings.extrapolation * (logits.mean(1) - mean)
            inside = torch.isin(labels, task)
            own.append(margin[inside])
            others.append(margin[~inside])
    return OtherClassSettings(settings.extrapolation, _equal_error(torch.cat(others), torch.cat(own)))


def _equal_error(low: Tensor, high: Tensor) -> float:
    """The number that as large a share of the low ones is below as of the high ones is above."""
    cuts = torch.cat([low, high]).quantile(torch.linspace(0, 1, 1001, device=low.device))
    difference = torch.stack([(low < cut).float().mean() - (high >= cut).float().mean() for cut in cuts])
    return round(float(cuts[difference.abs().argmin()]), 2)
