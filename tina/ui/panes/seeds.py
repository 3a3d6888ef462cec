"""The same prompt from several seeds, side by side; the best one by example pictures, where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from markupsafe import Markup

from tina.blueprints import Weights
from tina.prompts.prompt import Prompt
from tina.ui.charts import weights_view
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation, SamplingOptions
from tina.ui.templates import render

SEEDS = 6


@dataclass(frozen=True)
class Sample:
    """The classifier of one seed."""

    seed: int
    picture: Markup
    accuracy: float | None  # on held-out pictures
    own: float | None  # probability of the right class on the visitor's pictures, each by classifiers without it


def seeds(checkpoint: LoadedCheckpoint, generation: Generation) -> Markup:
    """A generation's seed and the next ones, each with a button that makes it the visitor's."""
    options = generation.options
    numbers = [options.seed + i for i in range(SEEDS)]
    return side_by_side(checkpoint, generation.prompt, numbers, options, usable=True)


def side_by_side(
    checkpoint: LoadedCheckpoint, prompt: Prompt, numbers: Sequence[int], options: SamplingOptions, usable: bool = False
) -> Markup:
    """The classifiers of several seeds as thumbnails, with their accuracies and how much their weights correlate."""
    held_out, count = checkpoint.held_out(prompt.labels), len(numbers)
    stack = checkpoint.write_seeds(prompt, numbers, options)
    with_pictures = any(one.pictures for one in prompt.classes)
    own = checkpoint.leave_one_out(prompt, numbers, options).tolist() if with_pictures else [None] * count
    samples = [
        Sample(
            seed,
            weights_view.thumbnail(checkpoint.drawn(weights), checkpoint.scales),
            held_out.score_weights(weights).accuracy if held_out else None,
            share,
        )
        for seed, weights, share in zip(numbers, stack, own, strict=True)
    ]
    return render(
        "seeds.html",
        samples=samples,
        usable=usable,
        best=max(samples, key=lambda one: one.own).seed if with_pictures else None,
        correlation=correlation(checkpoint, stack),
        written="last layers" if checkpoint.blueprint.rows_by is None else "adapters",
    )


def correlation(checkpoint: LoadedCheckpoint, stack: list[Weights]) -> str:
    """The mean correlation of the other classifiers' weights with the first one's; of adapters where rows are given."""
    names = ["head.weight"] if checkpoint.blueprint.rows_by is None else list(checkpoint.blueprint.shapes)
    rows = torch.stack([torch.cat([weights[name].flatten() for name in names]) for weights in stack])
    return f"{torch.corrcoef(rows)[0, 1:].mean():.3f}"
