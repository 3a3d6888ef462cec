"""What is measured of a checkpoint of drawings: by style, and what is none of its classes."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.worlds.test_photograph import photographed
from tina.generator.closed_form.none_of_these import NoneSettings
from tina.generator.tina import Tina
from tina.research.knowing import STYLES, main, measure, photographs_of, sheets
from tina.storage import load_json
from tina.worlds.drawn import is_empty, looks_like_photograph


def test_every_style_and_every_kind_of_stranger_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for seed in range(3):
            photographed(seed).save(tmp_path / "one.png")
            file.write(tmp_path / "one.png", f"set/photo/{seed}.png")
        file.writestr("set/sketch/a.png", b"not opened")
    assert len(photographs_of(archive, 2)) == 2
    main(["sketchbook-cnn", "--photographs", str(archive), "--tasks", "3", "--out", str(tmp_path / "found.json")])
    found = load_json(tmp_path / "found.json")
    assert set(found["styles"]) == {*STYLES, "all"}
    for of in found["styles"].values():
        assert 0.5 < of["accuracy"] < 1
        assert 0 <= of["ece"] < 0.5
    both = [found["styles"][style]["accuracy"] for style in STYLES]
    assert min(both) <= found["styles"]["all"]["accuracy"] <= max(both)
    assert set(found["auroc"]) == {"other classes", "photographs", "blank", "scribbles", "words", "noise"}
    assert found["auroc"]["other classes"] > 0.75
    for kind in ("photographs", "blank", "noise"):  # anybody can see that these are no drawings
        assert found["auroc"][kind] == found["told to be none"][kind] == 1
    assert found["told to be none"]["its own classes"] < 0.5
    assert '"auroc"' in capsys.readouterr().out


def test_sheets_are_no_drawings_of_anything_but_look_like_some() -> None:
    kinds = sheets(np.random.default_rng(0))
    assert all(map(is_empty, kinds["blank"]))
    assert all(map(looks_like_photograph, kinds["noise"]))
    for sheet in (*kinds["scribbles"], *kinds["words"]):
        assert isinstance(sheet, Image.Image)
        assert not is_empty(sheet)
        assert not looks_like_photograph(sheet)


def test_of_photographs_there_are_no_styles_and_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tina = Tina.from_pretrained("sketchbook-cnn")
    tina.settings = replace(tina.settings, none_of_these=NoneSettings())
    monkeypatch.setattr("tina.research.knowing.Sketchbook", type("Another", (), {}))
    found = measure(tina, tasks=2)
    assert list(found["styles"]) == ["all"]
    assert found["auroc"] == found["told to be none"] == {}
