"""The page in a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The app, started as `make app` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            break
        except OSError:
            assert app.poll() is None, "the app stopped"
            assert time.monotonic() < deadline, "the app did not answer within a minute"
            time.sleep(0.1)
    yield url
    app.terminate()
    app.wait(10)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    if not os.path.exists(CHROMIUM):
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium: .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking", "--disable-quic"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, address: str):
    """A fresh visit; nothing may be asked of another machine, nothing may go wrong in the console."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    elsewhere, wrong = [], []
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert not wrong
    assert not elsewhere


def test_the_sketchbooks_classes_and_pictures_are_there_without_a_click(page) -> None:
    page.get_by_role("heading", name="Tina").wait_for()
    page.locator(".card").first.wait_for()
    assert page.locator(".card").count() >= 8
    pictures = page.locator(".card img")
    assert pictures.count() == 6 * page.locator(".card").count()
    assert pictures.first.evaluate("image => image.complete && image.naturalWidth") == 64
    assert all(pictures.nth(i).get_attribute("alt") for i in range(12))


def test_a_description_finds_what_it_means(page) -> None:
    page.get_by_label("What do you mean?").fill("small sailing vessel")
    page.keyboard.press("Enter")
    page.locator(".card meter").first.wait_for()
    assert "sailboat" in page.locator(".card h3").first.inner_text()


def test_html_in_the_box_stays_inert(page) -> None:
    page.get_by_label("What do you mean?").fill("<img src=x onerror='window.hacked=1'>")
    page.keyboard.press("Enter")
    page.locator(".card meter").first.wait_for()
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_nothing_scrolls_sideways(page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.locator(".card").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
