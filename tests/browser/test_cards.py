"""Class cards, and the picker beside the prompt: by mouse, finger and keyboard, on a wide screen and on a phone."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, another, ask, card, draw_strokes, finished, labels, open_card
from tests.browser.test_by_mouse import arc
from tests.conftest import picture_bytes

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FILES = [{"name": f"{i}.png", "mimeType": "image/png", "buffer": picture_bytes(i)} for i in range(9)]
FIELD = "What should it tell apart?"
LONG = "twelve letters"  # a name that is longer than twelve characters
FOCUS = "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent)"
PASTE = """content => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], "a.png", { type: "image/png" }));
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


def given(page, label: str, files: list[dict]) -> None:
    inside = open_card(page, label)
    with page.expect_file_chooser() as chooser:
        inside.get_by_role("button", name="Drop, paste or choose pictures").click()
    chooser.value.set_files(files)


def test_text_and_cards_say_the_same_and_pictures_wait_for_their_name(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    field = page.get_by_label(FIELD)
    given(page, "snail", FILES[:2])
    expect(card(page, "snail").locator(".thumb")).to_have_count(2)
    finished(page)
    field.fill("apple, fish")
    expect(page.locator(".cards-asked > li .name")).to_have_text(["apple", "fish"])
    field.fill("apple, Snail, fish")
    expect(card(page, "Snail").locator(".faces img")).to_have_count(2)
    with another(page):
        field.press("Control+Enter")
        expect(page.locator("#view .rows li")).to_have_count(3)
    inside = open_card(page, "fish")
    inside.get_by_label("Name of this class").fill("castle")
    inside.get_by_label("Name of this class").press("Enter")
    expect(field).to_have_value("apple, Snail, castle")
    inside = card(page, "castle").locator(".inside")
    inside.get_by_role("button", name="move castle left").click()
    expect(field).to_have_value("apple, castle, Snail")
    expect(inside.get_by_role("button", name="move castle left")).to_be_enabled()
    inside.get_by_label("Name of this class").fill("apple")
    inside.get_by_label("Name of this class").press("Enter")
    expect(page.locator("#chips .wrong-note")).to_contain_text("a class “apple” already")
    assert labels(page) == ["apple", "castle", "Snail"]


def test_a_card_takes_what_is_drawn_pasted_and_uploaded_one_picture_goes_at_a_time(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    inside = open_card(page, "snail")
    inside.get_by_role("button", name="Draw", exact=True).click()
    canvas = inside.locator("canvas")
    assert canvas.evaluate("c => [c.width, c.height]") == [300, 300]
    inside.get_by_role("button", name="Add this drawing").click()
    expect(inside.get_by_role("status").last).to_have_text("Draw snail first.")
    draw_strokes(page, ".inside canvas", [arc(160, 160, 90, 70)])
    inside.get_by_role("button", name="Bucket").click()
    draw_strokes(page, ".inside canvas", [[(160, 160)]])
    inside.get_by_role("button", name="Undo").click()
    inside.get_by_role("button", name="Add this drawing").click()
    expect(inside.locator(".thumb")).to_have_count(1)
    expect(inside.get_by_role("button", name="Undo")).to_be_disabled()  # a fresh sheet
    page.get_by_role("button", name="close the card of snail").focus()
    page.evaluate(PASTE, base64.b64encode(FILES[0]["buffer"]).decode())
    expect(inside.locator(".thumb")).to_have_count(2)
    expect(page.locator("#model .soft em").first).to_have_text("–")  # it was for the card, and not for Try
    given(page, "snail", FILES[:7])
    expect(inside.locator(".thumb")).to_have_count(9)
    expect(inside.locator(".thumb.kept")).to_have_count(3)
    expect(inside).to_contain_text("3 of 9 (dashed) are kept aside to test with")
    inside.get_by_label("take picture 9 of snail away").press("Enter")
    expect(inside.locator(".thumb")).to_have_count(8)
    expect(inside.get_by_label("take picture 8 of snail away")).to_be_focused()
    page.keyboard.press("Escape")
    expect(inside).to_be_hidden()
    expect(card(page, "snail").locator(".face")).to_be_focused()
    expect(card(page, "snail").locator(".faces")).to_have_text("+5")
    finished(page)


def test_the_keyboard_is_enough_for_all_cards_and_few_tabs_lead_past_them(asking) -> None:
    page = ask(asking, "apple, snail, fish, owl, kite")
    page.get_by_label(FIELD).focus()
    passed = []
    while "Stop after step" not in (passed[-1] if passed else ""):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUS))
        assert len(passed) <= 15
    assert sum("known" in one for one in passed) == 1  # one stop for all cards
    face = card(page, "apple").locator(".face")
    face.focus()
    page.keyboard.press("ArrowRight")
    expect(card(page, "snail").locator(".face")).to_be_focused()
    page.keyboard.press("End")
    expect(card(page, "kite").locator(".face")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.get_by_label(FIELD)).to_have_value("apple, snail, fish, kite, owl")
    expect(page.locator(".cards-asked > li .name")).to_have_text(["apple", "snail", "fish", "kite", "owl"])
    expect(card(page, "kite").locator(".face")).to_be_focused()  # it takes the focus along
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(card(page, "kite").locator(".face")).to_be_focused()  # the row below, three cards on
    page.keyboard.press("Delete")
    expect(page.get_by_label(FIELD)).to_have_value("apple, snail, fish, owl")
    expect(card(page, "owl").locator(".face")).to_be_focused()
    card(page, "owl").locator(".face").press("Enter")
    expect(page.get_by_role("button", name="close the card of owl")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(page, "owl").locator(".face")).to_be_focused()
    finished(page)


