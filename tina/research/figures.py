"""A table as pictures: standalone SVG, drawn here and legible on a light page as on a dark one.

    table = json.loads(Path("checkpoints/sketchbook-cnn/table.json").read_text())
    Path("new-class-sets.svg").write_text(bars(table, "ood"))
    Path("steps.svg").write_text(steps_figure(table))

Nothing overlaps whatever the words are: every text is measured, a little generously, before its place is chosen.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from tina.errors import UserError
from tina.research.judge import splits
from tina.research.judge.intervals import format_row
from tina.research.judge.method import SHOTS
from tina.research.judge.methods import TITLES

GREY, ACCENT = "#6e7781", "#d9480f"  # the first has enough contrast on white and on GitHub's dark grey
DASHES = ("", "7 4", "2 3", "10 3 2 3", "16 5", "1 6")  # of the lines of a plot, those of one colour
FONT, ROW = 13, 26  # pixels: letters, and from one row to the next
BARS = (
    *("chance", "nearest row", "zoo average", "zoo nearest", "zoo noisy", "ridge", "experts", "encoder", "whole"),
    *("label-only", "slice", "tina", "tuned head", "tuned label-only", "tuned"),
)
WHO = {"tina": "Tina", "ridge": "ridge", "encoder": "the encoder", "rows": "the generic network"}
STEPS = {1: "tina 1 step", 2: "tina 2 steps", 3: "tina", 5: "tina 5 steps", 10: "tina 10 steps", 50: "tina 50 steps"}

Point = tuple[float, float, float, float]  # x, y, and the ends of y's interval


def bars(table: Mapping, split: str, methods: Sequence[str] = BARS) -> str:
    """The accuracy of some methods on one split, with 95% whiskers; Tina's bars stand out."""
    rows = {row["method"]: row for row in table["rows"] if row["split"] == split}
    rows = {name: rows[name] for name in methods if name in rows}
    if not rows:
        raise UserError(f"The table has no rows of {split!r} to draw.")
    labels = {name: TITLES.get(name, name) for name in rows}
    title = f"{splits.TITLES.get(split, split)}: accuracy of {table['ways']}-way classifiers, %"
    top, left = 36, max(map(_width, labels.values())) + 10
    scale = _ticks(0, max(100 * max(row["accuracy"], _ends(row)[1]) for row in rows.values()), 5)
    per_unit = 340 / scale[-1]
    bottom, right = top + ROW * len(rows), left + 340
    parts = [_text(0, 16, title, weight="600")]
    for tick in scale:
        x = left + tick * per_unit
        parts += [_line(x, top, x, bottom, opacity=0.25), _text(x, bottom + 17, f"{tick:g}", "middle")]
    for i, (name, row) in enumerate(rows.items()):
        y, end = top + ROW * (i + 0.5), left + 100 * row["accuracy"] * per_unit
        low, high = (left + 100 * value * per_unit for value in _ends(row))
        colour = ACCENT if name.startswith("tina") else GREY
        parts += [
            _text(left - 8, y + 4.5, labels[name], "end"),
            f'<rect x="{left:.1f}" y="{y - 8:.1f}" width="{end - left:.1f}" height="16" fill="{colour}" '
            f'fill-opacity="0.55"/>',
            *_whisker((low, y), (high, y), colour),
            _text(right + 12, y + 4.5, format_row(row)),
        ]
    return _svg(max(right + 12 + _width("100.0 ± 10.0"), _width(title, bold=True)), bottom + 24, title, parts)


