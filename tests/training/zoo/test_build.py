"""A zoo is built, stopped and gone on with, and is the same zoo every time."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.tiny import UNSEEN, files_of
from tina.blueprints import get_blueprint
from tina.errors import UserError
from tina.training.schedule import TrainSchedule
from tina.training.zoo.build import Plan, build_zoo, generic_steps, main
from tina.training.zoo.store import Zoo
from tina.worlds import World

ROOT = Path(__file__).parents[3]
FEW = TrainSchedule(steps=3, batch=8)


@pytest.fixture(autouse=True)
def without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sums have one order."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


@pytest.fixture(scope="module")
def plan(world: World) -> Plan:
    return Plan(world.id, classifiers=5, shard=2, generic=FEW, tuning=FEW)


@pytest.fixture(scope="module")
def built(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.cuda.is_available", lambda: False)
        return build_zoo(plan, tmp_path_factory.mktemp("built"))


def test_a_zoo_is_complete(built: Zoo, world: World) -> None:
    assert sorted(files_of(built.folder)) == [
        "generic.safetensors",
        "manifest.json",
        "shard-00000.safetensors",
        "shard-00001.safetensors",
        "shard-00002.safetensors",
    ]
    assert built.missing == []
    assert built.manifest["names"] == world.seen
    assert built.manifest["world"] == world.id
    assert "teacher" not in built.manifest  # one that was begun before there were any can be gone on with
    shared, classes, mask = built.tokens(get_blueprint(built.manifest["blueprint"]))
    assert shared.isfinite().all()
    assert (classes[mask] != 0).any(1).all()
    assert not classes[~mask].any()


def test_each_stands_where_its_task_does_though_they_are_trained_by_size(plan: Plan, tmp_path: Path) -> None:
    zoo = build_zoo(replace(plan, classifiers=6, shard=6, seed=2), tmp_path, together=2)
    sizes = [len(task) for task in zoo.tasks]
    assert sizes != sorted(sizes)
    assert (zoo.weights()["head.bias"] != 0).sum(1).tolist() == sizes


def test_nothing_unseen_is_in_it(built: Zoo) -> None:
    assert not {name for task in built.tasks for names in task.values() for name in names} & set(UNSEEN)


def test_every_classifier_began_as_the_generic_network_and_went_its_own_way(built: Zoo) -> None:
    kernels = built.weights()["conv2.weight"]
    steps = kernels - built.generic["conv2.weight"]
    assert (steps.abs().amax((1, 2, 3, 4)) <= 1.01 * FEW.steps * FEW.rate).all()  # AdamW moves at most a rate a step
    assert len({tuple(kernel.flatten().tolist()) for kernel in kernels}) == 5


def test_the_same_plan_gives_the_same_files(built: Zoo, plan: Plan, tmp_path: Path) -> None:
    build_zoo(plan, tmp_path)
    assert files_of(tmp_path) == files_of(built.folder)


def test_it_goes_on_where_it_was_stopped(built: Zoo, plan: Plan, tmp_path: Path, monkeypatch) -> None:
    save = Zoo.save

    def stop_after_one(zoo: Zoo, number: int, weights) -> None:
        if number == 1:
            raise KeyboardInterrupt
        save(zoo, number, weights)

    with monkeypatch.context() as patch:
        patch.setattr(Zoo, "save", stop_after_one)
        with pytest.raises(KeyboardInterrupt):
            build_zoo(plan, tmp_path)
    assert Zoo(tmp_path).missing == [1, 2]
    before = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    build_zoo(plan, tmp_path)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in before} == before
    assert files_of(tmp_path) == files_of(built.folder)


def test_the_generic_network_too_goes_on_where_it_was_stopped(
    built: Zoo, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tina.training.resume.EVERY", 0)
    rate, asked = TrainSchedule.at, []

    def at(schedule: TrainSchedule, step: int) -> float:
        if asked.append(step) or asked == [0, 1, 2]:
            raise KeyboardInterrupt
        return rate(schedule, step)

    monkeypatch.setattr(TrainSchedule, "at", at)
    with pytest.raises(KeyboardInterrupt):
        build_zoo(plan, tmp_path)
    begun = ["generic-begun.previous.safetensors", "generic-begun.safetensors"]
    assert sorted(files_of(tmp_path)) == [*begun, "manifest.json"]
    build_zoo(plan, tmp_path)
    assert asked[3:5] == [2, 0]  # its last step, and the first classifiers' first
    assert files_of(tmp_path) == files_of(built.folder)


def test_a_finished_zoo_is_not_touched(built: Zoo, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files_of(built.folder)
    for data in ("pretraining_data", "finetuning_data"):
        monkeypatch.setattr(f"tina.training.zoo.build.{data}", None)  # would be an error
    assert build_zoo(plan, built.folder).tasks == built.tasks
    assert files_of(built.folder) == before


def test_another_seed_is_another_zoo(built: Zoo, plan: Plan, tmp_path: Path) -> None:
    other = replace(plan, seed=1)
    assert build_zoo(other, tmp_path).tasks != built.tasks
    assert not torch.equal(Zoo(tmp_path).generic["conv1.weight"], built.generic["conv1.weight"])
    with pytest.raises(UserError, match="another zoo"):
        build_zoo(other, built.folder)


def test_a_zoo_of_none_is_the_generic_network_alone(plan: Plan, built: Zoo, tmp_path: Path) -> None:
    alone = build_zoo(replace(plan, classifiers=0), tmp_path)
    assert sorted(files_of(tmp_path)) == ["generic.safetensors", "manifest.json"]
    assert all(torch.equal(weight, built.generic[name]) for name, weight in alone.generic.items())


@pytest.mark.slow
def test_the_command(world: World, tmp_path: Path) -> None:
    words = ["--world", world.id, "--out", str(tmp_path), "--classifiers", "3", "--steps", "2", "--generic-steps", "2"]
    words += ["--teacher", "embedded"]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tina.zoo", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "3 classifiers, " in done.stderr.splitlines()[-1]
    zoo = Zoo(tmp_path)
    assert len(zoo.weights()["head.weight"]) == 3
    assert zoo.manifest["teacher"] == "embedded"
    with pytest.raises(UserError, match="another zoo"):
        main([*words, "--seed", "1"])


@pytest.mark.parametrize(("pictures", "steps"), [(169, 1_000), (10_000, 12_500), (67_200, 80_000), (10**6, 80_000)])
def test_the_generic_network_of_a_small_world_is_trained_for_fewer_steps(pictures: int, steps: int) -> None:
    class Counted:
        def counts(self) -> dict[str, int]:
            return {"train": pictures - 100, "zoo": 100, "test": 10**6}

    assert generic_steps(Counted()) == steps


def test_of_a_world_that_is_not_here_nothing_is_known() -> None:
    class Absent:
        def counts(self) -> dict[str, int]:
            return {}

    assert generic_steps(Absent()) == 80_000
