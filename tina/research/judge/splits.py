"""The tasks a table is made of.

id       class sets of the zoo: the generator was trained on classifiers for exactly these
ood      new sets of the same seen classes, drawn the same way
unseen   sets of classes that nothing has ever been trained on
mixed    half of the classes seen, half unseen
broad    families ("fruit") beside single seen classes; the prompt has the family's name or its seen members, and the
         pictures are of those of its members that nothing has ever been trained on
else     half as many seen classes, and "something else"; its pictures are of other classes, half of them seen and half
         unseen, five of each a task

A rehearsal (tina/worlds/rehearsal.py) has none of the last four: in their place, `unseen-val`, `mixed-val`, `broad-val`
and `else-val` are made of seen classes that it leaves out. Settings are chosen on these, and never on the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tina.errors import UserError
from tina.prompts.something_else import SOMETHING_ELSE
from tina.training.zoo.tasks import draw_task, seen_families
from tina.worlds import Rehearsal, World
from tina.worlds.task import Task, plain_task

SPLITS = ("id", "ood", "unseen", "mixed", "broad", "unseen-val", "mixed-val", "broad-val", "else", "else-val")
PARTED = {  # tasks with classes of two kinds, and their columns: over either, and the harmonic mean of the two
    "mixed": ("seen", "unseen", "harmonic"),
    "broad": ("seen", "unseen", "harmonic"),
    "else": ("named", "others", "harmonic"),
}
TITLES = {
    "id": "Class sets of the zoo",
    "ood": "New class sets",
    "unseen": "Classes nothing was ever trained on",
    "mixed": "Half of the classes never trained on",
    "broad": "Broad classes, tried on members never trained on",
    "unseen-val": "Rehearsal: classes left out",
    "mixed-val": "Rehearsal: half of the classes left out",
    "broad-val": "Rehearsal: broad classes, tried on members left out",
    "else": "Seen classes and something else",
    "else-val": "Rehearsal: classes and something else",
}
COLUMNS = [column for s in SPLITS for column in (s, *(f"{s} {p}" for p in PARTED.get(s.removesuffix("-val"), ())))]
OTHERS = 5  # classes of either kind whose pictures "something else" is tested on
SEED = 20_000  # of the new sets; zoos are drawn with small seeds
TRIES = 50  # draws for each new set, before there are taken to be no more


def kind_of(split: str) -> str:
    """unseen-val -> unseen: how its tasks are drawn."""
    return split.removesuffix("-val")


def splits_of(world: World) -> list[str]:
    """Those that a world has classes for."""
    rehearsed = isinstance(world, Rehearsal)
    found = [split for split in SPLITS if split in ("id", "ood") or split.endswith("-val") == rehearsed]
    missing = dict.fromkeys(("unseen", "mixed", "else"), not world.unseen) | {"broad": not _broad_families(world)}
    return [split for split in found if not missing.get(kind_of(split))]


def tasks_of(split: str, world: World, zoo_tasks: Sequence[Task], count: int, ways: int = 10) -> list[Task]:
    """The same ones at every call, no new one twice; fewer than asked for where there are no more."""
    if split not in SPLITS:
        raise UserError(f"There is no split {split!r}: it is one of {', '.join(SPLITS)}.")
    if split not in splits_of(world):
        raise UserError(f"{world.title} has no split {split!r}: it has {', '.join(splits_of(world))}.")
    if split == "id":
        found = [task for task in zoo_tasks if len(task) == ways][:count]
        if not found:
            raise UserError(f"The zoo has no class set of {ways} classes.")
        return found
    rng = np.random.default_rng(SEED + SPLITS.index(split))
    _check(split, world, ways)
    known = {frozenset(task) for task in zoo_tasks}
    found: list[Task] = []
    for _ in range(TRIES * count):
        task = _drawn(kind_of(split), world, rng, ways)
        if task and frozenset(task) not in known:
            known.add(frozenset(task))
            found.append(task)
        if len(found) == count:
            break
    if not found:
        raise UserError(f"The zoo has every set of {ways} classes of {world.title}: there is no new one.")
    return found


def scored_classes(split: str, world: World, tasks: Sequence[Task]) -> list[Task]:
    """The classes whose pictures each label is tested on: its own; under `broad`, a family's unseen members; and for
    "something else" a few of the other seen classes and as many unseen ones."""
    if kind_of(split) == "else":
        return [task | {SOMETHING_ELSE: _others(world, task, seed)} for seed, task in enumerate(tasks)]
    if kind_of(split) != "broad":
        return list(tasks)
    families = _broad_families(world)
    return [{label: families.get(label, members) for label, members in task.items()} for task in tasks]


def unseen_in(world: World, tested: Sequence[Task]) -> Tensor:
    """M x K, True where the pictures are of unseen classes, or of any that were not named."""
    mask = torch.zeros(len(tested), max(map(len, tested)), dtype=torch.bool)
    unseen = set(world.unseen)
    for m, task in enumerate(tested):
        mask[m, : len(task)] = torch.tensor(
            [label == SOMETHING_ELSE or unseen.issuperset(members) for label, members in task.items()]
        )
    return mask


def _others(world: World, task: Task, seed: int) -> tuple[str, ...]:
    """Classes that a task does not name, seen and unseen in turn."""
    rng, named = np.random.default_rng(seed), set(task)
    kinds = ([name for name in names if name not in named] for names in (world.seen, world.unseen))
    seen, unseen = (rng.permutation(names).tolist()[:OTHERS] for names in kinds)
    return tuple(name for pair in zip(seen, unseen, strict=False) for name in pair)


def _broad_families(world: World) -> dict[str, tuple[str, ...]]:
    """Families that are trained as broad classes and have unseen members: these members."""
    unseen = set(world.unseen)
    found = {family: tuple(n for n in world.families[family] if n in unseen) for family in seen_families(world)}
    return {family: members for family, members in found.items() if members}


def _check(split: str, world: World, ways: int) -> None:
    """That there are classes enough of every kind that the split wants."""
    wanted = {"ood": (ways, 0), "unseen": (0, ways), "mixed": (ways - ways // 2, ways // 2), "broad": (ways - 1, 0)}
    wanted["else"] = (ways // 2 + 1, 1)
    for names, least in zip((world.seen, world.unseen), wanted[kind_of(split)], strict=True):
        if len(names) < least:
            raise UserError(f"{world.title} has only {len(names)} such classes, which makes no task of {ways}.")


def _drawn(kind: str, world: World, rng: np.random.Generator, ways: int) -> Task | None:
    if kind == "unseen":
        return draw_task(world.unseen, {}, rng, ways)
    if kind == "mixed":
        chosen = [*rng.permutation(world.seen)[: ways - ways // 2], *rng.permutation(world.unseen)[: ways // 2]]
        return plain_task([str(name) for name in rng.permutation(chosen)])
    if kind == "else":
        named = [str(name) for name in rng.permutation(world.seen)]
        count = ways // 2
        return plain_task(named[:count]) | {SOMETHING_ELSE: tuple(named[count:])}
    families = seen_families(world)
    if kind == "ood":
        return draw_task(world.seen, families, rng, ways)
    broad = _broad_families(world)
    task = draw_task(world.seen, {family: families[family] for family in broad}, rng, ways, "broad")
    members = [name for label in task if label in broad for name in broad[label]]
    return task if members and len(set(members)) == len(members) else None  # nothing stands for two of its classes
