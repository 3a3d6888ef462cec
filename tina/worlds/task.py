"""What a classifier is to tell apart: labels, and for each label one or more classes of a world."""

from __future__ import annotations

from collections.abc import Sequence

Task = dict[str, tuple[str, ...]]  # label -> names of the world's classes that it stands for, no name under two labels


def plain_task(names: Sequence[str]) -> Task:
    """Every class by its own name."""
    return {name: (name,) for name in names}


def members(tasks: Sequence[Task]) -> list[str]:
    """All classes of the world that belong to some of the tasks, in the order of their names."""
    return sorted({name for task in tasks for names in task.values() for name in names})
