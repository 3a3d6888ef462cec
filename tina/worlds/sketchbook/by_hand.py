"""The style "by hand": how people draw. Dark lines on plain light paper, shaky, open, doubled, hardly ever filled in.

What is drawn are views written down as lines (`views.py`), or the outlines of a class's drawing. Proportions differ
from hand to hand, parts stand where they happen to stand, and the sheet is prepared as every drawing is (`drawn.py`).
"""

from __future__ import annotations

import math
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tina.worlds.drawn import prepared
from tina.worlds.pictures import square
from tina.worlds.sketchbook.pen import Colour, Drawing, Fill, Pen, Point, Stroke
from tina.worlds.sketchbook.shapes import crossings
from tina.worlds.sketchbook.views import PALETTE, Line, views

EDGE = 160  # pixels of the sheet
WRITTEN = 0.65  # how often one of the written views is drawn, where there are some


def picture(drawing: Drawing, name: str, random: Random, size: int) -> NDArray[np.uint8]:
    """One picture, as somebody drew it.

    Args:
        drawing: of the class, by marks.
        name: of the class.
        random: everything that is left to chance comes from it.
        size: of the picture.

    Returns:
        uint8, size x size x 3.
    """
    pen = Pen(random)
    written = views().get(name, ())
    if written and pen.chance(WRITTEN):
        lines = [line for line in pen.pick(*written) if not line.detail or pen.chance(0.75)]
        merged = False
    else:
        drawing(pen)
        lines = [_line_of(mark) for mark in pen.marks]
        merged = pen.chance(0.45)
        keep = pen.pick(1.0, 1.0, 0.6, 0.0)
        lines = [line for line in lines if not line.detail or pen.chance(keep)]
    lines = _unfinished(pen, _another_hand(pen, lines))
    sheet = _Sheet(pen)
    sheet.draw(lines, merged)
    return square(prepared(sheet.image()), size)


def _line_of(mark: Fill | Stroke) -> Line:
    points, colour, detail = mark.points, mark.colour, mark.detail
    if not isinstance(mark, Fill):
        return Line(points, False, False, detail, colour)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    small = max(max(xs) - min(xs), max(ys) - min(ys)) < 0.26
    return Line(points, True, small and detail, detail, colour)


# -- another hand ------------------------------------------------------------------------------------------------------
def _another_hand(pen: Pen, lines: list[Line]) -> list[Line]:
    """The same thing with other proportions: the whole bent softly, every part a little off."""
    gauss, bend = pen.random.gauss, pen.pick(0.02, 0.05, 0.08)
    waves = [(gauss(0, bend), pen.between(1, 3), pen.between(0, 6.3), pen.between(0, 6.3)) for _ in range(4)]
    off, stretch = pen.pick(0.0, 0.02, 0.04), pen.pick(0.0, 0.04, 0.08)

    def bent(x: float, y: float) -> Point:
        for i, (size, often, at, phase) in enumerate(waves):
            if i % 2:
                x += size * math.sin(often * y + phase) + size * math.sin(often * x + at)
            else:
                y += size * math.sin(often * x + phase) + size * math.sin(often * y + at)
        return x, y

    found = []
    for line in lines:
        dx, dy, sx, sy = gauss(0, off), gauss(0, off), 1 + gauss(0, stretch), 1 + gauss(0, stretch)
        n = len(line.points)
        mx, my = sum(x for x, _ in line.points) / n, sum(y for _, y in line.points) / n
        points = [bent(mx + (x - mx) * sx + dx, my + (y - my) * sy + dy) for x, y in line.points]
        found.append(line._replace(points=points))
    return found


def _unfinished(pen: Pen, lines: list[Line]) -> list[Line]:
    """One in eight drawings stops before its end or lacks a part."""
    if len(lines) < 4 or not pen.chance(0.12):
        return lines
    if pen.chance(0.5):
        return lines[: max(3, int(len(lines) * pen.between(0.6, 0.95)))]
    gone = pen.count(1, len(lines) - 1)  # never the first, mostly the body
    return lines[:gone] + lines[gone + 1 :]


