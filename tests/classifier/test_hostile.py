"""A zip from a stranger is a classifier, or one sentence, at little cost; and what it names is only a name."""

from __future__ import annotations

import gc
import io
import json
import math
import zipfile
from pathlib import Path

import pytest
import torch

from tests.classifier.test_archive import classifier_of
from tests.conftest import picture_bytes
from tests.fuzz.attacks import JSON, members_of, with_json, zips
from tests.fuzz.memory import measured
from tina.classifier.classifier import Classifier
from tina.cli import main
from tina.errors import UserError

GOOD = ("half a character",)  # a label without what is no character
MEGABYTES = 300


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return classifier_of().save(tmp_path_factory.mktemp("whole") / "whole.zip").read_bytes()


def test_a_hostile_zip_is_one_sentence_at_little_cost(whole: bytes, tmp_path: Path) -> None:
    file, wrong = tmp_path / "stranger.zip", {}

    def load() -> None:
        try:
            Classifier.load(file)
            answers.append("a classifier")
        except UserError as error:
            answers.append(str(error))

    for name, make in zips(whole).items():
        file.write_bytes(make())
        gc.collect()
        answers: list[str] = []
        megabytes = measured(load)[1]
        fine = answers == ["a classifier"] if name in GOOD else "stranger.zip" in answers[0] and len(answers[0]) < 200
        if not fine or "\n" in answers[0] or megabytes > MEGABYTES:
            wrong[name] = (answers, megabytes)
    assert not wrong


def test_what_was_read_can_be_saved_again(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zips(whole)["half a character"]())
    again = Classifier.load(Classifier.load(tmp_path / "a.zip").save(tmp_path / "b.zip"))
    assert again.labels[0] == "ab"


def _changed(whole: bytes, file: Path, **new: object) -> Path:
    file.write_bytes(with_json(members_of(whole), lambda about: about.update(new)))
    return file


@pytest.mark.parametrize("world", ["folder:{}", "rehearsal:folder:{}", "folder:{}/../pictures"])
def test_a_world_that_a_zip_names_is_not_looked_for(whole: bytes, tmp_path: Path, capsys, monkeypatch, world) -> None:
    pictures = tmp_path / "pictures"
    for label in ("apple", "snail"):
        (pictures / label).mkdir(parents=True)
        (pictures / label / "1.png").write_bytes(picture_bytes())
    monkeypatch.setattr("tina.worlds.folder.FolderWorld.__init__", lambda *_: pytest.fail("a folder was read"))
    file = _changed(whole, tmp_path / "a.zip", world=world.format(pictures))
    with pytest.raises(SystemExit) as stop:
        main(["score", str(file)])
    assert stop.value.code == 2
    assert "--images" in capsys.readouterr().err


def test_a_world_of_a_newer_version_is_a_sentence(whole: bytes, tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["score", str(_changed(whole, tmp_path / "a.zip", world="atlantis"))])
    assert "--images" in capsys.readouterr().err


def test_a_world_is_text_in_the_readme(whole: bytes, tmp_path: Path) -> None:
    file = _changed(whole, tmp_path / "a.zip", world="x` <script>alert(1)</script> [y](z) `", checkpoint="`<b>")
    with zipfile.ZipFile(Classifier.load(file).save(tmp_path / "b.zip")) as archive:
        card = archive.read("README.md").decode()
    assert "<script>" not in card
    assert "<b>" not in card
    assert "[y](z)" not in card


@pytest.mark.parametrize("name", ["conv1.weight", "head.bias"])
def test_a_classifier_with_a_nan_is_not_saved(name: str, tmp_path: Path) -> None:
    classifier = classifier_of()
    assert name in classifier.weights
    classifier.weights[name].view(-1)[0] = math.nan
    with pytest.raises(UserError, match="not saved"):
        classifier.save(tmp_path / "a.zip")
    assert not list(tmp_path.iterdir())


def test_a_level_or_a_share_that_is_no_number_is_not_saved(tmp_path: Path) -> None:
    classifier = classifier_of()
    classifier.none_level = math.inf
    with pytest.raises(UserError, match="not saved"):
        classifier.save(tmp_path / "a.zip")
    classifier.none_level = None
    classifier.origin.provenance["prior"] = math.nan
    with pytest.raises(UserError, match="not saved"):
        classifier.save(tmp_path / "a.zip")


def test_weights_beyond_all_measure_are_a_sentence_and_no_nan(tmp_path: Path) -> None:
    classifier = classifier_of()
    for weight in classifier.weights.values():
        weight.copy_(torch.full_like(weight, 3e38))
    again = Classifier.load(classifier.save(tmp_path / "a.zip"))
    (tmp_path / "a.png").write_bytes(picture_bytes())
    with pytest.raises(UserError, match="its numbers are too large"):
        again.predict(tmp_path / "a.png")


def test_what_is_saved_fits_the_schema(whole: bytes) -> None:
    """No member is larger than it may be read back, with the most classes that there may be."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        about = json.loads(archive.read(JSON))
    row, about["confusion"] = about["prompt"]["classes"][0], [[10**5] * 100] * 100
    about["prompt"] = {"classes": [row | {"texts": ["x" * 100]}] * 100, "notes": ["n" * 500] * 100}
    assert len(json.dumps(about, indent=2)) < 2**20
