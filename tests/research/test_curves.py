"""Curves are measured on new tasks."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest

from tina.errors import UserError
from tina.generator.tina import Tina
from tina.research import curves, starts
from tina.research.judge.splits import tasks_of
from tina.research.judge.workbench import Workbench
from tina.training.schedule import TrainSchedule
from tina.training.zoo import finetune
from tina.training.zoo.store import Zoo
from tina.worlds import World


@pytest.fixture
def bench(tina: Tina, world: World, zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    monkeypatch.setitem(zoo.manifest, "tuning", asdict(TrainSchedule(3, 8)))
    monkeypatch.setattr(finetune, "NETWORKS", replace(finetune.NETWORKS, batch=8))
    monkeypatch.setattr(curves, "STEPS", (1, 3))
    monkeypatch.setattr(curves, "WAYS", (2, 4))
    monkeypatch.setattr(curves, "tasks_of", lambda *args: tasks_of(*args[:3], 3, args[4] if len(args) > 4 else 3))
    return Workbench(tina, world, zoo)


def test_accuracy_by_number_of_classes_has_both_rivals(bench: Workbench):
    rows = curves.ways_curve(bench)
    assert [(row["method"], row["ways"]) for row in rows] == [("slice", 2), ("tina", 2), ("slice", 4), ("tina", 4)]
    assert all(0 <= row["accuracy"] <= 1 for row in rows)


def test_each_length_of_tuning_is_timed_for_one_classifier(bench: Workbench, monkeypatch: pytest.MonkeyPatch):
    """Seconds are those of the steps: here each step counts as one."""
    steps, rate = [], TrainSchedule.at
    monkeypatch.setattr(TrainSchedule, "at", lambda self, step: steps.append(step) or rate(self, step))

    def count(work, rounds: int) -> int:
        before = len(steps)
        work()
        return len(steps) - before

    monkeypatch.setattr(curves, "median_seconds", count)
    rows = curves.tuning_curve(bench)
    assert [(row["method"], row["steps"]) for row in rows] == [
        ("tuned", 0), ("tuned", 1), ("tuned", 3), ("tina", 1), ("tina", 10),
    ]  # fmt: skip
    assert [row["seconds"] for row in rows] == [0, 1, 3, 0, 0]


def test_fine_tuning_is_scored_from_every_start_and_with_few_pictures(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(starts, "MARKS", (0, 2))
    monkeypatch.setattr(starts, "SCHEDULE", TrainSchedule(2, 8))
    monkeypatch.setattr(starts, "SHOTS", (1, 2))
    monkeypatch.setattr(starts, "tasks_of", lambda *args: tasks_of(*args[:3], 3, 3))
    rows = starts.starts_curve(bench)
    few = ["tina", "tina, pictures", "tina, name and pictures", "generic", "nothing"]
    assert [(row["setting"], row["method"], row["steps"]) for row in rows] == [
        (setting, method, steps)
        for setting, methods in {
            "seen": ["tina", "generic", "nothing"], "unseen, 1 picture": few, "unseen, 2 pictures": few,
        }.items()
        for method in methods
        for steps in (0, 2)
    ]  # fmt: skip
    blank = [row["accuracy"] for row in rows if row["setting"] != "seen" and row["method"] == "generic"]
    assert blank[0] == blank[2] == pytest.approx(1 / 3)  # rows of zeros: always the first class


def test_what_is_learnt_from_a_few_pictures_is_these_and_no_others(world: World):
    few = starts.Few(world, 2)
    name = world.unseen[0]
    assert np.array_equal(few.pictures("zoo", name), world.pictures("zoo", name, 2))
    assert len(few.pictures("train", name)) == 0
    assert np.array_equal(few.pictures("test", name), world.pictures("test", name))
    assert (few.seen, few.unseen) == (world.seen, world.unseen)
    assert few.counts()["zoo"] == 2 * len(world.names)


def test_a_classifier_of_the_zoo_has_no_distance_from_it(bench: Workbench, monkeypatch: pytest.MonkeyPatch):
    rows = {row["method"]: row["distance"] for row in curves.memory(bench)}
    assert rows["tina"] > 0
    monkeypatch.setattr(curves, "tina_with", lambda: lambda bench, tasks: bench.zoo.weights())
    (replayed, *_) = curves.memory(bench)
    assert replayed["distance"] == pytest.approx(0, abs=1e-3)


def test_other_seeds_get_the_same_classes(bench: Workbench, monkeypatch: pytest.MonkeyPatch):
    loaded = []
    monkeypatch.setattr(curves.Tina, "from_pretrained", lambda name: loaded.append(name) or bench.tina)
    rows = curves.seeds(bench, ["one", "two"], count=2)
    assert loaded == ["one", "two"]
    assert [(row["method"], row["split"]) for row in rows] == list(curves.HEADLINES)
    for row in rows:  # here all three are the same
        assert 0 <= row["accuracies"][0] <= 1
        assert row["accuracies"] == [row["accuracies"][0]] * 3
    with pytest.raises(UserError, match="--others"):
        curves.seeds(bench)


def test_curves_of_the_same_checkpoint_are_kept_and_of_another_begun_anew(
    bench: Workbench, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(curves.Tina, "from_pretrained", lambda name: bench.tina)
    monkeypatch.setattr(curves, "CURVES", {"ways": lambda bench: ["measured"], "memory": lambda bench: ["too"]})
    out = tmp_path / "curves.json"
    words = ["any", "--zoo", str(bench.zoo.folder), "--out", str(out), "--only"]
    curves.main([*words, "ways"])
    curves.main([*words, "memory"])
    assert json.loads(out.read_text()) == {"checkpoint": bench.tina.hash, "ways": ["measured"], "memory": ["too"]}
    out.write_text(json.dumps({"checkpoint": "another", "ways": ["old"]}))
    curves.main([*words, "memory"])
    assert "ways" not in json.loads(out.read_text())


def test_without_the_zoo_there_is_all_but_the_distance_from_it(
    bench: Workbench, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(curves.Tina, "from_pretrained", lambda name: bench.tina)
    monkeypatch.setattr(curves.Recipe, "of", lambda name: SimpleNamespace(zoo_tasks=lambda: bench.zoo.tasks))
    some = {"ways": lambda bench: [len(bench.zoo_tasks)], "memory": curves.memory}
    monkeypatch.setattr(curves, "CURVES", some)
    out = tmp_path / "curves.json"
    curves.main(["any", "--out", str(out)])
    assert json.loads(out.read_text()) == {"checkpoint": bench.tina.hash, "ways": [len(bench.zoo.tasks)]}
    with pytest.raises(UserError, match="--zoo"):
        curves.main(["any", "--out", str(out), "--only", "memory"])
