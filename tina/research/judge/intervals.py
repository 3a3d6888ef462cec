"""Means over tasks with their 95% intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """95%, of the mean over tasks; a single task has none."""
    if len(values) < 2:
        return None
    values = np.asarray(values, float)
    half = 1.96 * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def format_row(row: Mapping) -> str:
    """In percent, with half of the interval: 81.2 ± 0.9."""
    low, high = row["interval"] or (0.0, 0.0)
    return f"{100 * row['accuracy']:.1f}" + (f" ± {50 * (high - low):.1f}" if high > low else "")
