"""Shapes that several drawings are made of, and ways to move what has been drawn."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, ellipse, mirrored, moved, smooth, star


def band(line: list[Point], halves: list[float] | float) -> list[Point]:
    """The closed outline of a band along `line`, `halves` wide to either side (a list: spread over its length)."""
    wide = halves if isinstance(halves, list) else [halves, halves]
    left, right = [], []
    for i, (x, y) in enumerate(line):
        at = i / (len(line) - 1) * (len(wide) - 1)
        low = min(int(at), len(wide) - 2)
        half = wide[low] + (wide[low + 1] - wide[low]) * (at - low)
        (x0, y0), (x1, y1) = line[max(0, i - 1)], line[min(len(line) - 1, i + 1)]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        nx, ny = (y1 - y0) / length * half, (x0 - x1) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def turned(side: list[Point], x: float = 0.0) -> list[Point]:
    """What a lathe makes of its right side, given from top to bottom, about the upright through x."""
    right = [(x + half, y) for half, y in side]
    return right + mirrored(right, x)[::-1]


def leaf(x: float, y: float, length: float, width: float, turn: float) -> list[Point]:
    """A pointed leaf that grows out of (x, y) towards `turn` degrees."""
    side = [(0, 0), (length * 0.3, -width * 0.45), (length * 0.65, -width * 0.4), (length, 0)]
    return moved(side + [(px, -py) for px, py in side[-2:0:-1]], x, y, turn)


def heart(x: float, y: float, size: float) -> list[Point]:
    """About (x, y), `size` from its middle to its side."""
    right = [(0.55, -0.75), (1, -0.35), (0.7, 0.25), (0, 0.95)]
    return moved([(0, -0.4), *right, *mirrored(right[:-1])[::-1]], x, y, scale=size)


def bitten(outline: list[Point], x: float, y: float, r: float) -> list[Point]:
    """What three bites leave of an outline: none of it lies nearer to (x, y) than r."""
    gone = [math.hypot(px - x, py - y) < r for px, py in outline]
    first = next(i for i in range(len(outline)) if gone[i - 1] and not gone[i])
    kept = [outline[i % len(outline)] for i in range(first, first + len(outline)) if not gone[i % len(outline)]]
    start, end = (math.atan2(py - y, px - x) for px, py in (kept[-1], kept[0]))
    middle = math.atan2(sum(py for _, py in kept) - y * len(kept), sum(px for px, _ in kept) - x * len(kept))
    before, after = ((b - a + math.pi) % math.tau - math.pi for a, b in ((start, middle), (middle, end)))
    marks = []
    for i in range(13):
        t = i / 12
        angle, radius = start + (before + after) * t, r * (0.88 + 0.2 * abs(math.sin(3 * math.pi * t)))
        marks.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return kept + marks


def crossings(points: list[Point], slope: float, offset: float) -> list[Point]:
    """Where the line y = slope x + offset enters and leaves a polygon, from left to right."""
    found = []
    x0, y0 = points[-1]
    above0 = y0 - slope * x0 - offset
    for x1, y1 in points:
        above1 = y1 - slope * x1 - offset
        if (above0 > 0) != (above1 > 0):
            t = above0 / (above0 - above1)
            found.append((x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
        x0, y0, above0 = x1, y1, above1
    return sorted(found)


def placed(p: Pen, since: int, dx: float = 0.0, dy: float = 0.0, turn: float = 0.0, scale: float = 1.0) -> None:
    """Turn, scale and shift all the marks made since there were `since` of them."""
    for i, mark in enumerate(p.marks[since:], since):
        p.marks[i] = mark._replace(points=moved(mark.points, dx, dy, turn, scale))


def fitted(p: Pen) -> None:
    """Bring all that is drawn into the square, should it stand out."""
    xs, ys = zip(*(point for mark in p.marks for point in mark.points), strict=True)
    size = max(max(xs) - min(xs), max(ys) - min(ys)) / 2
    if size > 1.0 or max(map(abs, xs + ys)) > 1.1:
        scale = min(1.0, 1.02 / size)
        placed(p, 0, -scale * (max(xs) + min(xs)) / 2, -scale * (max(ys) + min(ys)) / 2, 0, scale)


def ornament(p: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """A bold motif on a body: a heart, a star, a flower, spots or a face."""
    kind = p.pick("heart", "star", "flower", "spots", "face")
    if kind == "heart":
        p.fill(heart(x, y, size), colour, True)
    elif kind == "star":
        p.fill(star(x, y, size, size * 0.45, 5), colour, True)
    elif kind == "flower":
        p.fill(smooth(star(x, y, size, size * 0.5, 5), steps=3), colour, True)
        p.dot(x, y, size * 0.28, p.colour("yellow", "white"), False)
    elif kind == "spots":
        for k, (dx, dy) in enumerate(((-0.8, -0.6), (0.7, -0.7), (0, 0.1), (-0.8, 0.85), (0.8, 0.7))):
            p.dot(x + dx * size, y + dy * size, size * (0.3 + 0.08 * (k % 2)), colour)
    else:
        for side in (-1, 1):
            p.dot(x + side * size * 0.6, y - size * 0.3, max(0.08, size * 0.24), colour)
        p.stroke(ellipse(x, y + size * 0.1, size * 0.6, size * 0.5, start=15, end=165, steps=8), colour, 0.09, True)
