"""Numbers on a command line, checked when they are read: of any verb, in a range, and finite.

    parser.add_argument("--steps", type=whole("--steps", 1, 1000, " steps"))
    parser.add_argument("--minutes", type=number("--minutes", above=0))

What is none is a `UserError`, one line that names the option, and not argparse's whole usage.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from tina.checks import LARGEST
from tina.errors import UserError

MANY = 10**9  # of anything that is counted


def whole(option: str, low: int = 0, high: int = MANY, unit: str = "") -> Callable[[str], int]:
    """What reads a whole number.

    Args:
        option: its name, for the sentence.
        low: the smallest.
        high: the largest.
        unit: what is counted, with a space before it.
    """

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            kind = "" if unit else "a whole number "
            span = f"from {low} to {high}" if high < MANY else f"from {low} on"
            raise UserError(f"{option} takes {kind}{span}{unit}, and not {text!r}.")
        return value

    return read


def number(option: str, low: float = 0, high: float = MANY, above: float | None = None) -> Callable[[str], float]:
    """What reads a finite number; the arguments are those of `whole`, and `above` is too little itself."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or (above is not None and value <= above):
            span = f"above {above:g}" if above is not None else f"of {low:g} or more"
            until = f" and up to {high:g}" if high < MANY else ""
            raise UserError(f"{option} takes a number {span}{until}, and not {text!r}.")
        return value

    return read


def seed(option: str = "--seed") -> Callable[[str], int]:
    """What reads a seed."""
    return whole(option, 0, LARGEST)
