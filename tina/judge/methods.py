"""The rivals: every way of getting a classifier for a task, each a function from tasks to a stack of weights.

All get the same prompts (the classes' names) and are scored on the same pictures. What needs fine-tuned classifiers
(the zoo's, or one made for the task) says so in its sentence of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Tokens, Weights
from tina.errors import UserError
from tina.generator.normalise import centre
from tina.generator.tina import Tina, stack
from tina.worlds import World
from tina.zoo.bank import to_tune_on
from tina.zoo.finetune import Schedule, sliced, train_many
from tina.zoo.store import Zoo
from tina.zoo.tasks import Task, seen_families
from tina.zoo.wordings import Wordings

TUNING = Schedule(steps=2000, batch=32, rate=1e-2)  # longer gains next to nothing
NOISE = 0.3  # of what a weight varies by over the zoo
HELD_OUT = 0.1  # of the zoo, to choose the ridge's strength by
RIDGES = (0.01, 0.1, 1.0, 10.0, 100.0)


@dataclass
class Bench:
    """What the rivals work with."""

    tina: Tina
    world: World
    zoo: Zoo | None  # its weights are needed by some
    seed: int = 0

    @cached_property
    def wordings(self) -> Wordings:
        return Wordings(self.world, self.tina.encoder, seen_families(self.world), self.world.names)

    def vectors(self, tasks: Sequence[Task], kind: str = "names", shots: int = 5) -> tuple[Tensor, Tensor]:
        """M x K x E and M x K, True for a class. Names are always the same; of other kinds one is drawn a class."""
        draw = None if kind == "names" else torch.Generator().manual_seed(self.seed)
        vectors = self.wordings.draw(tasks, kind, draw, shots)
        _, mask = stack([vectors[m, : len(task)] for m, task in enumerate(tasks)])
        return vectors, mask

    @property
    def generic(self) -> Weights:
        return dict(self.tina.generic.state_dict())

    @cached_property
    def zoo_tokens(self) -> tuple[Tensor, Tensor, Tensor]:
        if self.zoo is None:
            raise UserError("This method needs the zoo's weights: say --zoo FOLDER (python -m tina recipe builds one).")
        return self.zoo.tokens(self.tina.blueprint)

    @cached_property
    def zoo_vectors(self) -> Tensor:
        """N x K x E: what the zoo's classes are called."""
        return self.wordings.draw(self.zoo.tasks, "names")

    def weights(self, shared: Tensor, classes: Tensor) -> Weights:
        return self.tina.blueprint.from_tokens(Tokens(shared, classes))


def slice_generic(bench: Bench, tasks: Sequence[Task]) -> Weights:
    return sliced(bench.tina.blueprint, bench.generic, bench.tina.names, tasks)


def nearest_row(bench: Bench, tasks: Sequence[Task]) -> Weights:
    """The generic network, each class with the row of the seen class whose name is nearest."""
    vectors, _ = bench.vectors(tasks)
    rows = bench.wordings.draw([{name: (name,)} for name in bench.tina.names], "names")[:, 0]
    nearest = (vectors @ rows.T).argmax(2)
    found = [
        {label: (bench.tina.names[nearest[m, k]],) for k, label in enumerate(task)} for m, task in enumerate(tasks)
    ]
    return slice_generic(bench, found)


def zoo_average(bench: Bench, tasks: Sequence[Task]) -> Weights:
    """Weight by weight, the rows as they stand in the zoo's classifiers of at least as many classes."""
    shared, classes, mask = bench.zoo_tokens
    ways = max(map(len, tasks))
    rows = (classes * mask[..., None]).sum(0) / mask.sum(0).clamp(min=1)[:, None]
    rows = F.pad(rows, (0, 0, 0, max(0, ways - len(rows))))
    return bench.weights(shared.mean(0).expand(len(tasks), -1, -1), rows[:ways].expand(len(tasks), -1, -1))


