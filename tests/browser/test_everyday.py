"""Photographs on the page, in a real Chromium: a visitor's own pictures, shown, kept aside, and asked about."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import card, finished, labels, open_card, serving, visiting
from tests.browser.test_access import violations
from tina.worlds.photos import Caltech101
from tina.worlds.sketchbook import draw

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def everyday(quick: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page on a machine that has no archive."""
    nothing = tmp_path_factory.mktemp("nothing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINA_CACHE", str(nothing))
        patch.setattr("tina.worlds.archives.places", lambda: [nothing / "data"])
        with serving() as url:
            yield url


@pytest.fixture
def visit(browser, everyday: str) -> Iterator[Callable]:
    with visiting(browser, everyday) as go:
        yield go


def files(thing: str, count: int, first: int = 0, size: tuple[int, int] = (400, 300)) -> list[dict]:
    """Pictures as a visitor has them: larger than is needed, and not square."""
    made = []
    for i in range(first, first + count):
        file = io.BytesIO()
        picture = Image.new("RGB", size, "white")
        picture.paste(Image.fromarray(draw(thing, "test", i, min(size))), ((size[0] - min(size)) // 2, 0))
        picture.save(file, "JPEG")
        made.append({"name": f"{thing}-{i}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    return made


def give(page: Page, label: str, some: list[dict]) -> None:
    inside = open_card(page, label)
    with page.expect_file_chooser() as chooser:
        inside.get_by_role("button", name="Drop, paste or choose pictures").click()
    chooser.value.set_files(some)


def test_own_pictures_are_kept_aside_scored_and_asked_about(visit) -> None:
    page = finished(visit("?world=everyday&classes=left+box,right+box"))
    expect(page.locator("#strips")).to_contain_text("untested")
    expect(page.locator("#views")).not_to_contain_text("Seeds")
    for label, thing in (("left box", "mushroom"), ("right box", "teapot")):
        give(page, label, files(thing, 9))
        expect(card(page, label).locator(".thumb")).to_have_count(9)
        expect(card(page, label).locator(".thumb.kept")).to_have_count(3)
    expect(page.locator("#strips")).to_contain_text("accuracy on your own pictures, 6 held out")
    expect(page.locator(".bar.fine-tuned .caption")).to_contain_text("logistic regression on your pictures alone")
    expect(page.locator("#held button")).to_have_count(6)
    page.locator("#held button").first.click()
    expect(page.locator(".why")).to_contain_text("shown pictures the one nearest")
    with page.expect_file_chooser() as chooser:
        page.locator("#model").get_by_role("button", name="Upload").click()
    chooser.value.set_files(files("teapot", 1, 30)[0])
    expect(page.locator("#model .soft em").first).to_have_text(re.compile(r"\d+%"))
    expect(page.locator("#model .hint")).to_have_text(re.compile("^$|Neither of the two"))
    for view in ("Compare", "Confusion", "Details", "Weights"):
        page.locator("#views").get_by_text(view, exact=True).click()
        expect(page.locator("#view").locator(".likeness, .confusion, .numbers, .rows").first).to_be_visible()


def test_whether_a_label_is_only_a_label_is_switched_by_keyboard_and_stays(visit) -> None:
    page = finished(visit("?world=everyday&classes=mushroom,teapot"))
    open_card(page, "mushroom")
    expect(page.locator(".tag")).to_have_count(0)
    give(page, "mushroom", files("mushroom", 2))
    switch = card(page, "mushroom").get_by_role("button", name="only a label")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.focus()
    page.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Another class").fill("clock")
    page.keyboard.press("Enter")
    expect(page.locator("#view .rows li")).to_have_count(3)
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")


def test_few_pictures_are_left_out_and_the_tray_takes_test_pictures(visit) -> None:
    page = finished(visit("?world=everyday&classes=left+box,right+box"))
    give(page, "left box", files("mushroom", 2))
    expect(card(page, "left box").get_by_role("button", name="only a label")).to_have_attribute("aria-pressed", "true")
    give(page, "right box", files("teapot", 2))
    expect(page.locator("#strips")).to_contain_text("leave-one-out on your 4 pictures")
    page.locator(".tray summary").click()
    for label, thing in (("left box", "mushroom"), ("right box", "teapot")):
        with page.expect_file_chooser() as chooser:
            page.get_by_label(f"add test pictures of {label}").click()
        chooser.value.set_files(files(thing, 3, 10))
        expect(page.locator(".tray li", has_text=label).locator(".thumb")).to_have_count(3)
    expect(page.locator("#strips")).to_contain_text("accuracy on your own pictures, 6 held out, with 95% intervals")
    expect(page.locator(".tray")).to_have_attribute("open", "")
    page.get_by_label("take test picture 1 of left box away").click()
    expect(page.locator("#strips")).to_contain_text("5 held out")
    assert labels(page) == ["left box", "right box"]


def test_an_example_is_shown_and_not_named_and_nothing_is_wrong_for_axe(visit) -> None:
    page = finished(visit("?world=everyday"))
    page.get_by_role("button", name="shown, not named").click()
    expect(page.locator("#strips")).to_contain_text("your own pictures, 9 held out")
    page.locator(".tray summary").click()
    assert violations(page) == []


def test_a_button_fetches_the_archive_or_says_why_not(visit, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = replace(Caltech101.source, url="http://127.0.0.1:9/caltech-101.zip")
    monkeypatch.setattr(Caltech101, "source", nowhere)
    page = finished(visit("?world=everyday&classes=pizza,cup"))
    button = page.get_by_role("button", name=re.compile(r"Fetch test photographs \(\d+ MB\)"))
    button.click()
    expect(page.locator("#try-pane .wrong-note")).to_contain_text("cannot be reached")
    expect(button).to_be_visible()


def test_what_is_wrong_is_a_sentence_and_other_words_are_read(visit) -> None:
    page = finished(visit("?world=everyday&classes=cup,teapot"))
    give(page, "cup", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}])
    expect(page.locator("#chips .wrong-note")).to_have_text("“a.jpg” is not a picture that the browser can read.")
    give(page, "cup", files("apple", 1) * 25)
    expect(page.locator("#chips .wrong-note")).to_contain_text("24 pictures at most")
    page.get_by_label("What should it tell apart?").fill("qwertz, Ж, 🍎")
    page.locator("#go").click()
    expect(page.locator("#view .rows li")).to_have_count(3)
    finished(page)
