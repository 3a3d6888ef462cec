"""Twelve everyday drawings, made with the mouse on the canvas of a saved page: ordinary ones, as people draw them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import draw_strokes
from tina.classifier.classifier import Classifier
from tina.classifier.webpage import to_webpage
from tina.generator.tina import Tina

pytestmark = pytest.mark.browser
Stroke = list[tuple[float, float]]  # on a canvas of 320 x 320
OPENING = ("apple", "banana", "sailboat", "bus", "snail", "guitar", "umbrella", "cat", "house", "fish")
TO_BE_RIGHT = 10


def arc(x: float, y: float, rx: float, ry: float, start: float = 0, end: float = 360) -> Stroke:
    angles = [math.radians(start + (end - start) * i / 16) for i in range(17)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def around(x: float, y: float, radius: float, count: int) -> Stroke:
    return [(x + radius * math.cos(math.tau * i / count), y + radius * math.sin(math.tau * i / count))
            for i in range(count)]  # fmt: skip


def pentagram(x: float, y: float, radius: float) -> Stroke:
    turns = [-math.pi / 2 + i * 4 * math.pi / 5 for i in range(6)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in turns]


DRAWINGS: dict[str, list[Stroke]] = {
    "apple": [arc(150, 180, 80, 75), [(150, 108), (155, 70)], arc(178, 85, 22, 10)],
    "sun": [
        arc(160, 160, 50, 50),
        *([a, b] for a, b in zip(around(160, 160, 70, 8), around(160, 160, 120, 8), strict=True)),
    ],
    "house": [
        [(80, 150), (80, 280), (240, 280), (240, 150), (80, 150)],
        [(60, 155), (160, 60), (260, 155)],
        [(140, 280), (140, 210), (180, 210), (180, 280)],
    ],
    "fish": [arc(140, 160, 85, 50), [(222, 160), (280, 110), (280, 210), (222, 160)], arc(95, 150, 4, 4)],
    "pine tree": [
        [(160, 40), (80, 140), (240, 140), (160, 40)],
        [(160, 100), (60, 230), (260, 230), (160, 100)],
        [(145, 230), (145, 290), (175, 290), (175, 230)],
    ],
    "mug": [[(80, 90), (90, 260), (200, 260), (210, 90), (80, 90)], arc(210, 170, 45, 45, -80, 80)],
    "cat": [
        arc(160, 180, 80, 75),
        [(95, 135), (90, 60), (140, 108)],
        [(180, 108), (230, 60), (226, 135)],
        arc(130, 165, 4, 4),
        arc(190, 165, 4, 4),
        [(150, 195), (170, 195), (160, 207), (150, 195)],
        [(120, 205), (50, 195)],
        [(120, 215), (50, 225)],
        [(200, 205), (270, 195)],
        [(200, 215), (270, 225)],
    ],
    "umbrella": [
        arc(160, 150, 110, 90, 180, 360),
        [(50, 150), (270, 150)],
        [(160, 150), (160, 260)],
        arc(140, 260, 20, 20, 0, 170),
    ],
    "star": [pentagram(160, 165, 110)],
    "sunflower": [
        arc(160, 110, 28, 28),
        *(arc(x, y, 24, 24) for x, y in around(160, 110, 55, 6)),
        [(160, 190), (160, 300)],
        arc(190, 250, 26, 12),
    ],
    "sailboat": [
        [(60, 220), (260, 220), (220, 270), (100, 270), (60, 220)],
        [(160, 220), (160, 60)],
        [(165, 70), (235, 205), (165, 205)],
    ],
    "snail": [
        arc(180, 170, 70, 65),
        arc(180, 172, 40, 36),
        arc(182, 174, 14, 12),
        [(270, 240), (70, 245), (45, 215), (50, 180), (75, 175), (90, 210), (115, 215)],
        [(52, 180), (40, 140)],
        [(66, 175), (70, 135)],
    ],
}


def answers(page: Page, classifier: Classifier, folder: Path) -> dict[str, str]:
    """What the classifier's own page says of each drawing."""
    file = folder / "classifier.html"
    file.write_text(to_webpage(classifier), "utf-8")
    page.goto(file.as_uri())
    found = {}
    for name, strokes in DRAWINGS.items():
        page.get_by_role("button", name="Clear").click()
        draw_strokes(page, "canvas", strokes)
        first = page.locator(".soft li").first
        expect(first.locator("em")).to_contain_text("%")
        found[name] = first.locator("span").inner_text()
    return found


def test_what_people_draw_first_is_recognised(browser, tmp_path: Path) -> None:
    tina = Tina.from_pretrained("sketchbook-cnn")
    page = browser.new_page()
    classifier = tina.generate(", ".join(sorted({*OPENING, *DRAWINGS})))
    found = answers(page, classifier, tmp_path)
    page.close()
    wrong = {name: answer for name, answer in found.items() if answer != name}
    assert len(found) - len(wrong) >= TO_BE_RIGHT, wrong