def lines(
    series: Mapping[str, Sequence[Point]], x_label: str, y_label: str, log_x: bool = False, title: str = ""
) -> str:
    """A line with whiskers for each series, named where it ends."""
    series = {name: sorted(points) for name, points in series.items() if points}
    if not series:
        raise UserError("There is nothing to draw.")
    points = [point for found in series.values() for point in found]
    xs, ys = [point[0] for point in points], [y for _, *ends in points for y in ends if math.isfinite(y)]
    if log_x and min(xs) <= 0:
        raise UserError("A logarithmic axis has no place for numbers that are not above zero.")
    y_ticks = _ticks(min(ys), max(ys), 5)
    top, left = (48 if title else 28), 14 + max(_width(f"{tick:g}") for tick in y_ticks)
    plane = _Plane((min(xs), max(xs)), y_ticks, left, top, top + max(260, (FONT + 4) * len(series)), log_x)
    middle = max(plane.left + 220, _width(x_label) / 2)
    parts = [_text(0, 16, title, weight="600")] if title else []
    parts += [_text(0, top - 12, y_label), _text(middle, plane.bottom + 42, x_label, "middle")]
    parts += _grid(plane, _x_ticks(xs, log_x))
    heights = _spread([plane.up(found[-1][1]) for found in series.values()], FONT + 4, plane.bottom)
    styles = dict(zip(series, _styles(list(series)), strict=True))
    for (name, found), height in zip(series.items(), heights, strict=True):
        parts += _name(plane, name, found[-1], styles[name][0], height)
    for name, found in sorted(series.items(), key=lambda line: styles[line[0]][0] == ACCENT):  # Tina's on top
        parts += _series(plane, found, styles[name])
    widths = [plane.right + 14 + max(map(_width, series)), _width(title, bold=True), _width(y_label)]
    return _svg(
        max(*widths, middle + _width(x_label) / 2), plane.bottom + 50, title or f"{y_label} by {x_label}", parts
    )


def steps_figure(table: Mapping) -> str:
    """How many steps of sampling Tina's accuracy needs, split by split."""
    found = {(row["method"], row["split"]): row for row in table["rows"]}
    series = {
        splits.TITLES[split]: [
            (steps, *(100 * value for value in (row["accuracy"], *_ends(row))))
            for steps, name in STEPS.items()
            if (row := found.get((name, split)))
        ]
        for split in splits.SPLITS
    }
    series = {name: points for name, points in series.items() if len(points) > 1}
    return lines(series, "steps of sampling", "accuracy, %", log_x=True)


def pictures_figure(table: Mapping, split: str) -> str:
    """What more example pictures are worth to whom, with the class's name beside them and without."""
    found = {row["method"]: row for row in table["rows"] if row["split"] == split}
    series = {
        f"{who}{', and the name' if words else ''}": [
            (shots, *(100 * value for value in (row["accuracy"], *_ends(row))))
            for key, shots in SHOTS.items()
            if (row := found.get(f"{rival} {words}{key}"))
        ]
        for rival, who in WHO.items()
        for words in ("", "name + ")
    }
    series = {name: points for name, points in series.items() if len(points) > 1}
    return lines(series, "pictures a class", "accuracy, %", log_x=True, title=splits.TITLES.get(split, split))


# -- a plane to draw lines in -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Plane:
    """Where numbers are on the page."""

    xs: tuple[float, float]  # the least and the greatest
    y_ticks: Sequence[float]
    left: float
    top: float
    bottom: float
    log_x: bool

    @property
    def right(self) -> float:
        return self.left + 440

    def across(self, x: float) -> float:
        low, value, high = (math.log(v) if self.log_x else v for v in (self.xs[0], x, self.xs[1]))
        return self.left + 20 + 400 * ((value - low) / (high - low) if high > low else 0.5)

    def up(self, y: float) -> float:
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return self.bottom - (self.bottom - self.top) * (y - low) / (high - low)


def _grid(plane: _Plane, x_ticks: Sequence[float]) -> list[str]:
    """A line for every number of y, and as many numbers of x as there is room for."""
    parts, free = [], -math.inf
    for tick in plane.y_ticks:
        y = plane.up(tick)
        parts += [
            _line(plane.left, y, plane.right, y, opacity=0.25),
            _text(plane.left - 8, y + 4.5, f"{tick:g}", "end"),
        ]
    for tick in x_ticks:
        label = f"{tick:g}" if tick >= 100 else f"{tick:.2g}"  # measured seconds have more digits than anyone reads
        x, half = plane.across(tick), _width(label) / 2
        if x - half > free:
            parts.append(_line(x, plane.bottom, x, plane.bottom + 5))
            parts.append(_text(x, plane.bottom + 20, label, "middle"))
            free = x + half + 4
    return parts


