"""app.py as `make app` starts it: a process of its own, which a visitor finds and gets a classifier from."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import QUICK, finished, free_port, labels, visiting
from tests.tiny import COLOURS

pytestmark = pytest.mark.browser
RUNNING = "* Running on local URL:"  # what the app prints once it answers


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """The app's address, for as long as it runs."""
    port = free_port()
    command = [sys.executable, "-u", "app.py", "--port", str(port), *arguments]
    app = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    try:
        assert any(line.startswith(RUNNING) for line in app.stdout), "the app stopped"
        yield f"http://127.0.0.1:{port}"
    finally:
        app.terminate()
        app.wait(30)


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
