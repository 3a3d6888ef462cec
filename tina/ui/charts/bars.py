"""Shares as horizontal bars: the comparison strip, the probabilities of one picture, and who wrote a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tina.classifier.authors import WRITERS
from tina.classifier.score import Score
from tina.ui.templates import percent, render

LEAST = 0.005  # a smaller share of the generator is pointed out


@dataclass(frozen=True)
class Bar:
    """One bar of the comparison strip."""

    kind: str  # its CSS class
    name: str
    value: Score | float | None  # a score has an interval, a share has none
    caption: str = ""
    missing: bool = False  # whether there will never be a value

    @property
    def share(self) -> float | None:
        """How long the bar is, from 0 to 1."""
        return self.value.accuracy if isinstance(self.value, Score) else self.value

    @property
    def interval(self) -> tuple[float, float] | None:
        """95%, of a score."""
        return self.value.interval if isinstance(self.value, Score) else None


def comparison(bars: Sequence[Bar]) -> Markup:
    """A bar for each classifier, with its 95% interval where it was counted."""
    return render("comparison.html", bars=bars)


def probabilities(shares: Mapping[str, float], correct: str | None = None) -> Markup:
    """A bar for each label, the most probable first: never one hard answer."""
    rows = sorted(shares.items(), key=lambda pair: -pair[1])
    return render("probabilities.html", rows=rows, correct=correct)


def provenance(
    shares: Mapping[str, float] | None,
    finished: bool = True,
    last: bool = True,
    writers: Mapping[str, str] = WRITERS,
    explained: str = "",
) -> Markup:
    """Which part wrote a classifier: one bar in three parts, or a sentence where that is not known (yet).

    `finished`: whether its last step is done. `last`: whether that step is the one which stands beside the bar.
    `writers`: what each part is called. `explained`: a sentence on what these words mean.
    """
    parts = [(part, name, shares[part]) for part, name in writers.items()] if shares else []
    little = _little(shares["generator"]) if shares else ""
    return render("provenance.html", parts=parts, little=little, finished=finished, last=last, explained=explained)


def _little(generator: float) -> str:
    """What is to be said where the generator wrote next to nothing."""
    if generator == 0:
        return "closed form alone: diffusion wrote nothing of it"
    return f"diffusion wrote less than {percent(LEAST, 1)} of it" if generator < LEAST else ""
