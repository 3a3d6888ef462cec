"""Asking, in a real Chromium: in words, with pictures, by cards; and what comes of what cannot be done."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, another, ask, card, finished, labels, open_card
from tests.conftest import picture_bytes

pytestmark = pytest.mark.browser


def test_a_list_is_asked_for_with_enter_or_the_button(asking) -> None:
    page, field = ask(asking, "apple, snail"), asking.get_by_label("What should it tell apart?")
    field.fill("owl, teapot, snail")
    page.locator("#go").click()
    expect(page.locator("#view .rows li")).to_have_count(3)
    finished(page)
    assert labels(page) == ["owl", "teapot", "snail"]
    expect(page.locator("#chips .new")).to_have_count(2)
    expect(page.locator(".bar.slice .caption")).to_contain_text("never in training")
    field.fill("owl, teapot")
    field.press("Shift+Enter")
    expect(page.locator("#view .rows li")).to_have_count(2)


def test_a_sentence_becomes_cards(visit) -> None:
    page = finished(visit(f"?classes=things+that+fly&{QUICK}"))
    expect(page.locator("#chips .notes")).to_contain_text("was taken to mean")
    assert len(labels(page)) > 2


def test_a_sentence_becomes_cards_while_it_is_typed(asking) -> None:
    page = ask(asking, "apple, snail")
    field = page.get_by_label("What should it tell apart?")
    field.fill("")
    field.press_sequentially("things that fly")
    expect(page.locator("#chips .notes")).to_contain_text("was taken to mean")
    assert len(labels(page)) > 2


def test_cards_are_added_renamed_taken_away_and_shuffled(asking) -> None:
    page = ask(asking, "apple, snail, fish")
    page.get_by_label("Another class").fill("castle")
    page.keyboard.press("Enter")
    expect(page.locator("#view .rows li")).to_have_count(4)
    open_card(page, "fish").get_by_label("Name of this class").fill("kite")
    page.keyboard.press("Enter")
    expect(page.locator("#view .rows li").nth(2)).to_contain_text("kite")
    expect(card(page, "kite").locator(".inside")).to_be_visible()  # the same card, still open
    card(page, "snail").get_by_label("take snail away").click()
    expect(page.locator("#view .rows li")).to_have_count(3)
    finished(page)
    assert labels(page) == ["apple", "kite", "castle"]
    accuracy = page.locator(".bar.tina em").inner_text()
    page.get_by_role("button", name="Shuffle").click()
    expect(page.get_by_text("In another order: each class took its weights along")).to_be_visible()
    expect(page.locator("#wanted textarea")).not_to_have_value("apple, kite, castle")
    order = page.locator("#wanted textarea").input_value().split(", ")
    assert sorted(order) == ["apple", "castle", "kite"]
    expect(page.locator("#view .rows li")).to_have_text([re.compile(label) for label in order])
    expect(page.locator(".bar.tina em")).to_have_text(accuracy)
    finished(page)
    assert labels(page) == order


def test_something_else_is_one_click_and_tried_on_pictures_of_other_classes(asking) -> None:
    page = ask(asking, "apple, snail")
    page.get_by_role("button", name="+ something else").click()
    expect(page.locator("#view .rows li")).to_have_count(3)
    finished(page)
    expect(page.locator("#chips li.other")).to_have_text(re.compile("something else"))
    expect(page.get_by_role("button", name="+ something else")).to_be_hidden()
    expect(page.locator(".held button[title^='something else: ']")).to_have_count(5)
    expect(page.locator("#wanted textarea")).to_have_value("apple, snail, something else")
    card(page, "something else").get_by_label("take something else away").click()
    expect(page.get_by_role("button", name="+ something else")).to_be_visible()


def test_pictures_belong_to_a_class_from_files_or_the_webcam(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    files = [{"name": f"{i}.png", "mimeType": "image/png", "buffer": picture_bytes(i)} for i in range(3)]
    with page.expect_file_chooser() as chooser:
        open_card(page, "snail").get_by_role("button", name="Drop, paste or choose pictures").click()
    chooser.value.set_files(files)
    expect(page.locator(".inside .thumb img")).to_have_count(3)
    page.get_by_label("take picture 1 of snail away").click()
    expect(page.locator(".inside .thumb img")).to_have_count(2)
    with page.expect_file_chooser() as chooser:
        open_card(page, "snail").get_by_role("button", name="Drop, paste or choose pictures").click()
    chooser.value.set_files(files * 8)
    expect(page.get_by_role("alert").filter(has_text="24 pictures at most")).to_be_visible()
    open_card(page, "apple").get_by_role("button", name="Webcam").click()
    hold = page.get_by_role("button", name="Hold to record apple")
    expect(hold).to_be_enabled()
    hold.focus()
    page.keyboard.down(" ")
    expect(page.locator(".booth .strip img").nth(4)).to_be_visible()
    page.keyboard.up(" ")
    expect(card(page, "apple").locator(".thumb img").nth(4)).to_be_visible()
    recorded = page.locator(".booth .strip img").count()
    expect(card(page, "apple").locator(".thumb img")).to_have_count(recorded)
    expect(card(page, "snail").locator(".faces img")).to_have_count(2)


def test_several_pictures_are_dropped_on_a_class_and_choose_between_seeds(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    files = [base64.b64encode(picture_bytes(i)).decode() for i in range(2)]
    drop = """files => {
        const data = new DataTransfer();
        files.forEach((file, i) => data.items.add(new File(
            [Uint8Array.from(atob(file), c => c.charCodeAt(0))], `${i}.png`, { type: "image/png" })));
        const chip = document.querySelectorAll(".cards-asked > li[draggable]")[1];
        for (const type of ["dragover", "drop"])
            chip.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    with another(page):
        page.evaluate(drop, files)
        expect(card(page, "snail").locator(".faces img")).to_have_count(2)
    page.locator("#views").get_by_text("Seeds").click()
    expect(page.locator(".seeds figure", has_text="the best")).to_have_count(1)
    page.locator(".seeds button").nth(4).click()
    expect(page.locator("#strips")).to_be_visible()
    page.get_by_text("Advanced").click()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("4")


def test_what_cannot_be_done_is_a_sentence_at_the_field(asking) -> None:
    page = asking
    for classes, says in {
        "": "nothing to recognise yet",
        "apple": "at least two classes",
        "x" * 90 + ", apple": "80 at most",
        "\n".join(f"class {i}" for i in range(101)): "100 at most",
    }.items():
        page.get_by_label("What should it tell apart?").fill(classes)
        page.locator("#go").click()
        expect(page.get_by_role("alert").filter(has_text=says)).to_be_visible()


@pytest.mark.parametrize("way", ["box", "link"])
def test_html_and_templates_in_a_name_stay_inert(visit, asking, way: str) -> None:
    evil = "<img src=x onerror='window.hacked=1'>"
    other = "{{constructor}} ${window.hacked=2}"
    if way == "link":
        from urllib.parse import quote

        page = finished(visit(f"?{QUICK}&classes=" + quote(f"{evil}\n{other}\napple")))
    else:
        page = ask(asking, f"{evil}\n{other}\napple")
    assert labels(page)[:2] == [evil, other]
    for view in ("Confusion", "Details", "Seeds"):
        page.locator("#views").get_by_text(view).click()
        expect(page.locator("#view")).not_to_be_empty()
    assert page.evaluate("window.hacked") is None
    assert page.locator("#tina img[src=x]").count() == 0


def test_a_run_is_stopped_and_a_double_click_is_one_run(asking) -> None:
    page = ask(asking, "apple, snail")
    page.locator("#go").dblclick()
    page.locator("#stop").click()
    page.locator("#stop").click()
    ask(page, "bus, car, kite")
    assert labels(page) == ["bus", "car", "kite"]


def test_two_visitors_do_not_mix_and_a_reload_in_the_middle_begins_again(visit) -> None:
    one, other = visit("?classes=apple,snail"), visit("?classes=bus,car,kite&steps=50")
    expect(other.locator("#head")).to_contain_text(re.compile(r"step \d+ of 50: the weights"))
    other.reload()
    finished(one)
    finished(other)
    assert labels(one) == ["apple", "snail"]
    assert labels(other) == ["bus", "car", "kite"]
    one.reload()
    finished(one)
    assert labels(one) == ["apple", "snail"]
