"""How fast a classifier of photographs is in a browser: python -m tina.research.browser_speed [--page ADDRESS]

It opens the exported file in headless Chromium (playwright drives it), and takes the same tower in PyTorch with one
thread by turns with it, so that a busy machine slows both. With --page it looks through the webcam on a page that is
served (python app.py), and counts what the server is asked for meanwhile. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from tina.classifier.webpage import to_webpage
from tina.encoder.everyday import open_tower
from tina.generator.tina import Tina
from tina.options import whole
from tina.research.timing import median_seconds

PROMPT = "cat, dog, bicycle, mug, banana, guitar, pizza, car, sailboat, elephant"
ASK = """async (count) => {
  const length = 3 * tinaPiece.model.size ** 2, rgb = Uint8Array.from({ length }, (_, i) => (i * 7919) % 256);
  const times = [];
  for (let i = 0; i < count; i++) times.push((await tinaPiece.tower.see({ rgb })).ms);
  return times; }"""
PATIENCE = 180_000  # milliseconds until a page is there
WEBCAM = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
FINISHED = "document.querySelector('#head')?.textContent.includes('finished') && TinaPage.model"
COUNTED = """const until = (count) => new Promise((resolve) => {
    const look = () => (TinaPage.tried.count() >= count ? resolve() : setTimeout(look, 5));
    look();
  });"""
FIRST = f"""async () => {{ {COUNTED}
  const begun = performance.now();
  [...document.querySelectorAll("#model button")].find((one) => one.textContent === "Webcam").click();
  await until(1);
  return performance.now() - begun; }}"""
LIVE = f"""async (each) => {{ {COUNTED}
  const begun = performance.now();
  await until(TinaPage.tried.count() + each);
  return (performance.now() - begun) / each; }}"""


def measure(page: Any, rounds: int = 5, each: int = 21) -> dict[str, Any]:
    """Medians of so many rounds by turns, of a page of playwright's that has opened what `to_webpage` made."""
    tower, x = open_tower("everyday"), torch.rand(1, 3, 224, 224) * 2 - 1
    here, there, threads = [], [], torch.get_num_threads()
    torch.set_num_threads(1)
    page.evaluate(ASK, each)  # until it is compiled as well as it will be
    with torch.inference_mode():
        for _ in range(rounds):
            there.append(statistics.median(page.evaluate(ASK, each)))
            here.append(1000 * median_seconds(lambda: tower(x), each))
    torch.set_num_threads(threads)
    browser, pytorch = statistics.median(there), statistics.median(here)
    return {
        "chromium": page.context.browser.version,
        "engine": page.evaluate("tinaPiece.tower.about.engine"),
        "browser_ms": browser,
        "pictures_a_second": 1000 / browser,
        "pytorch_one_thread_ms": pytorch,
        "ratio": statistics.median(a / b for a, b in zip(here, there, strict=True)),
    }


def measure_page(page: Any, address: str, rounds: int = 5, each: int = 21) -> dict[str, Any]:
    """The same of a served page that looks through the webcam: from the click to the first answer, then live.

    Args:
        page: of playwright's, in a context that may use the camera.
        address: where the page is served.
        rounds: medians of so many.
        each: answers in a round.
    """
    asked: list[str] = []
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/?world=everyday&classes={PROMPT}")
    page.wait_for_function(FINISHED)
    page.get_by_role("button", name="Stop", exact=True).click()
    tower, x, threads = open_tower("everyday"), torch.rand(1, 3, 224, 224) * 2 - 1, torch.get_num_threads()
    torch.set_num_threads(1)
    first = page.evaluate(FIRST)
    page.evaluate(LIVE, each)
    before, here, there, spent = len(asked), [], [], 0.0
    with torch.inference_mode():
        for _ in range(rounds):
            there.append(page.evaluate(LIVE, each))
            spent += there[-1] * each
            page.locator("#model").get_by_role("button", name="Stop webcam").click()
            here.append(1000 * median_seconds(lambda: tower(x), each))
            page.locator("#model").get_by_role("button", name="Webcam").click()
            page.evaluate(LIVE, 3)
    torch.set_num_threads(threads)
    sent = [url for url in asked[before:] if not url.startswith(("blob:", "data:"))]
    return {
        "chromium": page.context.browser.version,
        "first_answer_ms": first,
        "live_pictures_a_second": 1000 / statistics.median(there),
        "pytorch_one_thread_ms": statistics.median(here),
        "ratio": statistics.median(a / b for a, b in zip(here, there, strict=True)),
        "requests_a_minute": 60_000 * len(sent) / spent,
    }


def main(argv: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=whole("--rounds", 1, 1000), default=5, help="medians of so many")
    parser.add_argument("--page", help="address of a served page, to be measured instead of a file")
    args = parser.parse_args(argv)
    from playwright.sync_api import sync_playwright

    options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox", *WEBCAM]}
    if args.page:
        with sync_playwright() as playwright:
            context = playwright.chromium.launch(**options).new_context(permissions=["camera"])
            print(json.dumps(measure_page(context.new_page(), args.page.rstrip("/"), args.rounds), indent=2))
        return
    classifier = Tina.from_pretrained("everyday").generate(PROMPT)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "classifier.html"
        file.write_text(to_webpage(classifier), "utf-8")
        chromium = playwright.chromium.launch(**options)
        page = chromium.new_page()
        page.goto(file.as_uri())
        print(json.dumps({"bytes": file.stat().st_size, **measure(page, args.rounds)}, indent=2))
        chromium.close()


if __name__ == "__main__":
    main()
