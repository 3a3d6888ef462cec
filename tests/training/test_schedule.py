"""The learning rate rises, falls along a cosine, and no step of fine-tuning learns nothing."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch

from tina.research.recipes import image_tower, text_tower
from tina.training import train
from tina.training.schedule import TrainSchedule, set_rate, warmup_cosine


def test_the_share_rises_in_a_line_and_falls_along_half_a_cosine() -> None:
    shares = [warmup_cosine(done / 200, 0.05) for done in range(201)]
    assert shares[:11] == pytest.approx([done / 10 for done in range(11)])
    assert max(shares) == 1
    assert all(later < earlier for earlier, later in pairwise(shares[10:]))
    assert warmup_cosine(0.525, 0.05) == pytest.approx(0.5)  # half of the way down
    assert shares[0] == shares[-1] == 0
    assert warmup_cosine(1.2, 0.05) == 0  # a clock may run over
    assert warmup_cosine(0) == 1  # without a warm-up


def test_the_learning_rate_of_fine_tuning_warms_up_and_runs_out() -> None:
    schedule = TrainSchedule(steps=200, rate=0.01, warm=0.05)
    rates = [schedule.at(step) for step in range(200)]
    assert rates[:10] == pytest.approx([0.001 * n for n in range(1, 11)])
    assert max(rates) == pytest.approx(schedule.rate)
    assert all(later < earlier for earlier, later in pairwise(rates[9:]))
    assert rates[100] > 0.5 * schedule.rate > rates[120]
    assert 0 < rates[-1] < 0.01 * schedule.rate
    last = 0.5 * schedule.rate * (1 + math.cos(0.95 * math.pi))
    assert rates[-1] == pytest.approx(last)


def test_a_single_step_has_a_rate() -> None:
    """Which is the last one, too."""
    assert 0 < TrainSchedule(steps=1).at(0) == pytest.approx(0.5 * TrainSchedule.rate * (1 + math.cos(0.95 * math.pi)))


@pytest.mark.parametrize(("tower", "warmup"), [(text_tower, 0.02), (image_tower, 0.03)])
def test_the_learning_rate_of_a_tower_rises_then_falls_to_nothing(tower, warmup: float) -> None:
    assert warmup == tower.WARMUP
    seconds = (0.0, 5.0, 600 * warmup, 150.0, 300.0, 599.9)  # of 600
    rates = [warmup_cosine(done / 600, tower.WARMUP, tower.FIRST_RATE) for done in seconds]
    assert rates[0] == 1e-3  # the first step learns something
    assert rates[1] == pytest.approx(5 / 600 / warmup + 1e-3)
    assert rates[4] == pytest.approx(0.5 * (1 + math.cos(math.pi * (0.5 - warmup) / (1 - warmup))))
    assert rates[0] < rates[1] < rates[2] <= 1
    assert rates[2] > rates[3] > rates[4] > rates[5]
    assert rates[5] < 1e-4


def test_a_generator_warms_up_by_steps_and_cools_down_by_what_is_done() -> None:
    def share(step: int, done: float) -> float:
        return train.Run.rate_share(SimpleNamespace(step=step), done)

    assert [share(step, 0.0) for step in (0, 99, 199, 500)] == pytest.approx([0.005, 0.5, 1, 1])
    assert share(500, 0.5) == pytest.approx(0.5)
    assert share(500, 1.0) == 0
    assert share(9, 0.9) == pytest.approx(0.5 * (1 + math.cos(0.9 * math.pi)))  # the lower of both


def test_the_rate_is_that_of_all_parameters() -> None:
    parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": [parameter]} for parameter in parameters], lr=1.0)
    set_rate(optimizer, 0.25)
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]
