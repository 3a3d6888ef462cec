"""Timings are of the same work: many at once against one at a time."""

from __future__ import annotations

import pytest
import torch

from tina.blueprints import get_blueprint
from tina.blueprints.slicing import slice_rows
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.research import bench
from tina.research import timing as stopwatch
from tina.research.bench import PROMPT
from tina.training.zoo.bank import Bank
from tina.training.zoo.finetune import losses_many
from tina.training.zoo.store import Zoo
from tina.worlds import load_world
from tina.worlds.task import plain_task


def test_the_ordinary_loop_starts_with_the_loss_that_many_at_once_start_with(zoo: Zoo, bank: Bank):
    blueprint = get_blueprint("cnn-5k")
    tasks = [plain_task(zoo.manifest["names"][:4])]
    start = slice_rows(blueprint, zoo.generic, zoo.manifest["names"], tasks)
    targets = bank.targets(tasks)
    pictures, labels = bank.draw(targets, 16, torch.Generator().manual_seed(0))
    many = losses_many(blueprint, start, pictures, labels, targets.mask)
    module = blueprint.module({name: weight[0] for name, weight in start.items()})
    alone = torch.nn.functional.cross_entropy(module(blueprint.scale(pictures[0]).contiguous()), labels[0])
    assert float(many[0].detach()) == pytest.approx(
        float(alone.detach()), abs=0.03
    )  # the first may be computed in bf16


def test_speeds_are_steps_a_second_of_both(tina: Tina, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench, "STEPS", 2)
    monkeypatch.setattr(bench, "draw_task", lambda *args: plain_task(tina.names[:3]))
    found = bench.zoo_speed(tina, rounds=1)
    assert found["times"] == pytest.approx(found["steps_a_second"] / found["one_at_a_time"])


def test_a_tower_is_timed_by_the_picture(monkeypatch: pytest.MonkeyPatch):
    seconds = iter([0.03, 0.4, 0.06])
    monkeypatch.setattr(bench, "median_seconds", lambda work, rounds: next(seconds))
    found = bench.tower_speed(batch=2)
    assert found == pytest.approx({"one_ms": 30, "batched_ms": 200, "batch": 2, "unfolded_ms": 60, "times": 2})


def test_the_median_is_not_moved_by_one_slow_round(monkeypatch: pytest.MonkeyPatch):
    clock = iter([0.0, 1.0, 10.0, 11.0, 20.0, 29.0])
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: next(clock))
    assert stopwatch.median_seconds(lambda: None, 3) == 1.0


def test_what_is_timed_from_start_to_zip_is_scored() -> None:
    """Only classifiers all of whose classes the world has pictures of are."""
    names = load_world("sketchbook").names
    assert all(wanted.label in names for wanted in parse(PROMPT).classes)


def test_rows_on_a_tower_are_timed_beside_encoder_and_tower(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([9.0, 4.0, 12.0, 10.0, 3.0, 2.0])  # names, texts, pictures, the tower's own, answer, alone
    timed = []
    monkeypatch.setattr(bench, "median_seconds", lambda work, rounds: (timed.append(work()), next(clock))[1])
    found = bench.rows_speed(Tina.from_pretrained("everyday"), rounds=1, pictures=2)
    assert found == {"names_ms": 5000, "pictures_times": 1.2, "answer_times": 1.5}
    names, texts, pictures, _, answer, _ = timed
    assert names.labels == pictures.labels == PROMPT.split(", ")
    assert {len(one.pictures) for one in pictures.prompt.classes} == {2}
    assert set(answer) == set(names.labels)
    assert len(texts) == 10
