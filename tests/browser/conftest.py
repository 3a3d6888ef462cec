"""The app as `make app` starts it, and a real Chromium to visit it with."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PATIENCE = 20_000  # milliseconds: what is slower than this is broken
FAKE_WEBCAM = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
FINISHED = re.compile(r"step \d+ of \d+: the answer")
QUICK = "steps=3"  # in an address: for those who have not come to watch the weights


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """The app's address, for as long as it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen([sys.executable, "app.py", "--port", str(port), *arguments], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    try:
        while not _answers(url):
            assert app.poll() is None, "the app stopped"
            assert time.monotonic() < deadline, "the app did not answer within a minute"
            time.sleep(0.1)
        yield url
    finally:
        app.terminate()
        app.wait(30)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(scope="session")
def tower(on_towers: dict[str, Path]) -> Iterator[str]:
    """The app with one more Tina, who answers first: in another world, and her classifiers on the encoder's tower."""
    with serving("--checkpoint", str(on_towers["rows"])) as url:
        yield url


@pytest.fixture(scope="session")
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
    """A fresh visitor for a path; nothing may be asked of another machine, nothing may go wrong in the page."""
    contexts, elsewhere, wrong = [], [], []

    def go(path: str = "", **options):
        home = options.pop("at", address)
        options = {
            "viewport": {"width": 1440, "height": 900},
            "permissions": ["camera", "clipboard-read", "clipboard-write"],
        } | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: None if r.url.startswith((home, "data:", "blob:")) else elsewhere.append(r.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(home + "/" + path)
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


@pytest.fixture(scope="session")
def looking(browser, address: str) -> Iterator:
    """A visitor who stays, and never asks for anything else: what is trained for the first prompt gets done."""
    with visiting(browser, address) as go:
        yield finished(go())


@pytest.fixture
def page(looking):
    """What that visitor has: the first classifier, its weights in view, nothing drawn. For tests that only look."""
    looking.locator("#views").get_by_text("Weights").click()
    looking.locator("#model").get_by_role("button", name="Clear").click()
    expect(looking.locator("#view .rows li")).to_have_count(10)
    expect(looking.locator("#model .soft em").first).to_have_text("–")
    return looking


@pytest.fixture(scope="session")
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
    """Once the first classifier is there."""
    expect(page.locator("#head")).to_contain_text(FINISHED)
    return page


def ask(page, classes: str):
    """Another prompt, until its classifier is finished."""
    page.locator("#views").get_by_text("Weights").click()
    page.get_by_label("What should it tell apart?").fill(classes)
    page.locator("#go").click()
    expect(page.locator("#view .rows li")).to_contain_text(re.split(r"[,\n]\s*", classes))
    return finished(page)


def labels(page) -> list[str]:
    return page.locator("#chips ul[aria-label] > li > span:first-child").all_inner_texts()
