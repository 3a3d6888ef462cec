"""Line charts as SVG: accuracy by sampling step, and shares along any axis.

Colours are the page's own (CSS variables), so a figure is right in light and dark without being drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from tina.ui.templates import escaped, percent, render

WIDTH, HEIGHT = 560, 138
LEFT, RIGHT, TOP, BOTTOM = 40, 96, 12, 24
LABEL_DISTANCE = 18  # at least so far apart are the labels beside the lines

Point = tuple[float, float]


def accuracy_by_step(
    accuracies: Sequence[float],
    steps: int,
    chance: float,
    baselines: dict[str, float] | None = None,
    index: int = -1,
    estimates: Sequence[float] = (),
) -> Markup:
    """The accuracy after every step so far, over horizontal lines for chance and the baselines.

    `accuracies` begins with step 0, the start. `index` is the step that is marked. `estimates`, dotted, begins with
    step 1: what the generator's estimate of the finished classifier scores at the same step.
    """

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / max(1, steps)

    def y(share: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)

    parts = [_shares_grid(y, LEFT, WIDTH - RIGHT), _step_ticks(x, steps)]
    parts += _levels({"chance": chance} | (baselines or {}), y)
    points = [(x(i), y(share)) for i, share in enumerate(accuracies)]
    if estimates:
        parts.append(polyline("estimate", [(x(i), y(share)) for i, share in enumerate(estimates, start=1)]))
    if points:
        parts.append(polyline("tina", points))
        parts += [f'<circle class="tina" cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in points]
        parts.append(_marked(points[index], percent(accuracies[index])))
    compared = "".join(f", {name} {percent(share)}" for name, share in (baselines or {}).items())
    description = f"Accuracy by step: {', '.join(map(percent, accuracies))}; chance is {percent(chance)}{compared}."
    return svg("".join(parts), WIDTH, HEIGHT, description)


def lines(series: dict[str, Sequence[float]], ticks: Sequence[str], description: str, at: int | None = None) -> Markup:
    """Shares from 0 to 100% along evenly spaced points.

    `series` maps a line's CSS class to its values, which may end early; `ticks` names the points; `at` marks one.
    """
    height, left, right, top, bottom = 164, 40, 12, 12, 24 if any(ticks) else 8

    def x(i: int) -> float:
        return left + (WIDTH - left - right) * i / max(1, len(ticks) - 1)

    def y(share: float) -> float:
        return top + (height - top - bottom) * (1 - share)

    parts = [_shares_grid(y, left, WIDTH - right)]
    for i, tick in enumerate(ticks):
        parts.append(f'<text x="{x(i):.1f}" y="{height - 6}" text-anchor="middle">{escaped(tick)}</text>')
    if at is not None:
        parts.append(f'<line class="axis" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{top}" y2="{height - bottom}"/>')
    for kind, values in series.items():
        parts.append(polyline(kind, [(x(i), y(value)) for i, value in enumerate(values)]))
    return svg("".join(parts), WIDTH, height, description)


def svg(inside: str, width: int, height: int, description: str, kind: str = "plot") -> Markup:
    """A figure around SVG elements; `description` is what a screen reader says."""
    return render("svg.html", inside=Markup(inside), width=width, height=height, description=description, kind=kind)


def polyline(kind: str, points: Sequence[Point]) -> str:
    """A line through points; `kind` is its class in the stylesheet."""
    return f'<polyline class="{kind}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>'


def _shares_grid(y, left: float, right: float) -> str:
    """Lines at 0, 50 and 100%, labelled on the left."""
    parts = []
    for share in (0, 0.5, 1):
        parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y(share):.1f}" y2="{y(share):.1f}"/>')
        position = f'x="{left - 6}" y="{y(share) + 4:.1f}"'
        parts.append(f'<text class="tick" {position} text-anchor="end">{percent(share)}</text>')
    return "".join(parts)


def _step_ticks(x, steps: int) -> str:
    parts = []
    for step in range(0, steps + 1, max(1, steps // 10)):
        word = "start" if step == 0 else str(step)
        kind = "end" if step in (0, steps) else "tick"
        parts.append(f'<text class="{kind}" x="{x(step):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{word}</text>')
    return "".join(parts)


def _levels(levels: dict[str, float], y) -> list[str]:
    """A horizontal line for each share, with its name on the right."""
    parts = []
    heights = spread([y(value) for value in levels.values()], LABEL_DISTANCE)
    for (name, value), height in zip(levels.items(), heights, strict=True):
        kind = "chance" if name == "chance" else "baseline"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="{kind}" x="{WIDTH - RIGHT + 14}" y="{height + 4:.1f}">{escaped(name)}</text>')
    return parts


def _marked(point: Point, label: str) -> str:
    """A larger dot with its value above it, or below where there is no room above."""
    a, b = point
    height = b - 12 if b > TOP + 24 else b + 23
    anchor = "end" if a > 0.8 * (WIDTH - RIGHT) else "middle"
    return (
        f'<circle class="now" cx="{a:.1f}" cy="{b:.1f}" r="6"/>'
        f'<text class="now" x="{a:.1f}" y="{height:.1f}" text-anchor="{anchor}">{label}</text>'
    )


def spread(heights: Sequence[float], distance: float) -> list[float]:
    """Heights for labels that would lie over each other, moved down as little as it takes."""
    moved = list(heights)
    for before, after in pairwise(sorted(range(len(moved)), key=heights.__getitem__)):
        moved[after] = max(moved[after], moved[before] + distance)
    return moved
