"""Pictures of the page for the README, and the denoising as an animated SVG: python -m tests.browser.shots

With a folder, every pane and view as well, to be looked at: python -m tests.browser.shots /tmp/shots
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui.charts import poster
from tina.ui.panes import examples
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.ui.state import SamplingOptions

from .conftest import CHROMIUM, FINISHED, serving

ASSETS = Path(__file__).parents[2] / "assets"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


def main(folders: list[str]) -> None:
    checkpoint = ZooCheckpoint(Tina.from_pretrained())
    *_, generation = checkpoint.generate(parse(examples.first(checkpoint.world)), SamplingOptions())
    (ASSETS / "denoising.svg").write_text(poster.animation(generation, checkpoint.scales), "utf-8")
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            for name, (width, height) in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(f"{address}/?__theme={theme}")
                _finished(page)
                _shoot(page, ASSETS / f"page-{name}-{theme}.png")
                page.close()
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{address}/?mode=present&__theme={theme}")
            _finished(page)
            _shoot(page, ASSETS / f"present-{theme}.png")
            page.close()
            if folders:
                _every_pane(browser, address, theme, Path(folders[0]))
        browser.close()


def _shoot(page: Page, file: Path) -> None:
    """In 256 colours: half the bytes."""
    page.screenshot(path=file)
    Image.open(file).quantize(256).save(file, optimize=True)


def _every_pane(browser: Browser, address: str, theme: str, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/?__theme={theme}")
    _finished(page)
    for view in LoadedCheckpoint.views:
        page.locator("#views").get_by_text(view).click()
        if view == "Compare":
            page.locator("#chart .main-svg").first.wait_for()
        page.wait_for_timeout(700)
        page.locator("#watch-pane").screenshot(path=folder / f"{view}-{theme}.png")
    page.locator(".held button").first.click()
    page.locator("#world-card button").first.click()
    page.locator(".world .card").first.wait_for()
    for pane in ("describe-pane", "try-pane", "world-card"):
        page.locator(f"#{pane}").screenshot(path=folder / f"{pane}-{theme}.png")
    page.goto(f"{address}/learn?__theme={theme}")
    page.locator(".rows li").first.wait_for()
    page.screenshot(path=folder / f"learn-{theme}.png", full_page=True)
    page.close()


def _finished(page: Page) -> None:
    page.locator("#head", has_text=FINISHED).wait_for(timeout=120_000)
    page.locator(".bar.fine-tuned .caption", has_text="really fine-tuned").wait_for(state="attached", timeout=120_000)


if __name__ == "__main__":
    main(sys.argv[1:])
