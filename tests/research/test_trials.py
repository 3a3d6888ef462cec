"""Small trainings that differ in one thing, each scored on the same new class sets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tina.research import trials
from tina.research.trials import TRIALS, main
from tina.training.train import parser
from tina.training.zoo.store import Zoo


@pytest.mark.slow
def test_every_trial_is_scored_in_one_step_and_in_the_usual_and_shown_pictures(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"size": "tiny", "batch": 4}
    monkeypatch.setattr(trials, "TRIALS", {"layout": {"sets": small, "chunks": small | {"layout": "chunks"}}})
    out = tmp_path / "trials.json"
    few = ["--minutes", "0.01", "--tasks", "2", "--ways", "3"]
    main(["--zoo", str(zoo.folder), "--run", str(tmp_path), "--out", str(out), *few])
    rows = json.loads(out.read_text())["rows"]
    assert [row["trial"] for row in rows] == ["sets", "chunks"]
    for row in rows:
        assert row["steps"] > 0
        assert row["size"] == "tiny"
        assert row["classifiers"] == len(zoo.tasks)
        assert 0 <= row["1 step"]["accuracy"] <= 1
        assert row["3 steps"]["interval"]
        assert 0 <= row["5 pictures"]["accuracy"] <= 1
    assert json.loads((tmp_path / "layout" / "chunks" / "config.json").read_text())["layout"] == "chunks"


@pytest.mark.slow
def test_a_question_may_be_asked_alone_and_again(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    small = {"size": "tiny", "batch": 4, "steps": 2}
    monkeypatch.setattr(trials, "TRIALS", {"zoo": {"4": small | {"limit": 4}}, "size": {"tiny": small}})
    out = tmp_path / "trials.json"
    for only in ("size", "zoo", "size"):
        few = ["--minutes", "0", "--tasks", "2", "--ways", "3", "--only", only]
        main(["--zoo", str(zoo.folder), "--run", str(tmp_path), "--out", str(out), *few])
    rows = json.loads(out.read_text())["rows"]
    assert [(row["question"], row["classifiers"]) for row in rows] == [("zoo", 4), ("size", len(zoo.tasks))]
    assert [row["steps"] for row in rows] == [2, 2]  # the finished training went on, and there was nothing left of it
    said = re.findall(r", (\d+) classifiers, .*limit=(\w+)", capsys.readouterr().err)
    assert said == [("8", "None"), ("4", "4"), ("8", "None")]  # what each run really learnt from


@pytest.mark.parametrize("options", [one for trial in TRIALS.values() for one in trial.values()])
def test_every_trial_is_something_that_training_knows(options: dict) -> None:
    parser().parse_args(["--zoo", "zoo", "--out", "out", "--steps", "1", *trials.arguments(options)])
