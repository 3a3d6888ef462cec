"""How people draw the things of the Sketchbook, written down as lines: `views.txt`, read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from tina.worlds.sketchbook.pen import Colour, Point, ellipse, smooth

PALETTE = (  # of the page's canvas
    (28, 25, 23), (220, 38, 38), (249, 115, 22), (250, 204, 21), (22, 163, 74), (56, 189, 248), (37, 99, 235),
    (146, 64, 14), (255, 255, 255),
)  # fmt: skip


class Line(NamedTuple):
    """One movement of the hand."""

    points: list[Point]
    closed: bool  # what lies beneath it is hidden
    filled: bool  # small and solid: an eye
    detail: bool  # may be left out
    colour: Colour = PALETTE[0]  # of the thing itself


@cache
def views() -> dict[str, tuple[tuple[Line, ...], ...]]:
    """Class name -> views. A line of the file that is not indented is a name, an indented one a view: strokes with `;`
    between them. A stroke is a sign and numbers; `?` before it: it may be left out.

    `-` through points, straight     `#` the same, closed
    `~` through points, soft         `@` the same, closed
    `o` x y rx ry [turn]: ellipse    `(` x y rx ry from to: arc, degrees, 0 right, 90 down      `.` x y r: a dot
    """
    found: dict[str, list[tuple[Line, ...]]] = {}
    name = ""
    for row in (Path(__file__).parent / "views.txt").read_text("utf-8").splitlines():
        if not row.strip() or row.startswith("//"):
            continue
        if not row.startswith(" "):
            name = row.strip()
            continue
        found.setdefault(name, []).append(tuple(_stroke(text.split()) for text in row.split(";") if text.strip()))
    return {name: tuple(several) for name, several in found.items()}


def _stroke(words: list[str]) -> Line:
    sign, detail = words[0].lstrip("?"), words[0].startswith("?")
    numbers = [float(word) for word in words[1:]]
    if sign == "o":
        x, y, rx, ry, turn = (*numbers, 0.0)[:5]
        return Line(ellipse(x, y, rx, ry, turn, steps=18), True, False, detail)
    if sign == "(":
        x, y, rx, ry, start, end = numbers
        return Line(ellipse(x, y, rx, ry, 0, start, end, 10), False, False, detail)
    if sign == ".":
        x, y, r = numbers
        return Line(ellipse(x, y, r, r, steps=8), True, True, detail)
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    closed = sign in "#@"
    return Line(smooth(points, closed, 4) if sign in "~@" else points, closed, False, detail)
