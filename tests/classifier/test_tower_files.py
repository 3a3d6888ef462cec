"""A classifier of photographs as files: ONNX with the tower in it, the rows alone, a zip that comes back."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnxruntime import InferenceSession
from PIL import Image
from safetensors.torch import load

from tina import Tina
from tina.classifier.archive import FILES
from tina.classifier.classifier import Classifier
from tina.classifier.onnx import to_onnx as by_torch
from tina.classifier.readme import ROWS
from tina.classifier.tower_bytes import ALPHABET, as_text, made_up_pictures, quantized
from tina.classifier.tower_layers import tower_layers
from tina.classifier.tower_onnx import OPSET
from tina.classifier.webpage import as_rows, to_webpage
from tina.encoder.everyday import open_tower
from tina.errors import UserError

PICTURES = ((made_up_pictures(3, 224) + 1) * 127.5).permute(0, 2, 3, 1).to(torch.uint8).numpy()
LARGEST = 18_000_000  # bytes of classifier.onnx


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    tina = Tina.from_pretrained("everyday")
    return tina.generate(tina.understand("cat, dog", {"mug": list(PICTURES[:1])}))


@pytest.fixture(scope="module")
def folder(classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in its zip."""
    folder = tmp_path_factory.mktemp("zip")
    with zipfile.ZipFile(classifier.save(folder / "mine.zip")) as archive:
        assert tuple(archive.namelist()) == (*FILES, ROWS)
        archive.extractall(folder)
    return folder


def test_its_onnx_file_says_the_same_and_is_small(classifier: Classifier, folder: Path) -> None:
    content = (folder / "classifier.onnx").read_bytes()
    assert len(content) <= LARGEST
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert [entry.version for entry in model.opset_import] == [OPSET]
    assert f"(opset {OPSET})" in (folder / "README.md").read_text("utf-8")
    x = classifier.blueprint.prepare(PICTURES).numpy()
    probabilities, logits = InferenceSession(content).run(None, {"pictures": x})
    assert np.abs(probabilities - classifier.probabilities(PICTURES).numpy()).max() <= 1e-4
    assert np.abs(logits - classifier.logits(PICTURES).numpy()).max() <= 1e-3
    exported = InferenceSession(by_torch(classifier.module, 224)).run(None, {"pictures": x})[0]
    assert np.abs(probabilities - exported).max() <= 1e-5


@pytest.mark.parametrize("size", [(301, 417), (224, 224), (50, 900)])
def test_the_program_in_the_zip_needs_no_tina(
    classifier: Classifier, folder: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (*size, 4), np.uint8), "RGBA").save(tmp_path / "p.png")
    blocked = "import sys; sys.modules.update(dict.fromkeys(['tina', 'torch', 'open_clip', 'safetensors']));"
    arguments = f"sys.argv = ['predict.py', {str(tmp_path / 'p.png')!r}];"
    run = f"{blocked} {arguments} import runpy; runpy.run_path('predict.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", run], cwd=folder, capture_output=True, text=True, check=True)
    (answer,) = json.loads(done.stdout).values()
    assert answer == pytest.approx(classifier.predict(tmp_path / "p.png"), abs=1e-4)


def test_the_rows_alone_are_for_whoever_has_the_tower(classifier: Classifier, folder: Path) -> None:
    rows = load((folder / ROWS).read_bytes())
    assert rows.keys() == {"centre.weight", "head.weight", "head.bias"}
    assert (folder / ROWS).stat().st_size <= 50_000
    features = classifier.blueprint.look(classifier.blueprint.prepare(PICTURES))
    top = classifier.blueprint.top.forward(rows, features)
    torch.testing.assert_close(top, classifier.logits(PICTURES), atol=1e-4, rtol=0)
    back = Classifier.load(folder / "mine.zip")
    assert torch.equal(back.logits(PICTURES), classifier.logits(PICTURES))


def test_how_many_pictures_were_shown_is_in_the_zip(classifier: Classifier, folder: Path) -> None:
    assert classifier.shown == (0, 0, 1)
    back = Classifier.load(folder / "mine.zip")
    assert back.shown == classifier.shown
    assert as_rows(back)["shown"] == [0, 0, 1]
    again = Classifier.load(back.save(folder / "again.zip"))
    assert again.shown == classifier.shown
    assert again.prompt.notes == back.prompt.notes  # that the picture is not in the file is said once
    reopened = Classifier(back.blueprint, back.weights, back.prompt)  # as from a page that has forgotten
    assert as_rows(reopened)["shown"] == [1, 1, 1]


def test_a_towers_layers_are_all_of_it() -> None:
    tower = open_tower("everyday")
    layers, weights = tower_layers(tower)
    assert {name.removesuffix(".weight") for name in weights if name.endswith("weight")} == {
        name for name, module in tower.network.named_modules() if isinstance(module, torch.nn.Conv2d)
    }
    assert layers[0] | {"name": ""} == {
        "do": "conv", "name": "", "into": 3, "out": 32, "kernel": 3, "stride": 2, "pad": 0, "act": 6
    }  # fmt: skip
    assert layers[-1]["out"] == tower.width


@pytest.mark.parametrize(("bits", "off"), [(8, 1 / 254), (16, 1 / 65_000)])
def test_integers_are_near_what_they_stand_for(bits: int, off: float) -> None:
    tensor = torch.randn(5, 7, 3, 3, generator=torch.Generator().manual_seed(0)) * torch.arange(5)[:, None, None, None]
    numbers, scales = quantized(tensor, bits)
    assert numbers.abs().max() < 2 ** (bits - 1)
    back = numbers * scales[:, None, None, None]
    assert ((back - tensor).abs().flatten(1).amax(1) <= tensor.abs().flatten(1).amax(1) * off).all()


def test_weights_of_other_sizes_cannot_be_had(classifier: Classifier) -> None:
    with pytest.raises(UserError, match="8 or 16"):
        to_webpage(classifier, bits=4)


def test_bytes_as_characters_are_inert_and_come_back() -> None:
    content = np.random.default_rng(0).integers(0, 256, 401, np.uint8).tobytes()
    text = as_text(content)
    assert len(ALPHABET) == 85
    assert not set(text) & set("\"&'<>\\` \n")
    values = [ALPHABET.index(letter) for letter in text]
    groups = (values[at : at + 5] for at in range(0, len(values), 5))
    numbers = [sum(value * 85 ** (4 - i) for i, value in enumerate(group)) for group in groups]
    assert b"".join(number.to_bytes(4, "big") for number in numbers)[: len(content)] == content
