"""Every pair of colours that text is set in can be read (WCAG 2, AA)."""

from __future__ import annotations

import pytest

from tina.ui import theme
from tina.ui.server.engine_files import school_programs

TEXTS = [(ink, ground) for ink in ("ink", "soft", "accent", "wrong", "right") for ground in ("paper", "raised")]


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), [*TEXTS, ("ink", "sunk"), ("on-accent", "accent")])
def test_texts_can_be_read(colours: dict, ink: str, ground: str) -> None:
    assert theme.contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("edge", ["edge", "accent", "baseline"])
def test_what_can_be_touched_can_be_seen(colours: dict, edge: str) -> None:
    assert theme.contrast(colours[edge], colours["raised"]) >= 3


def test_contrast_is_counted_as_wcag_does() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_both_themes_name_the_same_colours() -> None:
    assert set(theme.LIGHT) == set(theme.DARK)


def test_the_page_brings_everything_itself() -> None:
    everything = theme.head() + theme.css() + school_programs()[1].decode()
    assert "http://" not in everything.replace("http://www.w3.org", "")
    assert "https://" not in everything
