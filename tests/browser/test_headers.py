"""Under the headers that every answer has, the page and what it shows work, and no browser finds anything wrong."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, QUICK, finished

pytestmark = pytest.mark.browser
VIEWS = ("Confusion", "Seeds", "Two prompts", "Details", "Weights")


def test_page_lesson_and_class_work_under_the_policy(visit, address: str) -> None:
    said = []

    def listen(page):
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        return page

    page = listen(visit(f"?{QUICK}"))
    assert "frame-ancestors 'self'" in httpx.get(address, timeout=60).headers["content-security-policy"]
    finished(page)
    for view in VIEWS:
        page.locator("#views").get_by_text(view).click()
        expect(page.locator("#view")).not_to_contain_text("In a moment.", timeout=PATIENCE)
    page.locator("#model canvas").first.click(position={"x": 40, "y": 40})  # a dot: the engine is WebAssembly
    expect(page.locator("#model .soft em").first).not_to_have_text("–", timeout=PATIENCE)
    for path, what in (("learn", "h2"), ("class", "button")):
        expect(listen(visit(path)).locator(what).first).to_be_visible(timeout=PATIENCE)
    assert not [text for text in said if "Content Security Policy" in text or "violates" in text]
    assert not said