def test_on_a_phone_names_are_whole_and_everything_is_large_enough_for_a_finger(visit) -> None:
    page = finished(visit(f"?classes={LONG},lighthouse,kaleidoscope&{QUICK}", **PHONE))
    clipped = (
        "names => names.filter(e => e.scrollWidth > e.clientWidth + 1 || getComputedStyle(e).textOverflow !== 'clip')"
    )
    assert page.locator(".face .name").evaluate_all(clipped) == []
    assert labels(page) == [LONG, "lighthouse", "kaleidoscope"]
    one_line = page.locator(".face .name").nth(2).evaluate("e => e.getClientRects().length")
    assert one_line == 1  # twelve characters
    inside = open_card(page, "lighthouse")
    inside.get_by_role("button", name="Draw", exact=True).tap()
    expect(inside.locator("canvas")).to_be_visible()
    small = """all => all.filter(e => e.offsetParent && Math.min(e.offsetWidth, e.offsetHeight) < 44)
        .map(e => e.ariaLabel || e.textContent)"""
    assert page.locator("#chips button").evaluate_all(small) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#pick").tap()
    expect(page.locator(".picker .tile").first).to_be_visible()
    assert page.locator(".picker button").evaluate_all(small) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_the_world_knows_is_picked_from_pictures(visit) -> None:
    asked: list[str] = []
    page = finished(visit(f"?classes=apple,Snail&{QUICK}", asked=asked))
    assert page.locator(".picker").count() == 0
    assert not page.evaluate("'pick' in TinaPage")  # nothing of it is in the page before it is wanted
    with another(page):
        page.get_by_role("button", name="Pick from pictures").click()
        picker = page.get_by_role("dialog")
        tiles = picker.locator(".tile")
        expect(tiles).to_have_count(112)
        expect(picker.get_by_role("heading").first).to_have_text("What Sketchbook knows")
        expect(picker.locator(".tile[aria-pressed=true]")).to_have_text(["snail", "apple"], ignore_case=True)
        assert (
            tiles.first.locator("i").evaluate("e => getComputedStyle(e).backgroundImage").startswith('url("data:image/')
        )
        expect(picker.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("vehicle")
        expect(picker.get_by_role("status")).to_contain_text(re.compile(r"^\d+ things"))
        expect(picker.locator(".tile", has_text="bus")).to_be_visible()
        expect(picker.locator(".tile", has_text="owl")).to_be_hidden()
        picker.get_by_role("button", name="vehicle", exact=True).click()
        picker.get_by_role("searchbox").fill("qwer")
        expect(picker.get_by_role("status")).to_have_text(
            "Nothing here is called “qwer”: type it as a class of your own."
        )
        picker.get_by_role("searchbox").fill("")
        picker.locator(".tile", has_text="owl").click()
        picker.locator(".tile", has_text="snail").click()
        expect(picker.get_by_role("button", name="Done: 3 classes")).to_be_visible()
        picker.get_by_role("button", name="Done").click()
        expect(page.locator("#view .rows li")).to_have_count(3)
    expect(picker).to_be_hidden()
    assert labels(page) == ["apple", "vehicle", "owl"]
    expect(page.get_by_label(FIELD)).to_have_value("apple, vehicle, owl")
    expect(page.locator("#pick")).to_be_focused()


def test_the_picker_needs_no_mouse_and_begins_from_nothing(asking) -> None:
    page = ask(asking, "apple, snail")
    page.get_by_label(FIELD).fill("")
    expect(page.get_by_role("alert").filter(has_text="nothing to recognise yet")).to_be_visible()
    assert labels(page) == []
    page.locator("#pick").press("Enter")
    picker = page.get_by_role("dialog")
    expect(picker.locator(".tile").first).to_be_visible()
    for _ in range(3):  # done, whole families, everything else
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.matches('.tile')")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press(" ")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.textContent")
    assert first != second
    page.keyboard.press(" ")
    page.keyboard.press("Escape")
    expect(page.locator("#view .rows li")).to_have_text([re.compile(first), re.compile(second)])
    finished(page)
    assert labels(page) == [first, second]
