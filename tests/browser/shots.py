"""Pictures of the page for the README, and the denoising as an animated SVG: python -m tests.browser.shots"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tina.generator.tina import Tina
from tina.prompts import parse
from tina.ui import examples, poster
from tina.ui.runs import How
from tina.ui.studio import Studio

from .conftest import CHROMIUM, serving

ASSETS = Path(__file__).parents[2] / "assets"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


def main() -> None:
    studio = Studio(Tina.from_pretrained())
    *_, run = studio.run(parse(examples.first(studio.world)), How())
    (ASSETS / "denoising.svg").write_text(poster.animation(run, studio.scales), "utf-8")
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            for name, (width, height) in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(f"{address}/?__theme={theme}")
                _finished(page)
                page.screenshot(path=ASSETS / f"page-{name}-{theme}.png")
                page.close()
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{address}/?mode=present&__theme={theme}")
            _finished(page)
            page.screenshot(path=ASSETS / f"present-{theme}.png")
            page.close()
        browser.close()


def _finished(page: Page) -> None:
    page.locator("#head", has_text="the answer").wait_for(timeout=120_000)
    page.locator(".bar.tuned .says", has_text="really fine-tuned").wait_for(state="attached", timeout=120_000)


if __name__ == "__main__":
    main()
