"""How much memory and time a call takes at its height."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def measured(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and megabytes above what was in use before (0 where the system does not tell)."""
    before, began = _resident(), time.perf_counter()
    call()
    return time.perf_counter() - began, max(0.0, _resident("VmHWM") - before)


def _resident(field: str = "VmRSS") -> float:
    try:
        if field == "VmRSS":
            CLEAR.write_text("5")  # the highest so far begins here
        lines = STATUS.read_text().splitlines()
    except OSError:
        return 0.0
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(field))
