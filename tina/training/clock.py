"""A training budget in minutes of wall-clock time, over as many runs as it takes."""

from __future__ import annotations

import time

import torch

from tina.training.resume import Progress


class Clock:
    """Counts steps and the time spent on training.

    Args:
        minutes: the budget, over all runs; None where time is no limit.
        before: where an earlier run stopped.
    """

    def __init__(self, minutes: float | None, before: Progress):
        self.minutes, self.before, self.steps = minutes, before.seconds, before.step
        self.start = time.monotonic()

    def restart(self) -> None:
        """Start counting this run's time now, so that preparation does not count."""
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Spent on training so far, over all runs."""
        return self.before + time.monotonic() - self.start

    @property
    def share(self) -> float:
        """The fraction of the budget that is used up, from 0 to 1."""
        if self.minutes is None:
            return 0.0
        return min(1.0, self.seconds / (60 * self.minutes)) if self.minutes else 1.0

    @property
    def finished(self) -> bool:
        """Whether the budget is used up."""
        return self.share >= 1.0

    @property
    def progress(self) -> Progress:
        """Steps, seconds and device, as a checkpoint stores them."""
        return Progress(self.steps, self.seconds, device_name())

    def line(self) -> str:
        """Steps, fraction, minutes spent and minutes left, for a log."""
        left = max(0.0, 60 * (self.minutes or 0.0) - self.seconds)
        return f"step {self.steps} {100 * self.share:.0f}% {self.seconds / 60:.1f} min, {left / 60:.1f} to go"


def device_name() -> str:
    """The name of the GPU, or the number of CPU cores."""
    threads = torch.get_num_threads()
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"{threads} CPU core{'s' * (threads > 1)}"
