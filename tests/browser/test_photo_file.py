"""A classifier of photographs as one file from the disk: what it is shown, what it says, pictures that are added."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import expect
from torch import Tensor

from tests.browser.conftest import PATIENCE
from tests.conftest import picture_bytes
from tina import Tina
from tina.classifier.classifier import Classifier
from tina.classifier.score import Score
from tina.classifier.tower_bytes import made_up_pictures
from tina.classifier.webpage import as_rows, program, to_webpage
from tina.encoder.packaged import PACKAGES
from tina.generator.tower.logistic import fit_rows
from tina.generator.tower.settings import TowerSettings
from tina.research.browser_speed import measure

pytestmark = pytest.mark.browser
LABELS = ["mug", "banana", "<b>cat"]
PIXELS = ((made_up_pictures(12, 224) + 1) * 127.5).permute(0, 2, 3, 1).to(torch.uint8).numpy()
PERCENT = re.compile(r"\d+%")
AGAIN = """([model, added]) => {
  const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const pictures = added.map((part) => part.map(floats));
  const { weight, centre, bias } = TinaRows.again(TinaRows.read(model), model.shown, pictures);
  return [[...weight], [...centre], [...bias]]; }"""


@pytest.fixture(scope="module")
def tina() -> Tina:
    return Tina.from_pretrained("everyday")


@pytest.fixture(scope="module")
def classifier(tina: Tina) -> Classifier:
    """Of names."""
    made = tina.generate("\n".join(LABELS))
    made.scored = Score(tuple(made.labels), ((5, 1, 0), (0, 6, 0), (2, 0, 4)), "my own desk")
    return made


@pytest.fixture
def opened(with_webcam, classifier: Classifier, tmp_path: Path) -> Iterator:
    """The file in a fresh page; it asks for nothing, and nothing goes wrong in it."""
    file = tmp_path / "mine.html"
    file.write_text(to_webpage(classifier), "utf-8")
    assert file.stat().st_size <= 6_000_000
    context, asked, wrong = with_webcam.new_context(permissions=["camera"]), [], []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(file.as_uri())
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
    assert wrong == []


def choose(page, button, *pictures: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        button.click()
    files = [{"name": f"{i}.png", "mimeType": "image/png", "buffer": one} for i, one in enumerate(pictures)]
    chooser.value.set_files(files)


def test_it_says_what_it_is_and_answers_whatever_it_is_shown(opened, classifier: Classifier) -> None:
    page = opened
    expect(page.locator("h1")).to_have_text("mug, banana, <b>cat")
    expect(page.get_by_text("Right on 83% of 18 pictures: my own desk")).to_be_visible()
    first = page.locator(".soft em").first
    expect(first).to_have_text("–")
    picture = picture_bytes(3, (300, 200))
    choose(page, page.get_by_role("button", name="Upload"), picture)
    expect(first).to_have_text(PERCENT)
    page.get_by_role("button", name="Clear").click()
    expect(first).to_have_text("–")
    page.locator("canvas").click(position={"x": 60, "y": 60})
    expect(first).to_have_text(PERCENT)
    page.get_by_role("button", name="Clear").click()
    data = base64.b64encode(picture).decode()
    for event in ("paste", "drop"):
        page.evaluate(
            """([event, data]) => {
              const given = new DataTransfer(), bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
              given.items.add(new File([bytes], "a.png", { type: "image/png" }));
              document.dispatchEvent(event === "paste" ? new ClipboardEvent(event, { clipboardData: given })
                : new DragEvent(event, { dataTransfer: given })); }""",
            [event, data],
        )
        expect(first).to_have_text(PERCENT)
        page.get_by_role("button", name="Clear").click()
    choose(page, page.get_by_role("button", name="Upload"), b"no picture")
    expect(page.locator(".hint")).to_have_text("This is not a picture that the browser can read.")


def test_the_webcam_is_answered_live_and_recorded(opened) -> None:
    page = opened
    page.get_by_role("button", name="Webcam").click()
    expect(page.locator(".soft em").first).to_have_text(PERCENT)
    page.locator("#about summary").click()
    expect(page.locator("#speed")).to_have_text(
        re.compile(r"5\.\d MB; [\d.]+ pictures a second here .* worker of its own")
    )
    expect(page.locator("#about")).to_contain_text(PACKAGES["everyday"].name)
    record = page.locator("#more li", has_text="banana").get_by_role("button", name="Record")
    record.dispatch_event("pointerdown")
    page.wait_for_function("document.querySelectorAll('.recording').length === 1")
    page.wait_for_timeout(1500)
    record.dispatch_event("pointerup")
    expect(page.locator("#more li", has_text="banana")).to_contain_text(re.compile(r"banana: [2-9]\d* pictures added"))
    page.get_by_role("button", name="Stop webcam").click()
    expect(record).to_be_disabled()
    expect(page.locator(".soft li").first).to_contain_text("banana")  # the last that it saw is what was recorded


def test_what_is_added_is_in_the_file_that_is_saved(opened, with_webcam, tmp_path: Path) -> None:
    page = opened
    more = page.locator("#more li")
    choose(page, more.nth(0).get_by_role("button", name="Pictures…"), picture_bytes(1), picture_bytes(2))
    expect(more.nth(0)).to_contain_text("mug: 2 pictures added")
    choose(page, more.nth(1).get_by_role("button", name="Pictures…"), picture_bytes(7, (90, 50)))
    expect(page.locator("#more")).to_contain_text("3 pictures added here. Rows were written again in this page")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a new file").click()
    file = tmp_path / "saved.html"
    download.value.save_as(file)
    data = base64.b64encode(picture_bytes(2)).decode()
    look = (
        "async (data) => (await tinaPiece.look(new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))]))).shares"
    )
    before = page.evaluate(look, data)
    other = with_webcam.new_page()
    other.goto(file.as_uri())
    expect(other.locator("#more li").nth(0)).to_contain_text("mug: 2 pictures added")
    expect(other.locator("h1")).to_have_text("mug, banana, <b>cat")
    assert other.evaluate(look, data) == pytest.approx(before, abs=1e-6)
    other.locator("#more li").nth(0).get_by_role("button", name="Remove").click()
    other.locator("#more li").nth(1).get_by_role("button", name="Remove").click()
    expect(other.get_by_role("button", name="Save as a new file")).to_be_disabled()
    assert before.index(max(before)) == 0
    assert other.evaluate(look, data) != pytest.approx(before, abs=1e-3)
    other.close()


def test_its_speed_is_measured_beside_the_towers_own(opened) -> None:
    found = measure(opened, rounds=1, each=3)
    assert found["engine"] in ("relaxed", "simd")
    assert found["ratio"] == pytest.approx(found["pytorch_one_thread_ms"] / found["browser_ms"])
    assert found["pictures_a_second"] == pytest.approx(1000 / found["browser_ms"])


# -- rows that are written again --------------------------------------------------------------------------------------
def again(classifier: Classifier, added: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """What rows.js computes, with Tina's own settings and regression: weights, centre, bias."""
    how, shown = TowerSettings(), [len(one.pictures) for one in classifier.prompt.classes]
    weight, centre, bias = (classifier.weights[name].clone() for name in ("head.weight", "centre.weight", "head.bias"))
    rows, plain = weight.chunk(2, dim=1)
    if not any(shown):
        centre = how.centring * torch.stack([z.mean(0) for z in added if len(z)]).mean(0)
        rows, plain = rows * how.picture_heat / 0.5**0.5, plain * how.picture_heat / 0.5**0.5 * how.name_on_plain
        count = sum(map(len, added)) / sum(len(z) > 0 for z in added)
        level = how.name_level * (1 - 2 / max(count, 2))
        bias = bias + rows.norm(dim=1) * level * torch.tensor([not len(z) for z in added])
    heat = rows.norm(dim=1, keepdim=True)
    begun = rows / heat
    most = max(map(len, added))
    pictures, real = torch.zeros(len(added), most, rows.shape[1]), torch.zeros(len(added), most, dtype=torch.bool)
    for k, z in enumerate(added):
        if len(z):
            centred = F.normalize(z - centre, dim=1)
            pictures[k, : len(z)], real[k, : len(z)] = centred, True
            weighs = shown[k] / len(z) if shown[k] else how.name_weight
            begun[k] = F.normalize(F.normalize(centred.mean(0), dim=0) + weighs * begun[k], dim=0)
    everything = torch.ones(1, len(added), dtype=torch.bool)
    fitted = fit_rows(begun[None], pictures[None], real[None], everything, how.heat, how.decay, how.rate, how.rounds)[0]
    return torch.cat([fitted * heat, plain], dim=1), centre, bias


