"""Looking on and trying out, in a real Chromium: steps, views, and pictures of one's own."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import finished, labels
from tests.conftest import picture_bytes

pytestmark = pytest.mark.browser


# -- Watch ------------------------------------------------------------------------------------------------------------
def test_the_steps_are_scrubbed_afterwards(page) -> None:
    slider = page.locator("#scrub input[type=range]")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowLeft")
    expect(page.locator("#head")).to_contain_text("noise around closed form")
    expect(page.locator(".bar.tina .caption")).to_contain_text("if it had stopped after step 0")
    slider.press("End")
    finished(page)
    expect(page.locator(".bar.tina .caption")).not_to_contain_text("if it had stopped")


def test_a_class_says_what_it_fires_on_by_keyboard_too_and_at_every_step(page) -> None:
    expect(page.locator("#view .legend")).to_contain_text(re.compile(r"-[\d.]+ +\+[\d.]+"))
    expect(page.locator("#view .legend img")).to_have_attribute("alt", re.compile("blue.*orange"))
    row = page.locator("#view .row").nth(2)
    page.locator("#view .row").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(row).to_be_focused()
    assert page.locator("#view .row[tabindex='0']").count() == 1  # Tab goes past all rows at once
    page.keyboard.press("Enter")
    expect(page.locator("#view .fires h3")).to_have_text(
        ["Fires most on", "most, of other classes’ pictures", "least on"]
    )
    expect(row).to_have_attribute("aria-expanded", "true")
    expect(row).to_be_focused()
    most, _, least = page.locator("#view .fires ul").all()
    assert "snail" in most.locator("img").first.get_attribute("alt")
    assert float(most.locator("small").first.inner_text()) > float(least.locator("small").first.inner_text())
    slider = page.locator("#scrub input[type=range]")
    slider.focus()
    slider.press("Home")
    expect(page.locator("#head")).to_contain_text("step 0")
    expect(page.locator("#view .fires")).to_have_count(1)
    slider.press("End")
    finished(page)
    row.click()
    expect(page.locator("#view .fires")).to_have_count(0)


def test_kernels_are_seen_large(page) -> None:
    small = page.locator("#view .enlarge").last
    small.click()
    dialog = page.get_by_role("dialog", name="512 kernels of conv2, 4,608 weights")
    expect(dialog).to_contain_text(re.compile(r"full colour is a weight of [\d.]+ or more"))
    canvas = dialog.locator("canvas")
    assert canvas.bounding_box()["width"] > 600
    expect(canvas).to_have_attribute("aria-label", re.compile("kernels of conv2"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(small).to_be_focused()


def test_what_matters_is_seen_without_scrolling(page) -> None:
    page.evaluate("scrollTo(0, 0)")
    for part in ("#head svg", "#head .provenance", "#scrub", "#views", "#view .rows", "#view .legend"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 900, part


def test_a_cell_of_the_confusion_shows_its_pictures(page) -> None:
    page.locator("#views").get_by_text("Confusion").click()
    cell = page.locator(".confusion button:not([disabled])").first
    count = int(cell.inner_text())
    cell.click()
    expect(page.locator(".album img")).to_have_count(count)
    expect(cell).to_be_focused()
    cells = page.locator(".confusion button:enabled").evaluate_all("all => all.map(one => one.dataset.cell)")
    below = [one for one in cells if one.endswith(",0")]  # the first class's column, from the first cell on
    for key, place in (("ArrowDown", min(1, len(below) - 1)), ("ArrowUp", 0)):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.cell") == below[place]
    assert page.locator(".confusion button[tabindex='0']").count() == 1


def test_of_two_views_the_last_is_shown_also_while_the_first_is_worked_out(page) -> None:
    with page.expect_request(lambda request: "queue/join" in request.url):
        page.locator("#views").get_by_text("Seeds").click()
    page.locator("#views").get_by_text("Confusion").click()
    expect(page.locator("#view .confusion").first).to_be_visible()


def test_seeds_stand_side_by_side(page) -> None:
    page.locator("#views").get_by_text("Seeds").click()
    expect(page.locator(".seeds figure")).to_have_count(6)
    expect(page.locator(".lesson-line")).to_contain_text(re.compile(r"The seed changes the weights by [\d.]+%,? and"))


def test_two_prompts_stand_side_by_side_and_are_blended(page) -> None:
    page.locator("#views").get_by_text("Two prompts").click()
    expect(page.locator("#view .rows li").first).to_contain_text("→")
    second = page.get_by_label("Second prompt")
    suggested = second.input_value().split(", ")
    assert len(set(suggested)) == 10
    assert not set(suggested) & set(labels(page))
    heads = page.locator("#view .heads").first
    expect(heads).to_contain_text(
        re.compile(r"First prompt\d+% of \d+ pictures.*Second prompt\d+% of \d+ pictures", re.S)
    )
    expect(heads).to_contain_text("50% of the way")
    slider = page.locator("#between input[type=range]")
    slider.focus()
    slider.press("End")
    expect(heads).to_contain_text("100% of the way")

    second.fill("banana, bus, octopus, castle, duck, hat, car, clover, drum, sun")
    page.get_by_role("button", name="Write both", exact=True).click()
    expect(page.locator("#view .rows li").first).to_contain_text("apple → banana")
    second.fill("apple, snail")
    page.get_by_role("button", name="Write both", exact=True).click()
    expect(page.locator("#view")).to_contain_text("as many classes")
    expect(page.locator("#view .apart section")).to_have_count(2)
    expect(page.locator("#view .apart .rows li")).to_have_count(12)
    expect(slider).to_be_hidden()
    second.fill("apple")
    second.press("Enter")
    expect(page.locator("#view .wrong-note")).to_contain_text("at least two classes")
    second.fill("")
    page.get_by_role("button", name="Write both", exact=True).click()
    expect(second).to_have_value(", ".join(suggested))
    expect(slider).to_be_visible()


def test_it_is_trained_on_beside_its_rivals(page, shipped_training: list) -> None:
    page.locator("#views").get_by_text("Train on").click()
    page.locator("#race").click()
    cells = page.locator("#view tbody tr").first.locator("td")
    expect(cells.last).to_contain_text(re.compile(r"\d"), timeout=60_000)
    assert page.locator("#view svg polyline").count() == 3
    expect(page.locator(".key i.line")).to_have_count(3)
    expect(page.locator(".lesson-line")).to_contain_text(
        re.compile("Tina’s weights.*because they were written for these")
    )
    styles = "all => all.map(i => getComputedStyle(i).borderTopStyle)"
    assert page.locator(".key i.line").evaluate_all(styles) == ["solid", "dashed", "dotted"]


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


def test_what_looks_like_nothing_it_knows_is_said_to(page) -> None:
    hints = []
    page.locator("#model").get_by_role("button", name="Bucket").click()
    for swatch in page.locator("#model .swatch").all():
        swatch.click()
        page.locator("#model canvas").click()
        shares = [int(text.rstrip("%")) for text in page.locator("#model .soft em").all_inner_texts()]
        hints.append("None of these?" in page.locator("#model .hint").inner_text())
        assert hints[-1] == (max(shares) < 50) or max(shares) == 50
    assert any(hints)


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
    Image.new("RGB", (6000, 5000), (200, 30, 30)).save(large, compress_level=1)
    with page.expect_file_chooser() as chooser:
        page.locator("#model").get_by_role("button", name="Upload").click()
    chooser.value.set_files(large)
    expect(page.locator("#model .soft em").first).to_contain_text("%")


def test_the_webcam_is_looked_through(page) -> None:
    page.locator("#model").get_by_role("button", name="Webcam").click()
    expect(page.locator("#model .soft em").first).to_contain_text("%")
    page.locator("#model").get_by_role("button", name="Stop webcam").click()
    expect(page.locator("#model").get_by_role("button", name="Webcam", exact=True)).to_be_visible()
