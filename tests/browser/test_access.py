"""Nobody is left out: axe-core finds nothing against WCAG 2 A and AA, in both themes, on every page and view."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, ask

pytestmark = pytest.mark.browser
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}  # the only one that another theme can break


def violations(page, rules: dict = ALL) -> list[str]:
    import axe_playwright_python

    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8"))
    options = {"runOnly": rules, "resultTypes": ["violations"]}  # of what passes, axe would look for selectors
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def in_both_themes(page) -> list[str]:
    page.emulate_media(reduced_motion="reduce")  # colours change at once
    found = violations(page)
    page.evaluate("document.body.classList.toggle('dark')")
    found += violations(page, COLOURS)
    page.evaluate("document.body.classList.toggle('dark')")
    page.emulate_media(reduced_motion="no-preference")
    return found


def test_the_page_and_all_its_views(asking) -> None:
    page = ask(asking, "apple, owl, snail")
    assert in_both_themes(page) == []
    page.locator(".held button").first.click()
    expect(page.locator(".why")).to_be_visible()
    page.get_by_label("pictures and place of snail").click()
    page.locator("#world-card button").first.click()
    expect(page.locator(".world .card").first).to_be_visible()
    for view in ("Confusion", "Seeds", "Blend", "Details"):
        page.locator("#views").get_by_text(view).click()
        expect(page.locator("#view")).not_to_be_empty()
    assert in_both_themes(page) == []
    page.locator("#world-card button").first.click()


@pytest.mark.parametrize("path", ["learn", f"?mode=present&classes=apple,snail&{QUICK}"])
def test_the_lesson_and_the_projector(visit, path: str) -> None:
    page = visit(path)
    expect(page.locator(".rows li").first).to_be_visible()
    for answer in page.locator(".lesson details summary").all():
        answer.click()
    assert in_both_themes(page) == []


def test_a_theme_is_asked_for_in_the_address(visit) -> None:
    page = visit(f"?{QUICK}&__theme=dark")
    expect(page.locator("#go")).to_be_visible()
    assert page.evaluate("document.body.classList.contains('dark')")
