"""Checkpoints as files: every version that was ever written is read, a newer one is refused, and settings count."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.golden.cases import FOLDER
from tina import Classifier, Tina
from tina.errors import NotWritten, UserError
from tina.generator.checkpoint import FORMAT
from tina.generator.settings import Settings

FORMAT_1 = FOLDER / "format-1"  # written by version 0.1.0: a checkpoint, a zip of it, and the weights that it wrote


def test_a_checkpoint_of_format_1_writes_the_weights_it_wrote() -> None:
    tina = Tina.from_pretrained(FORMAT_1 / "checkpoint")
    assert tina.settings.other_class.threshold == 5.5
    weights = load_file(FORMAT_1 / "weights.safetensors")
    vectors = weights.pop("vectors")[None]
    tina.__dict__["name_vectors"] = tina.closed_form.familiarity.image_means  # whatever the encoder makes of them now
    gate = load_file(FORMAT_1 / "checkpoint" / "model.safetensors")["knowledge.known_pictured"]
    guess = (torch.cat([vectors, torch.ones(1, 3, 1)], 2) @ gate).sigmoid()  # format 1 guessed what is given now
    written = tina.write(vectors, torch.ones(1, 3, dtype=torch.bool), [4], guess)
    for name, weight in weights.items():
        torch.testing.assert_close(written[name][0], weight, atol=1e-5, rtol=1e-4)


def test_saved_again_it_is_of_this_format_and_the_same(tmp_path: Path) -> None:
    tina = Tina.from_pretrained(FORMAT_1 / "checkpoint")
    tina.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["format"] == FORMAT
    assert Tina.from_pretrained(tmp_path).hash == tina.hash


def test_a_zip_of_format_1_is_read() -> None:
    classifier = Classifier.load(FORMAT_1 / "classifier.zip")
    assert classifier.labels == ["apple", "snail", "something else"]
    assert classifier.provenance is None
    assert classifier.origin.seed == 4
    weights = load_file(FORMAT_1 / "weights.safetensors")
    assert all(torch.equal(classifier.weights[name], weight) for name, weight in weights.items() if name != "vectors")


def test_a_tina_with_a_number_that_is_none_is_not_saved(tmp_path: Path) -> None:
    tina = Tina.from_pretrained(FORMAT_1 / "checkpoint")
    with torch.no_grad():
        next(tina.network.parameters()).view(-1)[0] = torch.nan
    with pytest.raises(NotWritten, match="numbers that are none"):
        tina.save_pretrained(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_newer_format_is_refused_in_a_sentence(tmp_path: Path) -> None:
    tina = Tina.from_pretrained(FORMAT_1 / "checkpoint")
    tina.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"format": FORMAT + 1}))
    with pytest.raises(UserError, match="newer version of Tina"):
        Tina.from_pretrained(tmp_path)


def test_a_setting_that_is_changed_changes_the_hash_and_comes_back(tmp_path: Path) -> None:
    tina = Tina.from_pretrained(FORMAT_1 / "checkpoint")
    before = tina.hash
    del tina.__dict__["hash"]
    tina.settings = replace(tina.settings, sampling=replace(tina.settings.sampling, temperature=0.5))
    assert tina.hash != before
    tina.save_pretrained(tmp_path)
    again = Tina.from_pretrained(tmp_path)
    assert again.hash == tina.hash
    assert again.settings.sampling.temperature == 0.5


def test_settings_go_through_json_and_unknown_ones_are_refused() -> None:
    settings = Settings()
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    for wrong in ({"magic": {}}, {"sampling": {"magic": 1}}):
        with pytest.raises(TypeError):
            Settings.from_dict(wrong)
