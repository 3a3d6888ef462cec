"""The engine in a browser says what Python says: small networks, a pretrained tower, pictures of any size."""

from __future__ import annotations

import base64
import io
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tina import Tina
from tina.classifier.classifier import Classifier
from tina.classifier.tower_bytes import made_up_pictures
from tina.classifier.webpage import MODULES, program, to_webpage
from tina.encoder.everyday import everyday_square
from tina.worlds.archives import places
from tina.worlds.pictures import open_picture, square

pytestmark = pytest.mark.browser
ASSETS = ("sketchbook.png",)
BYTES = """const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const text = (bytes) => btoa(bytes.reduce((sum, byte) => sum + String.fromCharCode(byte), ""));"""
READ = f"""async ([file, size, middle]) => {{ {BYTES}
  const engine = TinaEngine.open(TinaEngine.codes), bitmap = await TinaPicture.decode(new Blob([bytes(file)]));
  const {{ rgba, how }} = TinaPicture.read(bitmap, bitmap.width, bitmap.height, size, middle);
  return text(engine.resample(rgba, how)); }}"""
SEE = f"""async (pictures) => {{ {BYTES}
  const found = [];
  for (const picture of pictures) {{
    const {{ features }} = await tinaPiece.tower.see({{ rgb: bytes(picture) }});
    found.push(TinaRows.softmax(TinaRows.logits(tinaPiece.rows(), features)));
  }}
  return found; }}"""
