"""Words that nobody knows, one class alone, other languages: what the cards say, and what becomes of old results."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, another, ask, finished, labels, open_card
from tests.conftest import picture_bytes

pytestmark = pytest.mark.browser
FILE = {"name": "a.png", "mimeType": "image/png", "buffer": picture_bytes()}


def type_in(page, text: str) -> None:
    field = page.get_by_label("What should it tell apart?")
    field.fill("")
    field.press_sequentially(text)


def faded(page, pane: str) -> bool:
    return page.locator(pane).evaluate("pane => getComputedStyle(pane).opacity < 1")


def test_while_a_prompt_is_wrong_old_results_are_greyed(asking) -> None:
    page = ask(asking, "apple, snail")
    panes = ("#strips", "#watch-pane", "#try-pane")
    assert not any(faded(page, pane) for pane in panes)
    type_in(page, "qwer, asdf jkl")
    expect(page.locator("#chips .wrong-note")).to_contain_text("I don’t know “qwer” and “asdf jkl”: add pictures")
    assert all(faded(page, pane) for pane in panes)
    assert not faded(page, "#describe-pane")
    assert labels(page) == ["qwer", "asdf jkl"]
    expect(page.locator(".face .reading.unknown")).to_have_count(2)
    page.locator("#go").click()
    expect(page.locator("#chips .wrong-note")).to_contain_text("I don’t know")
    assert all(faded(page, pane) for pane in panes)
    ask(page, "apple, snail, owl")
    assert not any(faded(page, pane) for pane in panes)
    expect(page.locator("#chips .wrong-note")).to_be_hidden()


def test_pictures_say_what_no_word_does(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    type_in(page, "qwer, asdf")
    expect(page.locator(".face .reading.unknown")).to_have_count(2)
    with page.expect_file_chooser() as chooser:
        open_card(page, "qwer").get_by_role("button", name="Drop, paste or choose pictures").click()
    chooser.value.set_files([FILE])
    expect(page.locator(".face .reading.only-pictures")).to_have_text("only pictures")
    expect(page.locator("#chips .notes")).to_contain_text("I don’t know “asdf”")
    expect(page.locator("#view .rows li")).to_have_count(2)
    finished(page)


def test_one_class_becomes_two_by_one_key(asking) -> None:
    page = ask(asking, "apple, snail")
    type_in(page, "heron")
    expect(page.locator("#chips .wrong-note")).to_contain_text("“heron” is one")
    assert labels(page) == ["heron"]
    other = page.get_by_role("button", name="+ something else")
    expect(other).to_have_class("other wanted")
    with another(page):
        other.press("Enter")
    assert labels(page) == ["heron", "something else"]
    assert page.get_by_label("What should it tell apart?").input_value() == "heron, something else"
    expect(other).to_be_hidden()


def test_another_language_is_read_and_the_label_stays(asking) -> None:
    page = asking
    with another(page):
        page.get_by_label("What should it tell apart?").fill("Apfel, Schnecke und 🏰")
        page.locator("#go").click()
    assert labels(page) == ["Apfel", "Schnecke", "🏰"]
    expect(page.locator(".face .reading")).to_have_text(["read as apple", "read as snail", "read as castle"])
    expect(page.locator("#view .rows li").first).to_contain_text("Apfel")
    assert page.get_by_label("What should it tell apart?").input_value() == "Apfel, Schnecke und 🏰"
    expect(page.locator(".bar.tina em")).to_contain_text("%")  # on the world's apples
