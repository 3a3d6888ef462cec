"""The zoo of one's own classes: classifiers of some of them each, fine-tuned on the frozen tower; and tasks made of it.

    kept, held_out = subsets(len(names), seed)      # what the zoo's classifiers tell apart, and what none of them does
    zoo = build(folder, names, kept, z, labels, rows, tina, ...)
    tasks = ZooTasks(sources, kept, added, seed)      # what the transformer is trained on

A classifier of the zoo begins at closed form's rows and goes on by logistic regression on all training pictures of its
classes. What the transformer is shown of a task comes from closed form that was fitted without the pictures it is
judged by, a third of them each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import TOWER_ROWS
from tina.generator.tower.logistic import fit_rows
from tina.generator.tower.settings import TowerSettings
from tina.training import processes
from tina.training.tower.data import TaskSource
from tina.training.tower.tasks import COUNT_SHARES, COUNTS, NAMED, Batch, TaskSampler, stack
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import FEWEST, MOST
from tina.worlds.task import plain_task

Subset = tuple[int, ...]  # numbers of classes, rising
LARGEST_ZOO, OF_A_CLASS = 128, 8  # classifiers: at most, and for each class
MOST_SUBSETS = 4096  # that are counted out; of more, some are drawn
HELD_OUT = 40
ZOO_PICTURES = 1_500  # that a classifier of the zoo learns from: of more, as many of each class
SHARD = 8


def subsets(classes: int, seed: int) -> tuple[list[Subset], list[Subset]]:
    """What the zoo's classifiers tell apart, and other sets of classes: half of what there is at most.

    Args:
        classes: C.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    sizes = range(FEWEST, min(MOST, classes) + 1)
    if sum(comb(classes, k) for k in sizes) <= MOST_SUBSETS:
        every = [one for k in sizes for one in combinations(range(classes), k)]
        found = [every[i] for i in rng.permutation(len(every))]
    else:
        drawn = (rng.permutation(classes)[: int(rng.choice(list(sizes)))] for _ in range(2 * LARGEST_ZOO))
        found = list(dict.fromkeys(tuple(sorted(int(k) for k in one)) for one in drawn))
    kept = min(LARGEST_ZOO, OF_A_CLASS * classes, max(1, len(found) // 2))
    return found[:kept], found[kept : kept + HELD_OUT]


def zoo_rows(subset: Subset, z: Tensor, labels: Tensor, rows: Tensor, settings: TowerSettings) -> tuple[Tensor, Tensor]:
    """A classifier of the zoo: its centre (F,) and unit rows (K, F).

    Args:
        subset: its classes.
        z: (N, F), of all training pictures.
        labels: (N,).
        rows: (C, F), where it begins.
        settings: of the regression.
    """
    most = max(2, ZOO_PICTURES // len(subset))
    at = [(labels == k).nonzero()[:most, 0] for k in subset]
    centre = settings.centring * torch.stack([z[of].mean(0) for of in at]).mean(0)
    longest = max(map(len, at))
    pictures, shown = z.new_zeros(1, len(at), longest, z.shape[1]), torch.zeros(1, len(at), longest, dtype=torch.bool)
    for k, of in enumerate(at):
        pictures[0, k, : len(of)], shown[0, k, : len(of)] = F.normalize(z[of] - centre, dim=1), True
    how = settings
    fitted = fit_rows(
        begun(rows, subset)[None], pictures, shown, shown.any(2), how.heat, how.decay, how.rate, how.rounds
    )
    return centre, F.normalize(fitted[0], dim=1)


def build(
    folder: Path,
    names: Sequence[str],
    kept: Sequence[Subset],
    one: Callable[[Subset], tuple[Tensor, Tensor]],
    heat: float,
    tower: str,
    about: dict[str, str | int],
    tell: Callable[[int], None],
) -> Zoo:
    """The zoo on disk, or what is missing of it.

    Args:
        folder: of the zoo.
        names: of all classes.
        kept: what its classifiers tell apart.
        one: makes a classifier.
        heat: of the rows as they are saved.
        tower: its id.
        about: what else says which zoo it is; of another one nothing is taken over.
        tell: is told how many more are done.
    """
    tasks = [plain_task([names[k] for k in subset]) for subset in kept]
    blueprint = f"{TOWER_ROWS}:{tower}"
    zoo = (
        Zoo.plan(folder, tasks, SHARD, names=list(names), blueprint=blueprint, **about) if processes.is_main() else None
    )
    processes.wait()
    zoo = zoo or Zoo(folder)
    for number in (n for n in zoo.missing if n % processes.count() == processes.rank()):
        made = []
        for n in zoo.shards[number]:
            made.append(one(kept[n]))
            tell(1)
        ways, width = max(len(rows) for _, rows in made), made[0][0].shape[0]
        head = torch.zeros(len(made), ways, 2 * width)
        for i, (_, rows) in enumerate(made):
            head[i, : len(rows), :width] = heat * rows
        centres = torch.stack([centre for centre, _ in made])
        zoo.save(number, {"centre.weight": centres, "head.weight": head, "head.bias": torch.zeros(len(made), ways)})
    processes.wait()
    return zoo


def rows_of(zoo: Zoo) -> list[Tensor]:
    """Unit rows (K, F) of each of a zoo's classifiers."""
    head = zoo.weights()["head.weight"].float()
    width = head.shape[2] // 2
    return [F.normalize(head[i, : len(task), :width], dim=1) for i, task in enumerate(zoo.tasks)]


def begun(rows: Tensor, subset: Subset) -> Tensor:
    """(K, F): closed form's rows of some classes, as a prompt of them gets them."""
    some = rows[list(subset)]
    return F.normalize(some - some.mean(0), dim=1)


class ZooTasks(TaskSampler):
    """Draws tasks of a zoo: by name, with pictures shown, or both; what its classifiers added is what is aimed at."""

    def __init__(
        self,
        sources: Sequence[TaskSource],
        kept: Sequence[Subset],
        added: Sequence[Tensor],
        seed: int,
        together: int = 6,
    ):
        """
        Args:
            sources: the folds.
            kept: what the zoo's classifiers tell apart.
            added: by each of them to closed form's rows, (K, F), in the order of its classes.
            seed: of all that is drawn.
            together: M.
        """
        super().__init__(sources, [1.0] * len(sources), seed, together)
        self.kept, self.added = list(kept), list(added)
        self._can = {count: [i for i in range(len(self.kept)) if self._takes(i, count)] for count in COUNTS}
        self.possible = bool(self._can[0])  # whether there are pictures enough for any task

    def _takes(self, number: int, count: int) -> bool:
        return all(set(self.kept[number]) <= set(self._eligible(i, count)) for i in range(len(self.sources)))

    def batch(self) -> Batch:
        """M tasks of as many classes each."""
        draw = self.draw
        count = int(draw.choice(COUNTS, p=COUNT_SHARES))
        count = max(c for c in COUNTS if c <= count and self._can[c])
        named = count == 0 or draw.random() < NAMED
        can = self._can[count]
        first = int(draw.choice(can))
        alike = [i for i in can if len(self.kept[i]) == len(self.kept[first])]
        tasks, added = [], []
        for number in draw.choice(alike, self.together):
            order = draw.permutation(len(self.kept[number]))
            classes = [self.kept[number][k] for k in order]
            fold = int(draw.integers(len(self.sources)))
            task = self._task(fold, classes, count, named)
            tasks.append(task)
            added.append(self.added[number][torch.from_numpy(order)])
        return replace(stack(tasks), difference=torch.stack(added))
