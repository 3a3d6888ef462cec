"""What is taken away: files that do the same as here, a link, code, and the endpoints."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path
from threading import Event, Semaphore

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.blueprints.test_blueprints import standing
from tests.browser.conftest import QUICK, ask, finished, labels, visiting
from tests.conftest import picture_bytes
from tina.classifier.classifier import Classifier
from tina.classifier.webpage import to_webpage
from tina.prompts.parsing import parse
from tina.ui.page import QUEUE
from tina.ui.server.settings import ServerSettings
from tina.ui.server.together import Together

pytestmark = pytest.mark.browser
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
ALONE = "JSON.parse(document.getElementById('model').textContent)"  # a saved page's model


def save(page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.locator("#take").get_by_role("button", name=name, exact=True).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def in_browser(page, model: str) -> np.ndarray:
    """Probabilities of PIXELS, by the program in the page."""
    pictures = [one.flatten().tolist() for one in PIXELS]
    said = (
        f"async rgbs => {{ const model = {model}; return rgbs.map(rgb => TinaClassifier.answer(model, rgb).shares); }}"
    )
    return np.array(page.evaluate(said, pictures))


def test_the_page_the_zip_and_the_web_page_say_the_same(visit, browser, tmp_path: Path) -> None:
    page = finished(visit(f"?classes=apple,snail,%3Cb%3Ebus&{QUICK}"))
    classifier = Classifier.load(save(page, "Download zip", tmp_path))
    expected = classifier.probabilities(PIXELS).numpy()
    assert np.abs(in_browser(page, "await TinaPage.programs().then(() => TinaPage.model)") - expected).max() <= 1e-3

    assert save(page, "ONNX", tmp_path).read_bytes() == classifier.to_onnx()
    file = save(page, "Web page", tmp_path)
    assert file.stat().st_size <= 150_000
    context = browser.new_context()
    alone, asked = context.new_page(), []
    alone.on("request", lambda r: asked.append(r.url))
    alone.goto(file.as_uri())
    assert np.abs(in_browser(alone, ALONE) - expected).max() <= 1e-3
    with alone.expect_file_chooser() as chooser:
        alone.get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": picture_bytes()})
    shares = alone.locator(".soft em").first
    expect(shares).to_contain_text("%")
    for looked_at in ("drawn", "webcam"):
        alone.get_by_role("button", name="Clear").click()
        expect(shares).to_have_text("–")
        if looked_at == "drawn":
            alone.locator("canvas").click(position={"x": 60, "y": 60})
        else:
            alone.get_by_role("button", name="Webcam").click()
        expect(shares).to_contain_text("%")
    expect(alone.locator("h1")).to_have_text("apple, snail, <b>bus")
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
    context.close()


@pytest.mark.parametrize(
    ("id", "bytes"), [("cnn-5k", 150_000), ("tiny-5k", 150_000), ("tiny-20k", 2_000_000), ("resnet20-head", 2_000_000)]
)
def test_every_kind_of_network_runs_in_its_own_page(browser, tmp_path: Path, id: str, bytes: int) -> None:
    """From weights that were never trained: strides, norms and sums of several ways too."""
    blueprint, draw = standing(id), torch.Generator().manual_seed(0)
    weights = blueprint.init(3, draw)
    weights = {name: weight + 0.1 * torch.randn(weight.shape, generator=draw) for name, weight in weights.items()}
    classifier = Classifier(blueprint, weights, parse("apple, snail, bus"))
    file = tmp_path / "classifier.html"
    file.write_text(to_webpage(classifier), "utf-8")
    assert file.stat().st_size <= bytes
    page = browser.new_page()
    page.goto(file.as_uri())
    found, expected = in_browser(page, ALONE), classifier.probabilities(PIXELS).numpy()
    assert expected.std(0).max() > 0.01  # they say something, and not of every picture the same
    assert np.abs(found - expected).max() <= 1e-3
    page.close()


def test_a_picture_is_shrunk_as_python_does_it(page) -> None:
    from PIL import Image

    expect(page.locator("#model canvas")).to_be_visible()
    picture = np.random.default_rng(1).integers(0, 256, (320, 320, 3), np.uint8)
    picture[80:240, 80:240] = (200, 40, 40)
    rgba = np.dstack([picture, np.full((320, 320), 255, np.uint8)])
    data = base64.b64encode(rgba.tobytes()).decode()
    shrunk = page.evaluate(
        """async (data) => {
          await TinaPage.programs();
          const bytes = Uint8ClampedArray.from(atob(data), (c) => c.charCodeAt(0));
          const sheet = new OffscreenCanvas(320, 320);
          sheet.getContext("2d").putImageData(new ImageData(bytes, 320, 320), 0, 0);
          return [...TinaClassifier.prepare({ size: 32 }, sheet, 320, 320).rgb]; }""",
        data,
    )
    pillow = np.asarray(Image.fromarray(picture).resize((32, 32), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(np.array(shrunk).reshape(32, 32, 3) - pillow).max() <= 2


@pytest.fixture(scope="module")
def taken(browser, address: str) -> Iterator:
    """One visit for the tests that take its classifier elsewhere."""
    with visiting(browser, address) as go:
        page = finished(go(f"?classes=bus,car,kite&seed=5&{QUICK}"))
        page.locator("#stop").click()  # nobody waits for one to compare with
        yield page


def test_a_zip_comes_back_with_the_same_accuracy(taken, asking, tmp_path: Path) -> None:
    accuracy = taken.locator(".bar.tina em").inner_text()
    file = save(taken, "Download zip", tmp_path)
    other = ask(asking, "owl, snail")
    with other.expect_file_chooser() as chooser:
        other.get_by_text("Bring a zip back").click()
    chooser.value.set_files(file)
    expect(other.locator("#head")).to_contain_text("brought back from a file")
    expect(other.locator(".bar.tina em")).to_have_text(accuracy)
    assert labels(other) == ["bus", "car", "kite"]
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(file.read_bytes()[:1000])
    with other.expect_file_chooser() as chooser:
        other.get_by_text("Bring a zip back").click()
    chooser.value.set_files(damaged)
    expect(other.get_by_role("alert").filter(has_text="damaged")).to_be_visible()


def test_a_file_that_is_too_large_or_no_zip_is_a_sentence(asking, tmp_path: Path) -> None:
    file = tmp_path / "something.zip"
    for size, where, says in (
        (250_000_000, ".toast-body", "maximum allowed size of 190.7 Mb"),  # where worlds are made of zips, too
        (50_000_000, "#chips [role=alert]", "A zip of at most 30 MB is taken back here"),
        (1000, "#chips [role=alert]", "something.zip is no classifier"),
    ):
        file.write_bytes(bytes(size))
        with asking.expect_file_chooser() as chooser:
            asking.get_by_text("Bring a zip back").click()
        chooser.value.set_files(file)
        expect(asking.locator(where).first).to_contain_text(says)


def test_the_link_brings_the_same_classifier(taken, visit, address: str) -> None:
    taken.bring_to_front()
    copied = {}
    for what in ("Copy link", "Copy Python"):
        taken.get_by_role("button", name=what).click()
        expect(taken.locator("#take")).to_contain_text(re.compile("copied"))
        copied[what] = taken.evaluate("navigator.clipboard.readText()")
    assert "tina.generate('bus, car, kite', seed=5)" in copied["Copy Python"]
    link = copied["Copy link"]
    assert re.search(r"classes=bus%2C\+car%2C\+kite&seed=5", link)
    again = finished(visit(link.removeprefix(address + "/")))
    assert again.locator(".bar.tina em").inner_text() == taken.locator(".bar.tina em").inner_text()


def test_programs_ask_by_name(address: str) -> None:
    from gradio_client import Client

    client = Client(address, verbose=False)
    made = client.predict(classes="apple, snail, bus", seed=1, steps=5, api_name="/generate")
    assert made["labels"] == ["apple", "snail", "bus"]
    scored = client.predict(zip=made["zip"], api_name="/score")
    assert scored["accuracy"] == made["accuracy"]
    picture = base64.b64encode(picture_bytes()).decode()
    shares = client.predict(picture=picture, classes="apple, snail, bus", seed=1, api_name="/classify")
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    with pytest.raises(Exception, match="two classes"):
        client.predict(classes="apple", seed=0, steps=5, api_name="/generate")
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert set(endpoints) == {"/generate", "/classify", "/score"}


def test_the_readmes_example_for_programs_runs(address: str) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = [block for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "gradio_client" in block]
    found: dict = {}
    exec(example.replace("http://127.0.0.1:7860", address), found)
    assert found["made"]["labels"] == ["apple", "snail", "bus"]
    assert found["made"]["accuracy"] > 0.5


def test_who_comes_when_the_queue_is_full_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradio_client import Client

    served, going_on, generate = Semaphore(0), Event(), Together.generate
    at_once = ServerSettings().together

    def waiting(*args, **options):
        served.release()
        going_on.wait()
        return generate(*args, **options)

    monkeypatch.setattr(Together, "generate", waiting)
    client = Client(address, verbose=False, max_workers=at_once + QUEUE + 4)  # all of them ask at the same time

    def submit() -> Future:
        return client.submit(classes="apple, snail", seed=1, steps=1, api_name="/generate").future

    try:
        accepted = [submit() for _ in range(at_once)]
        assert all(served.acquire(timeout=60) for _ in accepted)  # some are answered together,
        jobs = [submit() for _ in range(QUEUE + 4)]  # QUEUE may wait, and the four others are told
        refused = list(islice(as_completed(jobs, timeout=60), 4))
    finally:
        going_on.set()
    assert all("queue" in str(job.exception()).lower() for job in refused)
    assert [job.exception(60) for job in {*accepted, *jobs} - {*refused}] == [None] * (QUEUE + at_once)


def test_the_endpoints_are_tools_for_language_models(address: str) -> None:
    import asyncio

    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def ask() -> tuple[set[str], str]:
        server = streamablehttp_client(f"{address}/gradio_api/mcp/")
        async with server as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            made = await session.call_tool("generate", {"classes": "apple, snail", "steps": 2})
            return tools, made.content[0].text

    with ThreadPoolExecutor(1) as elsewhere:  # this thread has the browser's event loop
        tools, made = elsewhere.submit(asyncio.run, ask()).result()
    assert {"generate", "classify", "score"} <= tools
    assert "apple" in made
