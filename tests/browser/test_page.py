"""The page in a real Chromium: what a visitor sees without a click, and what comes of every click."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, ask, finished, labels
from tests.conftest import picture_bytes

pytestmark = pytest.mark.browser


# -- the first five seconds -------------------------------------------------------------------------------------------
def test_without_a_click_a_classifier_is_written_and_scored_and_nothing_jumps(visit) -> None:
    begin = time.monotonic()
    page = visit()
    expect(page.locator("#go")).to_be_enabled()
    interactive = time.monotonic() - begin
    expect(page.locator(".bar.tina em")).to_contain_text("%")
    number = time.monotonic() - begin
    places = "['#wanted', '#head', '#scrub', '#views', '#held'].map(id => document.querySelector(id).offsetTop)"
    expect(page.locator("#head")).to_contain_text(re.compile(r"step \d"))
    before = page.evaluate(places)
    finished(page)
    assert page.evaluate(places) == before
    assert interactive <= 2.5
    assert number <= 4
    assert page.get_by_label("What should it tell apart?").input_value().startswith("apple, sailboat")
    assert len(labels(page)) == 10
    expect(page.locator("#head svg circle.tina")).to_have_count(11)
    expect(page.locator("#view .rows li")).to_have_count(10)
    marked = page.locator(".held button.right, .held button.wrong")
    expect(marked).to_have_count(page.locator(".held button").count())
    assert page.locator(".held button.right").count() > 0
    assert all(page.locator("#view img").nth(i).get_attribute("alt") for i in range(5))


# -- Describe ---------------------------------------------------------------------------------------------------------
def test_a_list_is_asked_for_with_enter_or_the_button(asking) -> None:
    page = ask(asking, "owl, teapot, snail")
    assert labels(page) == ["owl", "teapot", "snail"]
    expect(page.locator("#chips .new")).to_have_count(2)
    expect(page.locator(".bar.slice .says")).to_contain_text("never in training")


def test_a_sentence_becomes_chips(visit) -> None:
    page = finished(visit(f"?classes=things+that+fly&{QUICK}"))
    expect(page.locator("#chips .notes")).to_contain_text("was taken to mean")
    assert len(labels(page)) > 2


def test_chips_are_added_taken_away_and_shuffled(asking) -> None:
    page = ask(asking, "apple, snail, fish")
    page.get_by_label("Another class").fill("castle")
    page.keyboard.press("Enter")
    expect(page.locator("#view .rows li")).to_have_count(4)
    page.get_by_label("take snail away").click()
    expect(page.locator("#view .rows li")).to_have_count(3)
    finished(page)
    assert labels(page) == ["apple", "fish", "castle"]
    page.get_by_role("button", name="Shuffle").click()
    expect(page.locator("#wanted textarea")).not_to_have_value("apple, fish, castle")
    finished(page)
    assert sorted(labels(page)) == ["apple", "castle", "fish"]


def test_something_else_is_one_click_and_tried_on_pictures_of_other_classes(asking) -> None:
    page = ask(asking, "apple, snail")
    page.get_by_role("button", name="+ something else").click()
    expect(page.locator("#view .rows li")).to_have_count(3)
    finished(page)
    expect(page.locator("#chips li.other")).to_have_text(re.compile("something else"))
    expect(page.get_by_role("button", name="+ something else")).to_be_hidden()
    expect(page.locator(".held button[title^='something else: ']")).to_have_count(5)
    expect(page.locator("#wanted textarea")).to_have_value("apple, snail, something else")
    page.get_by_label("take something else away").click()
    expect(page.get_by_role("button", name="+ something else")).to_be_visible()


def test_pictures_belong_to_a_class_from_files_or_the_webcam(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    files = [{"name": f"{i}.png", "mimeType": "image/png", "buffer": picture_bytes(i)} for i in range(3)]
    with page.expect_file_chooser() as chooser:
        page.get_by_label("pictures and place of snail").click()
        page.get_by_role("menuitem", name="Add pictures…").click()
    chooser.value.set_files(files)
    expect(page.locator("#chips li img")).to_have_count(3)
    page.get_by_label("take picture 1 of snail away").click()
    expect(page.locator("#chips li img")).to_have_count(2)
    page.get_by_label("pictures and place of apple").click()
    page.get_by_role("menuitem", name="5 from the webcam").click()
    expect(page.locator("#chips li").first.locator("img")).to_have_count(5)
    expect(page.locator("#chips li img")).to_have_count(5 + 2)


def test_several_pictures_are_dropped_on_a_class_and_choose_between_seeds(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    files = [base64.b64encode(picture_bytes(i)).decode() for i in range(2)]
    page.evaluate(
        """files => {
            const data = new DataTransfer();
            files.forEach((file, i) => data.items.add(new File(
                [Uint8Array.from(atob(file), c => c.charCodeAt(0))], `${i}.png`, { type: "image/png" })));
            const chip = document.querySelectorAll("#chips li[draggable]")[1];
            for (const type of ["dragover", "drop"])
                chip.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        files,
    )
    expect(page.locator("#chips li").nth(1).locator("img")).to_have_count(2)
    finished(page)
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
    one, other = visit("?classes=apple,snail"), visit("?classes=bus,car,kite")
    expect(other.locator("#head")).to_contain_text(re.compile(r"step \d"))
    other.reload()
    finished(one)
    finished(other)
    assert labels(one) == ["apple", "snail"]
    assert labels(other) == ["bus", "car", "kite"]
    one.reload()
    finished(one)
    assert labels(one) == ["apple", "snail"]


