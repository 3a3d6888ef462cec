"""Generated weights beside really fine-tuned ones, part by part: how they are spread, and whether they are the same.

Two sets of weights may be spread alike and yet do different things: the page says so beside these figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from tina.blueprints import Weights
from tina.ui.charts.lines import svg
from tina.ui.charts.weights_view import groups
from tina.ui.templates import render

BINS = 36
QUANTILES = 41
ALIKE = {  # from a cosine on: in words
    0.95: "nearly the same, weight by weight",
    0.7: "much alike",
    0.3: "somewhat alike",
}
CAPTION = "Matching histograms is not yet matching function: what counts is the accuracy above."


@dataclass(frozen=True)
class Likeness:
    """One part of two classifiers."""

    name: str
    cosine: float
    distance: float  # of the two, as a share of the fine-tuned one's length
    edges: np.ndarray
    written: np.ndarray  # (BINS,) counts of Tina's weights
    tuned: np.ndarray  # (BINS,) counts of the fine-tuned ones
    quantiles: np.ndarray  # (QUANTILES, 2): written, tuned

    @property
    def in_words(self) -> str:
        """What its cosine says."""
        for least, words in ALIKE.items():
            if self.cosine >= least:
                return words
        return "other weights"

    @classmethod
    def of(cls, name: str, written: np.ndarray, tuned: np.ndarray) -> Likeness:
        """Of two layers, or rows, of the same shape."""
        a, b = written.ravel().astype(float), tuned.ravel().astype(float)
        low, high = np.quantile(np.concatenate([a, b]), [0.002, 0.998])
        edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
        lengths = max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12)
        at = np.linspace(0.01, 0.99, QUANTILES)
        return cls(
            name,
            float(a @ b) / lengths,
            float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-12)),
            edges,
            np.histogram(np.clip(a, low, high), edges)[0],
            np.histogram(np.clip(b, low, high), edges)[0],
            np.stack([np.quantile(a, at), np.quantile(b, at)], 1),
        )


def layers(written: Weights, tuned: Weights, rows: bool = True) -> list[Likeness]:
    """The kernels of each part of the network, and the last layer's rows (where they are written) without what its
    classes have in common, which softmax does not see."""
    likenesses = []
    for group, names in groups(written).items():
        a, b = (np.concatenate([some[name].numpy().ravel() for name in names]) for some in (written, tuned))
        likenesses.append(Likeness.of(group, a, b))
    if not rows:
        return likenesses
    a, b = (some["head.weight"].numpy() for some in (written, tuned))
    return [*likenesses, Likeness.of("last layer", a - a.mean(0), b - b.mean(0))]


def rows(labels: list[str], written: Weights, tuned: Weights) -> list[Likeness]:
    """The last layer, class by class."""
    a, b = (weights["head.weight"].numpy() for weights in (written, tuned))
    a, b = a - a.mean(0), b - b.mean(0)
    return [Likeness.of(label, a[k], b[k]) for k, label in enumerate(labels)]


def panel(likeness: Likeness) -> Markup:
    """Both histograms over each other, the QQ line beside them, and two numbers."""
    return render("likeness.html", likeness=likeness, overlay=overlay(likeness), qq=qq(likeness))


def overlay(likeness: Likeness) -> Markup:
    """Tina's histogram as a line over the fine-tuned one as an area."""
    width, height = 320, 120
    most = max(likeness.written.max(), likeness.tuned.max(), 1)

    def outline(counts: np.ndarray) -> str:
        step = width / len(counts)
        points = [f"0,{height - 16}"]
        for i, count in enumerate(counts):
            y = (height - 16) - (height - 24) * count / most
            points += [f"{i * step:.1f},{y:.1f}", f"{(i + 1) * step:.1f},{y:.1f}"]
        return " ".join([*points, f"{width},{height - 16}"])

    low, high = likeness.edges[0], likeness.edges[-1]
    inside = (
        f'<polygon class="tuned" points="{outline(likeness.tuned)}"/>'
        f'<polyline class="tina" points="{outline(likeness.written)}"/>'
        f'<line class="axis" x1="0" x2="{width}" y1="{height - 16}" y2="{height - 16}"/>'
        f'<text x="0" y="{height - 2}">{low:.2f}</text>'
        f'<text x="{width}" y="{height - 2}" text-anchor="end">{high:.2f}</text>'
    )
    return svg(inside, width, height, f"Weights of {likeness.name}: Tina's over the fine-tuned ones'")


def qq(likeness: Likeness) -> Markup:
    """Quantile against quantile: on the dashed line, both are spread alike."""
    size, pad = 120, 8
    low, high = float(likeness.quantiles.min()), float(likeness.quantiles.max())
    span = (high - low) or 1.0

    def at(value: float) -> float:
        return pad + (size - 2 * pad) * (value - low) / span

    points = " ".join(f"{at(b):.1f},{size - at(a):.1f}" for a, b in likeness.quantiles)
    inside = (
        f'<line class="chance" x1="{pad}" y1="{size - pad}" x2="{size - pad}" y2="{pad}"/>'
        f'<polyline class="tina" points="{points}"/>'
    )
    description = f"Quantiles of {likeness.name}, fine-tuned to the right, Tina's upwards"
    return svg(inside, size, size, description, "plot qq")


def table(rows: list[Likeness]) -> Markup:
    """Cosine and distance of each, as a small table."""
    return render("likeness_table.html", rows=rows)
