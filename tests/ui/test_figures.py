"""Figures: numbers in, one string out; whatever a visitor typed is only text in it."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from tina.blueprints import get_blueprint
from tina.classifier.score import Score
from tina.ui.charts import bars, confusion, histograms, lines, weights_view
from tina.ui.charts.bars import Bar
from tina.ui.templates import escaped, percent, render

EVIL = '</text></svg><script>alert(1)</script>" onload="x{{1}}${2}'
BLUEPRINT = get_blueprint("cnn-5k")


def weights(classes: int = 3, seed: int = 0) -> dict:
    return BLUEPRINT.init(classes, torch.Generator().manual_seed(seed))


def inert(html: str) -> None:
    assert "<script" not in html
    assert 'onload="' not in html
    assert "{{" not in html
    assert "${" not in html


def test_text_is_text_for_html_and_for_templates() -> None:
    inert(escaped(EVIL))
    inert(render("note.html", kind=EVIL, sentence=EVIL))
    assert escaped("R&B") == "R&amp;B"
    assert escaped(escaped("R&B")) == "R&amp;B"


@pytest.mark.parametrize(("share", "says"), [(None, "–"), (0.876, "88%"), (1.0, "100%")])
def test_shares_as_percentages(share: float | None, says: str) -> None:
    assert percent(share) == says


def test_every_step_is_a_point_over_the_chance_line() -> None:
    svg = lines.accuracy_by_step([0.1, 0.4, 0.8], 10, 0.1, {EVIL: 0.7})
    inert(svg)
    ElementTree.fromstring(svg)
    assert svg.count('<circle class="tina"') == 3
    assert 'line class="chance"' in svg
    assert ">80%<" in svg


def test_labels_that_would_lie_over_each_other_move_apart() -> None:
    found = lines.spread([50, 52, 20], 15)
    assert found == [50, 65, 20]


def test_a_bar_has_its_interval_and_a_missing_one_says_why() -> None:
    score = Score(("a", "b"), ((9, 1), (2, 8)))
    strip = bars.comparison(
        [Bar("tina", "Tina", score, EVIL), Bar("slice", "slice", None, "new", missing=True), Bar("x", "x", None)]
    )
    inert(strip)
    assert "85%" in strip
    assert "--low:" in strip
    assert "<em>–</em>" in strip
    assert "<em>…</em>" in strip


def test_soft_bars_are_in_order_and_mark_what_is_right() -> None:
    html = bars.probabilities({"a": 0.2, EVIL: 0.8}, correct="a")
    inert(html)
    assert html.index("80%") < html.index("20%")
    assert html.count('class="right"') == 1


def test_a_confusion_is_a_table_of_buttons() -> None:
    table = confusion.confusion(Score((EVIL, "b"), ((9, 1), (0, 10))), chosen=(0, 1))
    inert(table)
    assert table.count("<button") == 4
    assert table.count(" disabled") == 1
    assert "miss chosen" in table


def test_of_a_hundred_classes_only_the_worst_confusions_are_shown() -> None:
    counts = np.eye(100, dtype=int) * 5
    counts[3, 4] = 9
    labels = tuple(f"class {i}" for i in range(100))
    assert confusion.confusion(Score(labels, tuple(map(tuple, counts.tolist())))).count("<button") == 1


def test_weights_are_drawn_one_row_a_class() -> None:
    some = weights()
    figure = weights_view.figure(
        ["a", EVIL, "c"], some, weights_view.scales(some), {"a": 0.5, EVIL: None, "c": 1.0}, ["c"]
    )
    inert(figure)
    assert figure.count("<li>") == 3
    assert "50%" in figure
    assert figure.count("never seen in training") == 1
    assert "5,088" not in figure
    assert "4,608 weights" in figure


def test_the_sign_of_a_weight_is_its_colour_and_its_size_how_much() -> None:
    drawn = weights_view.diverging(np.array([[1.0, -2.0, 0.0]]), 2.0)
    assert tuple(drawn[0, 0, :3]) == weights_view.POSITIVE
    assert tuple(drawn[0, 1, :3]) == weights_view.NEGATIVE
    assert drawn[0, 1, 3] == 255
    assert drawn[0, 2, 3] == 0


def test_what_all_classes_have_in_common_is_not_drawn() -> None:
    some = weights()
    moved = some | {"head.weight": some["head.weight"] + 7}
    assert np.array_equal(weights_view.class_rows(some, 1.0), weights_view.class_rows(moved, 1.0))


def test_a_classifier_is_like_itself_and_unlike_another() -> None:
    one, other = weights(seed=1), weights(seed=2)
    for same in histograms.layers(one, one):
        assert same.cosine == pytest.approx(1)
        assert same.distance == pytest.approx(0)
        assert np.array_equal(same.written, same.tuned)
        assert np.allclose(same.quantiles[:, 0], same.quantiles[:, 1])
    assert all(abs(different.cosine) < 0.5 for different in histograms.layers(one, other))
    assert [one.name for one in histograms.layers(one, other)] == ["conv1", "conv2", "last layer"]


def test_histograms_hold_every_weight_and_their_panels_are_svg() -> None:
    found = histograms.layers(weights(seed=1), weights(seed=2))
    assert [one.written.sum() for one in found] == [432, 4608, 96]
    for one in found:
        panel = histograms.panel(one)
        ElementTree.fromstring(panel)
        inert(panel)
    rows = histograms.rows(["a", EVIL, "c"], weights(seed=1), weights(seed=2))
    inert(histograms.table(rows))
    assert len(rows) == 3