# -- Watch ------------------------------------------------------------------------------------------------------------
def test_the_steps_are_scrubbed_afterwards(page) -> None:
    slider = page.locator("#scrub input[type=range]")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowLeft")
    expect(page.locator("#head")).to_contain_text("only noise")
    expect(page.locator(".bar.tina .says")).to_contain_text("if it had stopped after step 0")
    slider.press("End")
    finished(page)
    expect(page.locator(".bar.tina .says")).not_to_contain_text("if it had stopped")


def test_a_cell_of_the_confusion_shows_its_pictures(page) -> None:
    page.locator("#views").get_by_text("Confusion").click()
    cell = page.locator(".confusion button:not([disabled])").first
    count = int(cell.inner_text())
    cell.click()
    expect(page.locator(".album img")).to_have_count(count)


def test_seeds_stand_side_by_side(page) -> None:
    page.locator("#views").get_by_text("Seeds").click()
    expect(page.locator(".seeds figure")).to_have_count(6)


def test_two_prompts_are_blended(page) -> None:
    page.locator("#views").get_by_text("Blend").click()
    page.get_by_role("button", name="Blend", exact=True).click()
    expect(page.locator("#view .rows li").first).to_contain_text("→")
    page.get_by_label("Second prompt").fill("apple, snail")
    page.get_by_role("button", name="Blend", exact=True).click()
    expect(page.locator("#view")).to_contain_text("as many classes")


def test_it_is_trained_on_beside_its_rivals(page) -> None:
    page.locator("#views").get_by_text("Train on").click()
    page.locator("#race").click()
    cells = page.locator("#view tbody tr").first.locator("td")
    expect(cells.last).to_contain_text(re.compile(r"\d"), timeout=60_000)
    assert page.locator("#view svg polyline").count() == 3


# -- Try --------------------------------------------------------------------------------------------------------------
def test_a_held_out_picture_says_why(page) -> None:
    page.locator(".held button").first.click()
    expect(page.locator(".why")).to_contain_text("apple")
    expect(page.locator(".why img")).to_have_count(2)


def test_drawing_moves_the_bars(page) -> None:
    canvas = page.locator("#model canvas")
    expect(page.locator("#model .hint")).to_contain_text("Draw")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 80, steps=4)
    expect(page.locator("#model .soft em").first).to_contain_text("%")
    page.mouse.up()
    shares = [int(text.rstrip("%")) for text in page.locator("#model .soft em").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert 90 <= sum(shares) <= 110


def test_a_picture_is_pasted_and_what_is_none_is_refused(page) -> None:
    stage = page.locator("#model .stage")
    expect(stage).to_be_visible()
    paste = """([name, type, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, { type }));
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }"""
    page.evaluate(paste, ["a.png", "image/png", base64.b64encode(b"no picture").decode()])
    expect(page.locator("#model .hint")).to_contain_text("not a picture")
    page.evaluate(paste, ["a.png", "image/png", base64.b64encode(picture_bytes()).decode()])
    expect(page.locator("#model .soft em").first).to_contain_text("%")


def test_a_picture_of_30_megapixels_is_looked_at(page, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    Image.new("RGB", (6000, 5000), (200, 30, 30)).save(large)
    with page.expect_file_chooser() as chooser:
        page.locator("#model").get_by_role("button", name="Upload").click()
    chooser.value.set_files(large)
    expect(page.locator("#model .soft em").first).to_contain_text("%")


def test_the_webcam_is_looked_through(page) -> None:
    page.locator("#model").get_by_role("button", name="Webcam").click()
    expect(page.locator("#model .soft em").first).to_contain_text("%")
    page.locator("#model").get_by_role("button", name="Stop webcam").click()
    expect(page.locator("#model").get_by_role("button", name="Webcam", exact=True)).to_be_visible()


# -- the strip ---------------------------------------------------------------------------------------------------------
def test_the_strip_compares_four_and_the_last_is_really_trained(page, visit) -> None:
    expect(page.locator("#strips .bar")).to_have_count(4)
    expect(page.locator(".bar.slice em")).to_contain_text("%")
    expect(page.locator(".bar.tuned .says")).to_contain_text("really fine-tuned", timeout=90_000)
    expect(page.locator(".bar.tuned em")).to_contain_text("%")
    page.locator("#views").get_by_text("Compare").click()
    expect(page.locator(".likeness:visible")).to_have_count(3)
    expect(page.locator("#view")).to_contain_text("not yet matching function")
    other = finished(visit(f"?{QUICK}"))  # who asks for the same finds it there
    expect(other.locator(".bar.tuned .says")).to_contain_text("really fine-tuned", timeout=5_000)


# -- looks ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["", "learn", "?mode=present"])
def test_nothing_scrolls_sideways(visit, path: str) -> None:
    page = visit(path, viewport={"width": 390, "height": 900})
    expect(page.locator(".rows li").first).to_be_visible()
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


def test_the_lesson_walks_six_steps(visit) -> None:
    page = visit("learn")
    expect(page.locator("details")).to_have_count(6)
    expect(page.locator(".rows li").first).to_be_visible()
    page.get_by_role("button", name="Write four").click()
    expect(page.locator(".seeds figure")).to_have_count(4)
    page.get_by_role("button", name="Try them all").click()
    expect(page.locator(".lesson .bar")).to_have_count(8)


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
