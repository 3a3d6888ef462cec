"""What a classifier is to tell apart: labels, and the classes of a world that each label stands for."""

from __future__ import annotations

from collections.abc import Sequence

Task = dict[str, tuple[str, ...]]  # label -> names of the world's classes that it stands for, no name under two labels


def plain_task(names: Sequence[str]) -> Task:
    """Every class by its own name."""
    return {name: (name,) for name in names}


def members(tasks: Sequence[Task]) -> list[str]:
    """All classes of the world that some tasks stand on, in the order of their names."""
    return sorted({name for task in tasks for names in task.values() for name in names})
