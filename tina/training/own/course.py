"""How far a training is: its stages, what one unit of each takes as measured here, and how long there is to go.

    course = Course([Stage("looking at pictures", 250, 0.03), Stage("training", 300, 0.08)], tell)
    course.begin(0); course.advance(16)

While a stage runs, its own pace counts; of the stages ahead, what was measured before it began. What an earlier run did
is not counted again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

LEAST = 1.0  # seconds of a stage before its own pace is believed


@dataclass(frozen=True)
class Stage:
    """So many units of work, and the seconds that one takes."""

    doing: str
    units: int
    seconds: float

    @property
    def total(self) -> float:
        """Seconds of it all."""
        return self.units * self.seconds


@dataclass(frozen=True)
class State:
    """What is told."""

    doing: str
    share: float  # of all the time
    left: float  # seconds; infinite where that is not known yet

    def __str__(self) -> str:
        known = f", {self.share:.0%}, {duration(self.left)} to go" if isfinite(self.left) else ""
        return self.doing + known


Tell = Callable[[State], None]


class Course:
    """The stages, one after the other."""

    def __init__(self, stages: Sequence[Stage], tell: Tell):
        """
        Args:
            stages: with what is still to do of each.
            tell: is told the state after every advance; may raise to stop everything.
        """
        self.stages, self.tell = list(stages), tell
        self.current, self.done, self._begun, self._start = 0, 0, time.monotonic(), time.monotonic()

    def begin(self, number: int) -> None:
        """A stage begins."""
        self.current, self.done, self._begun = number, 0, time.monotonic()
        self.tell(self.state())

    def advance(self, units: int = 1) -> None:
        """So many more are done."""
        self.done += units
        self.tell(self.state())

    def state(self) -> State:
        """Now."""
        stage, taken = self.stages[self.current], time.monotonic() - self._begun
        pace = taken / self.done if self.done and taken > LEAST else stage.seconds
        left = max(0, stage.units - self.done) * pace
        left += sum(later.total for later in self.stages[self.current + 1 :])
        spent = time.monotonic() - self._start
        return State(stage.doing, spent / max(spent + left, 1e-9), left)


def duration(seconds: float) -> str:
    """In words: "40 s", "3 min", "1 h 20 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
