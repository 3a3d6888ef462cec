"""More than one Tina on the shelf: each with her own world, examples and card."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished, labels, visiting
from tests.tiny import COLOURS

pytestmark = pytest.mark.browser


def test_a_visitor_goes_from_one_world_to_another_and_back(browser, tower: str) -> None:
    with visiting(browser, tower) as go:
        _there_and_back(finished(go(f"?{QUICK}")))


def _there_and_back(page) -> None:
    world = page.get_by_label("World")
    expect(world).to_have_value("Your pictures (encoder-head)")
    assert set(labels(page)) <= set(COLOURS)
    page.locator("#world-card button").first.click()
    expect(page.locator(".world")).to_contain_text("Your pictures: 9 classes seen")

    world.click()
    page.get_by_role("option", name="Sketchbook (cnn-5k)").click()
    expect(page.locator(".world")).to_contain_text("Sketchbook: 96 classes seen")
    expect(page.locator(".examples")).to_contain_text("things that fly")
    expect(page.locator("#view .rows li").first).to_contain_text("apple")  # not the other world's classifier any more
    finished(page)

    page.get_by_label("What should it tell apart?").fill("owl, teapot")
    page.locator("#go").click()
    expect(page.locator("#view .rows li")).to_have_count(2)
    world.click()
    page.get_by_role("option", name="Your pictures (encoder-head)").click()
    expect(page.locator("#wanted textarea")).not_to_have_value("owl, teapot")  # it has no pictures of these
    expect(page.locator("#view .rows li").first).not_to_contain_text("owl")
    finished(page)
    assert set(labels(page)) <= set(COLOURS)
