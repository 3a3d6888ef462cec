"""What comes out when somebody tries the page by hand: python -m tests.browser.tried [ADDRESS]

Nine photographs, nine drawings by mouse and ten odd prompts, in a real Chromium on the page at ADDRESS, or on one that
it serves itself. It writes docs/tried.md. The photographs are read from archives on this machine (TINA_DATA says
where); none of them is kept.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tina.worlds.archives import places
from tina.zips import open_zip, read_member

from .conftest import CHROMIUM, FINISHED, PATIENCE, draw_strokes, serving, upload
from .test_by_mouse import DRAWINGS

FILE = Path(__file__).parents[2] / "docs" / "tried.md"
PHOTOGRAPHS = {
    "dog": "pacs/photo/dog/056_0002.jpg",
    "elephant": "pacs/photo/elephant/064_0002.jpg",
    "giraffe": "pacs/photo/giraffe/084_0001.jpg",
    "guitar": "pacs/photo/guitar/063_0001.jpg",
    "horse": "pacs/photo/horse/105_0012.jpg",
    "house": "pacs/photo/house/pic_003.jpg",
    "banana": "grocery/test/Fruit/Banana/Banana_001.jpg",
    "lemon": "grocery/test/Fruit/Lemon/Lemon_001.jpg",
    "kiwi": "grocery/test/Fruit/Kiwi/Kiwi_001.jpg",
}
DRAWN = ("apple", "sun", "house", "fish", "cat", "umbrella", "star", "sailboat", "snail")
ODD = (
    "qwer, asdf",
    "🍎, 🍌",
    "Hund, Katze",
    "tell cats from dogs",
    "find all mushrooms",
    "apple",
    "apple, Apple, APPLE",
    "<script>alert(1)</script>, snail",
    "things that fly",
    "My daughter likes to draw the sun, a house and a cat, and sometimes a snail.",
)
NEWS = """() => !document.querySelector('#view .rows[data-before]')
  || [...document.querySelectorAll('#chips [role=alert]')].some(one => one.checkVisibility() && one.textContent)"""
SOON = 3000  # milliseconds
LARGEST = 10**7  # bytes of a photograph
INTRODUCTION = """# Tried by hand

What came out of the page in a browser, as a visitor would try it: no picture was chosen by its result, and none is kept
here. `python -m tests.browser.tried` does all of it again and writes this page; how the page answers is in
[browser.md](browser.md).
"""


def answer(page: Page) -> tuple[str, str, str]:
    """The two likeliest classes, and what is said beside them."""
    page.locator("#model .soft em", has_text="%").first.wait_for()
    first, second = ([" ".join(row.split()) for row in page.locator("#model .soft li").all_inner_texts()] + ["", ""])[
        :2
    ]
    return first, second, page.locator("#model .hint").inner_text()


def photographs(page: Page, address: str) -> list[tuple[str, ...]]:
    page.goto(f"{address}/?world=everyday&classes={','.join(PHOTOGRAPHS)}")
    _finished(page)
    rows = []
    for thing, member in PHOTOGRAPHS.items():
        before = page.evaluate("TinaPage.tried.count()")
        upload(page, _member(member), Path(member).name, "image/jpeg")
        page.wait_for_function("before => TinaPage.tried.count() > before", arg=before)
        rows.append((thing, member, *answer(page)))
    return rows


def drawings(page: Page, address: str) -> list[tuple[str, ...]]:
    page.goto(f"{address}/?classes={','.join(DRAWN)}")
    _finished(page)
    rows = []
    for thing in DRAWN:
        page.locator("#model").get_by_role("button", name="Clear").click()
        draw_strokes(page, "#model canvas", DRAWINGS[thing])
        _settled(page)
        rows.append((thing, *answer(page)))
    return rows


def odd_prompts(page: Page, address: str) -> list[tuple[str, ...]]:
    page.goto(f"{address}/?steps=3")
    _finished(page)
    rows = []
    for text in ODD:
        page.locator("#view .rows").evaluate("rows => (rows.dataset.before = true)")
        page.get_by_label("What should it tell apart?").fill(text)
        page.locator("#go").click()
        page.wait_for_timeout(SOON)  # a sentence about the prompt before may still be there
        page.wait_for_function(NEWS)
        said = (
            page.locator("#chips [role=alert]").all_inner_texts() + page.locator("#chips .notes li").all_inner_texts()
        )
        said = [one.strip() for one in said if one.strip()]
        if not page.locator("#view .rows[data-before]").count():
            _finished(page)
        rows.append((text, ", ".join(_cards(page)), " ".join(said)))
    return rows


def _cards(page: Page) -> list[str]:
    """What is on each, and how it is read where that is no name that is known."""
    found = []
    for one in page.locator(".cards-asked > li").all():
        label, readings = one.locator(".name").inner_text(), one.locator(".reading").all_inner_texts()
        found.append(label if readings in ([], ["✓ known"]) else f"{label} ({readings[0]})")
    return found


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """In Markdown; what somebody typed stays as it was typed."""
    cells = [[cell.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ") for cell in row] for row in rows]
    lines = [" | ".join(line) for line in [list(heads), ["---"] * len(heads), *cells]]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def right(rows: list[tuple[str, ...]], column: int) -> str:
    return f"{sum(row[column].rsplit(' ', 1)[0] == row[0] for row in rows)} of {len(rows)}"


def main(addresses: list[str]) -> None:
    with nullcontext(addresses[0]) if addresses else serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(10 * PATIENCE)
        photos, drawn, odd = (tried(page, address) for tried in (photographs, drawings, odd_prompts))
        browser.close()
    heads = "first", "second", "what is said"
    parts = [
        INTRODUCTION,
        f"## Nine photographs, {right(photos, 2)} right\n\nAmong all nine things, by name alone.\n",
        table(("on it", "archive and file", *heads), photos),
        f"## Nine drawings by mouse, {right(drawn, 1)} right\n\nAmong all nine things, by name alone; the strokes are"
        " in `tests/browser/test_by_mouse.py`.\n",
        table(("drawn", *heads), drawn),
        "## Ten odd prompts\n\nTo the way in for drawings.\n",
        table(("typed", "classes", "what is said"), odd),
    ]
    FILE.write_text("\n".join(parts), "utf-8")
    print(FILE.read_text("utf-8"))


def _member(name: str) -> bytes:
    archive = f"{name.split('/')[0]}.zip"
    file = next((place / archive for place in places() if (place / archive).is_file()), None)
    if file is None:
        sys.exit(f"{archive} is not on this machine: TINA_DATA says where it is looked for.")
    with open_zip(file) as opened:
        return read_member(opened, opened.getinfo(name), LARGEST)


def _finished(page: Page) -> None:
    page.locator("#head", has_text=FINISHED).wait_for()


def _settled(page: Page) -> None:
    """Until no newer answer comes."""
    count = -1
    while count != (count := page.evaluate("TinaPage.tried.count()")):
        page.wait_for_timeout(1500)


if __name__ == "__main__":
    main(sys.argv[1:])