class _Sheet:
    """Paper, a hand, and something to draw with."""

    def __init__(self, pen: Pen):
        self.pen = pen
        random = pen.random
        kind = pen.pick("pencil", "pencil", "fine", "fine", "pen", "pen", "mouse", "mouse", "marker")
        share = {"pencil": (0.004, 0.012), "fine": (0.004, 0.009), "pen": (0.008, 0.022), "mouse": (0.022, 0.05),
            "marker": (0.03, 0.09)}[kind]  # fmt: skip
        self.width = max(1, round(EDGE * pen.between(*share)))
        light = 255 if kind == "mouse" or pen.chance(0.65) else pen.count(200, 254)
        tint = [0, 0, 0] if light == 255 else [-pen.count(0, 14) for _ in range(3)]
        self.paper: Colour = (light + tint[0], light + tint[1], light + tint[2])
        self.shade = pen.count(60, 150) if kind == "pencil" else pen.pick(0, 0, 20, 45)
        coloured = pen.chance(0.4 if kind in ("mouse", "marker") else 0.12)
        self.inks = pen.pick("one", "own") if coloured else "dark"
        self.one = pen.pick(*PALETTE[1:-1]) if self.inks == "one" else (self.shade,) * 3
        if kind == "mouse" and self.inks == "dark":
            self.one = PALETTE[0]
        self.inside = pen.pick(*["none"] * 14, "hatch", "hatch", "scribble", "flat", "flat", "flat")
        self.share = pen.between(0.3, 1.0)  # of the closed lines that are filled in, where some are
        self.open = pen.pick(0.0, 0.0, 0.06, 0.12)  # gap or overshoot of a closed line, as a share of it
        self.gaps = pen.pick(0.0, 0.0, 0.0, 0.04, 0.1)
        self.twice = pen.pick(0.0, 0.0, 0.0, 0.0, 0.3, 1.0)
        self.through = pen.chance(0.15)  # lines beneath others are seen
        self.picture = Image.new("RGB", (EDGE, EDGE), self.paper)
        self.canvas = ImageDraw.Draw(self.picture)
        size = EDGE / 2 * (pen.between(0.65, 1.0) if pen.chance(0.7) else pen.between(0.25, 0.65))
        self.width = max(1, min(self.width, round(size * 0.14)))
        self.shake = size * pen.pick(0.0, 0.006, 0.012, 0.02)
        turn, lean = math.radians(random.gauss(0, 7)), random.gauss(0, 0.08)
        wide = math.exp(random.gauss(0, 0.12))
        flip = -1 if pen.chance(0.5) else 1
        cos, sin = math.cos(turn), math.sin(turn)
        room = EDGE / 2 - size
        over = size * (0.4 if pen.chance(0.1) else 0.04)  # one in ten is cut off
        cx, cy = (EDGE / 2 + pen.between(-1, 1) * (room + over) for _ in range(2))
        self.pose = (size * wide * cos * flip, size * (lean - sin), size * wide * sin * flip, size * cos / wide, cx, cy)

    def image(self) -> Image.Image:
        """As it is looked at: scanned or photographed now and then."""
        if not self.pen.chance(0.2):
            return self.picture
        noise = np.random.Generator(np.random.PCG64(self.pen.random.getrandbits(64)))
        soft = self.picture.resize((EDGE * 5 // 8, EDGE * 5 // 8), Image.Resampling.BILINEAR)
        grain = noise.standard_normal((*soft.size, 3), np.float32) * self.pen.between(0, 1.5)
        return Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))

    def draw(self, lines: list[Line], merged: bool) -> None:
        """Line by line, or with `merged` the common outline of neighbours of about the same colour."""
        a, b, c, d, cx, cy = self.pose
        placed = []
        for line in lines:
            points = [(cx + a * x + b * y, cy + c * x + d * y) for x, y in line.points]
            if line.closed and not line.filled and len(points) > 4:
                start = int(self.pen.random.random() * len(points))
                points = points[start:] + points[:start]
            placed.append(line._replace(points=points))
        at = 0
        while at < len(placed):
            run = at + 1
            if merged and placed[at].closed and not placed[at].detail:
                while run < len(placed) and placed[run].closed and _alike(placed[at], placed[run]):
                    run += 1
            if run - at > 1:
                self._common(placed[at:run])
            else:
                self._one(placed[at])
            at = run

    def _ink(self, line: Line) -> Colour:
        own = _nearest(line.colour) if self.inks == "own" else self.one
        return own if own != PALETTE[-1] else PALETTE[0]  # nobody draws white on white

    def _one(self, line: Line) -> None:
        ink = self._ink(line)
        if line.filled:
            self.canvas.polygon(line.points, fill=ink, outline=ink, width=self.width)
            return
        if line.closed:
            self._inside(line)
        self._stroke(line.points, line.closed, ink)
        if self.twice and self.pen.chance(self.twice):
            self._stroke(line.points, line.closed, ink)

    def _inside(self, line: Line) -> None:
        kind = self.inside if self.pen.chance(self.share) else "none"
        colour = _nearest(line.colour) if line.colour != PALETTE[0] else self.pen.pick(*PALETTE[1:-1])
        if kind == "flat" and colour not in (PALETTE[0], PALETTE[-1]):
            self.canvas.polygon(line.points, fill=colour)
            return
        if not self.through:
            self.canvas.polygon(line.points, fill=self.paper)
        if kind in ("hatch", "scribble"):
            self._hatch(line.points, self._ink(line), kind == "scribble")

    def _hatch(self, points: list[Point], ink: Colour, joined: bool) -> None:
        """Parallel lines, or one that goes to and fro."""
        pen, slope = self.pen, self.pen.pick(-1.0, 0.6, 1.0)
        step = max(EDGE / 20, self.width * pen.between(2.5, 4))
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if max(xs) - min(xs) < 3 * step or max(ys) - min(ys) < 3 * step:
            return
        offsets = [y - slope * x for x, y in points]
        way: list[Point] = []
        offset = min(offsets) + step
        while offset < max(offsets):
            cut = crossings(points, slope, offset)
            for left, right in zip(cut[::2], cut[1::2], strict=False):
                if joined:
                    way += [left, right] if len(way) % 4 else [right, left]
                else:
                    self.canvas.line([left, right], fill=ink, width=max(1, self.width * 2 // 3))
            offset += step
        if len(way) > 1:
            self.canvas.line(way, fill=ink, width=max(1, self.width * 2 // 3))

    def _common(self, lines: list[Line]) -> None:
        """One outline around all of them: every outline first, then all that lies inside goes."""
        ink = self._ink(lines[0])
        shaken = [self._shaken(line.points + line.points[:1]) for line in lines]
        for points in shaken:
            self._trace(points, ink, 2 * self.width)
        kind = self.inside if self.pen.chance(self.share) else "none"
        colour = _nearest(lines[0].colour)
        for points in shaken:
            self.canvas.polygon(points, fill=colour if kind == "flat" and colour != PALETTE[0] else self.paper)
        if kind in ("hatch", "scribble"):
            self._hatch(max(shaken, key=len), ink, kind == "scribble")

    def _stroke(self, points: list[Point], closed: bool, ink: Colour) -> None:
        """With a shaky hand; a closed line may stay open or run over its beginning."""
        if closed:
            extra = round(len(points) * self.pen.between(-self.open, self.open)) if len(points) > 8 else 0
            points = points + points[: 1 + max(0, extra)] if extra >= 0 else points[:extra]
        elif self.open and len(points) == 2:  # a straight line runs too far, or not far enough
            (x0, y0), (x1, y1) = points
            more = self.pen.between(-self.open, self.open)
            points = [(x0, y0), (x1 + more * (x1 - x0), y1 + more * (y1 - y0))]
        points = self._shaken(points)
        part: list[Point] = []
        for point in points:
            part.append(point)
            if self.gaps and len(part) > 2 and self.pen.random.random() < self.gaps:
                self._trace(part, ink, self.width)
                part = []
        if len(part) > 1:
            self._trace(part, ink, self.width)

    def _shaken(self, points: list[Point]) -> list[Point]:
        """More points on the way, each a little beside it."""
        if not self.shake and not self.gaps:
            return points
        gauss, most, found = self.pen.random.gauss, EDGE / 14, points[:1]
        x0, y0 = points[0]
        for x1, y1 in points[1:]:
            pieces = min(12, 1 + int(math.hypot(x1 - x0, y1 - y0) / most))
            for i in range(1, pieces + 1):
                t = i / pieces
                found.append((x0 + t * (x1 - x0) + gauss(0, self.shake), y0 + t * (y1 - y0) + gauss(0, self.shake)))
            x0, y0 = x1, y1
        return found

    def _trace(self, points: list[Point], ink: Colour, width: int) -> None:
        self.canvas.line(points, fill=ink, width=width, joint="curve" if width > 3 else None)
        if width > 3:
            r = width / 2 - 0.5
            for x, y in (points[0], points[-1]):
                self.canvas.ellipse([x - r, y - r, x + r, y + r], fill=ink)


def _alike(first: Line, other: Line) -> bool:
    return not other.detail and max(abs(a - b) for a, b in zip(first.colour, other.colour, strict=True)) < 60


def _nearest(colour: Colour) -> Colour:
    """The palette's."""
    return min(PALETTE, key=lambda other: sum((a - b) ** 2 for a, b in zip(colour, other, strict=True)))
