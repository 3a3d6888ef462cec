"""app.py as `make app` starts it: a process of its own, which a visitor finds and gets a classifier from."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished, free_port, labels, visiting
from tests.tiny import COLOURS

pytestmark = pytest.mark.browser
START_SECONDS = 180  # of patience: a start is mostly imports, which take long on a busy machine


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """The app's address, for as long as it runs."""
    port = free_port()
    app = subprocess.Popen([sys.executable, "app.py", "--port", str(port), *arguments], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    try:
        while not _answers(url):
            assert app.poll() is None, "the app stopped"
            assert time.monotonic() < deadline, "the app did not answer"
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


def test_the_app_serves_the_page(browser) -> None:
    with running() as url, visiting(browser, url) as go:
        page = finished(go(f"?classes=apple,snail&{QUICK}"))
        assert labels(page) == ["apple", "snail"]
        expect(page.get_by_label("World")).to_have_value("Sketchbook (cnn-5k)")


def test_another_checkpoint_answers_first(browser, on_towers: dict[str, Path]) -> None:
    with running("--checkpoint", str(on_towers["rows"])) as url, visiting(browser, url) as go:
        page = finished(go(f"?{QUICK}"))
        assert set(labels(page)) <= set(COLOURS)
        expect(page.get_by_label("World")).to_have_value("Your pictures (encoder-head)")


def test_an_app_that_cannot_start_says_why() -> None:
    command = [sys.executable, "app.py", "--port", str(free_port()), "--checkpoint", "no/such/checkpoint"]
    app = subprocess.run(command, capture_output=True, text=True)
    assert app.returncode == 1
    assert app.stderr.splitlines()[-1].startswith("The page cannot start: ")
