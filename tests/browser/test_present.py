"""The projector: what the audience suggests, what a speaker decides, and what is left when the server is gone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished
from tina.ui.learn import languages
from tina.ui.panes import generating

pytestmark = pytest.mark.browser
GERMAN = languages.load("de")
WALL = {"viewport": {"width": 1920, "height": 1080}}
OVERLAPS = """() => {
  const names = ['#head svg', '#view .rows', '#qr svg', '.join', '#audience form', '#audience .next:not(:empty)',
    '#held .held', '#strips'];
  const parts = names.map(s => document.querySelector('#tina ' + s)).filter(Boolean)
    .map(e => [e, e.getBoundingClientRect()]).filter(([, r]) => r.height);
  const found = [], meet = (p, q) => p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1
    && q.top < p.bottom - 1;
  for (const [a, p] of parts) for (const [b, q] of parts) if (a !== b && meet(p, q)) found.push([a.id, b.id]);
  return found;
}"""
SMALL = """() => [...document.querySelectorAll('#tina *')]
  .filter(e => e.checkVisibility({ visibilityProperty: true }) && e.tagName !== 'text')
  .filter(e => !e.closest('.visually-hidden, .held'))
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 28).map(e => e.outerHTML.slice(0, 120))"""


def test_the_audience_suggests_and_the_speaker_decides(visit) -> None:
    wall = finished(visit(f"?mode=present&classes=apple,snail,owl&{QUICK}", **WALL))
    code = wall.locator("#tina .join b")
    expect(code).to_have_text(re.compile(r"^[A-Z]{5}$"))
    expect(wall.locator("#tina .join")).to_contain_text("Phones cannot reach this")
    expect(wall.locator("#qr svg")).to_have_attribute("aria-label", "QR code of the address to join")
    phone = visit(f"class/{code.inner_text()}?lang=de", viewport={"width": 390, "height": 844})
    for text in ("<img src=x onerror=alert(1)>", "bus, castle"):
        phone.locator("#text").fill(text)
        phone.get_by_role("button", name=GERMAN("join.send")).click()
        expect(phone.locator("#text")).to_have_value("")
    waiting = wall.locator("#audience .next")
    expect(waiting).to_have_text("2 waiting · L: read")  # the wall does not say what
    assert wall.evaluate(OVERLAPS) == []
    assert wall.evaluate(SMALL) == []
    wall.keyboard.press("a")  # nothing is accepted unread
    with wall.expect_popup() as popup:
        wall.keyboard.press("l")
    speaker = popup.value
    expect(speaker.locator("b")).to_have_text("<img src=x onerror=alert(1)>")
    expect(speaker.locator("img")).to_have_count(0)
    wall.keyboard.press("x")
    expect(speaker.locator("b")).to_have_text("bus, castle")
    expect(waiting).to_have_text("1 waiting")
    speaker.keyboard.press("a")
    expect(wall.locator("#view .rows li")).to_have_text([re.compile("bus"), re.compile("castle")])
    expect(waiting).to_be_empty()
    wall.bring_to_front()
    wall.keyboard.press("s")
    wall.keyboard.type("moon, key, hat")
    wall.keyboard.press("Enter")
    expect(wall.locator("#view .rows li")).to_have_count(3)
    assert wall.evaluate("document.activeElement.tagName") == "BODY"  # keys are the projector's again


def test_a_run_that_was_kept_is_shown_again_while_the_server_is_gone(visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generating, "STEP_SECONDS", 1.0)  # long enough for every step to be drawn
    wall = visit(f"?mode=present&classes=apple,snail,owl&{QUICK}&lang=de", **WALL)
    head = wall.locator("#head .watch-head span").first
    expect(head).to_have_text("Schritt 3 von 3: fertig")
    expect(wall.locator("#strips .bar.chance > span")).to_have_text("Zufall")
    expect(wall.locator("#try-pane h2")).to_contain_text("Ausprobieren")
    expect(wall.locator("#offline")).to_be_hidden()
    assert wall.evaluate(OVERLAPS) == []
    wall.keyboard.press("s")
    wall.keyboard.type("sun, moon, key")
    wall.keyboard.press("Enter")
    expect(wall.locator("#view .rows li").first).to_contain_text("sun")
    expect(head).to_have_text("Schritt 3 von 3: fertig")
    wall.context.set_offline(True)
    expect(wall.locator("#offline")).to_have_text(GERMAN("present.offline"))
    for said in ("Rauschen und Formel", "Schritt 2 von 3", "Schritt 3 von 3: fertig", "Rauschen und Formel"):
        expect(head).to_have_text(said)  # and over again
    expect(wall.locator("#view .rows li")).to_have_count(3)
    wall.context.set_offline(False)
    expect(wall.locator("#offline")).to_be_hidden()
    wall.keyboard.press("ArrowRight")
    expect(wall.locator("#view .rows li")).not_to_have_count(3)


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (390, 844)])
def test_nothing_lies_over_anything(visit, size: tuple[int, int]) -> None:
    classes = "apple,sailboat,snail,lighthouse,penguin,umbrella,bicycle,mushroom"
    page = visit(f"?mode=present&classes={classes}&{QUICK}", viewport={"width": size[0], "height": size[1]})
    finished(page)
    expect(page.locator("#tina .join b")).to_be_visible()
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
