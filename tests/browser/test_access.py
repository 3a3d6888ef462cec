"""Nobody is left out: axe-core finds nothing against WCAG 2 A and AA, in both themes, on every page and view."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished, open_card

pytestmark = pytest.mark.browser
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],  # of what passes, axe would look for the shortest selector of every node
}


def violations(page) -> list[str]:
    import axe_playwright_python

    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_and_all_its_views(visit, theme: str) -> None:
    page = finished(visit(f"?classes=apple,owl,snail&{QUICK}&__theme={theme}"))
    assert violations(page) == []
    page.locator(".held button").first.click()
    expect(page.locator(".why")).to_be_visible()
    inside = open_card(page, "snail")
    inside.get_by_role("button", name="Draw", exact=True).click()
    expect(inside.locator("canvas")).to_be_visible()
    page.locator("#world-card button").first.click()
    expect(page.locator(".world .card").first).to_be_visible()
    for view in ("Confusion", "Seeds", "Two prompts", "Details"):
        page.locator("#views").get_by_text(view).click()
        expect(page.locator("#view")).not_to_be_empty()
    assert violations(page) == []
    page.locator("#views").get_by_text("Weights").click()
    page.locator("#view .row").first.click()
    expect(page.locator("#view .fires")).to_be_visible()
    page.locator("#view .enlarge").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("#views").get_by_text("Two prompts").click()
    expect(page.locator("#view .pair")).to_be_visible()
    assert violations(page) == []
    page.locator("#views").get_by_text("Compare").click()
    expect(page.locator("#chart .main-svg").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Pick from pictures").click()
    expect(page.locator(".picker .tile").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("path", ["learn", "?mode=present&classes=apple,snail"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lesson_and_the_projector(visit, path: str, theme: str) -> None:
    page = visit(f"{path}{'&' if '?' in path else '?'}__theme={theme}")
    expect(page.locator(".rows li").first).to_be_visible()
    for answer in page.locator(".lesson details summary").all():
        answer.click()
    for step in page.locator(".lesson [data-step]:not([data-step=teach]), .lesson [data-quiz]").all():
        step.locator(".guess label").first.click()
        step.locator(".guess [type=submit]").click()
        expect(step.locator(".reveal .said").first).to_be_visible(timeout=300_000)
    assert violations(page) == []


def test_a_theme_is_asked_for_in_the_address(visit) -> None:
    page = visit(f"?{QUICK}&__theme=dark")
    expect(page.locator("#go")).to_be_visible()
    assert page.evaluate("document.body.classList.contains('dark')")