def zoo_class_average(bench: Bench, tasks: Sequence[Task]) -> Weights:
    """The average kernels, and of each class the average of its own rows, wherever it stood."""
    shared, classes, mask = bench.zoo_tokens
    classes = centre(classes, mask)
    rows: dict[str, list[Tensor]] = {}
    for n, task in enumerate(bench.zoo.tasks):
        for k, label in enumerate(task):
            rows.setdefault(label, []).append(classes[n, k])
    means = {label: torch.stack(found).mean(0) for label, found in rows.items()}
    width = classes.shape[2]
    padded, _ = stack([torch.stack([means.get(label, torch.zeros(width)) for label in task]) for task in tasks])
    return bench.weights(shared.mean(0).expand(len(tasks), -1, -1), padded)


def zoo_nearest(bench: Bench, tasks: Sequence[Task]) -> Weights:
    """The zoo's classifier whose classes are called most alike, each class with the likest of its rows."""
    shared, classes, mask = bench.zoo_tokens
    vectors, _ = bench.vectors(tasks)
    known = bench.zoo_vectors
    chosen, rows = [], []
    for m, task in enumerate(tasks):
        alike = torch.einsum("ke,nje->nkj", vectors[m, : len(task)], known).masked_fill(~mask[:, None], -2)
        best, at = alike.max(2)  # N x K
        n = int(best.mean(1).argmax())
        chosen.append(n)
        rows.append(classes[n, at[n]])
    return bench.weights(shared[chosen], stack(rows)[0])


def zoo_noisy(bench: Bench, tasks: Sequence[Task]) -> Weights:
    """`zoo_nearest` with noise on its weights: what a generator that replays its zoo would write."""
    near = bench.tina.blueprint.to_tokens(zoo_nearest(bench, tasks))
    normaliser = bench.tina.normaliser
    draw = torch.Generator().manual_seed(bench.seed)
    shared = near.shared + NOISE * normaliser.shared_scale * torch.randn(near.shared.shape, generator=draw)
    classes = near.classes + NOISE * normaliser.class_scale * torch.randn(near.classes.shape, generator=draw)
    return bench.weights(shared, classes)


def ridge(bench: Bench, tasks: Sequence[Task]) -> Weights:
    """Linear regression: from a class's vector to its row, from the mean of the vectors to the shared weights."""
    shared, classes, mask = bench.zoo_tokens
    known, classes = bench.zoo_vectors, centre(classes, mask)
    means = known.sum(1) / mask.sum(1, keepdim=True)
    split = round(len(shared) * (1 - HELD_OUT))
    flat = shared.flatten(1)
    row_of = _ridge(
        known[:split][mask[:split]],
        classes[:split][mask[:split]],
        known[split:][mask[split:]],
        classes[split:][mask[split:]],
    )
    shared_of = _ridge(means[:split], flat[:split], means[split:], flat[split:])
    vectors, real = bench.vectors(tasks)
    rows = row_of(vectors.flatten(0, 1)).unflatten(0, real.shape) * real[..., None]
    found = shared_of(vectors.sum(1) / real.sum(1, keepdim=True)).view(len(tasks), *shared.shape[1:])
    return bench.weights(found, rows)


def _ridge(x: Tensor, y: Tensor, x_held: Tensor, y_held: Tensor) -> Callable[[Tensor], Tensor]:
    """Fitted to (x, y), its strength chosen by (x_held, y_held)."""
    x_mean, y_mean = x.mean(0), y.mean(0)
    gram, cross = (x - x_mean).T @ (x - x_mean), (x - x_mean).T @ (y - y_mean)
    maps = [torch.linalg.solve(gram + strength * torch.eye(len(gram)), cross) for strength in RIDGES]
    errors = [((x_held - x_mean) @ m + y_mean - y_held).square().mean() for m in maps]
    best = maps[int(torch.stack(errors).argmin())]
    return lambda new: (new - x_mean) @ best + y_mean


