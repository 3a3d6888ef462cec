"""From class cards to a world of one's own, in a real Chromium: the button, the page behind it, what is taken along."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, card, finished, serving, visiting
from tests.browser.test_access import violations
from tests.browser.test_everyday import files, give
from tina.ui.server import own_worlds

pytestmark = pytest.mark.browser
THINGS = {"my mushroom": "mushroom", "my teapot": "teapot"}


@pytest.fixture(scope="module")
def address(quick: None) -> Iterator[str]:
    """The page, where the transformer of a world is trained for two steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tina.training.own.make.steps_for", lambda classes: 2)
        with serving() as url:
            yield url


@pytest.fixture
def visit(browser, address: str) -> Iterator[Callable]:
    with visiting(browser, address) as go:
        yield go


def test_class_cards_with_ten_pictures_each_become_a_world(visit, tmp_path) -> None:
    page = finished(visit(f"?world=everyday&classes={','.join(THINGS)}"))
    offer = page.get_by_role("button", name="Make a world of these")
    for count, (label, thing) in enumerate(THINGS.items()):
        give(page, label, files(thing, 9))
        expect(card(page, label).locator(".thumb")).to_have_count(9)
        give(page, label, files(thing, 3 - count, 9))
        expect(card(page, label).locator(".thumb")).to_have_count(12 - count)
        expect(offer).to_be_visible(visible=count == 1)  # not before both have enough
    expect(page.locator("#chips .teach")).to_contain_text("Every class has 10 pictures or more")
    assert violations(page) == []
    offer.click()
    begun = page.locator("#taught").get_by_role("link", name="Open your world")
    with page.context.expect_page() as opened:
        begun.click()
    world = opened.value
    world.set_default_timeout(4 * PATIENCE)
    expect(world.locator("#own-progress")).to_contain_text("2 classes are known by name", timeout=4 * PATIENCE)
    world.get_by_role("button", name="Write the classifier").click()
    expect(world.locator("#own-written")).to_contain_text("held-out pictures right")
    with world.expect_download() as download:
        world.get_by_role("button", name="Download this classifier").click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        about = json.loads(archive.read("classifier.json"))
    assert about["labels"] == list(THINGS)
    assert about["world"] == "folder:class-cards.zip"
    expect(page.locator(".cards-asked .name")).to_have_text(list(THINGS))  # the cards are as they were
    for left in (10, 9):
        expect(offer).to_be_visible()
        card(page, "my teapot").get_by_label("take picture 1 of my teapot away").click()
        expect(card(page, "my teapot").locator(".thumb")).to_have_count(left)
    expect(offer).to_be_hidden()


def test_a_world_that_is_gone_is_said(visit) -> None:
    expect(visit("world?made=nothing").locator("#own-progress")).to_contain_text("That world is gone")


@pytest.mark.parametrize("off", ["drawings", "switched off"])
def test_nothing_is_offered_where_no_world_is_made(off: str, visit, monkeypatch: pytest.MonkeyPatch) -> None:
    if off == "switched off":
        monkeypatch.setenv(own_worlds.SETTING, "off")
    page = finished(
        visit(f"?world={'everyday' if off == 'switched off' else 'sketchbook-cnn'}&classes=mushroom,teapot")
    )
    for label in ("mushroom", "teapot"):
        give(page, label, files(label, 10))
        expect(card(page, label).locator(".thumb")).to_have_count(10)
    expect(page.locator("#chips .teach")).to_be_hidden()