def in_browser(page, classifier: Classifier, added: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    model = json.loads(json.dumps(as_rows(classifier)))
    given = [[base64.b64encode(z.numpy().tobytes()).decode() for z in part] for part in added]
    weight, centre, bias = (torch.tensor(part, dtype=torch.float32) for part in page.evaluate(AGAIN, [model, given]))
    return weight.view(len(added), -1), centre, bias


@pytest.mark.parametrize("shown", [False, True], ids=["names", "pictures"])
def test_rows_are_written_again_as_tina_would(browser, tina: Tina, tmp_path: Path, shown: bool) -> None:
    """By the same formulas, with the same settings; where every class gets pictures beside its name, nearly the rows
    that Tina herself writes of both."""
    file = tmp_path / "empty.html"
    file.write_text(f"<!doctype html><script>{program('engine', 'rows')}</script>", "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    features = tina.see(list(PIXELS))[:, :1280]
    pictures = {"mug": list(PIXELS[9:11]), "cat": list(PIXELS[11:])} if shown else None
    classifier = tina.generate(tina.understand("mug, banana, cat", pictures))
    for added in ([features[:3], features[3:5], features[:0]], [features[:3], features[3:5], features[5:8]]):
        found, expected = in_browser(page, classifier, added), again(classifier, added)
        for ours, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=0)
    settings = page.evaluate("TinaRows.SETTINGS")
    page.close()
    assert settings == {name: getattr(TowerSettings(), name) for name in settings}
    if not shown:
        named = {"mug": list(PIXELS[:3]), "banana": list(PIXELS[3:5]), "cat": list(PIXELS[5:8])}
        whole = tina.generate(tina.understand("mug, banana, cat", named))
        rows = whole.weights["head.weight"][:, :1280]
        near = F.cosine_similarity(found[0][:, :1280], rows)
        assert near.min() > 0.95
