"""Where fine-tuning had better begin: at generated weights, at the generic network, or at nothing.

Of seen classes there are all training pictures. Of unseen ones there are a few and no more: Tina's prompt is made of
them, the fine-tuning learns from them, and a row that the generic network does not have begins with zeros. All begin
with the same schedule, the same pictures in the same order, and are scored after a few steps on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from tina.blueprints import Weights
from tina.blueprints.slicing import slice_rows
from tina.generator.tina import stack_prompts
from tina.research.judge.by_tina import tina_with
from tina.research.judge.intervals import summarise
from tina.research.judge.splits import tasks_of
from tina.research.judge.table import class_accuracies
from tina.research.judge.workbench import Workbench
from tina.training.schedule import TrainSchedule
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import train_many
from tina.worlds import World
from tina.worlds.task import Task, members

MARKS = (0, 1, 3, 10, 30, 60, 100, 300)  # steps after which they are scored
SCHEDULE = TrainSchedule(MARKS[-1], batch=32, rate=3e-3)
SHOTS = (1, 5, 16)
TASKS = 24

Start = Callable[[Workbench, World, Sequence[Task]], Weights]


class Few(World):
    """A world of which only the first few `zoo` pictures of a class may be learnt from."""

    def __init__(self, world: World, shots: int):
        self.world, self.shots = world, shots
        self.id, self.title, self.licence, self.size = world.id, world.title, world.licence, world.size
        super().__init__(world.things.values(), world.unseen)

    def counts(self) -> dict[str, int]:
        return {split: sum(len(self.pictures(split, name)) for name in self.names) for split in self.world.counts()}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        found = self.world.pictures(split, name, count)
        return found if split == "test" else found[: self.shots if split == "zoo" else 0]


def from_names(bench: Workbench, world: World, tasks: Sequence[Task]) -> Weights:
    """What Tina writes for names."""
    return tina_with()(bench, tasks)


def from_pictures(bench: Workbench, world: World, tasks: Sequence[Task], with_names: bool = False) -> Weights:
    """What Tina writes for all pictures that may be learnt from, with the classes' names beside them or without."""
    encoder, vectors = bench.tina.encoder, {}
    for name in members(tasks):
        pictures = encoder.encode_images(list(world.pictures("zoo", name)))
        texts = encoder.encode_texts_cached([name])
        vectors[name] = encoder.combine(texts, pictures) if with_names else encoder.combine(pictures, pictures[:0])
    prompts, mask = stack_prompts([torch.stack([vectors[name] for name in task]) for task in tasks])
    return bench.tina.write(prompts, mask, [bench.seed + m for m in range(len(tasks))], mask.float())


def generic(bench: Workbench, world: World, tasks: Sequence[Task]) -> Weights:
    return slice_rows(bench.tina.blueprint, bench.generic, bench.tina.names, tasks)


def from_nothing(bench: Workbench, world: World, tasks: Sequence[Task]) -> Weights:
    names = members(tasks)
    init = bench.tina.blueprint.init(len(names), torch.Generator().manual_seed(bench.seed))
    return slice_rows(bench.tina.blueprint, init, names, tasks)


def starts_curve(bench: Workbench, count: int = TASKS) -> list[dict]:
    others = {"generic": generic, "nothing": from_nothing}
    tasks = tasks_of("ood", bench.world, bench.zoo_tasks, count)
    rows = _rows("seen", bench, bench.world, tasks, {"tina": from_names} | others)
    tasks = tasks_of("unseen", bench.world, bench.zoo_tasks, count)
    both = partial(from_pictures, with_names=True)
    starts = {"tina": from_names, "tina, pictures": from_pictures, "tina, name and pictures": both} | others
    for shots in SHOTS:
        pictures = f"{shots} picture{'s' if shots > 1 else ''}"
        rows += _rows(f"unseen, {pictures}", bench, Few(bench.world, shots), tasks, starts)
    return rows


def _rows(setting: str, bench: Workbench, world: World, tasks: Sequence[Task], starts: dict[str, Start]) -> list[dict]:
    rows = []
    for name, start in starts.items():
        for step, found in _watched(bench, world, tasks, start(bench, world, tasks)).items():
            rows.append({"setting": setting, "method": name, "steps": step, **summarise(found)})
    return rows


def _watched(bench: Workbench, world: World, tasks: Sequence[Task], start: Weights) -> dict[int, list[float]]:
    """Each task's accuracy at every mark."""
    whole = bench.tina.blueprint
    blueprint, bank = finetuning_data(whole, world, members(tasks), bench.tina.device)
    found = {}

    def look(step: int, weights: Weights) -> None:
        if step in MARKS:
            still = {name: weight.detach() for name, weight in weights.items()}
            found[step] = class_accuracies(whole, still, world, tasks).nanmean(1).tolist()

    look(0, start)
    train_many(blueprint, start, tasks, bank, SCHEDULE, bench.seed, look)
    return found
