"""A photograph is told from a drawing by its colours and its soft differences."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tina.worlds.drawn import is_empty, looks_like_photograph
from tina.worlds.sketchbook import by_hand, catalogue


def photographed(seed: int, size: tuple[int, int] = (240, 160)) -> Image.Image:
    """Soft areas of many colours with a little grain."""
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (6, 9, 3), np.uint8))
    soft = small.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(3))
    grain = random.normal(0, 3, (size[1], size[0], 3))
    return Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("seed", range(5))
def test_a_photograph_is_noticed_at_any_size(seed: int) -> None:
    assert looks_like_photograph(photographed(seed))
    assert looks_like_photograph(photographed(seed, (900, 1400)))


def test_drawings_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    sheets: list[Image.Image] = []
    monkeypatch.setattr(by_hand, "prepared", lambda image: sheets.append(image) or image)
    for name in list(catalogue())[::3]:
        by_hand.picture(catalogue()[name], name, Random(name), 32)
    assert len(sheets) > 30
    assert not any(map(looks_like_photograph, sheets))
    assert not any(map(is_empty, sheets))


@pytest.mark.parametrize("colour", ["white", "black", "red"])
def test_an_empty_sheet_is_none(colour: str) -> None:
    assert not looks_like_photograph(Image.new("RGB", (320, 320), colour))
    assert not looks_like_photograph(Image.new("RGB", (1, 1), colour))
    assert is_empty(Image.new("RGB", (320, 320), colour))
    assert is_empty(Image.new("RGB", (1, 1), colour))


def test_noise_is_no_drawing_either() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    assert looks_like_photograph(Image.fromarray(noise))
    assert not is_empty(Image.fromarray(noise))
