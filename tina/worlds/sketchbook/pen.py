"""The pen: what a drawing is made with.

A drawing is a function that takes a `Pen` and puts shapes on an endless sheet. The thing it draws fills about the
square from -1 to 1 (x to the right, y DOWN). The pen only records; `render.py` decides later on style, pose,
background and noise, so that a drawing says what a thing looks like and nothing else.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple, TypeVar

Point = tuple[float, float]
Colour = tuple[int, int, int]
Option = TypeVar("Option")

# Hue, saturation, value (0..1) of the colours a drawing may name.
COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.0, 0.82, 0.85), "orange": (0.08, 0.88, 0.95), "yellow": (0.145, 0.8, 0.97), "lime": (0.24, 0.7, 0.8),
    "green": (0.33, 0.65, 0.6), "dark green": (0.36, 0.7, 0.4), "teal": (0.49, 0.65, 0.6), "sky": (0.55, 0.45, 0.92),
    "blue": (0.61, 0.75, 0.8), "navy": (0.63, 0.7, 0.4), "purple": (0.77, 0.55, 0.65), "magenta": (0.87, 0.7, 0.8),
    "pink": (0.95, 0.38, 0.97), "brown": (0.07, 0.65, 0.5), "dark brown": (0.06, 0.6, 0.3), "tan": (0.1, 0.4, 0.82),
    "cream": (0.12, 0.15, 0.97), "white": (0.1, 0.02, 0.98), "light grey": (0.6, 0.04, 0.8), "grey": (0.6, 0.06, 0.58),
    "dark grey": (0.6, 0.1, 0.33), "black": (0.6, 0.15, 0.12), "silver": (0.58, 0.08, 0.76), "gold": (0.125, 0.7, 0.85),
    "skin": (0.06, 0.35, 0.92),
}  # fmt: skip


class Fill(NamedTuple):
    """A filled outline."""

    points: list[Point]
    colour: Colour
    detail: bool  # a detail lies on top of a body: a silhouette shows it as a gap


class Stroke(NamedTuple):
    """A line."""

    points: list[Point]
    colour: Colour
    width: float
    detail: bool


class Pen:
    """Records what a drawing is made of."""

    def __init__(self, random: Random):
        self.random = random
        self.marks: list[Fill | Stroke] = []

    # -- chance -------------------------------------------------------------------------------------------------------
    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.random.random()

    def count(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.random.random() * (high - low + 1))

    def pick(self, *options: Option) -> Option:
        """One of the options, each as likely as the others."""
        return options[int(self.random.random() * len(options))]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def colour(self, *names: str) -> Colour:
        """One of the named colours, a little off, as real things are."""
        hue, saturation, value = COLOURS[self.pick(*names)]
        hue += self.between(-0.02, 0.02)
        saturation = min(1.0, max(0.0, saturation + self.between(-0.12, 0.12)))
        value = min(1.0, max(0.0, value + self.between(-0.1, 0.06)))
        return rgb(255 * c for c in colorsys.hsv_to_rgb(hue % 1.0, saturation, value))

    # -- marks --------------------------------------------------------------------------------------------------------
    def fill(self, points: list[Point], colour: Colour, detail: bool = False) -> None:
        """A closed shape. `detail=True` for what lies on a body (an eye, a window, a stripe)."""
        self.marks.append(Fill(points, colour, detail))

    def stroke(self, points: list[Point], colour: Colour, width: float = 0.06, detail: bool = False) -> None:
        """An open line; `width` in the units of the sheet (0.06 is a thin twig, 0.2 a thick leg)."""
        self.marks.append(Stroke(points, colour, width, detail))

    def dot(self, x: float, y: float, radius: float, colour: Colour, detail: bool = True) -> None:
        self.fill(ellipse(x, y, radius, radius, steps=10), colour, detail)


Drawing = Callable[[Pen], None]


def rgb(channels: Iterable[float]) -> Colour:
    """A colour from three numbers up to 255, cut to whole ones."""
    red, green, blue = map(int, channels)
    return red, green, blue


def shade(colour: Colour, factor: float) -> Colour:
    """Darker below 1, lighter above."""
    return rgb(max(0, min(255, int(c * factor))) for c in colour)


# -- shapes: each returns a list of points ----------------------------------------------------------------------------
def ellipse(
    x: float, y: float, rx: float, ry: float, turn: float = 0.0, start: float = 0.0, end: float = 360.0, steps: int = 20
) -> list[Point]:
    """An ellipse, or an arc of it from `start` to `end` degrees (0 right, 90 DOWN), turned clockwise by `turn`."""
    full = abs(end - start) >= 360.0
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    points = []
    for i in range(steps if full else steps + 1):
        angle = math.radians(start + (end - start) * i / steps)
        px, py = rx * math.cos(angle), ry * math.sin(angle)
        points.append((x + cos * px - sin * py, y + sin * px + cos * py))
    return points


def box(x0: float, y0: float, x1: float, y1: float, round: float = 0.0) -> list[Point]:
    """A rectangle, its corners rounded by radius `round`."""
    if not round:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    left, top, right, bottom = x0 + round, y0 + round, x1 - round, y1 - round
    points: list[Point] = []
    for cx, cy, start in ((right, top, -90), (right, bottom, 0), (left, bottom, 90), (left, top, 180)):
        points += ellipse(cx, cy, round, round, start=start, end=start + 90, steps=4)
    return points


def smooth(points: list[Point], closed: bool = True, steps: int = 5) -> list[Point]:
    """A soft curve through the given points (Catmull-Rom)."""
    count = len(points)
    curve: list[Point] = []
    for i in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            a, b, c, d = (points[max(0, min(count - 1, i + k))] for k in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            x, y = (
                0.5 * (2 * b[k] + (c[k] - a[k]) * t + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t * t
                       + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t**3)
                for k in (0, 1)
            )  # fmt: skip
            curve.append((x, y))
    if not closed:
        curve.append(points[-1])
    return curve


def star(x: float, y: float, outer: float, inner: float, arms: int, turn: float = -90.0) -> list[Point]:
    """A star about (x, y), its first point at `turn` degrees."""
    points = []
    for i in range(2 * arms):
        radius, angle = (outer, inner)[i % 2], math.radians(turn + 180.0 * i / arms)
        points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return points


def moved(points: list[Point], dx: float = 0.0, dy: float = 0.0, turn: float = 0.0, scale: float = 1.0) -> list[Point]:
    """Scaled and turned (degrees, clockwise) about the origin, then shifted."""
    cos, sin = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    return [(dx + cos * x - sin * y, dy + sin * x + cos * y) for x, y in points]


def mirrored(points: list[Point], about: float = 0.0) -> list[Point]:
    """Left and right exchanged."""
    return [(2 * about - x, y) for x, y in points]
