"""Every example runs as it stands, and the notebook holds no outputs."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

import pytest
from PIL import Image

from tina.classifier.classifier import Classifier
from tina.generator.tina import Tina
from tina.worlds import load_world

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawings of three things, a folder each."""
    folder = tmp_path_factory.mktemp("my pictures")
    for name in ("apple", "sailboat", "snail"):
        (folder / name).mkdir()
        for number, picture in enumerate(load_world("sketchbook").pictures("test", name, 12)):
            Image.fromarray(picture).save(folder / name / f"{number:02}.png")
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture):
    """Runs an example in an empty folder, and gives what it printed."""

    def run(name: str, *words: str) -> str:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [name, *words])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_ask_by_name(run, tmp_path: Path) -> None:
    said = run("ask_by_name.py", "--out", "my.zip")
    assert "held-out pictures" in said
    assert Classifier.load(tmp_path / "my.zip").labels == ["apple", "sailboat", "snail"]


def test_show_pictures(run, folder: Path) -> None:
    assert "right on" in run("show_pictures.py")
    assert "of the other 27" in run("show_pictures.py", str(folder), "--shown", "3", "--checkpoint", "sketchbook-cnn")


@pytest.mark.slow
def test_train_a_world(run, folder: Path, tmp_path: Path) -> None:
    said = run("train_a_world.py", str(folder), "--tiny", "--out", "made")
    assert "a classifier for" in said
    assert Tina.from_pretrained(tmp_path / "made" / "tina").names


def test_the_notebook_runs_and_every_answer_can_be_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    cells = json.loads((EXAMPLES / "tina.ipynb").read_text("utf-8"))["cells"]
    found: dict = {}
    shown = []
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        assert not cell["outputs"]
        assert cell["execution_count"] is None
        *before, last = cell["source"].strip().splitlines()
        exec("\n".join(before), found)
        try:
            value = eval(last, found)
        except SyntaxError:
            exec(last, found)
        else:
            shown.append(value)
    assert all(hasattr(value, "_repr_html_") for value in shown[:4])
    assert (tmp_path / "mine.zip").stat().st_size > 10_000


def test_every_example_is_tested() -> None:
    names = {file.name for file in EXAMPLES.iterdir() if file.suffix in (".py", ".ipynb")}
    text = Path(__file__).read_text("utf-8")
    assert all(f'"{name}"' in text for name in names), os.fspath(EXAMPLES)
