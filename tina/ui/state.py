"""What one visitor's click made: the prompt, every step's weights, how they did. Kept in the visitor's own state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch import Tensor

from tina.blueprints import Weights
from tina.classifier.classifier import Score
from tina.errors import UserError
from tina.generator.diffusion import SAMPLERS
from tina.generator.tina import GUIDANCE, SAMPLER
from tina.prompts.prompt import Prompt

if TYPE_CHECKING:
    from tina.ui.server.studio import Exam

WATCHED = 10  # more than are needed: a way of three steps is over before it is seen
MOST_STEPS = 100
LARGEST_SEED = 2**31 - 1
AT_ONCE, A_SECOND = 30, 1.0  # computations that one visitor may begin in a row, and how fast they come back


@dataclass(frozen=True)
class How:
    """How the generator is to sample."""

    steps: int = WATCHED
    sampler: str = SAMPLER
    guidance: float = GUIDANCE
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MOST_STEPS:
            raise UserError(f"The page takes from 1 to {MOST_STEPS} steps, not {self.steps}.")
        if self.sampler not in SAMPLERS:
            raise UserError(f"There is no sampler {self.sampler!r}: it is one of {', '.join(SAMPLERS)}.")
        if not 0 <= self.guidance <= 10:
            raise UserError(f"Guidance goes from 0 to 10, and {self.guidance:g} is not in between.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise UserError(f"A seed is a whole number from 0 to {LARGEST_SEED:,}.")

    @classmethod
    def of(cls, steps: object, sampler: object, guidance: object, seed: object) -> How:
        """From form fields or a link, where anything may stand."""
        try:
            return cls(int(steps), str(sampler), float(guidance), int(seed))
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError("Steps, guidance and seed are numbers.") from error

    @property
    def sampling(self) -> dict:
        return {"steps": self.steps, "sampler": self.sampler, "guidance": self.guidance}


@dataclass
class Turn:
    """Which of a visitor's runs is the newest: an older one looks, sees that it is not, and stops.

    Gradio can cancel events, but one that cancels its own predecessor would cancel itself.
    """

    number: int = 0
    left: float = AT_ONCE
    counted: float = 0.0  # when that was

    def spend(self) -> None:
        """One computation is begun, if it is not one too many just now."""
        now = time.monotonic()
        self.left = min(AT_ONCE, self.left + A_SECOND * (now - self.counted))
        self.counted = now
        if self.left < 1:
            raise UserError("That was a lot in a row: wait a few seconds, so that others get their turn.")
        self.left -= 1

    def take(self) -> Callable[[], bool]:
        """A new turn; says for as long as it is the newest that it is."""
        self.number += 1
        return self.watch()

    def watch(self) -> Callable[[], bool]:
        """The same for the turn that is on now."""
        mine = self.number
        return lambda: self.number == mine


@dataclass(frozen=True)
class Frame:
    """The weights as they stand after a step, with the noise that is left in them; after step 0 they are noise."""

    number: int
    t: int
    weights: Weights
    answers: Tensor | None  # for every picture of the exam
    guessed: float | None = None  # accuracy of what the generator takes, at this step, for the end of the way


@dataclass
class Run:
    prompt: Prompt
    how: How
    world: str
    checkpoint: str
    exam: Exam | None
    frames: list[Frame] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)  # one a frame, where there is an exam
    rivals: dict[str, Score] = field(default_factory=dict)
    tuned: Weights | None = None
    sheet: str = ""  # of the held-out pictures that are shown, made when first wanted
    reopened: bool = False  # from a file: one frame, and no steps to watch
    seconds: float = 0.0  # of computing, without the scoring and the drawing

    def add(self, frame: Frame) -> None:
        self.frames.append(frame)
        if self.exam:
            self.scores.append(self.exam.score(frame.answers))

    def place(self, at: float) -> int:
        """The step at which a slider stands, which may have been set for a longer run."""
        return min(int(at), len(self.frames) - 1)

    @property
    def labels(self) -> list[str]:
        return self.prompt.labels

    @property
    def finished(self) -> bool:
        return self.frames[-1].number == self.how.steps

    @property
    def score(self) -> Score | None:
        return self.scores[-1] if self.scores else None
