"""The tasks a table is made of.

id       class sets of the zoo: the generator was trained on classifiers for exactly these
ood      new sets of the same seen classes, drawn the same way
unseen   sets of classes that nothing has ever been trained on
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tina.errors import UserError
from tina.worlds import World
from tina.zoo.tasks import Task, draw_task, seen_families

SPLITS = ("id", "ood", "unseen")
SEED = 20_000  # of the new sets; zoos are drawn with small seeds
TRIES = 50  # draws for each new set, before there are taken to be no more


def tasks_of(split: str, world: World, zoo_tasks: Sequence[Task], count: int, ways: int = 10) -> list[Task]:
    """The same ones at every call, no new one twice; fewer than asked for where there are no more."""
    if split == "id":
        found = [task for task in zoo_tasks if len(task) == ways][:count]
        if not found:
            raise UserError(f"The zoo has no class set of {ways} classes.")
        return found
    if split not in SPLITS:
        raise UserError(f"There is no split {split!r}: it is one of {', '.join(SPLITS)}.")
    rng = np.random.default_rng(SEED + SPLITS.index(split))
    names, families = (world.unseen, {}) if split == "unseen" else (world.seen, seen_families(world))
    if len(names) < ways:
        raise UserError(f"{world.title} has only {len(names)} such classes, which makes no task of {ways}.")
    known = {frozenset(task) for task in zoo_tasks}
    found: list[Task] = []
    for _ in range(TRIES * count):
        task = draw_task(names, families, rng, ways)
        if frozenset(task) not in known:
            known.add(frozenset(task))
            found.append(task)
        if len(found) == count:
            break
    if not found:
        raise UserError(f"The zoo has every set of {ways} classes of {world.title}: there is no new one.")
    return found
