"""Figures are standalone SVG: every number is there, every mark inside, and no two texts overlap."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree

import pytest

from tina.errors import UserError
from tina.research.figures import ACCENT, BARS, GREY, STEPS, _ticks, bars, lines, pictures_figure, steps_figure
from tina.research.judge.methods import METHODS
from tina.research.judge.splits import SPLITS, TITLES

SVG = "{http://www.w3.org/2000/svg}"


def row(method: str, split: str, accuracy: float, half: float = 0.012) -> dict:
    return {
        "method": method,
        "split": split,
        "accuracy": accuracy,
        "interval": None if math.isnan(half) else [accuracy - half, accuracy + half],
    }


def table_of(*rows: dict) -> dict:
    return {"ways": 10, "rows": list(rows)}


TABLE = table_of(
    row("chance", "ood", 0.1, 0.0),
    *(row(name, "ood", 0.2 + 0.008 * i) for i, name in enumerate(METHODS)),
    *(row(name, "unseen", 0.3 + 0.01 * i) for i, name in enumerate(STEPS.values())),
)
CLOSE = {f"series {i}": [(x, 50 + 0.1 * i + x / 9, 49 + 0.1 * i, 55 + x / 9) for x in (1, 4, 9)] for i in range(7)}
ODD = {'<b> & "co"': [(1e-3, -2.5, -3, -2), (1e6, 1e4, 1e4, 1e4)], "数字 of a very long name " * 3: [(10, 0, 0, 0)]}
FIGURES = {
    "bars": bars(TABLE, "ood"),
    "every bar": bars(TABLE, "ood", list(METHODS)),
    "steps": steps_figure(TABLE),
    "pictures": pictures_figure(TABLE, "ood"),
    "close lines": lines(CLOSE, "x", "accuracy, %", title="Close & closer"),
    "forty lines": lines({f"line {i}": [(i, 1, 0, 2)] for i in range(40)}, "x", "y"),
    "odd lines": lines(ODD, "a label longer than the plot is wide " * 4, "another such label " * 9, log_x=True),
    "one point": lines({"": [(3, 0.5, math.nan, math.nan)]}, "x", "y"),
}
every = pytest.mark.parametrize("svg", FIGURES.values(), ids=list(FIGURES))


def texts(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def number(mark: ElementTree.Element, *keys: str) -> list[float]:
    return [float(mark.get(key)) for key in keys]


def boxes(svg: str) -> Iterator[tuple[str, float, float, float, float]]:
    """Of every text its left, top, right and bottom, as letters of a usual sans-serif would have it."""
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        x, y = number(text, "x", "y")
        width = sum(13 if ord(c) > 0x2E80 else 3.7 if c in " .,il|:;'()" else 7.3 for c in text.text or "")
        left = x - {"start": 0, "middle": width / 2, "end": width}[text.get("text-anchor")]
        yield text.text, left, y - 10, left + width, y + 3


@every
def test_it_is_valid_and_stands_alone(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text
    assert "href" not in svg
    assert "nan" not in svg
    assert set(re.findall(r'(?:fill|stroke)="(#[^"]+)"', svg)) <= {GREY, ACCENT}  # legible on light and dark


@every
def test_every_mark_is_inside(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top) == (0, 0)
    assert (width, height) == (float(root.get("width")), float(root.get("height")))
    points = [number(mark, f"x{i}", f"y{i}") for mark in root.iter(f"{SVG}line") for i in (1, 2)]
    points += [number(mark, "cx", "cy") for mark in root.iter(f"{SVG}circle")]
    points += [
        [float(part) for part in pair.split(",")]
        for mark in root.iter(f"{SVG}polyline")
        for pair in mark.get("points").split()
    ]
    for mark in root.iter(f"{SVG}rect"):
        x, y, w, h = number(mark, "x", "y", "width", "height")
        assert min(w, h) >= 0
        points += [[x, y], [x + w, y + h]]
    points += [point for _, x1, y1, x2, y2 in boxes(svg) for point in ((x1, y1), (x2, y2))]
    assert len(points) > 10
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


@every
def test_no_two_texts_overlap(svg: str) -> None:
    for (one, a, b, c, d), (other, e, f, g, h) in combinations(boxes(svg), 2):
        assert c <= e or g <= a or d <= f or h <= b, (one, other)


# -- bars -------------------------------------------------------------------------------------------------------------
def test_bars_have_their_names_and_numbers() -> None:
    found = texts(FIGURES["bars"])
    shown = {row["method"]: row for row in TABLE["rows"] if row["split"] == "ood" and row["method"] in BARS}
    assert len(shown) == len(BARS)
    for name, row in shown.items():
        assert (METHODS[name].title if name in METHODS else name) in found
        value = f"{100 * row['accuracy']:.1f}"
        assert (value if name == "chance" else f"{value} ± 1.2") in found  # chance is known exactly
    assert "New class sets: accuracy of 10-way classifiers, %" in found


def test_bars_are_as_long_as_their_numbers_and_tina_stands_out() -> None:
    svg = bars(table_of(row("slice", "id", 0.2), row("tina", "id", 0.6)), "id")
    drawn = list(ElementTree.fromstring(svg).iter(f"{SVG}rect"))
    short, long = (number(bar, "width")[0] for bar in drawn)
    assert long == pytest.approx(3 * short, abs=0.2)
    assert [bar.get("fill") for bar in drawn] == [GREY, ACCENT]


def test_whiskers_end_where_the_interval_does() -> None:
    svg = bars(table_of(row("tina", "id", 0.5, half=0.1)), "id", ["tina"])
    root = ElementTree.fromstring(svg)
    (bar,) = root.iter(f"{SVG}rect")
    x, width = number(bar, "x", "width")
    whisker = next(line for line in root.iter(f"{SVG}line") if line.get("stroke") == ACCENT)
    assert number(whisker, "x1", "x2") == pytest.approx([x + 0.8 * width, x + 1.2 * width], abs=0.2)


def test_methods_come_in_the_order_asked_for_and_those_that_are_missing_do_not() -> None:
    found = texts(bars(TABLE, "ood", ["ridge", "no such method", "slice"]))
    names = [text for text in found if text in {METHODS[name].title for name in METHODS}]
    assert names == [METHODS["ridge"].title, METHODS["slice"].title]


def test_labels_are_escaped() -> None:
    svg = bars(table_of(row("<script>&", "id", 0.5)), "id", ["<script>&"])
    assert "<script>" not in svg
    assert "<script>&" in texts(svg)


def test_a_single_task_has_a_bar_without_a_whisker() -> None:
    svg = bars(table_of(row("tina", "id", 0.5, math.nan)), "id")
    assert "50.0" in texts(svg)


def test_nothing_to_draw_is_one_sentence() -> None:
    with pytest.raises(UserError, match="no rows of 'id'"):
        bars(TABLE, "id")
    with pytest.raises(UserError, match="nothing to draw"):
        lines({"a": []}, "x", "y")
    with pytest.raises(UserError, match="logarithmic"):
        lines({"a": [(0, 1, 1, 1)]}, "x", "y", log_x=True)


# -- lines ------------------------------------------------------------------------------------------------------------
def test_a_line_goes_through_its_points() -> None:
    root = ElementTree.fromstring(lines({"a": [(0, 0, 0, 0), (5, 5, 4, 6), (10, 10, 10, 10)]}, "x", "y"))
    (drawn,) = root.iter(f"{SVG}polyline")
    (x0, y0), (x1, y1), (x2, y2) = ([float(n) for n in pair.split(",")] for pair in drawn.get("points").split())
    assert (x1, y1) == pytest.approx(((x0 + x2) / 2, (y0 + y2) / 2), abs=0.1)
    assert x0 < x2
    assert y0 > y2  # up is more
    assert len(list(root.iter(f"{SVG}circle"))) == 3


def test_a_logarithmic_axis_has_equal_factors_equally_far() -> None:
    root = ElementTree.fromstring(lines({"a": [(1, 1, 1, 1), (10, 2, 2, 2), (100, 3, 3, 3)]}, "x", "y", log_x=True))
    xs = [number(mark, "cx")[0] for mark in root.iter(f"{SVG}circle")]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.1)


def test_seconds_are_told_in_two_digits_and_counts_whole() -> None:
    svg = lines({"a": [(0.00299004, 1, 1, 1), (16, 2, 2, 2), (1024, 3, 3, 3)]}, "x", "y", log_x=True)
    assert all(f">{told}<" in svg for told in ("0.003", "16", "1024"))


def test_every_line_has_a_style_and_a_name_of_its_own() -> None:
    root = ElementTree.fromstring(lines({str(i): CLOSE["series 0"] for i in range(6)}, "x", "y"))
    styles = [(mark.get("stroke"), mark.get("stroke-dasharray")) for mark in root.iter(f"{SVG}polyline")]
    assert len(set(styles)) == 6


def test_the_colour_says_which_lines_are_tinas() -> None:
    svg = lines(
        dict.fromkeys(("Tina", "Tina, shown", "from nothing", "ridge", "fine-tuned"), CLOSE["series 0"]), "x", "y"
    )
    marks = list(ElementTree.fromstring(svg).iter(f"{SVG}polyline"))
    assert [mark.get("stroke") for mark in marks] == [GREY, GREY, GREY, ACCENT, ACCENT]  # the last are on top
    assert len({(mark.get("stroke"), mark.get("stroke-dasharray")) for mark in marks}) == 5


def test_names_stand_in_the_order_the_lines_end_in() -> None:
    svg = lines({"low": [(1, 1, 1, 1)], "high": [(1, 9, 9, 9)], "middle": [(1, 8.9, 8, 9)]}, "x", "y")
    heights = {name: top for name, _, top, *_ in boxes(svg)}
    assert heights["high"] < heights["middle"] < heights["low"]


def test_steps_are_on_the_axis_and_splits_are_lines() -> None:
    found = texts(FIGURES["steps"])
    assert {"1", "2", "5", "10", "50"} <= set(found)
    assert {"New class sets", "Classes nothing was ever trained on"} <= set(found)
    assert "Class sets of the zoo" not in found  # nothing was measured of it
    assert set(STEPS.values()) <= set(METHODS)


def test_pictures_are_on_the_axis_and_rivals_are_lines() -> None:
    found = texts(FIGURES["pictures"])
    assert {"1", "2", "5", "16", "Tina", "Tina, and the name", "the encoder", "the generic network"} <= set(found)
    with pytest.raises(UserError, match="nothing to draw"):
        pictures_figure(TABLE, "unseen")


def test_every_split_has_a_title() -> None:
    assert list(TITLES) == list(SPLITS)
    assert len(set(TITLES.values())) == len(SPLITS)


@pytest.mark.parametrize(("low", "high"), [(0, 61.2), (35.1, 59), (-2.5, 1e4), (0.001, 0.0013), (0.5, 0.5), (0, 1)])
def test_ticks_are_round_few_and_reach_around_the_data(low: float, high: float) -> None:
    found = _ticks(low, high, 5)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 8
    assert all(len(f"{tick:g}") <= 8 for tick in found)
