"""How many threads compute: as many as pay."""

from __future__ import annotations

import os

import torch


def cores() -> int:
    """That this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def use_threads(most: int | None = None) -> None:
    """Of this process, where neither OMP_NUM_THREADS nor a GPU says otherwise.

    Args:
        most: so many at most; None for one a core. A network of a few thousand weights wants one: several wait for each
            other longer than they compute, and where others compute, too, many times longer.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, min(cores(), most or cores())))
