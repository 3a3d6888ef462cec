"""What can be made of the zoo's classifiers without a generator: averages, copies, and a straight line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Weights
from tina.generator.normalise import centre
from tina.generator.tina import stack_prompts
from tina.research.judge.workbench import Workbench
from tina.training.fit.linear import ridge
from tina.worlds.task import Task

NOISE = 0.3  # of what a weight varies by over the zoo
HELD_OUT = 0.1  # of the zoo, to choose the ridge's strength by
RIDGES = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)  # in units of what is regressed on


def zoo_average(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    """Weight by weight, the rows as they stand in the zoo's classifiers of at least as many classes."""
    shared, classes, mask = bench.zoo_tokens
    ways = max(map(len, tasks))
    rows = (classes * mask[..., None]).sum(0) / mask.sum(0).clamp(min=1)[:, None]
    rows = F.pad(rows, (0, 0, 0, max(0, ways - len(rows))))
    shared, rows = (part.expand(len(tasks), -1, -1) for part in (shared.mean(0), rows[:ways]))
    return bench.weights(shared, rows, bench.vectors(tasks)[0])


def zoo_class_average(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    """The average kernels, and of each class the average of its own rows, wherever it stood."""
    shared, classes, mask = bench.zoo_tokens
    classes = centre(classes, mask)
    rows: dict[str, list[Tensor]] = {}
    for n, task in enumerate(bench.zoo.tasks):
        for k, label in enumerate(task):
            rows.setdefault(label, []).append(classes[n, k])
    means = {label: torch.stack(found).mean(0) for label, found in rows.items()}
    width = classes.shape[2]
    padded, _ = stack_prompts([torch.stack([means.get(label, torch.zeros(width)) for label in task]) for task in tasks])
    return bench.weights(shared.mean(0).expand(len(tasks), -1, -1), padded, bench.vectors(tasks)[0])


def zoo_nearest(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    """The zoo's classifier whose classes have the nearest names, each class with the nearest of its rows."""
    shared, classes, mask = bench.zoo_tokens
    vectors, _ = bench.vectors(tasks)
    known = bench.zoo_vectors
    chosen, rows = [], []
    for m, task in enumerate(tasks):
        cosines = torch.einsum("ke,nje->nkj", vectors[m, : len(task)], known).masked_fill(~mask[:, None], -2)
        best, at = cosines.max(2)  # N x K
        n = int(best.mean(1).argmax())
        chosen.append(n)
        rows.append(classes[n, at[n]])
    return bench.weights(shared[chosen], stack_prompts(rows)[0], vectors)


def zoo_noisy(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    """`zoo_nearest` with noise on its weights: what a generator that replays its zoo would write."""
    near = bench.tina.blueprint.to_tokens(zoo_nearest(bench, tasks))
    normaliser = bench.tina.closed_form.normaliser
    draw = torch.Generator().manual_seed(bench.seed)
    shared = near.shared + NOISE * normaliser.shared_scale * torch.randn(near.shared.shape, generator=draw)
    classes = near.classes + NOISE * normaliser.class_scale * torch.randn(near.classes.shape, generator=draw)
    return bench.weights(shared, classes, bench.vectors(tasks)[0])


def ridge_with(kind: str = "names", shots: int = 5) -> Callable[[Workbench, Sequence[Task]], Weights]:
    """Linear regression: from a class's vector to its row, from the mean of the vectors to the shared weights. It is
    fitted to vectors of the kind that it is asked with."""

    def write(bench: Workbench, tasks: Sequence[Task]) -> Weights:
        shared, classes, mask = bench.zoo_tokens
        classes = centre(classes, mask)
        known, _ = bench.vectors(bench.zoo.tasks, kind, shots)
        means = known.sum(1) / mask.sum(1, keepdim=True)
        split = round(len(shared) * (1 - HELD_OUT))
        flat = shared.flatten(1)
        row_of = _fitted(
            known[:split][mask[:split]],
            classes[:split][mask[:split]],
            known[split:][mask[split:]],
            classes[split:][mask[split:]],
        )
        shared_of = _fitted(means[:split], flat[:split], means[split:], flat[split:])
        vectors, real = bench.vectors(tasks, kind, shots)
        rows = row_of(vectors.flatten(0, 1)).unflatten(0, real.shape) * real[..., None]
        found = shared_of(vectors.sum(1) / real.sum(1, keepdim=True)).view(len(tasks), *shared.shape[1:])
        return bench.weights(found, rows, vectors)

    return write


def _fitted(x: Tensor, y: Tensor, x_held: Tensor, y_held: Tensor) -> Callable[[Tensor], Tensor]:
    """Fitted to (x, y), its strength chosen by (x_held, y_held)."""
    x_mean, y_mean = x.mean(0), y.mean(0)
    maps = [ridge(x, y, strength) for strength in RIDGES]
    errors = [((x_held - x_mean) @ m + y_mean - y_held).square().mean() for m in maps]
    best = maps[int(torch.stack(errors).argmin())]
    return lambda new: (new - x_mean) @ best + y_mean
