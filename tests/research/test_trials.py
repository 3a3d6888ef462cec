"""Small trainings that differ in one thing, each scored on the same new class sets."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from tina.research import trials
from tina.research.trials import TRIALS, main
from tina.training.train import parser
from tina.training.zoo.store import Zoo


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


def test_a_question_may_be_asked_alone_and_again(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "TRIALS", {"zoo": {"4": {"limit": 4}}, "size": {"tiny": {}}})
    number = itertools.count()
    monkeypatch.setattr(trials, "run_trial", lambda zoo, folder, how, *_: {"run": next(number), **how})
    out = tmp_path / "trials.json"
    for only in ("size", "zoo", "size"):
        few = ["--minutes", "0.01", "--tasks", "2", "--ways", "3", "--only", only]
        main(["--zoo", str(zoo.folder), "--run", str(tmp_path), "--out", str(out), *few])
    rows = json.loads(out.read_text())["rows"]
    assert [(row["question"], row.get("limit"), row["run"]) for row in rows] == [("zoo", 4, 1), ("size", None, 2)]


@pytest.mark.parametrize("options", [one for trial in TRIALS.values() for one in trial.values()])
def test_every_trial_is_something_that_training_knows(options: dict) -> None:
    parser().parse_args(["--zoo", "zoo", "--out", "out", "--steps", "1", *trials.arguments(options)])
