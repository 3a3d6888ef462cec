"""How classifiers and their scores look in a notebook: one piece of HTML, with its pictures inside and nothing to run.

classifier_html(classifier)     # `Classifier._repr_html_`
score_html(score)               # `Score._repr_html_`
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

import numpy as np
from PIL import Image

from tina.blueprints import Blueprint, Weights

POSITIVE, NEGATIVE = (234, 88, 12), (37, 99, 235)  # of weights; near zero they let the notebook's own ground through
WRITERS = ("#c2410c", "#9ca3af", "#0f766e")  # of the parts that wrote a classifier
FULL_COLOUR = 98  # percentile of the absolute weights that is drawn at full strength
ACROSS = 80  # weights in a line; a longer row goes on in the next
MOST_CLASSES = 40  # rows that are drawn


class Score(Protocol):
    """What is shown of a `tina.classifier.score.Score`."""

    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def confusion(self) -> Sequence[Sequence[int]]: ...
    @property
    def on(self) -> str: ...
    @property
    def pictures(self) -> int: ...
    @property
    def accuracy(self) -> float: ...
    @property
    def interval(self) -> tuple[float, float]: ...


class Classifier(Protocol):
    """What is shown of a `tina.classifier.classifier.Classifier`."""

    blueprint: Blueprint
    weights: Weights

    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def parameters(self) -> int: ...
    @property
    def provenance(self) -> Mapping[str, float] | None: ...
    @property
    def scored(self) -> Score | None: ...


def classifier_html(classifier: Classifier) -> str:
    """What it tells apart, who wrote it, its last layer, and how good it was when it was made."""
    count = len(classifier.labels)
    kind = f"{classifier.parameters:,} weights ({classifier.blueprint.id})"
    parts = [f"<div><b>A classifier for {count} class{'es' * (count != 1)}</b>, {escape(kind)}</div>"]
    if classifier.provenance:
        parts.append(_writers(classifier.provenance))
    parts.append(_rows(classifier.labels, classifier.weights))
    if classifier.scored:
        parts.append(score_html(classifier.scored))
    return f'<div style="max-width:48em">{"".join(parts)}</div>'


def score_html(score: Score) -> str:
    """The accuracy with its interval, and the confusion matrix: a row for what it was, a column for each answer."""
    low, high = (100 * end for end in score.interval)
    on = f" of {escape(score.on)}" if score.on else f" of {score.pictures:,} held-out pictures"
    head = f"<div><b>{100 * score.accuracy:.1f}%</b>{on} right (95% interval: {low:.1f} to {high:.1f}%)</div>"
    columns = "".join(f'<th style="{NARROW}">{escape(label)}</th>' for label in score.labels)
    lines = []
    for label, row in zip(score.labels, score.confusion, strict=True):
        total = max(1, sum(row))
        cells = "".join(_cell(count, count / total, label == to) for count, to in zip(row, score.labels, strict=True))
        lines.append(f'<tr><th style="{LEFT}" scope="row">{escape(label)}</th>{cells}</tr>')
    top = f'<thead><tr><th style="{LEFT}">it was</th>{columns}</tr></thead>'
    table = f'<table style="{TABLE}">{top}<tbody>{"".join(lines)}</tbody></table>'
    return f'{head}<div style="overflow-x:auto">{table}</div>'


TABLE = "color:inherit;font-size:inherit"
LEFT = "text-align:left;white-space:nowrap"
NARROW = "text-align:right;max-width:8em;overflow:hidden;text-overflow:ellipsis"


def _cell(count: int, share: float, right: bool) -> str:
    colour = "15,118,110" if right else "194,65,12"
    strength = 0.1 + 0.5 * share if count else 0
    return f'<td style="text-align:right;background:rgba({colour},{strength:.2f})">{count or ""}</td>'


def _writers(provenance: Mapping[str, float]) -> str:
    """One bar of the shares that each part wrote."""
    colours = dict(zip(provenance, WRITERS, strict=False))
    bar = "".join(
        f'<span style="display:inline-block;height:8px;width:{100 * share:.1f}%;background:{colours[part]}"></span>'
        for part, share in provenance.items()
    )
    words = ", ".join(f"{escape(part)} {share:.0%}" for part, share in provenance.items())
    return f'<div style="font-size:90%">written by: {words}</div><div style="line-height:8px;width:100%">{bar}</div>'


def _rows(labels: Sequence[str], weights: Weights) -> str:
    """A picture of each class's row of the last layer, without what all classes have in common."""
    rows = weights["head.weight"].float().numpy()
    rows = rows - rows.mean(0)
    scale = float(np.percentile(np.abs(rows), FULL_COLOUR)) or 1.0
    lines = []
    for label, row in zip(labels[:MOST_CLASSES], rows, strict=False):
        strip = f'<img alt="" src="{_png(_strip(row, scale))}" style="{STRIP}">'
        lines.append(f'<tr><th style="{LEFT}" scope="row">{escape(label)}</th><td style="width:32em">{strip}</td></tr>')
    more = len(labels) - len(lines)
    rest = f"<div>and {more} more</div>" if more else ""
    return f'<table style="{TABLE}"><tbody>{"".join(lines)}</tbody></table>{rest}'


STRIP = "width:100%;height:16px;image-rendering:pixelated;display:block"


def _strip(row: np.ndarray, scale: float) -> np.ndarray:
    """uint8, lines x length x 4: orange is positive, blue negative, and the size is how much of it there is."""
    lines = -(-len(row) // ACROSS)
    values: np.ndarray = np.zeros(lines * min(len(row), ACROSS), np.float32)
    values[: len(row)] = row
    values = values.reshape(lines, -1)
    colour = np.where((values >= 0)[..., None], POSITIVE, NEGATIVE)
    return np.concatenate([colour, 255 * np.clip(np.abs(values) / scale, 0, 1)[..., None]], -1).astype(np.uint8)


def _png(pixels: np.ndarray) -> str:
    """As a data: URL."""
    file = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
