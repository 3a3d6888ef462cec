"""What else a picture could be of: the same log odds in Python, in the zip and in the ONNX file."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from tests.worlds.test_photograph import photographed
from tina.blueprints import get_blueprint
from tina.classifier.classifier import Classifier
from tina.classifier.others import Others, WithLogOdds
from tina.errors import UserError
from tina.prompts.parsing import parse
from tina.worlds import drawn

PICTURES = np.random.default_rng(0).integers(0, 255, (6, 32, 32, 3), np.uint8)


def classifier_with_others(level: float = 0.0, preparation: str = "") -> Classifier:
    blueprint = get_blueprint("cnn-5k").prepared_by(preparation)
    draw = torch.Generator().manual_seed(1)
    weights = blueprint.init(3, draw)
    others = Others(torch.randn(9, blueprint.width + 1, generator=draw), torch.tensor([1, 1, 0.4, *[0] * 6]))
    return Classifier(blueprint, weights, parse("apple, snail, bus"), none_level=level, others=others)


def test_log_odds_are_those_of_the_softmax() -> None:
    others = Others(torch.tensor([[2.0, 0, 0], [0, 1, 0], [0, 0, 1]]), torch.tensor([1.0, 0, 0]))
    shares = torch.tensor([[2.0, 1, 1], [0, 3, 1]]).softmax(1)
    found = others.log_odds(torch.tensor([[1.0, 1], [0, 3]]))
    torch.testing.assert_close(found, (shares[:, 0] / shares[:, 1:].sum(1)).log(), atol=3e-2, rtol=0)


def test_a_class_that_is_half_covered_counts_on_both_sides() -> None:
    others = Others(torch.zeros(1, 3), torch.tensor([0.5]))
    assert others.log_odds(torch.zeros(1, 2)).item() == pytest.approx(0)


def test_the_level_parts_pictures() -> None:
    classifier = classifier_with_others()
    odds = classifier.likeness(PICTURES)
    classifier.none_level = float(odds.median())
    assert [classifier.is_none_of_these(one) for one in PICTURES] == (odds < classifier.none_level).tolist()


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    before = classifier_with_others(0.5)
    after = Classifier.load(before.save(tmp_path / "a.zip"))
    assert after.none_level == 0.5
    assert torch.equal(after.likeness(PICTURES), before.likeness(PICTURES))
    assert torch.equal(after.probabilities(PICTURES), before.probabilities(PICTURES))


def test_the_program_in_the_zip_says_the_same(tmp_path: Path) -> None:
    classifier = classifier_with_others()
    odds = classifier.likeness(PICTURES)
    classifier.none_level = float(odds.sort().values[2:4].mean())
    with zipfile.ZipFile(classifier.save(tmp_path / "a.zip")) as archive:
        archive.extractall(tmp_path / "out")
        assert "log odds" in archive.read("README.md").decode()
    files = []
    for i, picture in enumerate(PICTURES):
        files.append(str(tmp_path / f"{i}.png"))
        Image.fromarray(picture).save(files[-1])
    run = [sys.executable, "predict.py", *files]
    done = subprocess.run(run, cwd=tmp_path / "out", capture_output=True, text=True, check=True)
    none = [f"{file}: none of these?" in done.stderr for file in files]
    assert none == (odds < classifier.none_level).tolist()
    for file, answer in json.loads(done.stdout).items():
        assert answer == pytest.approx(classifier.predict(file), abs=1e-4)


def test_a_photograph_or_an_empty_sheet_is_none_of_what_a_classifier_of_drawings_knows(tmp_path: Path) -> None:
    classifier = classifier_with_others(-1e9, drawn.NAME)  # of drawings, it takes any for one of its classes
    empty = Image.new("RGB", (200, 200), "white")
    sheet = empty.copy()
    ImageDraw.Draw(sheet).ellipse((40, 40, 140, 120), outline="black", width=2)
    assert classifier.is_none_of_these(photographed(0)) is True
    assert classifier.is_none_of_these(empty) is True
    assert classifier.answer(empty).photograph is False
    assert [classifier.answer(one).photograph for one in (photographed(0), sheet, PICTURES[0])] == [True, False, False]
    assert classifier.is_none_of_these(sheet) is False
    assert classifier.is_none_of_these(PICTURES[0]) is False  # of the network's size: it cannot be told
    assert classifier_with_others(-1e9).is_none_of_these(photographed(0)) is False
    with zipfile.ZipFile(classifier.save(tmp_path / "a.zip")) as archive:
        archive.extractall(tmp_path / "out")
    for name, image in (("photo", photographed(0)), ("empty", empty), ("sheet", sheet)):
        image.save(tmp_path / f"{name}.png")
    run = [sys.executable, "predict.py", *(str(tmp_path / f"{name}.png") for name in ("photo", "empty", "sheet"))]
    done = subprocess.run(run, cwd=tmp_path / "out", capture_output=True, text=True, check=True)
    assert "photo.png: none of these?" in done.stderr
    assert "empty.png: none of these?" in done.stderr
    assert "sheet.png: none" not in done.stderr


def test_onnx_gets_the_networks_own_parts() -> None:
    classifier = classifier_with_others()
    assert classifier.others is not None
    module = WithLogOdds(classifier.module, classifier.others)
    x = classifier.prepare(PICTURES)
    with torch.no_grad():
        probabilities, odds = module(x)
    torch.testing.assert_close(probabilities, classifier.probabilities(PICTURES))
    torch.testing.assert_close(odds[:, 0], classifier.likeness(PICTURES), atol=1e-4, rtol=1e-4)


def test_others_that_do_not_fit_are_no_classifier(tmp_path: Path) -> None:
    classifier = classifier_with_others()
    assert classifier.others is not None
    classifier.others = Others(classifier.others.rows[:, :-1], classifier.others.shares)
    with pytest.raises((UserError, RuntimeError)):
        Classifier.load(classifier.save(tmp_path / "a.zip"))
