"""A classifier that no browser can run: the server answers, and everything else is as it always is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished, upload, visiting
from tests.conftest import picture_bytes

pytestmark = pytest.mark.browser
VIEWS = {
    "Compare": ".likeness, .note",
    "Confusion": ".confusion",
    "Seeds": ".seeds img",
    "Details": ".numbers",
    "Weights": ".rows.folded",
}


@pytest.fixture
def visit(browser, tower: str) -> Iterator[Callable]:
    with visiting(browser, tower) as go:
        yield go


def test_the_server_answers_for_a_classifier_that_no_browser_can_run(visit) -> None:
    page = finished(visit())
    shares, hint = page.locator("#model .soft em"), page.locator("#model .hint")
    expect(hint).to_contain_text("It comes from the server")
    upload(page, picture_bytes(size=(300, 200)))
    expect(shares.first).to_have_text(re.compile(r"\d+%"))
    before = page.evaluate("TinaPage.model.mark")
    upload(page, b"no picture")
    expect(hint).to_have_text("This is not a picture that the browser can read.")

    page.locator("#model").get_by_role("button", name="Clear").click()
    expect(shares.first).to_have_text("–")
    page.locator("#scrub input[type=number]").fill("3")
    page.locator("#scrub input[type=number]").press("Enter")
    page.wait_for_function(f"TinaPage.model.mark !== {before}")
    page.locator("#model canvas").click(position={"x": 60, "y": 60})
    expect(shares.first).to_have_text(re.compile(r"\d+%"))

    for name in ("Web page", "Open web page"):
        button = page.locator("#take").get_by_role("button", name=name, exact=True)
        expect(button).to_be_disabled()
        expect(button).to_have_attribute("title", re.compile("take the zip instead"))
    expect(page.locator("#take").get_by_role("button", name="ONNX")).to_be_enabled()
    for view, figure in VIEWS.items():
        page.locator("#views").get_by_text(view).click()
        expect(page.locator("#view").locator(figure).first).to_be_visible()


def test_the_webcam_has_one_question_under_way_at_a_time(visit) -> None:
    page, held = finished(visit(f"?{QUICK}")), []
    picture = "data:image/png"
    page.route("**/queue/join*", lambda r: held.append(r) if picture in (r.request.post_data or "") else r.continue_())
    page.locator("#model").get_by_role("button", name="Webcam").click()
    for number in (1, 2):
        while len(held) < number:
            page.wait_for_timeout(50)
        page.wait_for_timeout(1500)  # a dozen frames
        assert len(held) == number
        held[-1].continue_()
        expect(page.locator("#model .soft em").first).to_have_text(re.compile(r"\d+%"))
    page.locator("#model").get_by_role("button", name="Stop webcam").click()


def test_a_zip_comes_back(visit, tmp_path: Path) -> None:
    page = finished(visit(f"?{QUICK}"))
    accuracy = page.locator(".bar.tina em").inner_text()
    with page.expect_download(timeout=60_000) as download:
        page.locator("#take").get_by_role("button", name="Download zip").click()
    file = tmp_path / "mine.zip"
    download.value.save_as(file)
    with page.expect_file_chooser() as chooser:
        page.locator("#back").click()
    chooser.value.set_files(str(file))
    expect(page.locator("#head")).to_contain_text("brought back from a file", timeout=60_000)
    expect(page.locator(".bar.tina em")).to_have_text(accuracy)
    upload(page, picture_bytes())
    expect(page.locator("#model .soft em").first).to_have_text(re.compile(r"\d+%"))


@pytest.mark.parametrize("path", ["?mode=present", "learn"])
def test_neither_the_projector_nor_the_lesson_minds(visit, path: str) -> None:
    page = visit(path)
    expect(page.locator(".weights .rows.folded").first).to_be_visible()
