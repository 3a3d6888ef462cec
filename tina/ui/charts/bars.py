"""Shares as horizontal bars: the comparison strip, the probabilities of one picture, and who wrote a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tina.classifier.score import Score
from tina.ui.templates import render

PARTS = {"generator": "diffusion", "prior": "prior", "transfer": "transfer"}  # who writes: id -> name
LEAST = 0.005  # a smaller share of the generator is said to be none


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
        return self.value.accuracy if isinstance(self.value, Score) else self.value

    @property
    def interval(self) -> tuple[float, float] | None:
        return self.value.interval if isinstance(self.value, Score) else None


def comparison(bars: Sequence[Bar]) -> Markup:
    """A bar for each classifier, with its 95% interval where it was counted."""
    return render("comparison.html", bars=bars)


def probabilities(shares: Mapping[str, float], correct: str | None = None) -> Markup:
    """A bar for each label, the most probable first: never one hard answer."""
    rows = sorted(shares.items(), key=lambda pair: -pair[1])
    return render("probabilities.html", rows=rows, correct=correct)


def provenance(shares: Mapping[str, float] | None, finished: bool = True) -> Markup:
    """Which part wrote a classifier: one bar in three parts, or a sentence where that is not known (yet)."""
    parts = [(part, name, (shares or {}).get(part, 0.0)) for part, name in PARTS.items()]
    known = bool(shares and any(shares.values()))
    alone = known and shares["generator"] < LEAST
    return render("provenance.html", parts=parts, known=known, alone=alone, finished=finished)
