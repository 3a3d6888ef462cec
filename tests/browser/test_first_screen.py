"""The first ten seconds: what it is, what only this can do, two ways in; and one's own picture, which decides."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.conftest import QUICK, finished, upload

pytestmark = pytest.mark.browser
JARGON = re.compile(r"cnn-5k|\bslice\b|\bTina \(", re.IGNORECASE)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LONGEST, OWN_PICTURE = 2200, 900  # pixels of the page on a phone, and from its top to "your own picture"
FINGER, TILE = 44, 56
TABS = 15
TOP = "element => element.getBoundingClientRect().top + scrollY"
CUT = """() => [...document.querySelectorAll('#tina :is(h1, h2, h3, p, button, .bar > span, .bar em)')]
  .filter(e => e.checkVisibility() && getComputedStyle(e).overflow === 'hidden' && e.scrollWidth > e.clientWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))"""
SMALL = f"""() => [...document.querySelectorAll('#tina :is(button, a, summary, input, select, textarea)')]
  .filter(e => e.checkVisibility({{ opacityProperty: true, visibilityProperty: true }}) && !e.closest('.hidden'))
  .map(e => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width && r.height < {FINGER} - 0.5)
  .map(([e]) => e.outerHTML.slice(0, 140))"""


def photograph() -> bytes:
    """Nothing that anybody would draw: colours that run into each other, and grain."""
    random, file = np.random.default_rng(0), io.BytesIO()
    coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), np.uint8)).resize((640, 480), Image.Resampling.BICUBIC)
    grain = random.integers(-12, 13, (480, 640, 3))
    Image.fromarray((np.asarray(coarse) + grain).clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def drawing() -> bytes:
    """Black lines on white paper."""
    sheet, file = Image.new("RGB", (600, 500), "white"), io.BytesIO()
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((150, 130, 430, 410), outline="black", width=9)
    pen.line((290, 130, 310, 60), fill="black", width=9)
    sheet.save(file, "PNG")
    return file.getvalue()


def chosen(page: Page):
    return page.locator('#ways [aria-pressed="true"]')


def test_it_says_what_it_is_how_fast_it_was_and_how_good_in_plain_words(looking) -> None:
    expect(looking.locator(".claim")).to_have_text("Name any things. Get a program that tells their pictures apart.")
    headline = looking.locator(".headline")
    expect(headline).to_have_text(
        re.compile(
            r"^Written in [\d.]+ s, without training\. Training one for the same 10 things took [\d.]+ s here, "
            r"in the background, and is (as good|\d+ points? (better|worse))\.$"
        )
    )
    took, better = float(re.findall(r"[\d.]+ s", headline.inner_text())[0][:-2]), looking.locator(".bar.tina .caption")
    assert f"{took:g}" in better.inner_text() or took >= 1
    text = looking.locator("#tina").inner_text()
    assert not JARGON.search(text), JARGON.findall(text)
    assert text.index("pictures that none of them has seen") < text.index("(held-out)")
    assert "Diffusion is what the trained network wrote" in text  # beside the word's first use
    assert looking.locator("#ways button").all_inner_texts()[:2] == ["Drawings", "Photographs"]
    expect(looking.get_by_label("World")).to_be_hidden()


def test_the_headline_says_what_the_bars_say(looking) -> None:
    looking.locator(".bar.fine-tuned em", has_text="%").wait_for()
    tina, trained = (
        int(looking.locator(f".bar.{kind} em").inner_text().split("%")[0]) for kind in ("tina", "fine-tuned")
    )
    said = re.search(r"is (as good|(\d+) points? (better|worse))", looking.locator(".headline").inner_text())
    assert said is not None
    points = 0 if said[1] == "as good" else int(said[2]) * (1 if said[3] == "better" else -1)
    assert abs((trained - tina) - points) <= 1  # each was rounded


def test_what_is_shown_decides_which_way(visit) -> None:
    page = finished(visit(f"?classes=apple,umbrella&{QUICK}"))
    expect(chosen(page)).to_have_text("Drawings")
    sent: list[bytes] = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    upload(page, photograph())
    offer = page.locator("#model .offer button")
    expect(offer).to_have_text("Switch to Photographs?")
    assert not [one for one in sent if b"data:image" in one]  # this browser looked
    upload(page, drawing())
    expect(offer).to_have_count(0)
    upload(page, photograph())
    offer.click()
    expect(chosen(page)).to_have_text("Photographs")
    finished(page)
    expect(page.get_by_label("World")).to_have_value("Everyday photos")
    expect(page.locator("#model .soft em").first).to_have_text(re.compile(r"\d+%"))  # the same picture, asked anew
    expect(offer).to_have_count(0)
    upload(page, drawing())
    expect(page.locator("#model .offer")).to_have_text("This is a drawing. Switch to Drawings?")
    page.locator("#model").get_by_role("button", name="Clear").click()
    expect(page.locator("#model .offer")).to_have_count(0)


def test_all_that_is_on_the_shelf_is_under_more(visit) -> None:
    page = finished(visit(f"?classes=apple,umbrella&{QUICK}"))
    page.get_by_role("button", name="more…").click()
    world = page.get_by_label("World")
    expect(world).to_be_focused()
    world.click()
    page.get_by_role("option", name="Photos (tiny-20k)").click()
    expect(chosen(page)).to_have_count(0)
    expect(world).to_be_visible()


def test_of_two_classes_neither_is_said(visit) -> None:
    page = finished(visit(f"?classes=apple,umbrella&{QUICK}"))
    page.evaluate("TinaPage.tried.say('')")
    upload(page, drawing())
    expect(page.locator("#model .soft em").first).to_have_text(re.compile(r"\d+%"))
    for shares, none, said in (
        ([0.55, 0.45], None, "Neither of the two? It knows only these two, and no share is high."),
        ([0.75, 0.25], None, ""),
        ([0.75, 0.25], False, ""),
        ([0.75, 0.25], True, "Neither of the two? It is less like any of them than their pictures usually are."),
    ):
        page.evaluate("found => TinaPage.tried.tell(found)", {"shares": shares, "none": none})
        expect(page.locator("#model .hint")).to_have_text(said)


def test_try_begins_with_ones_own_picture_and_known_ones_are_large(looking) -> None:
    own, known, take = (looking.locator(part).evaluate(TOP) for part in ("#model", "#held", "#take"))
    assert own < known < take
    box = looking.locator(".held button").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= TILE


def test_few_tabs_from_the_prompt_to_the_result_and_arrows_within_grids(looking) -> None:
    looking.get_by_label("What should it tell apart?").focus()
    for _ in range(TABS):
        looking.keyboard.press("Tab")
        if looking.evaluate("Boolean(document.activeElement.closest('#watch-pane, #try-pane'))"):
            break
    else:
        pytest.fail(f"{TABS} Tabs do not leave the prompt")
    tiles = looking.locator(".held button")
    assert tiles.evaluate_all("all => all.filter(one => one.tabIndex === 0).length") == 1
    tiles.first.focus()
    for key, to in (("ArrowRight", 1), ("ArrowLeft", 0)):
        looking.keyboard.press(key)
        expect(tiles.nth(to)).to_be_focused()
    looking.keyboard.press("ArrowDown")
    assert tiles.evaluate_all("all => all.indexOf(document.activeElement)") > 1
    looking.keyboard.press("Enter")
    expect(looking.locator(".why")).to_be_visible()


def test_the_curve_is_told_to_who_cannot_see_it(looking) -> None:
    curve = looking.locator("#head svg").get_attribute("aria-label") or looking.locator("#head svg title").inner_text()
    assert re.search(r"^Accuracy by step: (\d+%, )+\d+%; chance is 10%, ready-made \d+%, trained \d+%\.$", curve)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_ones_own_picture_soon_and_nothing_is_cut_or_small(visit, theme: str) -> None:
    page = finished(visit(f"?{QUICK}&__theme={theme}", **PHONE))
    page.locator(".bar.fine-tuned em", has_text="%").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#try-pane h2").evaluate(TOP) <= OWN_PICTURE
    assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) == []
    page.get_by_role("button", name="Show everything").click()
    expect(page.locator("#view .legend")).to_be_in_viewport(ratio=0)
    assert page.locator("#view").evaluate("view => view.scrollHeight <= view.clientHeight + 1")
