"""What a classifier of the zoo is to tell apart: a few classes of a world, some of them broad.

    rng = np.random.default_rng(0)
    draw_task(world.seen, families, rng)          # {"apple": ("apple",), "fruit": ("pear", "cherry", ...), ...}

A task has one of three kinds, because what a classifier of one's own is worth depends on it: classes at random, classes
of a few families (look-alikes, which the generic network confuses), and classes some of which are whole families.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tina.errors import UserError
from tina.worlds import World
from tina.worlds.task import Task, plain_task

FEWEST, MOST = 2, 16
DEFAULT_WAYS = 10  # a fourth of all tasks have this many classes, and the rest any number: tables are made of ten
KINDS = ("random", "look-alikes", "broad")
SHARES = (0.5, 0.25, 0.25)


def seen_families(world: World) -> dict[str, list[str]]:
    """The families with three seen members or more, and these members: what a broad class may be trained as.

    One that is called like a class ("lamp" among the photos) is none: its name means the class.
    """
    seen = set(world.seen)
    found = {family: [name for name in names if name in seen] for family, names in world.families.items()}
    return {family: names for family, names in found.items() if len(names) >= 3 and family not in world.things}


def draw_task(
    names: Sequence[str],
    families: Mapping[str, Sequence[str]],
    rng: np.random.Generator,
    ways: int | None = None,
    kind: str | None = None,
) -> Task:
    """A random task over `names`, of `ways` classes (by default any number from 2 to 16) and of any kind."""
    if len(names) < 2:
        raise UserError("A task needs at least two classes to choose from.")
    if ways is None:
        ways = DEFAULT_WAYS if rng.random() < 0.25 else int(rng.integers(FEWEST, MOST + 1))
    ways = min(ways, len(names))
    kind = kind or str(rng.choice(KINDS, p=SHARES))
    if kind == "broad" and families:
        return _broad(names, families, rng, ways)
    if kind == "look-alikes" and families:
        return plain_task(_look_alikes(names, families, rng, ways))
    return plain_task([str(name) for name in rng.permutation(names)[:ways]])


def zoo_tasks(world: World, count: int, seed: int, sizes: tuple[int, int] | None = None) -> list[Task]:
    """The tasks of a zoo, which its seed determines.

    Args:
        world: of the classes; only its seen ones.
        count: of classifiers.
        seed: of all that is drawn.
        sizes: the fewest and the most classes of a task, each number as likely as another; by default as `draw_task`.
    """
    rng, families = np.random.default_rng(seed), seen_families(world)
    ways = (None if sizes is None else int(rng.integers(sizes[0], sizes[1] + 1)) for _ in range(count))
    return [draw_task(world.seen, families, rng, size) for size in ways]


def _look_alikes(
    names: Sequence[str], families: Mapping[str, Sequence[str]], rng: np.random.Generator, ways: int
) -> list[str]:
    """Family after family until there are enough of them."""
    found: dict[str, None] = {}
    for family in rng.permutation(list(families)):
        found |= dict.fromkeys(str(name) for name in rng.permutation(list(families[family])))
        if len(found) >= ways:
            break
    found |= dict.fromkeys(str(name) for name in rng.permutation(names))  # where the families are too few
    chosen = list(found)[:ways]
    return [chosen[i] for i in rng.permutation(len(chosen))]


def _broad(names: Sequence[str], families: Mapping[str, Sequence[str]], rng: np.random.Generator, ways: int) -> Task:
    """One family or more that share no member, up to half of the classes, beside single classes of other families."""
    wanted = int(rng.integers(1, max(2, ways // 2 + 1)))
    task: Task = {}
    taken: set[str] = set()
    for family in map(str, rng.permutation(list(families))):
        members = families[family]
        room = len(set(names) - taken - set(members)) >= ways - len(task) - 1
        if len(task) < wanted and not taken & set(members) and room:
            task[family] = tuple(members)
            taken |= set(members)
    singles = [str(name) for name in rng.permutation(names) if name not in taken and name not in task]
    task |= plain_task(singles[: ways - len(task)])
    labels = list(task)
    return {labels[i]: task[labels[i]] for i in rng.permutation(len(labels))}