def tuned(bench: Bench, tasks: Sequence[Task], schedule: Schedule = TUNING, together: int = 8) -> Weights:
    """Really fine-tuned for the task, from the generic network: the upper bound. Unseen classes start with rows of
    zeros and learn from their own training pictures, which nothing else here may look at."""
    seen = set(bench.tina.names)
    labels = sorted({name for task in tasks for names in task.values() for name in names})
    blueprint, bank = to_tune_on(bench.tina.blueprint, bench.world, labels, bench.tina.device)
    parts = []
    for at in range(0, len(tasks), together):
        part = list(tasks[at : at + together])
        if all(name in seen for task in part for names in task.values() for name in names):
            start = sliced(blueprint, bench.generic, bench.tina.names, part)
        else:
            start = sliced(
                blueprint, bench.generic, bench.tina.names, [dict.fromkeys(t, (bench.tina.names[0],)) for t in part]
            )
            start |= {name: torch.zeros_like(start[name]) for name in ("head.weight", "head.bias")}
        parts.append(train_many(blueprint, start, part, bank, schedule, seed=bench.seed + at))
    ways = max(map(len, tasks))
    for part in parts:
        for name in ("head.weight", "head.bias"):
            missing = ways - part[name].shape[1]
            part[name] = F.pad(part[name], (0, 0, 0, missing) if part[name].ndim == 3 else (0, missing))
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def tina_with(**how) -> Callable[[Bench, Sequence[Task]], Weights]:
    """Tina, asked in one kind of words and with one way of sampling."""
    words = {key: how.pop(key) for key in ("kind", "shots") if key in how}

    def write(bench: Bench, tasks: Sequence[Task]) -> Weights:
        vectors, mask = bench.vectors(tasks, **words)
        return bench.tina.write(vectors, mask, [bench.seed + m for m in range(len(tasks))], **how)

    return write


@dataclass(frozen=True)
class Method:
    says: str
    make: Callable[[Bench, Sequence[Task]], Weights]
    splits: tuple[str, ...] = ("id", "ood", "unseen")
    zoo: bool = False  # whether the zoo's weights are needed


SEEN = ("id", "ood")
METHODS: dict[str, Method] = {
    "slice": Method("the generic network, its rows sliced", slice_generic, SEEN),
    "nearest row": Method("the generic network, the row of the nearest seen name", nearest_row),
    "zoo average": Method("all zoo classifiers averaged, weight by weight", zoo_average, zoo=True),
    "zoo class average": Method("average kernels, each class's average row", zoo_class_average, SEEN, zoo=True),
    "zoo nearest": Method("the zoo classifier with the nearest names", zoo_nearest, zoo=True),
    "zoo noisy": Method("the same with noise on its weights", zoo_noisy, zoo=True),
    "ridge": Method("ridge regression from prompt vectors to weights", ridge, zoo=True),
    "tina 1 step": Method("Tina, 1 step", tina_with(steps=1)),
    "tina 2 steps": Method("Tina, 2 steps", tina_with(steps=2)),
    "tina 5 steps": Method("Tina, 5 steps", tina_with(steps=5)),
    "tina": Method("Tina, 10 steps (the default)", tina_with()),
    "tina 50 steps": Method("Tina, 50 steps", tina_with(steps=50)),
    "tina hot": Method("Tina, 10 steps from noise of temperature 1", tina_with(temperature=1.0)),
    "tina ddpm 1000": Method(
        "Tina, DDPM: 1000 steps, temperature 1", tina_with(steps=1000, sampler="ddpm", temperature=1.0)
    ),
    "tina synonyms": Method("Tina, asked with a synonym", tina_with(kind="synonyms")),
    "tina descriptions": Method("Tina, asked with a description", tina_with(kind="descriptions")),
    "tina 5 pictures": Method("Tina, shown 5 pictures a class", tina_with(kind="pictures", shots=5)),
    "tina name + 5 pictures": Method("Tina, name and 5 pictures", tina_with(kind="both", shots=5)),
    "tuned": Method("really fine-tuned for the task, 2,000 steps", tuned),
}
