"""Of a network of many layers the figures show its few parts."""

from __future__ import annotations

import re

import numpy as np
import torch

from tina.blueprints import get_blueprint
from tina.ui.charts import histograms, weights_view

BLUEPRINT = get_blueprint("tiny-20k")
PARTS = ["stem", "block1", "block2", "block3"]


def weights(seed: int = 0) -> dict:
    return BLUEPRINT.init(3, torch.Generator().manual_seed(seed))


def test_a_block_is_one_picture() -> None:
    some = weights()
    figure = weights_view.figure(["a", "b", "c"], some, weights_view.scales(some))
    assert re.findall(r"<span>\d+ kernels of (\w+),", figure) == PARTS
    assert "2048 kernels of block3, 14,336 weights" in figure


def test_pictures_side_by_side_are_whole_and_apart() -> None:
    one, other = np.full((3, 2, 4), 7, np.uint8), np.full((1, 4, 4), 9, np.uint8)
    both = weights_view.side_by_side([one, other])
    assert both.shape == (3, 8, 4)
    assert (both[:, :2] == 7).all()
    assert (both[:1, 4:] == 9).all()
    assert not both[:, 2:4].any()
    assert not both[1:, 4:].any()


def test_histograms_are_of_parts_and_hold_every_kernel() -> None:
    found = histograms.layers(weights(1), weights(2))
    assert [one.name for one in found] == [*PARTS, "last layer"]
    assert [one.written.sum() for one in found] == [216, 1_152, 3_584, 14_336, 96]
