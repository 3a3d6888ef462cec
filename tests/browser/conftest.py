"""The page, served from this process, and a real Chromium to visit it with: both are started once for all tests."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import expect, sync_playwright

from tina.training.schedule import TrainSchedule
from tina.training.zoo.finetune import finetune_schedule
from tina.ui.page import launch
from tina.ui.panes import generating, race
from tina.ui.panes.race import MARKS, SCHEDULE
from tina.ui.server import background, tuning
from tina.ui.server.held_out import HeldOutSet
from tina.ui.server.tuning import FineTuner, FineTuning

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PATIENCE = 60_000  # milliseconds: the tests must pass on a busy machine, and no test asserts a time
FAKE_WEBCAM = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
FINISHED = re.compile(r"step \d+ of \d+: finished")
FAR_APART = "apple,sailboat,snail,lighthouse,penguin,umbrella,bicycle,mushroom,guitar,moon"
QUICK = "steps=3"  # in an address: for those who have not come to watch the weights


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(checkpoint: str | None = None) -> Iterator[str]:
    """The page's address, for as long as it is served."""
    page = launch(port=free_port(), checkpoint=checkpoint, block=False)
    try:
        yield page.local_url.rstrip("/")
    finally:
        page.close(verbose=False)


@pytest.fixture(scope="package")
def quick() -> Iterator[None]:
    """Fine-tuning is really done, but in few steps, and nobody watches the weights: neither is what is tested here.

    It does not give way to visitors either: on a busy machine it would not get its turn while a test waits for it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "_lower_priority", lambda: torch.set_num_threads(1))
        patch.setattr(tuning, "finetune_schedule", lambda blueprint: TrainSchedule(steps=20, batch=8))
        patch.setattr(race, "MARKS", (0, 1, 3))
        patch.setattr(race, "SCHEDULE", TrainSchedule(steps=3, batch=8, rate=3e-3))
        patch.setattr(generating, "STEP_SECONDS", 0.02)
        patch.setenv("TINA_BURST", "100000")  # all these visitors are at one address
        yield


@pytest.fixture
def shipped_training(quick: None, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Training as it ships, for one test; the class sets that a fine-tuning is begun for from now on."""
    begun, begin = [], FineTuner._begin

    def counted(tuner: FineTuner, held_out: HeldOutSet) -> FineTuning:
        begun.append(held_out.labels)
        monkeypatch.setattr(tuner, "schedule", finetune_schedule(tuner.checkpoint.blueprint))
        return begin(tuner, held_out)

    monkeypatch.setattr(FineTuner, "_begin", counted)
    monkeypatch.setattr(race, "MARKS", MARKS)
    monkeypatch.setattr(race, "SCHEDULE", SCHEDULE)
    return begun


@pytest.fixture(scope="package")
def address(quick: None) -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(scope="package")
def tower(quick: None, on_towers: dict[str, Path]) -> Iterator[str]:
    """The page with one more Tina, who answers first: in another world, and her classifiers on the encoder's tower."""
    with serving(str(on_towers["rows"])) as url:
        yield url


