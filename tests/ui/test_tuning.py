"""A classifier is really trained: beside Tina's to compare with, and on from hers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.conftest import STEPS
from tina.training.schedule import TrainSchedule
from tina.ui.panes import race
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.tuning import FineTuner
from tina.ui.state import Generation


def test_the_rival_is_really_trained_and_kept(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    tuner = FineTuner(checkpoint, TrainSchedule(steps=30, batch=16))
    *_, tuning = tuner.watch(generation.held_out)
    assert tuning.finished
    assert tuning.progress == 1
    assert tuning.score.pictures == 150
    assert tuner.cached(generation.held_out) is tuning
    assert not np.allclose(tuning.weights["head.weight"], tuner.start(generation.held_out)["head.weight"][0])


def test_an_unseen_class_is_trained_from_a_row_of_zeros(checkpoint: LoadedCheckpoint) -> None:
    apple, owl = FineTuner(checkpoint).start(checkpoint.held_out(["apple", "owl"]))["head.weight"][0]
    assert apple.any()
    assert not owl.any()


def test_training_stops_when_nobody_watches(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    tuner = FineTuner(checkpoint, TrainSchedule(steps=100_000, batch=2))
    watching = tuner.watch(generation.held_out)
    tuning = next(watching)
    watching.close()
    assert tuning.training.cancelled.is_set()
    tuning.training.future.result(timeout=30)
    assert not tuning.finished
    assert tuner.cached(generation.held_out) is None


def test_what_waits_its_turn_is_not_begun_for_nobody(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    tuner = FineTuner(checkpoint, TrainSchedule(steps=100_000, batch=2))
    first, second = tuner.watch(generation.held_out), tuner.watch(checkpoint.held_out(["apple", "snail"]))
    next(first)
    waiting = next(second)
    second.close()
    first.close()
    waiting.training.future.result(timeout=30)
    assert waiting.done == 0


def test_three_are_trained_on_side_by_side(
    checkpoint: LoadedCheckpoint, generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(race, "MARKS", (0, 1, 4))
    monkeypatch.setattr(race, "SCHEDULE", TrainSchedule(4, batch=8, rate=3e-3))
    found = list(race.train(checkpoint, generation, STEPS))
    assert [len(scores["tina"]) for scores in found] == [1, 2, 3]
    last = found[-1]
    assert last["tina"][0] == generation.score.accuracy
    assert last["other"][0] == generation.baselines["slice"].accuracy
    assert race.figure(last).count("<polyline") == 3
