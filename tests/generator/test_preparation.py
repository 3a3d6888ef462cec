"""A Tina that was trained on prepared drawings says so, hands it on, and prepares the drawings that it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.worlds import drawn


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped checkpoint, as if it had been trained on prepared drawings."""
    folder = tmp_path_factory.mktemp("checkpoint")
    tina = Tina.from_pretrained("sketchbook-cnn")
    tina.blueprint = tina.blueprint.prepared_by(drawn.NAME)
    tina.save_pretrained(folder)
    return folder


def sketch() -> Image.Image:
    sheet = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(sheet).ellipse((40, 40, 140, 120), outline="black", width=2)
    return sheet


def test_its_classifiers_are_for_prepared_drawings(folder: Path) -> None:
    assert json.loads((folder / "config.json").read_text())["preparation"] == drawn.NAME
    tina = Tina.from_pretrained(folder)
    classifier = tina.generate("apple, snail")
    assert classifier.blueprint.preparation == drawn.NAME
    small = np.asarray(drawn.prepared(sketch()).resize((32, 32), Image.Resampling.BICUBIC))
    assert classifier.predict(sketch()) == pytest.approx(classifier.predict(small))


def test_drawings_that_are_shown_are_prepared_and_small_ones_were(folder: Path) -> None:
    tina = Tina.from_pretrained(folder)
    small = np.zeros((32, 32, 3), np.uint8)
    pictures = {"mine": [sketch(), small], "yours": [np.full((90, 60, 3), 200, np.uint8)]}
    shown = tina.prepared(parse("mine, yours", pictures))
    sizes = [picture.size for one in shown.classes for picture in one.pictures]
    assert sizes == [drawn.prepared(sketch()).size, (32, 32), (60, 90)]
    by_hand = parse("mine, yours", pictures | {"mine": [drawn.prepared(sketch()), small]})
    torch.testing.assert_close(tina.encode(parse("mine, yours", pictures)), tina.encoder.encode_prompt(by_hand))


def test_one_that_says_nothing_of_it_does_as_before() -> None:
    tina = Tina.from_pretrained("sketchbook-cnn")
    tina.blueprint = tina.blueprint.prepared_by("")
    prompt = parse("mine, yours", {"mine": [sketch()]})
    assert "preparation" not in tina.config()
    assert tina.prepared(prompt) is prompt


def test_a_preparation_of_a_newer_version_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"preparation": "embroidered"}))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(UserError):
        Tina.from_pretrained(tmp_path)