@pytest.fixture(scope="package")
def browser():
    expect.set_options(timeout=PATIENCE)
    if not os.path.exists(CHROMIUM):
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium: .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-quic", *FAKE_WEBCAM]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@contextmanager
def visiting(browser, address: str) -> Iterator[Callable]:
    """A fresh visitor for a path; nothing may be asked of another machine, nothing may go wrong in the page.

    `go(path, asked=urls)` collects the addresses that are asked for, from the first one on.
    """
    contexts, elsewhere, wrong = [], [], []

    def go(path: str = "", asked: list[str] | None = None, **options):
        options = {
            "viewport": {"width": 1440, "height": 900},
            "permissions": ["camera", "clipboard-read", "clipboard-write"],
        } | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else elsewhere.append(r.url))
        page.on("request", lambda r: None if asked is None else asked.append(r.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address + "/" + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not wrong
    assert not elsewhere


@pytest.fixture
def visit(browser, address: str) -> Iterator[Callable]:
    with visiting(browser, address) as go:
        yield go


@pytest.fixture(scope="package")
def looking(browser, address: str) -> Iterator:
    """A visitor who stays, and never asks for anything else than what stands there at first."""
    with visiting(browser, address) as go:
        yield finished(go(f"?classes={FAR_APART}"))


@pytest.fixture
def page(looking):
    """What that visitor has: the first classifier, its weights in view, nothing drawn. For tests that only look."""
    looking.locator("#views").get_by_text("Weights").click()
    looking.locator("#model").get_by_role("button", name="Clear").click()
    expect(looking.locator("#view .rows li")).to_have_count(10)
    expect(looking.locator("#model .soft em").first).to_have_text("–")
    return looking


@pytest.fixture(scope="package")
def staying(browser, address: str) -> Iterator:
    with visiting(browser, address) as go:
        yield finished(go(f"?{QUICK}"))


@pytest.fixture
def asking(staying) -> Iterator:
    """A visitor who stays, and asks for one thing after another: for tests that begin with a prompt of their own."""
    yield staying
    staying.locator("#stop").click()  # nobody waits for what is still trained for it


# -- what visitors do in many tests -----------------------------------------------------------------------------------
def finished(page):
    """Once a classifier is finished."""
    expect(page.locator("#head")).to_contain_text(FINISHED)
    return page


@contextmanager
def another(page) -> Iterator[None]:
    """What is done within it asks for another classifier; it ends once that one is finished, not the one before."""
    page.locator("#views").get_by_text("Weights").click()
    page.locator("#view .rows").evaluate("rows => (rows.dataset.before = true)")  # every step draws new rows
    yield
    expect(page.locator("#view .rows:not([data-before])")).to_be_visible()
    finished(page)


def ask(page, classes: str):
    """Another prompt, until its classifier is finished."""
    rows = [re.compile(re.escape(label)) for label in re.split(r"[,\n]\s*", classes)]
    with another(page):
        page.get_by_label("What should it tell apart?").fill(classes)
        page.locator("#go").click()
        expect(page.locator("#view .rows li")).to_have_text(rows)  # these and no others
    return page


def upload(page, content: bytes, name: str = "a.png", kind: str = "image/png") -> None:
    """A picture of one's own, in Try."""
    with page.expect_file_chooser() as chooser:
        page.locator("#model").get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": content})


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of a bright disc that crosses a dark ground, as a webcam gives it."""
    file = tmp_path_factory.mktemp("video") / "disc.y4m"
    rows, columns = np.mgrid[:240, :320]
    grey = np.full(2 * 120 * 160, 128, np.uint8).tobytes()
    with file.open("wb") as out:
        out.write(b"YUV4MPEG2 W320 H240 F15:1 Ip A1:1 C420jpeg\n")
        for frame in range(15):
            disc = (rows - 120) ** 2 + (columns - 60 - 14 * frame) ** 2 < 70**2
            out.write(b"FRAME\n" + np.where(disc, 220, 40).astype(np.uint8).tobytes() + grey)
    return file


@pytest.fixture(scope="package")
def with_webcam(browser, video: Path) -> Iterator:
    """A Chromium whose webcam shows the video."""
    options = ["--no-sandbox", *FAKE_WEBCAM, f"--use-file-for-fake-video-capture={video}"]
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=options)
    yield chromium
    chromium.close()


def labels(page) -> list[str]:
    """Of the cards, open or closed, in their order."""
    return page.locator(".cards-asked > li .name").all_text_contents()


def card(page, label: str):
    """The card of a class, open or closed."""
    return page.locator(".cards-asked > li").filter(
        has=page.locator(".name", has_text=re.compile(f"^{re.escape(label)}$"))
    )


def open_card(page, label: str):
    """The inside of a card."""
    face = card(page, label).locator(".face")
    if face.get_attribute("aria-expanded") != "true":
        face.click()
    return card(page, label).locator(".inside")


def draw_strokes(page, canvas: str, strokes: list) -> None:
    """With the mouse: each stroke is a list of places on a canvas that is 320 units wide and high."""
    page.locator(canvas).scroll_into_view_if_needed()
    box = page.locator(canvas).bounding_box()
    assert box is not None
    for stroke in strokes:
        places = [(box["x"] + x * box["width"] / 320, box["y"] + y * box["height"] / 320) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()
