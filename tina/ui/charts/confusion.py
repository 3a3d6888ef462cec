"""The confusion table, whose cells are buttons; of a table too wide to read, only its worst pairs."""

from __future__ import annotations

from markupsafe import Markup

from tina.classifier.score import Score
from tina.ui.templates import render

WIDEST = 24  # classes of a whole table
PAIRS = 30  # that are listed of a wider one

Cell = tuple[int, int]  # (what a picture was, what the classifier answered), positions in the labels


def confusion(score: Score, chosen: Cell | None = None) -> Markup:
    """A table of buttons: what a picture was (rows), what the classifier answered (columns)."""
    if len(score.labels) > WIDEST:
        return _worst_pairs(score, chosen)
    most = max(1, max(max(row) for row in score.confusion))
    return render("confusion.html", labels=score.labels, rows=score.confusion, most=most, chosen=chosen)


def _worst_pairs(score: Score, chosen: Cell | None) -> Markup:
    pairs = [(count, i, j) for i, row in enumerate(score.confusion) for j, count in enumerate(row) if i != j and count]
    pairs = sorted(pairs, key=lambda pair: (-pair[0], pair[1:]))[:PAIRS]
    return render("confusion_pairs.html", labels=score.labels, pairs=pairs, chosen=chosen)
