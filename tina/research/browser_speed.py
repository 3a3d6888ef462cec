"""How fast a classifier of photographs is in a browser: python -m tina.research.browser_speed

It opens the exported file in headless Chromium (playwright drives it), and takes the same tower in PyTorch with one
thread by turns with it, so that a busy machine slows both. Prints one JSON object.
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


def main(argv: Sequence[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=whole("--rounds", 1, 1000), default=5, help="medians of so many")
    args = parser.parse_args(argv)
    from playwright.sync_api import sync_playwright

    classifier = Tina.from_pretrained("everyday").generate(PROMPT)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "classifier.html"
        file.write_text(to_webpage(classifier), "utf-8")
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto(file.as_uri())
        print(json.dumps({"bytes": file.stat().st_size, **measure(page, args.rounds)}, indent=2))
        chromium.close()


if __name__ == "__main__":
    main()