LOOK = f"""async (files) => {{ {BYTES}
  const found = [];
  for (const file of files) found.push((await tinaPiece.look(new Blob([bytes(file)]))).shares);
  return found; }}"""


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture(scope="module")
def empty(browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """A page from the disk with the programs and nothing else."""
    file = tmp_path_factory.mktemp("empty") / "empty.html"
    file.write_text(f"<!doctype html><script>{program('engine', 'picture', 'rows')}</script>", "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    yield page
    page.close()


@pytest.fixture(scope="module")
def everyday() -> Classifier:
    return Tina.from_pretrained("everyday").generate("cat, dog, bicycle, mug, banana, guitar, pizza")


@pytest.fixture(scope="module")
def pages(browser, everyday: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, object]]:
    """The same classifier as a file with weights of 8 and of 16 bits, opened."""
    opened = {}
    for bits, most in ((8, 6_000_000), (16, 10_000_000)):
        file = tmp_path_factory.mktemp("file") / f"{bits}.html"
        file.write_text(to_webpage(everyday, bits), "utf-8")
        assert file.stat().st_size <= most
        opened[bits] = browser.new_page()
        opened[bits].goto(file.as_uri())
    yield opened
    for page in opened.values():
        page.close()


def shares(page, prepared: np.ndarray) -> np.ndarray:
    """Of pictures of the tower's size."""
    return np.array(page.evaluate(SEE, [text(picture.tobytes()) for picture in prepared]))


def file_of(pixels: np.ndarray, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "size", [(640, 480), (301, 517), (225, 224), (100, 37), (40, 400), (1203, 801), (256, 256), (3, 5)]
)
def test_a_picture_is_prepared_to_the_last_bit_as_pillow_does_it(empty, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    pixels[: size[1] // 2, : size[0] // 2] = (250, 10, 30)  # an edge overshoots
    for wanted, middle, ours in ((224, 0.875, everyday_square), (32, 1, square)):
        found = base64.b64decode(empty.evaluate(READ, [text(file_of(pixels)), wanted, middle]))
        expected = ours(Image.fromarray(pixels), wanted)
        np.testing.assert_array_equal(np.frombuffer(found, np.uint8).reshape(expected.shape), expected)


def test_a_turned_and_a_transparent_picture_are_prepared_as_pillow_does_it(empty) -> None:
    smooth = np.asarray(
        Image.fromarray(np.random.default_rng(1).integers(0, 256, (9, 12, 3), np.uint8)).resize((400, 300))
    )
    see_through = np.dstack([smooth, np.linspace(0, 255, 300 * 400).reshape(300, 400).astype(np.uint8)])
    files = [file_of(see_through)]
    for turned in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turned
        files += [
            file_of(smooth, "JPEG", quality=95, exif=exif),
            file_of(smooth, "WEBP", lossless=True, exif=exif),
            file_of(smooth, "PNG", exif=exif),
        ]
    for file in files:
        found = np.frombuffer(base64.b64decode(empty.evaluate(READ, [text(file), 224, 0.875])), np.uint8)
        expected = everyday_square(open_picture(file)).astype(int)
        assert np.abs(found.reshape(expected.shape) - expected).max() <= 4  # decoders round in their own ways


@pytest.mark.parametrize("kind", MODULES)
def test_every_module_computes_the_same(browser, kind: str) -> None:
    """Networks of every kind of layer, in the module that old browsers run, too."""
    page = browser.new_page()
    page.set_content(f"<script>{program('engine')}</script>")
    layers = [
        {"do": "conv", "name": "a", "into": 3, "out": 12, "kernel": 3, "stride": 2, "groups": 3, "act": 0},
        {"do": "relu"},
        {
            "do": "sum",
            "ways": [[{"do": "conv", "name": "b", "into": 12, "out": 12, "kernel": 1, "stride": 1, "act": 6}], []],
        },
        {"do": "depthwise", "name": "c", "into": 12, "out": 12, "kernel": 5, "stride": 1, "pad": 2, "act": 6},
        {"do": "pool", "size": 2},
    ]
    draw = torch.Generator().manual_seed(0)
    shapes = {
        "a.weight": (12, 3, 3, 3),
        "a.scale": (12,),
        "a.shift": (12,),
        "b.weight": (12, 12, 1, 1),
        "b.bias": (12,),
    }
    weights = {
        name: torch.randn(shape, generator=draw) for name, shape in (shapes | {"c.weight": (12, 1, 5, 5)}).items()
    }
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28, 3), np.uint8)
    found = page.evaluate(
        f"""([kind, layers, weights, rgb]) => {{ {BYTES}
        const engine = TinaEngine.open({{ [kind]: TinaEngine.codes[kind] }}), tensors = {{}};
        for (const [name, data] of Object.entries(weights)) tensors[name] = {{ kind: "f32", data: bytes(data) }};
        const net = engine.network(layers, tensors);
        return [...net.mean(net.run(bytes(rgb), 28))]; }}""",
        [
            kind,
            layers,
            {name: text(weight.numpy().tobytes()) for name, weight in weights.items()},
            text(pixels.tobytes()),
        ],
    )
    page.close()
    f = torch.nn.functional
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1
    x = f.group_norm(
        f.conv2d(x, weights["a.weight"], stride=2, padding=1), 3, weights["a.scale"], weights["a.shift"]
    ).relu()
    x = x + f.relu6(f.conv2d(x, weights["b.weight"], weights["b.bias"]))
    x = f.max_pool2d(f.relu6(f.conv2d(x, weights["c.weight"], padding=2, groups=12)), 2)
    np.testing.assert_allclose(found, x.mean((0, 2, 3)).numpy(), atol=1e-4)


def test_a_tower_in_a_file_says_what_python_says(pages, everyday: Classifier) -> None:
    prepared = ((made_up_pictures(12, 224) + 1) * 127.5).permute(0, 2, 3, 1).to(torch.uint8).numpy()
    expected = everyday.probabilities(prepared).numpy()
    assert np.abs(shares(pages[16], prepared) - expected).max() <= 2e-3
    assert np.abs(shares(pages[8], prepared) - expected).max() <= 5e-2
    about = pages[8].evaluate("tinaPiece.tower.about")
    assert about["worker"]
    assert about["engine"] in ("relaxed", "simd")


def test_it_says_none_of_these_where_python_does(pages, everyday: Classifier) -> None:
    files = [file_of(np.random.default_rng(i).integers(0, 256, (90, 120, 3), np.uint8)) for i in range(2)]
    files += [(Path(__file__).parents[2] / "assets" / name).read_bytes() for name in ASSETS]
    look = f"""async (files) => {{ {BYTES}
      return Promise.all(files.map(async (file) => (await tinaPiece.look(new Blob([bytes(file)]))).none)); }}"""
    found = pages[16].evaluate(look, [text(file) for file in files])
    assert found == [everyday.is_none_of_these(open_picture(file)) for file in files]
    assert any(found)


def test_without_fast_arithmetic_and_without_a_worker_it_says_the_same(pages) -> None:
    page, rgb = pages[8], text(np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8).tobytes())
    found = page.evaluate(
        f"""async (rgb) => {{ {BYTES}
        const {{ Worker }} = window, buffer = () => TinaRows.bytes(document.getElementById("tower").textContent).buffer;
        const plain = {{ plain: TinaEngine.codes.plain }};
        const see = async (tower) => [...(await tower.see({{ rgb: bytes(rgb) }})).features];
        const first = await see(tinaPiece.tower);
        delete window.Worker;
        const slow = TinaEngine.work(plain, tinaPiece.model.tower, buffer()), second = await see(slow);
        window.Worker = Worker;
        return [first, second, slow.about]; }}""",
        rgb,
    )
    np.testing.assert_allclose(found[0], found[1], atol=1e-3)
    assert found[2]["worker"] is False
    assert found[2]["engine"] == "plain"
    assert "takes about five times as long" in found[2]["slow"]


