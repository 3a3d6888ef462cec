"""The learning rate rises, falls along a cosine, and no step learns nothing."""

from __future__ import annotations

import pytest
import torch

from tina.training.schedule import FLOOR, TrainSchedule, set_rate, warmup_cosine


def test_the_rate_rises_and_falls() -> None:
    shares = [warmup_cosine(done / 200, 0.05) for done in range(201)]
    assert max(shares) == pytest.approx(1)
    assert shares[:10] == sorted(shares[:10])
    assert shares[10:] == sorted(shares[10:], reverse=True)
    assert warmup_cosine(0.525, 0.05) == pytest.approx(0.5)  # half of the way down
    assert shares[0] == shares[-1] == FLOOR
    assert warmup_cosine(1.2) == FLOOR  # a clock may run over


def test_every_step_of_a_schedule_has_its_rate() -> None:
    schedule = TrainSchedule(steps=200, rate=0.01, warm=0.05)
    rates = [schedule.at(step) for step in range(200)]
    assert max(rates) == pytest.approx(schedule.rate, rel=0.01)
    assert rates.index(max(rates)) in (9, 10)
    assert 0 < rates[-1] < 0.01 * schedule.rate
    assert TrainSchedule(steps=1).at(0) > 0.5 * TrainSchedule.rate


def test_the_rate_is_that_of_all_parameters() -> None:
    parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": [parameter]} for parameter in parameters], lr=1.0)
    set_rate(optimizer, 0.25)
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]
