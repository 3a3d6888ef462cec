"""Means over tasks with their 95% intervals, and differences task by task."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """95%, of the mean over tasks; a single task has none."""
    if len(values) < 2:
        return None
    values = np.asarray(values, float)
    half = 1.96 * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def summarise(accuracies: Sequence[float]) -> dict[str, Any]:
    """A row's "accuracy" with its "interval" over so many "tasks"."""
    return {
        "accuracy": float(np.mean(accuracies)),
        "interval": mean_interval(accuracies),
        "tasks": len(accuracies),
    }


def paired(accuracies: Sequence[float] | None, base: Sequence[float] | None) -> dict[str, Any] | None:
    """The mean difference of two rivals, task by task over the tasks that both were measured on, which are the first.

    Returns:
        A row with "accuracy" (the difference), "interval", "tasks", and "equal": how many tasks came out the same.
        None where either has no single tasks.
    """
    if not accuracies or not base:
        return None
    differences = [one - other for one, other in zip(accuracies, base, strict=False)]
    return summarise(differences) | {"equal": differences.count(0.0)}


def format_row(row: Mapping[str, Any]) -> str:
    """In percent, with half of the interval: 81.2 ± 0.9."""
    low, high = row["interval"] or (0.0, 0.0)
    return _percent(row["accuracy"]) + (f" ± {50 * (high - low):.1f}" if high > low else "")


def format_difference(row: Mapping[str, Any] | None) -> str:
    """The same with its sign: +3.8 ± 0.3; a dash for None."""
    if row is None:
        return "-"
    text = format_row(row)
    return text if text.startswith("-") else f"+{text}"


def rounded(data: Any, digits: int = 6) -> Any:
    """The same with every float in its lists and mappings as a file keeps it."""
    if isinstance(data, Mapping):
        return {key: rounded(value, digits) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [rounded(value, digits) for value in data]
    return round(data, digits) if isinstance(data, float) else data


def _percent(share: float) -> str:
    text = f"{100 * share:.1f}"
    return "0.0" if text == "-0.0" else text
