"""The page's figures, each a pure function from numbers to one string of SVG or HTML.

Colours are the page's own (CSS variables), so a figure is right in light and dark without being drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tina.classifier.classifier import Score
from tina.ui.markup import percent, text

WIDTH, HEIGHT = 560, 170
LEFT, RIGHT, TOP, BOTTOM = 40, 96, 12, 24
WIDEST = 24  # classes of a whole confusion table
PAIRS = 30  # of a longer one, the confusions that are shown


def accuracy_by_step(
    accuracies: Sequence[float],
    steps: int,
    chance: float,
    marks: dict[str, float] | None = None,
    at: int | None = None,
    guessed: Sequence[float] = (),
) -> str:
    """The accuracy after every step so far, step 0 being noise, over the lines that it should pass.

    Dotted, from step 1: what the generator's guess of the end would have scored at the same step."""

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / max(1, steps)

    def y(share: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)

    parts = [_grid(x, y, steps)]
    lines = {"chance": chance} | (marks or {})
    heights = _spread([y(value) for value in lines.values()], 18)
    for (name, value), height in zip(lines.items(), heights, strict=True):
        kind = "chance" if name == "chance" else "rival"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="{kind}" x="{WIDTH - RIGHT + 14}" y="{height + 4:.1f}">{text(name)}</text>')
    points = [(x(i), y(value)) for i, value in enumerate(accuracies)]
    if guessed:
        parts.append(_line("guess", [(x(i), y(value)) for i, value in enumerate(guessed, start=1)]))
    if points:
        parts.append(_line("tina", points))
        parts += [f'<circle class="tina" cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in points]
        a, b = points[len(points) - 1 if at is None else at]
        value = accuracies[-1 if at is None else at]
        parts.append(f'<circle class="now" cx="{a:.1f}" cy="{b:.1f}" r="6"/>')
        above = b - 12 if b > TOP + 24 else b + 23
        anchor = "end" if a > 0.8 * (WIDTH - RIGHT) else "middle"
        parts.append(f'<text class="now" x="{a:.1f}" y="{above:.1f}" text-anchor="{anchor}">{percent(value)}</text>')
    says = f"Accuracy by step: {', '.join(map(percent, accuracies))}; chance is {percent(chance)}."
    return svg("".join(parts), WIDTH, HEIGHT, says)


def lines(series: dict[str, Sequence[float]], ticks: Sequence[str], says: str, at: int | None = None) -> str:
    """Shares from 0 to 100% along evenly spaced points: class of a line -> its values, which may end early."""
    width, height, left, right, top, bottom = WIDTH, 164, 40, 12, 12, 24 if any(ticks) else 8

    def x(i: int) -> float:
        return left + (width - left - right) * i / max(1, len(ticks) - 1)

    def y(share: float) -> float:
        return top + (height - top - bottom) * (1 - share)

    parts = []
    for share in (0, 0.5, 1):
        parts.append(f'<line class="grid" x1="{left}" x2="{width - right}" y1="{y(share):.1f}" y2="{y(share):.1f}"/>')
        parts.append(f'<text x="{left - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{percent(share)}</text>')
    for i, tick in enumerate(ticks):
        parts.append(f'<text x="{x(i):.1f}" y="{height - 6}" text-anchor="middle">{text(tick)}</text>')
    if at is not None:
        parts.append(f'<line class="axis" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{top}" y2="{height - bottom}"/>')
    for kind, values in series.items():
        parts.append(_line(kind, [(x(i), y(value)) for i, value in enumerate(values)]))
    return svg("".join(parts), width, height, says)


def _line(kind: str, points: Sequence[tuple[float, float]]) -> str:
    return f'<polyline class="{kind}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>'


def _grid(x, y, steps: int) -> str:
    parts = []
    for share in (0, 0.5, 1):
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(share):.1f}" y2="{y(share):.1f}"/>')
        at = f'x="{LEFT - 6}" y="{y(share) + 4:.1f}"'
        parts.append(f'<text class="tick" {at} text-anchor="end">{percent(share)}</text>')
    every = max(1, steps // 10)
    for step in range(0, steps + 1, every):
        word = "noise" if step == 0 else str(step)
        kind = "end" if step in (0, steps) else "tick"
        parts.append(f'<text class="{kind}" x="{x(step):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{word}</text>')
    return "".join(parts)


def _spread(heights: Sequence[float], apart: float) -> list[float]:
    """Heights for labels that would lie over each other, moved apart as little as it takes."""
    order = np.argsort(heights)
    found = np.array(heights, float)
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + apart)
    return found.tolist()