def _styles(names: Sequence[str]) -> list[tuple[str, str]]:
    """A colour and a dash for each line: Tina's stand out from their rivals', and where there are no rivals every other
    one does."""
    ours = [name.startswith("Tina") for name in names]
    if not any(ours):
        ours = [i % 2 == 0 for i in range(len(names))]
    return [(ACCENT if own else GREY, DASHES[ours[:i].count(own) % len(DASHES)]) for i, own in enumerate(ours)]


def _name(plane: _Plane, name: str, last: Point, colour: str, height: float) -> list[str]:
    """What a line is called, at `height` beside the drawing, with a thin line from its last point to there."""
    at = plane.right + 14
    thin = _line(plane.across(last[0]) + 6, plane.up(last[1]), at - 4, height, opacity=0.5)
    return [thin, _text(at, height + 4.5, name, colour=colour)]


def _series(plane: _Plane, points: Sequence[Point], style: tuple[str, str]) -> list[str]:
    """A line, its whiskers and marks."""
    colour, dash = style
    places = [(plane.across(x), plane.up(y)) for x, y, _, _ in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>']
    for (x, y), (_, _, low, high) in zip(places, points, strict=True):
        if math.isfinite(low) and math.isfinite(high):
            parts += _whisker((x, plane.up(low)), (x, plane.up(high)), colour)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
    return parts


# -- numbers ----------------------------------------------------------------------------------------------------------
def _ticks(low: float, high: float, count: int) -> list[float]:
    """About `count` round numbers, the first not above `low` and the last not below `high`."""
    if high <= low:
        low, high = low - 0.5, high + 0.5
    power = 10 ** math.floor(math.log10((high - low) / count))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power * count >= (high - low) * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _x_ticks(xs: Sequence[float], log_x: bool) -> list[float]:
    """The numbers themselves where they are few, as numbers of steps are; else round ones between them."""
    low, high = min(xs), max(xs)
    if len(set(xs)) <= 8:
        return sorted(set(xs))
    if log_x:
        powers = [10.0**n for n in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
        return [power for power in powers if low <= power <= high] or [low, high]
    return [tick for tick in _ticks(low, high, 6) if low <= tick <= high]


def _ends(row: Mapping) -> tuple[float, float]:
    """The interval; of a single task, which has none, its accuracy."""
    low, high = row["interval"] or (row["accuracy"],) * 2
    return max(low, 0.0), high


def _spread(heights: Sequence[float], gap: float, bottom: float) -> list[float]:
    """The heights, moved as little as it takes to be `gap` apart and not below `bottom`."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    found = list(heights)
    for before, i in pairwise(order):
        found[i] = max(found[i], found[before] + gap)
    limit = bottom
    for i in reversed(order):
        found[i] = min(found[i], limit)
        limit = found[i] - gap
    return found


# -- marks ------------------------------------------------------------------------------------------------------------
def _width(text: str, bold: bool = False) -> float:
    """Pixels, rather too many than too few: fonts differ."""
    wide = {"F": 1.0, "W": 1.0}
    ems = (
        0.36 if c in " .,:;'|!ijlft()[]" else wide.get(unicodedata.east_asian_width(c), 0.9 if c in "mwMW%@" else 0.61)
        for c in text
    )
    return FONT * sum(ems) * (1.08 if bold else 1)


def _text(x: float, y: float, content: str, anchor: str = "start", colour: str = GREY, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">'
        f"{escape(content)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = GREY, width: float = 1, opacity: float = 1) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}" stroke-opacity="{opacity:g}"/>'
    )


def _whisker(start: tuple[float, float], end: tuple[float, float], colour: str) -> list[str]:
    """An interval as a line with a cap at either end, upright or lying."""
    (x1, y1), (x2, y2) = start, end
    dx, dy = (0, 4) if y1 == y2 else (4, 0)
    caps = [_line(x - dx, y - dy, x + dx, y + dy, colour, 1.5) for x, y in (start, end)]
    return [_line(x1, y1, x2, y2, colour, 1.5), *caps]


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    width, height = math.ceil(width), math.ceil(height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="{FONT}">',
            f"<title>{escape(title)}</title>",
            *parts,
            "</svg>\n",
        ]
    )
