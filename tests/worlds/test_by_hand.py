"""The style "by hand": every class is drawn in it, in dark lines on light paper, and never twice the same way."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tina.worlds.sketchbook import by_hand, catalogue
from tina.worlds.sketchbook.views import PALETTE, views


def drawn(name: str, number: int, size: int = 32) -> np.ndarray:
    return by_hand.picture(catalogue()[name], name, Random(f"{name}/{number}"), size)


def test_every_class_has_written_views_and_most_have_several() -> None:
    assert set(views()) == set(catalogue())
    several = sum(len(some) > 1 for some in views().values())
    assert several >= 0.75 * len(catalogue())
    for name in ("cat", "elephant", "giraffe", "house", "sun", "apple", "guitar"):
        assert len(views()[name]) >= 4, name


@pytest.mark.parametrize("name", list(catalogue()))
def test_a_view_fills_its_square_and_has_a_part_that_cannot_be_left_out(name: str) -> None:
    for view in views()[name]:
        xs, ys = zip(*(point for line in view for point in line.points), strict=True)
        assert max(map(abs, xs + ys)) < 1.15
        assert max(max(xs) - min(xs), max(ys) - min(ys)) > 1.1
        assert not all(line.detail for line in view)


@pytest.mark.parametrize("name", list(catalogue())[::4])
def test_lines_are_dark_and_the_paper_is_light(name: str) -> None:
    pictures = np.stack([drawn(name, number) for number in range(12)]).astype(int)
    assert pictures.shape == (12, 32, 32, 3)
    paper = np.median(pictures[:, [0, -1]].reshape(12, -1, 3), axis=1)
    assert (paper.min(1) > 150).sum() >= 10
    ranges = pictures.max((1, 2)) - pictures.min((1, 2))  # over each picture, by channel
    assert (ranges.max(1) > 100).sum() >= 11  # something is on it


def test_the_same_chance_gives_the_same_picture_and_another_another() -> None:
    assert np.array_equal(drawn("snail", 3), drawn("snail", 3))
    assert not np.array_equal(drawn("snail", 3), drawn("snail", 4))
    assert drawn("snail", 3, 64).shape == (64, 64, 3)


def test_it_uses_the_colours_of_the_pages_canvas() -> None:
    from pathlib import Path

    import tina.classifier

    script = (Path(tina.classifier.__file__).parent / "engine" / "canvas.js").read_text("utf-8")
    for colour in PALETTE:
        assert "#{:02x}{:02x}{:02x}".format(*colour) in script
