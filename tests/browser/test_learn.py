"""The lesson as a class has it: guesses before answers, things of one's own, the class's guesses, a sheet to print."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import draw_strokes
from tests.browser.test_by_mouse import arc
from tina.ui.learn import languages, lesson

pytestmark = pytest.mark.browser
GERMAN, ENGLISH = languages.load("de"), languages.load("en")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
MEASURED = [step for step in lesson.STEPS if step != "teach"]
COUNTED = 300_000  # milliseconds: a first answer is a second of work, for which a busy machine may take its time
PRINTED = {"prefer_css_page_size": True}


def guess(step: Locator, choice: int = 0) -> None:
    step.locator(".guess label").nth(choice).click()
    step.locator(".guess [type=submit]").click()


def ink(page: Page) -> int:
    """Pixels of the paper that are not white."""
    pixels = "c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
    return page.locator(".paper canvas").evaluate(f"c => {pixels}.reduce((n, v, i) => n + (i % 4 === 1 && v < 250), 0)")


def test_an_answer_is_hidden_until_a_guess_is_entered(visit) -> None:
    page = visit("learn", locale="de-DE")
    expect(page.locator(".before .rows li").first).to_have_text("Apfel", timeout=COUNTED)  # the browser's language
    assert page.evaluate("document.documentElement.lang") == "de"
    reveals = page.locator(".reveal")
    expect(reveals).to_have_count(len(lesson.QUESTIONS))
    for reveal in reveals.all():
        expect(reveal).to_be_hidden()
        expect(reveal).to_be_empty()
    for step in MEASURED:
        place = page.locator(f"[data-step={step}]")
        place.locator("[type=submit]").click()
        expect(place.locator(".guess .wrong-note")).to_have_text(GERMAN("lesson.choose"))
        expect(place.locator(".reveal")).to_be_hidden()
        guess(place)
        expect(place.locator(".verdict b")).not_to_be_empty(timeout=COUNTED)
        expect(place.locator(".guess .wrong-note")).to_be_hidden()
        expect(place.locator(".guess input").first).to_be_disabled()
    film = page.locator(".film")
    expect(film.locator("output")).to_contain_text(re.compile(r"Schritt 0 von 10: \d+ % richtig"))
    before, start = film.locator("img").first.get_attribute("src"), film.locator("polyline").get_attribute("points")
    film.locator("input").press("End")
    expect(film.locator("output")).to_contain_text("Schritt 10 von 10")
    assert film.locator("img").first.get_attribute("src") != before
    assert len(start.split()) == 1  # the way that was not gone yet is not given away
    assert len(film.locator("polyline").get_attribute("points").split()) == 11
    threshold = page.locator(".threshold")
    expect(threshold.locator("[data-kind=other] em")).to_have_text("falsch 100 %, „keins davon“ 0 %")
    threshold.locator("input").press("End")
    expect(threshold.locator("[data-kind=other] em")).not_to_contain_text("falsch 100 %")
    expect(page.locator("[data-step=light] .lights img")).to_have_count(8)
    expect(page.locator("[data-step=light] .bar")).to_have_count(8)
    for name, right in lesson.QUIZ.items():
        guess(page.locator(f"[data-quiz={name}]"), right if name != "q1" else 0)
        expect(page.locator(f"[data-quiz={name}] .said")).to_have_text(GERMAN(f"quiz.{name}.why"))
    expect(page.locator(".result")).to_have_text("5 von 6 richtig.")
    page.get_by_role("link", name="English").click()
    expect(page.locator(".part > h2").first).to_contain_text(ENGLISH("parts.one.title"))
    expect(page.locator(".before .rows li").first).to_have_text("apple")


def test_things_of_ones_own_are_taught_and_tested(visit) -> None:
    page = visit("learn?lang=en")
    teach, step = page.locator(".teach"), page.locator("[data-step=teach]")
    expect(teach.locator(".thing")).to_have_count(2)
    teach.get_by_role("button", name=ENGLISH("teach.write")).click()
    expect(teach.get_by_role("status").first).to_contain_text("at least two things")
    shapes = {"ball": [arc(160, 160, 80, 70)], "cross": [[(70, 70), (250, 250)], [(250, 70), (70, 250)]]}
    for i, (name, strokes) in enumerate(shapes.items()):
        teach.locator(".thing input").nth(i).fill(name)
        for _ in range(3):
            draw_strokes(page, ".paper canvas", strokes)
            teach.get_by_role("button", name=f"Add this drawing to {name}").click()
        expect(teach.locator(".thing").nth(i).locator(".count")).to_have_text("3 pictures")
    teach.get_by_role("button", name="Take picture 3 of cross away").click()
    expect(teach.locator(".count").nth(1)).to_have_text("2 pictures")
    draw_strokes(page, ".paper canvas", shapes["cross"])
    teach.get_by_role("button", name="Add this drawing to cross").click()
    teach.get_by_role("button", name=ENGLISH("teach.write")).click()
    expect(teach.locator(".testing")).to_be_visible(timeout=COUNTED)
    expect(teach).to_contain_text(re.compile(r"Written in \d+\.\d seconds, from 6 pictures"))
    expect(teach).to_contain_text(re.compile(r"\d of your 6 pictures were recognised"))
    draw_strokes(page, ".paper canvas", shapes["cross"])
    expect(teach.locator(".soft em").first).to_have_text("–")  # the guess comes first
    guess(step, 1)
    expect(teach.locator(".soft em").first).to_have_text(re.compile(r"\d+%"))
    expect(teach.locator(".soft li")).to_have_count(2)
    for _ in range(10):
        draw_strokes(page, ".paper canvas", shapes["ball"])
        teach.get_by_role("button", name=ENGLISH("teach.was_right")).click()
    expect(teach.locator(".tally")).to_contain_text("You guessed: eight or nine. Right: 10 of 10.")


def test_a_webcam_records_while_a_button_is_held(visit) -> None:
    page = visit("learn?lang=en", viewport={"width": 390, "height": 844})
    teach = page.locator(".teach")
    teach.get_by_text("Webcam", exact=True).click()
    button = teach.get_by_role("button", name="Hold to record: cat")
    page.wait_for_function(
        "document.querySelector('.paper.live canvas')?.getContext('2d').getImageData(150, 150, 1, 1)"
    )
    page.wait_for_timeout(600)
    button.hover()
    page.mouse.down()
    expect(teach.locator(".count").first).to_have_text(re.compile(r"[3-9] pictures"))
    page.mouse.up()
    recorded = teach.locator(".thing").first.locator(".thumb img")
    count = recorded.count()
    page.wait_for_timeout(600)
    assert recorded.count() == count >= 3
    teach.get_by_text("Drawings", exact=True).click()
    expect(teach.locator(".count").first).to_have_text("0 pictures")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_paper_has_pen_eraser_bucket_and_undo_also_for_the_keyboard(visit) -> None:
    page = visit("learn?lang=en")
    tools, canvas = page.locator(".paper .tools"), page.locator(".paper canvas")
    expect(canvas).to_be_visible()
    assert canvas.evaluate("c => [c.width, c.height]") == [300, 300]
    for button in page.locator(".paper button").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert button.get_attribute("aria-label")
    undo = tools.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    draw_strokes(page, ".paper canvas", [arc(160, 160, 90, 90)])
    ring = ink(page)
    tools.get_by_role("button", name="Bucket").click()
    page.get_by_role("button", name="Colour: red").click()
    draw_strokes(page, ".paper canvas", [[(160, 160)]])
    filled = ink(page)
    assert filled > ring + 15_000
    corner = "c => [...c.getContext('2d').getImageData(5, 5, 1, 1).data]"
    assert canvas.evaluate(corner) == [255, 255, 255, 255]  # it does not run out
    middle = "c => [...c.getContext('2d').getImageData(150, 150, 1, 1).data]"
    assert canvas.evaluate(middle) == [220, 38, 38, 255]
    undo.click()
    assert ink(page) == ring
    tools.get_by_role("button", name="Eraser").click()
    draw_strokes(page, ".paper canvas", [[(60, 160), (110, 160)]])
    assert ink(page) < ring
    undo.click()
    undo.click()
    assert ink(page) == 0
    expect(undo).to_be_disabled()
    tools.get_by_role("button", name="Pen").click()
    canvas.focus()
    for key in (" ", "ArrowRight", "ArrowRight", "ArrowDown", " ", "ArrowDown"):
        page.keyboard.press(key)
    drawn = ink(page)
    assert drawn > 100
    page.keyboard.press("ArrowUp")
    assert ink(page) == drawn  # lifted
    page.keyboard.press("Control+z")
    assert ink(page) == 0


def test_the_class_guesses_from_its_phones(visit, address: str) -> None:
    page = visit("learn?lang=en")
    page.get_by_role("button", name=ENGLISH("room.begin")).click()
    code = page.locator(".room .code b").inner_text()
    expect(page.locator(".room .qr svg")).to_be_visible()
    expect(page.locator(".room")).to_contain_text("Phones cannot reach this address")  # it listens here only
    phone, other = visit(f"class/{code}?lang=de", **PHONE), visit("class?lang=en", **PHONE)
    expect(phone.locator(".status")).to_have_text(GERMAN("join.wait"))
    other.locator("#code").fill("zzzzz")
    other.get_by_role("button").click()
    expect(other.locator(".status")).to_have_text(ENGLISH("join.wrong"))
    other.locator("#code").fill(code.lower())
    other.get_by_role("button").click()
    expect(page.locator(".people")).to_have_text("2 joined")
    step = page.locator("[data-step=light]")
    step.get_by_role("button", name=ENGLISH("room.ask")).click()
    expect(phone.locator("h1")).to_have_text(GERMAN("steps.light.ask"))
    for button in phone.locator("main button").all():
        assert button.bounding_box()["height"] >= 44
    phone.get_by_role("button", name=GERMAN("steps.light.choices.2")).click()
    expect(phone.locator(".status")).to_have_text(GERMAN("join.sent"))
    other.get_by_role("button", name=ENGLISH("steps.light.choices.0")).click()
    counts = step.locator(".class-guesses em")
    expect(counts).to_have_text(["1", "0", "1"])
    other.get_by_role("button", name=ENGLISH("steps.light.choices.2")).click()
    expect(counts).to_have_text(["0", "0", "2"])
    expect(step.locator(".reveal")).to_be_hidden()
    page.locator("[data-quiz=q1]").get_by_role("button", name=ENGLISH("room.ask")).click()
    expect(phone.locator("h1")).to_have_text(GERMAN("quiz.q1.ask"))
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=ENGLISH("room.end")).click()
    expect(phone.locator(".status")).to_have_text(GERMAN("join.over"))


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_sheet_prints_on_one_page_for_each_part(visit, lang: str) -> None:
    page = visit(f"class/sheet?lang={lang}", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    fits = "[...document.querySelectorAll('.page')].map(p => p.scrollHeight <= p.clientHeight + 1)"
    assert page.evaluate(fits) == [True] * 3
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator(".bar")).to_be_hidden()
    pdf = page.pdf(**PRINTED)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 3
    (width, height), *_ = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert (round(float(width)), round(float(height))) == (595, 842)  # A4