# -- on photographs ---------------------------------------------------------------------------------------------------
def archive(name: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(folder / name for folder in places() if (folder / name).is_file()))


@pytest.fixture(scope="module")
def photographs() -> dict[str, list[bytes]]:
    """Of ten classes of Caltech-101, 70 each, in the order of a fixed seed."""
    content, found = archive("caltech-101.zip"), {}
    for name in sorted(content.namelist()):
        if match := re.match(r"caltech-101/101_ObjectCategories/(\w+)/.*\.jpg", name):
            found.setdefault(match[1], []).append(name)
    draw = random.Random(0)
    large = [label for label in sorted(found) if len(found[label]) >= 55 and label != "BACKGROUND_Google"]
    return {label: [content.read(n) for n in draw.sample(found[label], 55)] for label in draw.sample(large, 10)}


@pytest.fixture(scope="module")
def classifier(photographs: dict[str, list[bytes]]) -> Classifier:
    """Of five pictures of each."""
    tina = Tina.from_pretrained("everyday")
    shown = {label: [open_picture(file) for file in files[:5]] for label, files in photographs.items()}
    return tina.generate(tina.understand("", shown))


@pytest.mark.data
def test_of_500_photographs_the_same_is_said(browser, classifier: Classifier, photographs, tmp_path: Path) -> None:
    """16 bits: probabilities within 2e-3; 8 bits: no more than one answer of 200 is another one."""
    files = [file for group in photographs.values() for file in group[5:]]
    prepared = np.stack([everyday_square(open_picture(file)) for file in files])
    expected = classifier.probabilities(prepared).numpy()
    for bits in (16, 8):
        (tmp_path / f"{bits}.html").write_text(to_webpage(classifier, bits), "utf-8")
        page = browser.new_page()
        page.goto((tmp_path / f"{bits}.html").as_uri())
        found = np.concatenate([shares(page, part) for part in np.array_split(prepared, 10)])
        page.close()
        changed = (found.argmax(1) != expected.argmax(1)).mean()
        print(f"{bits} bits, {len(files)} photographs: {np.abs(found - expected).max():.4f}, {changed:.2%} changed")
        if bits == 16:
            assert np.abs(found - expected).max() <= 2e-3
        assert changed <= 0.005


@pytest.mark.data
def test_photographs_of_odd_sizes_are_answered_as_in_python(
    browser, classifier: Classifier, photographs, tmp_path: Path
) -> None:
    """As a person has them: 200 files of any size and quality, some turned, some in grey, some transparent."""
    draw, files = random.Random(1), []
    for file in [file for group in photographs.values() for file in group[5:25]]:
        picture, exif = open_picture(file), Image.Exif()
        exif[0x0112] = draw.choice([1, 1, 3, 6, 8])
        scale = draw.uniform(0.4, 4)
        picture = picture.resize(
            (round(picture.width * scale * draw.uniform(0.8, 1.25)), round(picture.height * scale))
        )
        if draw.random() < 0.2:
            picture = picture.convert("L")
        kind = draw.choice(["JPEG", "JPEG", "PNG", "WEBP"])
        out = io.BytesIO()
        picture.save(out, kind, **({"quality": draw.randint(60, 95)} if kind != "PNG" else {}), exif=exif)
        files.append(out.getvalue())
    (tmp_path / "file.html").write_text(to_webpage(classifier, 16), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "file.html").as_uri())
    found = np.concatenate([page.evaluate(LOOK, [text(file) for file in files[i : i + 20]]) for i in range(0, 200, 20)])
    page.close()
    expected = classifier.probabilities([open_picture(file) for file in files]).numpy()
    changed = (found.argmax(1) != expected.argmax(1)).mean()
    print(f"{len(files)} photographs of odd sizes: {changed:.2%} changed, {np.abs(found - expected).max():.3f} at most")
    assert changed <= 0.01
