"""How soon a page is there: python app.py, and in another window python -m tina.research.page_speed [ADDRESS]

A headless Chromium visits it anew each time, with an empty cache; run it on an idle machine. Medians, in seconds:

interactive   from the address until the prompt can be typed and "Generate" pressed
written       from the address until the first classifier is finished, in as few steps as it needs
answer        from the address until the first answer to a stroke that is drawn as soon as there is a classifier
switch        from "Photographs" until that world's first weights are there, and back to "Drawings"

Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import time
from collections.abc import Sequence
from typing import Any

from tina.options import whole

QUICK = "?steps=3"
PATIENCE = 600_000  # milliseconds
INTERACTIVE = """() => {
  const go = document.querySelector("#go"), text = document.querySelector("#wanted textarea");
  return Boolean(go && !go.disabled && text && text.value && window.TinaPage && TinaPage.tried); }"""
FINISHED = "document.querySelector('#head')?.textContent.includes('finished') && Boolean(window.TinaPage?.model)"
ANSWERED = "TinaPage.tried.count() > 0"
MARK = "document.querySelector('#view .rows').dataset.before = true"
SWITCHED = """(way) => document.querySelector(`#ways [aria-pressed="true"]`)?.textContent === way
  && Boolean(document.querySelector("#view .rows:not([data-before])"))"""


def measure_visit(browser: Any, address: str) -> dict[str, float]:
    """One visit, in seconds; `browser` is playwright's."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    times: dict[str, float] = {}
    page.set_default_timeout(PATIENCE)
    begun = time.perf_counter()

    def until(name: str, what: str) -> None:
        page.wait_for_function(what)
        times[name] = time.perf_counter() - begun

    page.goto(f"{address}/{QUICK}", wait_until="commit")
    until("interactive", INTERACTIVE)
    until("written", FINISHED)
    box = page.locator("#model canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.up()
    until("answer", ANSWERED)
    for way in ("Photographs", "Drawings"):
        page.evaluate(MARK)
        begun = time.perf_counter()
        page.get_by_role("button", name=way, exact=True).click()
        page.wait_for_function(SWITCHED, arg=way)
        times[f"switch to {way}"] = time.perf_counter() - begun
    context.close()
    return times


def main(argv: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:7860", help="of a page that is served")
    parser.add_argument("--rounds", type=whole("--rounds", 1, 1000), default=5, help="medians of so many visits")
    args = parser.parse_args(argv)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        visits = [measure_visit(chromium, args.address.rstrip("/")) for _ in range(args.rounds)]
        found = {name: round(statistics.median(visit[name] for visit in visits), 2) for name in visits[0]}
        print(json.dumps({"chromium": chromium.version, "visits": args.rounds, "seconds": found}, indent=2))
        chromium.close()


if __name__ == "__main__":
    main()
