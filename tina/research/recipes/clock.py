"""Training by the clock: so many minutes, over as many runs as it takes."""

from __future__ import annotations

import time

import torch

from tina.training.resume import Progress


class Clock:
    """Counts steps and the minutes really spent training, and says how far along that is.

    minutes: the training takes in all.
    before: where an earlier run stopped.
    """

    def __init__(self, minutes: float, before: Progress):
        self.minutes, self.before, self.steps = minutes, before.seconds, before.step
        self.begin = time.monotonic()

    def restart(self) -> None:
        """What came before this moment was preparation: it does not count."""
        self.begin = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.begin

    @property
    def share(self) -> float:
        """How much of the training is done, from 0 to 1."""
        return min(1.0, self.seconds / (60 * self.minutes)) if self.minutes else 1.0

    @property
    def over(self) -> bool:
        return self.share >= 1.0

    @property
    def progress(self) -> Progress:
        """As it is kept in a file."""
        return Progress(self.steps, self.seconds, device_name())

    def line(self) -> str:
        """For the eye."""
        left = max(0, 60 * self.minutes - self.seconds)
        return f"step {self.steps} {100 * self.share:.0f}% {self.seconds / 60:.1f} min, {left / 60:.1f} to go"


def device_name() -> str:
    """What trains here, in words."""
    threads = torch.get_num_threads()
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"{threads} CPU core{'s' * (threads > 1)}"
