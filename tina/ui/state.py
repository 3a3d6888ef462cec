"""What belongs to one visitor: sampling options, what a click generated, and which of several clicks is the newest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from tina.blueprints import Weights
from tina.classifier.others import Others
from tina.classifier.own_pictures import fingerprint, held_out_flags, hold_out
from tina.classifier.record import Origin
from tina.classifier.score import Score
from tina.errors import UserError
from tina.prompts.prompt import Prompt
from tina.prompts.text import key_of
from tina.ui.server.held_out import HeldOutSet
from tina.ui.server.limits import LimitSettings, TokenBucket
from tina.ui.server.settings import ServerSettings

WATCHED_STEPS = 10  # more than are needed: the few steps of `generate` are over before they are seen
MOST_STEPS = 100
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class SamplingOptions:
    """How the generator is to sample."""

    steps: int = WATCHED_STEPS
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MOST_STEPS:
            raise UserError(f"The page takes from 1 to {MOST_STEPS} steps, not {self.steps}.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise UserError(f"A seed is a whole number from 0 to {LARGEST_SEED:,}.")

    @classmethod
    def from_fields(cls, steps: object, seed: object) -> SamplingOptions:
        """From form fields or a link, in which anything may stand; a `UserError` where it is not possible."""
        try:
            found = [int(value) for value in (steps, seed)]
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError("Steps and seed are numbers.") from error
        if any(
            isinstance(value, bool | float) and value != number
            for value, number in zip((steps, seed), found, strict=True)
        ):
            raise UserError("Steps and seed are whole numbers.")
        return cls(*found)


Pictures = Mapping[str, list[np.ndarray]]  # by label


@dataclass(frozen=True)
class Brought:
    """What a visitor brought beside the text, by label: example pictures, pictures to test with, and whether a label is
    only a label."""

    pictures: Pictures = field(default_factory=dict)
    tests: Pictures = field(default_factory=dict)
    name_tags: Mapping[str, bool] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Mapping[str, Any], ...]:
        """All that there is, in the order of the fields."""
        return self.pictures, self.tests, self.name_tags

    def shown(self) -> Pictures:
        """The example pictures that a classifier is written from: of a class that has many, part is kept aside."""
        return hold_out({label: some for label, some in self.pictures.items() if some})[0]

    def tested(self, label: str) -> list[np.ndarray]:
        """The pictures of a class to test with: those kept aside, and test pictures that are no copies of examples."""
        pictures = of_label(self.pictures, label)
        kept = [picture for picture, flag in zip(pictures, held_out_flags(pictures), strict=True) if flag]
        tests = {fingerprint(one): one for one in of_label(self.tests, label)}
        for picture in pictures:
            tests.pop(fingerprint(picture), None)
        return kept + list(tests.values())


def of_label(pictures: Pictures, label: str) -> list[np.ndarray]:
    """The pictures of a class, however its label is spelled there."""
    return [one for name, some in pictures.items() if key_of(name) == key_of(label) for one in some]


@dataclass
class Visitor:
    """One visitor's rate limit, and the number of the newest thing that was begun.

    Gradio can cancel events, but one that cancels its own predecessor would cancel itself. So a handler that takes a
    while asks `is_newest()` on the way, and stops when something newer was begun.
    """

    bucket: TokenBucket = field(default_factory=TokenBucket)
    newest: int = 0
    edits: int = 0  # of the cards: what was begun before the last of them says nothing of the cards any more
    opened: int | None = None  # the class of which it is looked at what its row fires on
    suggested: str = ""  # the second prompt that the page wrote, which it may write anew

    @classmethod
    def of(cls, settings: ServerSettings) -> Visitor:
        """A new one of a server: whoever shares an address with others cannot begin all that it may."""
        return cls(TokenBucket(LimitSettings(settings.visit_burst, settings.visit_per_second)))

    def begin(self) -> Callable[[], bool]:
        """Begins something new, after which all before is old. Returns `is_newest` for it."""
        self.newest += 1
        self.opened = None
        return self.follow()

    def follow(self) -> Callable[[], bool]:
        """`is_newest` for what was begun last, for something that belongs to it."""
        number = self.newest
        return lambda: self.newest == number


@dataclass(frozen=True)
class StepResult:
    """The classifier as it stands after a sampling step; step 0 is the start: closed form, with or without noise."""

    number: int
    weights: Weights
    predictions: Tensor | None = None  # (N,) for every held-out picture
    score: Score | None = None
    estimate_score: Score | None = None  # of the generator's estimate, at this step, of the finished classifier


@dataclass
class Generation:
    """What one click on Generate made, step by step."""

    prompt: Prompt
    options: SamplingOptions
    origin: Origin  # of the finished classifier; a reopened zip has its own
    held_out: HeldOutSet | None
    steps: list[StepResult] = field(default_factory=list)
    baselines: dict[str, Score] = field(default_factory=dict)  # "slice", "fine-tuned"
    left_out: Score | None = None  # of its example pictures, each by a classifier written without it
    none_level: float | None = None  # of the finished classifier: `Classifier.none_level`
    others: Others | None = None  # of the finished classifier, too: `Classifier.others`
    fine_tuned: Weights | None = None
    trained_seconds: float = 0.0  # that fine-tuning took; 0 where that was not measured
    contact_sheet: str = ""  # of the held-out pictures that are shown, made when first wanted
    reopened: bool = False  # read from a zip: one step, and no way there to watch
    seconds: float = 0.0  # of computing, without the scoring and the drawing

    def step_index(self, slider: float) -> int:
        """The step at which a slider stands, which may have been set for a longer generation."""
        return min(int(slider), len(self.steps) - 1)

    @property
    def labels(self) -> list[str]:
        """Of its classes, in their order."""
        return self.prompt.labels

    @property
    def finished(self) -> bool:
        """Whether its newest step is the last one."""
        return self.steps[-1].number == self.options.steps

    @property
    def provenance(self) -> dict[str, float] | None:
        """Which part wrote the finished classifier: shares that sum to 1; None where that is not known (yet)."""
        return self.origin.provenance

    @property
    def score(self) -> Score | None:
        """Of the newest step; None where there are no pictures to score on."""
        return self.steps[-1].score
