"""The same prompt from several seeds, side by side; the best one by example pictures, where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from markupsafe import Markup
from torch import Tensor

from tina.blueprints import Weights
from tina.prompts.prompt import Prompt
from tina.ui.charts import weights_view
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation, SamplingOptions
from tina.ui.templates import percent, render

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
    answers = [held_out.predictions(weights) for weights in stack] if held_out else [None] * count
    samples = [
        Sample(
            seed,
            weights_view.thumbnail(checkpoint.drawn(weights), checkpoint.scales),
            held_out.score(answered).accuracy if held_out else None,
            share,
        )
        for seed, weights, answered, share in zip(numbers, stack, answers, own, strict=True)
    ]
    return render(
        "seeds.html",
        samples=samples,
        usable=usable,
        lesson=lesson(weight_change(_written(checkpoint, stack)), answer_change(answers) if held_out else None),
        best=max(samples, key=lambda one: one.own).seed if with_pictures else None,
        correlation=correlation(checkpoint, stack),
        written="last layers" if checkpoint.blueprint.rows_by is None else "adapters",
    )


def weight_change(stack: Sequence[Weights]) -> float:
    """How far the other classifiers' weights are from the first one's, as a share of its length, on average."""
    whole = torch.stack([torch.cat([weight.flatten() for weight in weights.values()]) for weights in stack])
    return float(((whole[1:] - whole[0]).norm(dim=1) / whole[0].norm()).mean())


def _written(checkpoint: LoadedCheckpoint, stack: Sequence[Weights]) -> list[Weights]:
    """Without rows that are given."""
    if checkpoint.blueprint.rows_by is None:
        return list(stack)
    return [{name: weights[name] for name in checkpoint.blueprint.shapes} for weights in stack]


def answer_change(answers: Sequence[Tensor]) -> float:
    """The share of the pictures to which the others answer something else than the first, on average."""
    first, *others = answers
    return float(torch.stack([(one != first).float().mean() for one in others]).mean())


def lesson(weights: float, answers: float | None) -> str:
    """What the seed changes and what not, in one sentence."""
    changed = f"The seed changes the weights by {_share(weights)}"
    if answers is None:
        return f"{changed}; there are no pictures here to see what that does to the answers."
    same = "the answers by none" if answers == 0 else f"{_share(answers)} of the answers"
    if answers < 0.02 and weights < 0.1:
        return f"{changed}, and {same}: the prompt decides, not the noise that it starts from."
    if answers < 0.02:
        return f"{changed}, and {same}: there are many ways to write the same classifier."
    return f"{changed}, and {same}: here the noise that it starts from matters, so try several."


def _share(share: float) -> str:
    return percent(share, 0 if share >= 0.095 else 1)


def correlation(checkpoint: LoadedCheckpoint, stack: list[Weights]) -> str:
    """The mean correlation of the other classifiers' weights with the first one's; of adapters where rows are given."""
    names = ["head.weight"] if checkpoint.blueprint.rows_by is None else list(checkpoint.blueprint.shapes)
    rows = torch.stack([torch.cat([weights[name].flatten() for name in names]) for weights in stack])
    return f"{torch.corrcoef(rows)[0, 1:].mean():.3f}"
