"""The level of "none of these" is fitted on written classifiers, and tells pictures of other classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tina.errors import UserError
from tina.generator.closed_form.none_of_these import NoneSettings, covered, prior_log_odds
from tina.generator.settings import Settings
from tina.generator.tina import Tina
from tina.training.calibrate import _level, fit_none_of_these
from tina.worlds import load_world
from tina.worlds.sketchbook import Sketchbook


@pytest.fixture(scope="module")
def tina() -> Tina:
    return Tina.from_pretrained("sketchbook-cnn")


def test_a_broad_class_covers_all_its_members() -> None:
    shares = torch.tensor([[[0.2, 0.2, 0.6, 0.0], [0.0, 0.0, 0.1, 0.9], [0.5, 0.5, 0.0, 0.0]]])
    described = torch.tensor([[True, True, False]])
    torch.testing.assert_close(covered(shares, described), torch.tensor([[1 / 3, 1 / 3, 1.0, 1.0]]))


def test_the_level_is_where_both_are_as_likely() -> None:
    draw = torch.Generator().manual_seed(0)
    prior = torch.randn(4000, generator=draw)
    odds = torch.randn(4000, generator=draw) * 2 + 0.5 * prior
    inside = torch.rand(4000, generator=draw) < (2 * (odds - 1 - 0.5 * prior)).sigmoid()
    x = torch.stack([odds, prior], dim=1)
    settings = _level(x[inside], x[~inside])
    assert settings.level == pytest.approx(1, abs=0.15)
    assert settings.slope == pytest.approx(0.5, abs=0.1)


def test_what_was_never_fitted_is_not_told_and_changes_no_checkpoint(tina: Tina) -> None:
    before, tina.settings = tina.settings, replace(tina.settings, none_of_these=NoneSettings())
    try:
        assert "none_of_these" not in tina.config()["settings"]
        never = tina.generate("apple, cat")
        assert never.none_level is None
        assert never.others is None
    finally:
        tina.settings = before
    assert "none_of_these" not in Settings().to_dict()
    assert NoneSettings().at(torch.zeros(3)) is None


def test_settings_come_back() -> None:
    settings = replace(Settings(), none_of_these=NoneSettings(0.5, 1.2))
    assert Settings.from_dict(settings.to_dict()) == settings
    assert settings.none_of_these.at(torch.tensor([0.5, 0.5])) == pytest.approx(0.5)
    assert prior_log_odds(torch.tensor([0.0, 1.0])).item() == pytest.approx(0)


def test_pictures_of_other_classes_are_told(tina: Tina) -> None:
    """Most of the pictures of its classes stay, and most of the others go."""
    fitted = replace(tina.settings, none_of_these=fit_none_of_these(tina, tasks=24, pictures=4))
    before, tina.settings = tina.settings, fitted
    try:
        known = ["apple", "cat", "house", "bicycle", "umbrella", "key"]
        classifier = tina.generate(", ".join(known))
        world = load_world("sketchbook")
        own = np.concatenate([world.pictures("test", name, 10) for name in known])
        others = np.concatenate([world.pictures("test", name, 4) for name in world.seen if name not in known])
        level = classifier.none_level
        assert level is not None
        assert (classifier.likeness(own) >= level).float().mean() > 0.7
        assert (classifier.likeness(others) < level).float().mean() > 0.7
        strange = tina.generate("zyzzyva, quokka, a thing that nobody has seen")
        assert strange.none_level is None
        assert strange.is_none_of_these(own[0]) is None
        assert tina.generate("apple, cat, something else").none_level is None
    finally:
        tina.settings = before


def test_fresh_pictures_are_none_that_anything_was_trained_on() -> None:
    world = load_world("sketchbook")
    assert isinstance(world, Sketchbook)
    old = {picture.tobytes() for split in ("train", "zoo", "test") for picture in world.pictures(split, "snail")}
    assert not old & {picture.tobytes() for picture in world.fresh("snail", 20)}


def test_another_world_has_no_fresh_pictures(tina: Tina, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tina.__dict__, "world", load_world("rehearsal:sketchbook"))
    with pytest.raises(UserError, match="Only of the Sketchbook"):
        fit_none_of_these(tina, tasks=1)
