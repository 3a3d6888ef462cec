"""A Tina of somebody's own pictures works where these are gone; and what she writes is the same every time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from tests.conftest import picture_bytes
from tests.generator.test_tina import untrained
from tina import Tina
from tina.cli import main
from tina.errors import MissingData
from tina.storage import load_json, save_json
from tina.ui.server.zoo_checkpoint import ZooCheckpoint

WORLD = "folder:my/pictures"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint whose world is a folder beside it, which one is in."""
    for label in ("apple", "snail"):
        (tmp_path / "home" / "my" / "pictures" / label).mkdir(parents=True)
        for number in range(4):
            file = tmp_path / "home" / "my" / "pictures" / label / f"{number}.png"
            file.write_bytes(picture_bytes(number + 9 * len(label), (32, 32)))
    monkeypatch.chdir(tmp_path / "home")
    untrained().save_pretrained(tmp_path / "tina")
    save_json(load_json(tmp_path / "tina" / "config.json") | {"world": WORLD}, tmp_path / "tina" / "config.json")
    return tmp_path / "tina"


def _generate(folder: Path, out: Path, capsys: pytest.CaptureFixture) -> dict:
    main(["generate", "apple, snail", "--checkpoint", str(folder), "--out", str(out), "--json"])
    return json.loads(capsys.readouterr().out)


def test_it_generates_from_elsewhere_and_without_its_pictures(folder: Path, tmp_path, capsys, monkeypatch) -> None:
    here = _generate(folder, tmp_path / "here.zip", capsys)
    assert here["pictures"] > 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    elsewhere = _generate(folder, tmp_path / "elsewhere.zip", capsys)
    assert (elsewhere["accuracy"], elsewhere["pictures"]) == (None, 0)
    monkeypatch.chdir(tmp_path / "home")
    shutil.rmtree(tmp_path / "home" / "my" / "pictures" / "snail")
    assert _generate(folder, tmp_path / "some.zip", capsys)["accuracy"] is None
    shutil.rmtree(tmp_path / "home" / "my" / "pictures")
    (tmp_path / "home" / "my" / "pictures").mkdir()
    assert _generate(folder, tmp_path / "gone.zip", capsys)["accuracy"] is None


def test_its_world_says_what_is_missing_and_the_page_opens(folder: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    tina = Tina.from_pretrained(folder)
    assert (tina.world.id, tina.world.names, tina.world.present) == (WORLD, ["apple", "snail"], False)
    assert "they were in my/pictures" in tina.world.advice
    with pytest.raises(MissingData, match="not on this machine"):
        tina.world.pictures("test", "apple")
    assert len(tina.understand("things that crawl").labels) == 2
    assert ZooCheckpoint(tina).held_out(["apple", "snail"]) is None


@pytest.mark.parametrize("checkpoint", ["sketchbook-cnn", "everyday"])
def test_the_same_prompt_checkpoint_and_seed_give_the_same_weights(checkpoint: str) -> None:
    """Bit for bit with the same number of threads; with another number, to a millionth of the largest weight."""
    tina, threads = Tina.from_pretrained(checkpoint), torch.get_num_threads()
    found = []
    try:
        for count in (1, 1, 2):
            torch.set_num_threads(count)
            found.append(tina.generate("apple, snail, guitar", seed=5).weights)
    finally:
        torch.set_num_threads(threads)
    for name, weight in found[0].items():
        assert torch.equal(weight, found[1][name])
        assert (weight - found[2][name]).abs().max() <= 1e-6 * weight.abs().max()
