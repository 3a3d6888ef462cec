"""The page in a real Chromium: what a visitor sees without a click, and what comes of every click."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished, labels

pytestmark = pytest.mark.browser


# -- the first five seconds -------------------------------------------------------------------------------------------
def test_without_a_click_a_classifier_is_written_and_scored_and_nothing_jumps(visit) -> None:
    asked = []
    page = visit(asked=asked)
    page.locator(".bar.tina em", has_text="%").wait_for()
    places = "['#wanted', '#head', '#scrub', '#views', '#held'].map(id => document.querySelector(id).offsetTop)"
    expect(page.locator("#head")).to_contain_text(re.compile(r"step \d"))
    before = page.evaluate(places)
    finished(page)
    assert page.evaluate(places) == before
    assert len([url for url in asked if "queue/join" in url]) <= 4  # to arrive, to generate, to fine-tune, to compare
    assert page.get_by_label("What should it tell apart?").input_value().startswith("cat, rabbit, elephant")
    assert len(labels(page)) == 10
    expect(page.locator("#head svg circle.tina")).to_have_count(11)
    expect(page.locator("#view .rows li")).to_have_count(10)
    marked = page.locator(".held button.right, .held button.wrong")
    expect(marked).to_have_count(page.locator(".held button").count())
    assert page.locator(".held button.right").count() > 0
    assert all(page.locator("#view img").nth(i).get_attribute("alt") for i in range(5))


# -- the strip ---------------------------------------------------------------------------------------------------------
def test_the_strip_compares_four_and_the_last_is_really_trained(visit, shipped_training: list) -> None:
    page = finished(visit("?classes=sailboat,snail,lighthouse,penguin,banana,bus,octopus,castle,duck,hat"))
    expect(page.locator("#strips .bar")).to_have_count(4)
    expect(page.locator(".bar.slice em")).to_contain_text("%")
    expect(page.locator(".bar.fine-tuned .caption")).to_contain_text("really fine-tuned", timeout=90_000)
    expect(page.locator(".bar.fine-tuned em")).to_contain_text("%")
    page.locator("#views").get_by_text("Compare").click()
    expect(page.locator(".likeness:visible")).to_have_count(3)
    expect(page.locator("#view")).to_contain_text("not yet matching function")
    assert shipped_training == [tuple(labels(page))]
    other = finished(visit(f"?classes={','.join(labels(page))}&{QUICK}"))  # who asks for the same finds it there
    expect(other.locator(".bar.fine-tuned .caption")).to_contain_text("really fine-tuned")
    assert len(shipped_training) == 1  # and nothing is trained anew


def test_it_is_said_who_wrote_it_what_is_live_and_what_is_stored(page) -> None:
    expect(page.locator("#head .provenance")).to_contain_text(re.compile(r"diffusion \d+% *prior \d+% *transfer \d+%"))
    expect(page.locator("footer.tina")).to_contain_text("is stored")
    page.locator("#world-card button").first.click()
    expect(page.locator(".world")).to_contain_text("nothing in this table is computed now")
    page.locator("#world-card button").first.click()


# -- looks ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["", "learn", "?mode=present"])
def test_nothing_scrolls_sideways(visit, path: str) -> None:
    page = visit(path, viewport={"width": 390, "height": 900})
    if path:
        expect(page.locator(".rows li").first).to_be_visible()
    else:  # weights are not among the first things on a phone
        finished(page).get_by_role("button", name="Show everything").click()
        expect(page.locator("#view .rows li").first).to_be_visible()
    for width in (390, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_who_wants_no_motion_gets_none(visit) -> None:
    page = finished(visit(f"?{QUICK}", reduced_motion="reduce"))
    moving = (
        "[...document.querySelectorAll('#tina *')].filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0)"
    )
    assert page.evaluate(f"{moving}.length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(f"{moving}.length") > 0


def test_the_keyboard_is_enough(page) -> None:
    page.get_by_label("What should it tell apart?").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "go"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_projector_shows_large_type_a_code_and_goes_on_with_a_key(visit) -> None:
    page = visit(f"?mode=present&classes=apple,snail&{QUICK}")
    finished(page)
    expect(page.locator("#qr svg")).to_be_visible()
    expect(page.locator("#go")).to_be_hidden()
    sizes = page.evaluate(
        "[...document.querySelectorAll('.bar span, .rows li span, .chips li span, .pane h2')]"
        ".filter(e => e.offsetParent).map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 28
    page.keyboard.press("ArrowRight")
    expect(page.locator("#view .rows li")).not_to_have_count(2)
    examples = page.locator(".examples [data-classes]").evaluate_all("all => all.map(one => one.dataset.classes)")
    now = next(one for one in examples if page.get_by_label("What should it tell apart?").input_value() == one)
    page.evaluate("TinaPage.choose = (classes) => (window.chosen = classes)")
    page.clock.install()
    page.keyboard.press(" ")
    page.clock.fast_forward(15_000)
    assert page.evaluate("window.chosen") == examples[(examples.index(now) + 1) % len(examples)]
    page.keyboard.press(" ")
    assert page.evaluate("document.documentElement.dataset.playing") == "false"
