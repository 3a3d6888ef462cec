"""Drawings in the browser: prepared as in Python, number for number."""

from __future__ import annotations

import base64
import io
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.classifier.test_others import classifier_with_others
from tests.worlds.test_photograph import photographed
from tina.blueprints import get_blueprint
from tina.classifier.classifier import Classifier
from tina.classifier.webpage import to_webpage
from tina.prompts.parsing import parse
from tina.worlds import drawn
from tina.worlds.drawn import empty, photograph
from tina.worlds.sketchbook import by_hand, catalogue

pytestmark = pytest.mark.browser
BYTES = "Uint8Array.from(atob(data), c => c.charCodeAt(0))"
LOOK = f"""([data, n, model]) => {{ // an opaque sheet, n x n
  const sheet = Object.assign(document.createElement("canvas"), {{ width: n, height: n }});
  sheet.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray({BYTES}), n, n), 0, 0);
  return [...TinaClassifier.prepare(model, sheet, n, n).rgb]; }}"""
NAMES = ("apple", "elephant", "house", "umbrella", "fish", "bicycle")


def sheets() -> list[np.ndarray]:
    """Drawings as they are drawn, on sheets of several sizes; a photograph, and an empty sheet."""
    found: list[np.ndarray] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_hand, "prepared", lambda image: found.append(np.asarray(image)) or image)
        for name in NAMES:
            for number in range(4):
                by_hand.picture(catalogue()[name], name, Random(f"{name}{number}"), 32)
    large = Image.new("RGB", (320, 320), "white")
    ImageDraw.Draw(large).line([(60, 200), (160, 60), (260, 200), (60, 200)], (28, 25, 23), 12)
    flat = Image.new("RGB", (320, 320), "white")
    ImageDraw.Draw(flat).ellipse((60, 90, 200, 260), fill=(220, 38, 38))
    random = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)
    return [*found, np.asarray(large), np.asarray(flat), random, np.full((160, 160, 3), 255, np.uint8)]


