"""Class cards: everything a person wrote is escaped."""

from types import SimpleNamespace

import numpy as np

from tina.ui.markup import data_url
from tina.ui.panes.cards import class_card
from tina.worlds import load_world


def test_a_card_names_the_class_and_marks_the_unseen() -> None:
    world = load_world("sketchbook")
    assert "never in training" in class_card(world, "pear")
    assert "never in training" not in class_card(world, "apple")
    assert class_card(world, "apple", pictures=3).count("<img") == 3


def test_names_are_escaped() -> None:
    name = '<script>alert(1)</script>" onload="x'
    world = SimpleNamespace(unseen=[], pictures=lambda *_: np.zeros((1, 32, 32, 3), np.uint8))
    card = class_card(world, name)
    assert "<script" not in card
    assert '" onload="' not in card


def test_pictures_travel_inside_the_page() -> None:
    assert data_url(np.zeros((4, 4, 3), np.uint8)).startswith("data:image/png;base64,")
