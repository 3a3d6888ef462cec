"""Comparing with a classifier that is really trained: before it is there, and afterwards as a chart to play with."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished
from tina.training.schedule import TrainSchedule
from tina.ui.server.held_out import HeldOutSet
from tina.ui.server.tuning import FineTuner, FineTuning

pytestmark = pytest.mark.browser
CHUNK = "PlotlyPlot"  # of Gradio's frontend: 4.6 MB
BARS = "document.querySelectorAll('#chart .bars .point').length"


def compare(page):
    """The view, with its chart."""
    page.locator("#views").get_by_text("Compare").click()
    expect(page.locator("#chart .main-svg").first).to_be_visible()
    page.wait_for_function(f"{BARS} > 0")
    return page


def trained(page):
    expect(page.locator(".bar.fine-tuned .caption")).to_contain_text("really fine-tuned")
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_is_loaded_with_its_tab_and_read_without_it_too(visit, theme: str) -> None:
    asked: list[str] = []
    page = trained(finished(visit(f"?classes=apple,snail,owl&{QUICK}&__theme={theme}", asked=asked)))
    for view in ("Confusion", "Details", "Weights"):
        page.locator("#views").get_by_text(view).click()
        expect(page.locator("#view")).not_to_be_empty()
    page.wait_for_timeout(1_500)  # in which it would be asked for
    assert not [url for url in asked if CHUNK in url]
    compare(page)
    assert len([url for url in asked if CHUNK in url and url.endswith(".js")]) == 1

    chart = page.locator("#chart")
    assert page.evaluate(BARS) == 3 * 36
    expect(chart.locator(".legendtext")).to_have_text(["trained for it", "Tina"])
    titles = chart.locator(".annotation-text")
    expect(titles.nth(0)).to_have_text(re.compile(r"conv1, cosine -?\d\.\d\d"))
    soft = page.evaluate("getComputedStyle(document.querySelector('.watch-head')).color")
    assert titles.nth(0).evaluate("e => getComputedStyle(e).fill") == soft  # the page's own colour of smaller words
    assert chart.get_attribute("aria-label")
    expect(page.locator("#view .layers .likeness")).to_have_count(3)
    expect(page.locator("#view")).to_contain_text("on the dashed line they are spread alike")

    page.locator("#views").get_by_text("Confusion").click()
    expect(page.locator("#view .confusion")).to_be_visible()
    expect(chart).to_be_hidden()


def test_it_is_hovered_zoomed_and_taken_away_as_a_picture(visit) -> None:
    page = compare(trained(finished(visit(f"?classes=apple,snail,owl&{QUICK}"))))
    chart = page.locator("#chart")
    chart.scroll_into_view_if_needed()
    plot = chart.locator(".nsewdrag").first
    box = plot.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    expect(chart.locator(".hoverlayer")).to_contain_text(
        re.compile(r"trained for it : \d+ weights.*Tina : \d+ weights", re.S)
    )
    ends = "document.querySelector('#chart .js-plotly-plot').layout.xaxis.range"
    before = page.evaluate(ends)
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1] + 30, steps=5)
    page.mouse.up()
    page.wait_for_function(f"JSON.stringify({ends}) !== '{str(before).replace(' ', '')}'")
    after = page.evaluate(ends)
    assert before[0] < after[0] < after[1] < before[1]
    with page.expect_download() as download:
        chart.get_by_role("button", name=re.compile("Download plot")).click()
    assert download.value.suggested_filename == "tina-compare.png"


def test_it_follows_the_step_that_is_looked_at(visit) -> None:
    page = compare(trained(finished(visit(f"?classes=apple,snail,owl&{QUICK}"))))
    drawn = "JSON.stringify(document.querySelector('#chart .js-plotly-plot')?.data?.map(trace => trace.y))"
    last = page.evaluate(drawn)
    slider = page.locator("#scrub input[type=range]")
    slider.focus()
    slider.press("Home")
    page.wait_for_function(f"last => {drawn} && {drawn} !== last", arg=last)
    expect(page.locator("#view .layers .likeness")).to_have_count(3)
    slider.press("End")
    page.wait_for_function(f"last => {drawn} === last", arg=last)


def test_before_the_rival_is_trained_there_is_its_progress_and_what_will_be_seen(
    visit: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = FineTuner._begin

    def long(tuner: FineTuner, held_out: HeldOutSet) -> FineTuning:
        monkeypatch.setattr(tuner, "schedule", TrainSchedule(steps=200_000, batch=8))
        return begin(tuner, held_out)

    monkeypatch.setattr(FineTuner, "_begin", long)
    asked: list[str] = []
    page = finished(visit(f"?classes=bus,car,kite&{QUICK}", asked=asked))
    page.locator("#views").get_by_text("Compare").click()
    rival = page.locator("#rival")
    expect(rival).to_contain_text("for the same 3 classes")
    expect(rival).to_contain_text(re.compile(r"[\d,]+ of 200,000 steps, about \d+ (s|min) to go"))
    done = rival.locator("progress")
    expect(done).to_have_attribute("aria-label", "how far it is trained")
    first = rival.inner_text()
    expect(rival).not_to_have_text(first)
    expect(page.locator("#view")).to_contain_text("What you will see here")
    page.locator("#views").get_by_text("Details").click()
    expect(rival).to_be_hidden()
    assert not [url for url in asked if CHUNK in url]
    page.locator("#stop").click()


def test_where_nothing_can_be_trained_nothing_is_drawn(visit) -> None:
    asked: list[str] = []
    page = finished(visit(f"?classes=blip,blop&{QUICK}", asked=asked))
    page.locator("#views").get_by_text("Compare").click()
    expect(page.locator("#view")).to_contain_text("Nothing can be trained here")
    expect(page.locator("#chart")).to_be_hidden()
    expect(page.locator("#rival")).to_be_hidden()
    assert not [url for url in asked if CHUNK in url]