def svg(inside: str, width: int, height: int, says: str, kind: str = "plot") -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{text(says)}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{text(says)}</title>{inside}</svg>'
    )


def comparison(rows: Sequence[tuple[str, str, Score | float | None, str]]) -> str:
    """The strip: a bar for each rival, with its 95% interval. A row is (id, name, score or share, what to say)."""
    return f'<div class="strip" role="list">{"".join(_bar(*row) for row in rows)}</div>'


def _bar(id: str, name: str, score: Score | float | None, says: str) -> str:
    """Of a share that is still missing, only what there is to say about it."""
    share = score.accuracy if isinstance(score, Score) else score
    whisker = value = ""
    if share is not None:
        value = percent(share)
    if isinstance(score, Score):
        low, high = score.interval
        whisker = f'<u style="--low:{low:.4f};--high:{high:.4f}"></u>'
        value += f"<small>±{100 * (high - low) / 2:.0f}</small>"
    fill = f'<i style="--share:{share or 0:.4f}"></i>{whisker}'
    return (
        f'<div class="bar {id}" role="listitem"><span>{text(name)}</span><b>{fill}</b>'
        f'<em>{value or ("–" if says.startswith("none") else "…")}</em><small class="says">{text(says)}</small></div>'
    )


def bars(shares: dict[str, float], right: str | None = None) -> str:
    """Probabilities, the most probable first: never one hard answer."""
    rows = sorted(shares.items(), key=lambda pair: -pair[1])
    return (
        '<ol class="soft">'
        + "".join(
            f'<li class="{"right" if label == right else ""}"><span>{text(label)}</span>'
            f'<b><i style="--share:{share:.4f}"></i></b><em>{percent(share)}</em></li>'
            for label, share in rows
        )
        + "</ol>"
    )


def confusion(score: Score, chosen: tuple[int, int] | None = None) -> str:
    """A table of buttons: what a picture was (rows), what the classifier said (columns)."""
    labels, most = score.labels, max(1, max(max(row) for row in score.confusion))
    if len(labels) > WIDEST:
        return _worst_pairs(score, chosen)
    head = "".join(f'<th scope="col"><span title="{text(label)}">{text(label)}</span></th>' for label in labels)
    body = []
    for i, row in enumerate(score.confusion):
        cells = []
        for j, count in enumerate(row):
            kind = ("hit" if i == j else "miss") + (" chosen" if chosen == (i, j) else "")
            says = f"{count} pictures of {labels[i]} taken for {labels[j]}"
            cells.append(
                f'<td><button type="button" class="{kind}" data-cell="{i},{j}" style="--share:{count / most:.3f}" '
                f'title="{text(says)}" aria-label="{text(says)}"{"" if count else " disabled"}>'
                f"{count or ''}</button></td>"
            )
        body.append(f'<tr><th scope="row" title="{text(labels[i])}">{text(labels[i])}</th>{"".join(cells)}</tr>')
    return (
        '<div class="scroll"><table class="confusion"><caption>It was (rows), the classifier said (columns)</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _worst_pairs(score: Score, chosen: tuple[int, int] | None) -> str:
    """Of a table too wide to read, only the confusions that happen most."""
    found = [(count, i, j) for i, row in enumerate(score.confusion) for j, count in enumerate(row) if i != j and count]
    rows = "".join(
        f'<li><button type="button" class="plain{" chosen" if chosen == (i, j) else ""}" data-cell="{i},{j}">'
        f"{count} × {text(score.labels[i])} taken for {text(score.labels[j])}</button></li>"
        for count, i, j in sorted(found, key=lambda one: (-one[0], one[1:]))[:PAIRS]
    )
    says = f"The confusions that happen most, out of {len(score.labels)} classes"
    return f'<p class="note">{says}</p><ol class="pairs">{rows}</ol>'
