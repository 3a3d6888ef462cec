"""Try, where the visitor's browser answers: as Python does, and the server is asked for nothing; and what is said, and
done, where the browser cannot."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import QUICK, ask, card, finished, labels, open_card, upload, visiting
from tina.generator.tina import Tina
from tina.ui import theme
from tina.worlds.pictures import open_picture
from tina.worlds.sketchbook import draw

pytestmark = pytest.mark.browser
WORLDS = {
    "sketchbook-cnn": "apple, snail, bus",
    "photos-tiny": "goose, koala, backpack",
    "everyday": "mushroom, teapot, sailboat",
}
HERE = re.compile("^Your browser answers: what you show here never leaves it.")
LARGEST_HEAD = 39_284  # bytes of the page's own programs and rules before there was an engine
ANSWERS = 25  # of the webcam, while requests are counted
EDGE = 0.02  # of a logit: nearer to the level of "none of these" 8 bits may say either
PERCENT = re.compile(r"\d+%")


@pytest.fixture
def visit(with_webcam, address: str) -> Iterator[Callable]:
    with visiting(with_webcam, address) as go:
        yield go


def pictures() -> list[bytes]:
    """As people have them: drawings and noise, of odd sizes, one turned, one transparent."""
    made = []
    for i, (name, size) in enumerate([("apple", (640, 480)), ("snail", (301, 517)), ("mushroom", (90, 400))]):
        side = min(size)
        picture, file = Image.new("RGB", size, (250, 248, 240)), io.BytesIO()
        picture.paste(Image.fromarray(draw(name, "test", i, side)), ((size[0] - side) // 2, (size[1] - side) // 2))
        exif = Image.Exif()
        exif[0x0112] = 6 if i == 1 else 1
        picture.save(file, "WEBP" if i == 1 else "PNG", lossless=True, exif=exif)
        made.append(file.getvalue())
    noise, file = np.random.default_rng(0).integers(0, 256, (37, 50, 4), np.uint8), io.BytesIO()
    Image.fromarray(noise, "RGBA").resize((500, 370)).save(file, "PNG")
    return [*made, file.getvalue()]


def said(page: Page) -> tuple[dict[str, int], bool, bool]:
    """The bars, in percent, whether it is none of these, and whether that is because it looks like a photograph."""
    rows = [row.split("\n") for row in page.locator("#model .soft li").all_inner_texts()]
    hint = page.locator("#model .hint").inner_text()
    photograph = "looks like a photograph" in hint
    return {row[0]: int(row[-1].rstrip("%")) for row in rows}, photograph or "None of these?" in hint, photograph


def answers_more(page: Page, count: int) -> None:
    page.wait_for_function(
        f"(now) => TinaPage.tried.count() >= now + {count}", arg=page.evaluate("TinaPage.tried.count()")
    )


def engines(asked: list[str]) -> list[str]:
    return [url for url in asked if "/engine/" in url]


@pytest.mark.parametrize("world", WORLDS)
def test_an_upload_is_answered_as_in_python(visit, world: str) -> None:
    page = finished(visit(f"?world={world}&classes={WORLDS[world]}"))
    classifier = Tina.from_pretrained(world).generate(
        WORLDS[world], steps=page.evaluate("TinaPage.model.tower ? 1 : 10")
    )
    for picture in pictures():
        before = page.evaluate("TinaPage.tried.count()")
        upload(page, picture)
        page.wait_for_function("(before) => TinaPage.tried.count() > before", arg=before)
        expected, (found, none, photograph) = classifier.answer(open_picture(picture)), said(page)
        shares = dict(zip(classifier.labels, expected.probabilities.tolist(), strict=True))
        allowed = 5 if world == "everyday" else 0.7  # percent: of 8 bits, and of rounding on the page
        assert {label: 100 * share for label, share in shares.items()} == pytest.approx(found, abs=allowed)
        assert max(found, key=found.__getitem__) == max(shares, key=shares.__getitem__)
        unsure = expected.none if expected.none is not None else max(shares.values()) < max(0.5, 1.5 / len(shares))
        level = classifier.none_level
        assert photograph is expected.photograph
        if level is None or photograph or abs(float(classifier.likeness([open_picture(picture)])[0]) - level) > EDGE:
            assert none is unsure
    expect(page.locator("#model .where")).to_have_text(HERE)


@pytest.mark.parametrize("world", WORLDS)
def test_while_the_webcam_runs_the_server_is_asked_for_nothing(visit, world: str) -> None:
    asked: list[str] = []
    page = finished(visit(f"?world={world}&classes={WORLDS[world]}&{QUICK}", asked=asked))
    page.locator("#stop").click()
    assert engines(asked) == []
    expect(page.locator("#model .where")).to_contain_text("Your browser will answer, once it has fetched what it needs")
    page.locator("#model").get_by_role("button", name="Webcam").click()
    expect(page.locator("#model .where")).to_have_text(HERE)
    answers_more(page, 3)
    assert len(engines(asked)) == (2 if world == "everyday" else 1)
    before = len(asked)
    begun = page.evaluate("performance.now()")
    answers_more(page, ANSWERS)
    minutes = (page.evaluate("performance.now()") - begun) / 60_000
    requests = [url for url in asked[before:] if not url.startswith(("blob:", "data:"))]
    print(f"{world}: {ANSWERS / minutes / 60:.1f} answers a second, {len(requests) / minutes:.0f} requests a minute")
    assert requests == []
    expect(page.locator("#model .where")).to_have_text(re.compile(r"never leaves it\. [\d.]+ pictures a second\."))
    page.locator("#model").get_by_role("button", name="Stop webcam").click()
    expect(page.locator("#model .where")).not_to_contain_text("a second")
    expect(page.locator("#model .soft em").first).to_have_text(PERCENT)


def test_what_is_fetched_once_is_kept_and_rows_are_each_visitors_own(visit) -> None:
    asked: list[str] = []
    page = finished(visit("?world=everyday&classes=mushroom,teapot", asked=asked))
    other = finished(visit("?world=everyday&classes=sailboat,elephant,pizza"))
    for one in (page, other):
        upload(one, pictures()[0])
        expect(one.locator("#model .soft em").first).to_have_text(PERCENT)
    assert len(engines(asked)) == 2
    before = said(page)[0]
    assert set(before) == {"mushroom", "teapot"}
    assert set(said(other)[0]) == {"sailboat", "elephant", "pizza"}
    ask(page, "teapot, guitar, cat")
    expect(page.locator("#model .soft li")).to_have_count(3)
    expect(page.locator("#model .soft em").first).to_have_text(PERCENT)  # of the same picture, and nobody touched it
    assert len(engines(asked)) == 2
    page.reload()
    finished(page)
    upload(page, pictures()[0])
    expect(page.locator("#model .soft em").first).to_have_text(PERCENT)
    kept = page.evaluate(
        "performance.getEntriesByType('resource').filter(e => e.name.includes('/engine/')).map(e => e.transferSize)"
    )
    assert kept == [0, 0]  # from the browser's own cache
    page.get_by_role("button", name="more…").click()
    page.locator("#world input").click()
    page.get_by_role("option", name=re.compile("Sketchbook")).click()
    finished(page)
    expect(page.locator("#model .where")).to_have_text(HERE)
    expect(page.locator("#model .soft em").first).to_have_text(PERCENT)


@pytest.mark.parametrize("reason", ["an old browser", "no program", "no tower"])
def test_where_the_browser_cannot_the_server_answers_and_it_is_said(visit, reason: str) -> None:
    page = visit("learn")
    there = page.url.replace("learn", "?world=everyday&classes=mushroom,teapot")
    page.goto("about:blank")  # the lesson fetches programs of its own
    if reason == "an old browser":
        page.add_init_script("delete window.WebAssembly;")
    else:
        page.route("**/engine/*.js" if reason == "no program" else "**/engine/*.bin", lambda route: route.abort())
    page.goto(there)
    finished(page)
    upload(page, pictures()[2])
    where = page.locator("#model .where")
    expect(where).to_contain_text("The server answers: it gets a small copy of what you show, and keeps nothing.")
    expect(where).to_contain_text("Your browser cannot: It runs no WebAssembly." if "old" in reason else "be fetched.")
    expect(where).not_to_contain_text("never leaves")
    expect(page.locator("#model .soft em").first).to_have_text(PERCENT)
    classifier = Tina.from_pretrained("everyday").generate("mushroom, teapot")
    expected = classifier.answer(open_picture(pictures()[2])).probabilities.tolist()
    found = said(page)[0]
    assert [found[label] for label in labels(page)] == pytest.approx([100 * share for share in expected], abs=8)


def test_the_page_itself_is_no_larger_than_before_there_was_an_engine() -> None:
    assert len(theme.head().encode()) <= LARGEST_HEAD


# -- examples from the webcam -----------------------------------------------------------------------------------------
def test_a_button_is_held_and_the_classifier_changes_at_once(visit) -> None:
    page = finished(visit("?world=everyday&classes=left box,right box"))
    page.locator("#model").get_by_role("button", name="Webcam").click()
    open_card(page, "right box").get_by_role("button", name="Webcam").click()
    booth = page.get_by_role("region", name="Examples from the webcam")
    expect(booth).to_contain_text("goes to the server as pictures of 256 by 256 pixels")
    hold = booth.get_by_role("button", name="Hold to record right box")
    expect(hold).to_be_enabled()
    hold.scroll_into_view_if_needed()
    box = hold.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] >= 44
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    expect(booth.locator(".strip img").nth(2)).to_be_visible()
    page.mouse.up()
    expect(booth.get_by_role("status")).to_contain_text(re.compile(r"^\d+ pictures of right box added\.$"))
    thumbs = card(page, "right box").locator(".thumb")
    expect(thumbs.nth(2)).to_be_visible()
    recorded = int(re.match(r"\d+", booth.get_by_role("status").inner_text())[0])
    expect(thumbs).to_have_count(recorded)
    expect(hold).to_contain_text(f"{recorded} of 24")
    expect(page.locator("#model .soft li").first).to_contain_text("right box")  # it sees what was recorded
    expect(page.locator("#model .where")).to_have_text(HERE)


def test_with_a_key_no_more_are_recorded_than_a_class_takes(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    card(page, "apple").locator(".face").press("Enter")
    card(page, "apple").get_by_role("button", name="Webcam").press("Enter")
    booth = page.get_by_role("region", name="Examples from the webcam")
    apple, snail = (booth.get_by_role("button", name=f"Hold to record {label}") for label in ("apple", "snail"))
    expect(apple).to_be_enabled()
    apple.focus()
    page.keyboard.down(" ")
    expect(booth.get_by_role("status")).to_have_text("24 pictures of apple added: no more fit.")
    page.keyboard.up(" ")
    expect(apple).to_be_disabled()
    card(page, "snail").locator(".face").press("Enter")  # before the first burst has come back; the webcam comes along
    snail.focus()
    page.keyboard.down("Enter")
    expect(booth.locator(".strip img").nth(1)).to_be_visible()
    page.keyboard.up("Enter")
    expect(card(page, "snail").locator(".thumb").nth(1)).to_be_visible()
    expect(card(page, "apple").locator(".faces")).to_contain_text("+21")
    expect(open_card(page, "apple").locator(".thumb")).to_have_count(24)
    expect(page.locator("#chips [role=alert]")).to_be_hidden()
    page.evaluate("window.seen = document.querySelector('.booth video')")
    page.get_by_role("button", name="close the card of apple").click()
    expect(booth).to_be_hidden()
    assert page.evaluate("seen.srcObject.active") is False


def test_who_has_no_webcam_is_told(visit) -> None:
    page = finished(visit(f"?classes=apple,snail&{QUICK}"))
    refused = "async () => { throw new DOMException('', 'NotFoundError'); }"
    page.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = {refused}; }}")
    page.locator("#model").get_by_role("button", name="Webcam").click()
    expect(page.locator("#model .hint")).to_have_text("There is no webcam to look through (NotFoundError).")
    expect(page.locator("#model").get_by_role("button", name="Webcam", exact=True)).to_be_visible()
    open_card(page, "apple").get_by_role("button", name="Webcam").click()
    booth = page.get_by_role("region", name="Examples from the webcam")
    expect(booth.get_by_role("status")).to_have_text("There is no webcam to look through (NotFoundError).")
    expect(booth.get_by_role("button", name="Hold to record apple")).to_be_disabled()