@pytest.fixture(scope="module")
def alone(browser, tmp_path_factory: pytest.TempPathFactory):
    """A saved page whose classifier prepares drawings."""
    blueprint = get_blueprint("cnn-5k").prepared_by(drawn.NAME)
    weights = blueprint.init(3, torch.Generator().manual_seed(0))
    file = tmp_path_factory.mktemp("page") / "classifier.html"
    file.write_text(to_webpage(Classifier(blueprint, weights, parse("apple, snail, bus"))), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    yield page
    page.close()


def encoded(pixels: np.ndarray) -> str:
    rgba = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    return base64.b64encode(rgba.tobytes()).decode()


def test_a_drawing_is_prepared_as_python_does_it(alone) -> None:
    none = 0
    for pixels in sheets():
        height, width = pixels.shape[:2]
        found = alone.evaluate(
            f"data => {{ const d = TinaDrawn.drawing({BYTES}, {width}, {height});"
            " return d && { n: d.n, data: btoa(String.fromCharCode(...d.data.filter((_, i) => i % 4 < 3))) }; }",
            encoded(pixels),
        ) if max(pixels.shape) <= 160 else alone.evaluate(
            f"data => {{ const d = TinaDrawn.drawing({BYTES}, {width}, {height});"
            " return d && { n: d.n, list: [...d.data.filter((_, i) => i % 4 < 3)] }; }",
            encoded(pixels),
        )  # fmt: skip
        expected = drawn.drawing(pixels)
        if expected is None:
            assert found is None
            none += 1
            continue
        n = found["n"]
        flat = np.frombuffer(base64.b64decode(found["data"]), np.uint8) if "data" in found else np.array(found["list"])
        assert np.array_equal(flat.reshape(n, n, 3), expected)
    assert 2 <= none < len(sheets()) / 2


def test_the_network_is_shown_the_same(alone) -> None:
    """From the sheet to the pixels that the network looks at: shrinking rounds differently, by two at most."""
    blueprint = get_blueprint("cnn-5k").prepared_by(drawn.NAME)
    model = {"size": 32, "preparation": drawn.NAME}
    for pixels in sheets():
        shown = alone.evaluate(LOOK, [encoded(pixels), len(pixels), model])
        expected = blueprint.square(Image.fromarray(pixels)).astype(int)
        assert np.abs(np.array(shown).reshape(32, 32, 3) - expected).max() <= 2


def test_a_picture_of_any_size_is_prepared_to_the_last_bit(alone) -> None:
    """Drawings that are wide or large, photographs, and what is neither: as it is uploaded, and not as it is shown."""
    blueprint, files = get_blueprint("cnn-5k").prepared_by(drawn.NAME), [photographed(1, (700, 500)), photographed(2)]
    for size in ((600, 200), (900, 700), (130, 321)):
        sheet = Image.new("RGB", size, (250, 250, 244))
        w, h = size
        ImageDraw.Draw(sheet).line([(w // 9, h - 9), (w // 2, 9), (w - 9, h - 20), (w // 9, h - 9)], (28, 25, 23), 5)
        files += [sheet, sheet.rotate(30)]  # the corners are black: no drawing any more
    for image in files:
        file = io.BytesIO()
        image.save(file, "PNG")
        shown, photo = alone.evaluate(
            f"""async ([data, model]) => {{
              const bitmap = await TinaPicture.decode(new Blob([{BYTES}]));
              const {{ rgb, photo }} = TinaClassifier.prepare(model, bitmap, bitmap.width, bitmap.height);
              return [[...rgb], photo]; }}""",
            [base64.b64encode(file.getvalue()).decode(), {"size": 32, "preparation": drawn.NAME}],
        )
        np.testing.assert_array_equal(np.array(shown).reshape(32, 32, 3), blueprint.square(image))
        assert photo == drawn.looks_like_photograph(image)


def test_a_photograph_is_noticed_as_python_does_it(alone) -> None:
    pictures = [*sheets()[::3], *(np.asarray(photographed(seed)) for seed in range(3))]
    found = [
        alone.evaluate(
            f"data => TinaDrawn.photograph({BYTES}, {one.shape[1]}, {one.shape[0]})", encoded(one)
        )
        for one in pictures
    ]  # fmt: skip
    assert found == [photograph(one) for one in pictures]
    assert any(found)
    assert not all(found)


def test_an_empty_sheet_is_noticed_as_python_does_it(alone) -> None:
    marked = np.full((2, 160, 160, 3), 200, np.uint8)
    marked[0, 80, 80:85], marked[1, 80, 80:86] = 0, 0  # five dots of 25,600 are none, six are a drawing
    pictures = [*sheets()[::3], np.asarray(photographed(0)), *marked]
    found = [
        alone.evaluate(f"data => TinaDrawn.empty({BYTES}, {one.shape[1]}, {one.shape[0]})", encoded(one))
        for one in pictures
    ]
    assert found == [empty(one) for one in pictures]
    assert found[-2:] == [True, False]
    assert found.count(True) == 2


def uploaded(alone, image: Image.Image) -> None:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    with alone.expect_file_chooser() as chooser:
        alone.get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": buffer.getvalue()})


def test_who_shows_a_photograph_is_told(alone) -> None:
    uploaded(alone, photographed(0, (300, 300)))
    expect(alone.get_by_role("status")).to_contain_text("looks like a photograph")


def test_a_wide_drawing_is_not_cut_off(alone) -> None:
    """It is shown whole, where of other pictures the middle square is."""
    wide = Image.new("RGB", (600, 200), "white")
    ImageDraw.Draw(wide).line([(20, 180), (300, 20), (580, 180), (20, 180)], (28, 25, 23), 6)
    uploaded(alone, wide)
    expect(alone.locator(".soft em").first).to_contain_text("%")
    expect(alone.get_by_role("status")).not_to_contain_text("photograph")
    dark = alone.evaluate(
        "() => { const c = document.querySelector('canvas'), d = c.getContext('2d').getImageData(0, 0, 300, 300).data;"
        " const xs = []; for (let i = 0; i < 300 * 300; i++) if (d[4 * i] < 128) xs.push(i % 300);"
        " return [Math.min(...xs), Math.max(...xs)]; }"
    )
    assert dark[0] < 18
    assert dark[1] > 282


def test_a_model_without_a_preparation_looks_at_the_whole_sheet(alone) -> None:
    pixels = sheets()[0]
    shown = alone.evaluate(LOOK, [encoded(pixels), len(pixels), {"size": 32}])
    expected = get_blueprint("cnn-5k").square(Image.fromarray(pixels)).astype(int)
    assert np.abs(np.array(shown).reshape(32, 32, 3) - expected).max() <= 2


@pytest.mark.parametrize("by", ["others", "logits"])
def test_what_is_none_of_these_is_the_same_in_the_browser(browser, tmp_path, by: str) -> None:
    classifier = classifier_with_others()
    if by == "logits":
        classifier.others = None
    pictures = np.random.default_rng(3).integers(0, 256, (12, 32, 32, 3), np.uint8)
    odds = classifier.likeness(pictures).sort().values
    classifier.none_level = float(odds[5:7].mean())
    file = tmp_path / "classifier.html"
    file.write_text(to_webpage(classifier), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    model = "JSON.parse(document.getElementById('model').textContent)"
    flat = [one.flatten().tolist() for one in pictures]
    found = page.evaluate(
        f"rgbs => {{ const model = {model}; return rgbs.map(rgb => TinaClassifier.answer(model, rgb).none); }}", flat
    )
    assert found == [classifier.is_none_of_these(one) for one in pictures]
    assert sum(found) == 6
    page.close()
