"""Names of the training room that are about to change; goes when they have."""

from __future__ import annotations

from tina.blueprints import Blueprint
from tina.blueprints.heads import Heads
from tina.blueprints.residual import Residual
from tina.training.zoo.finetune import Schedule as TrainSchedule


def finetune_schedule(blueprint: Blueprint) -> TrainSchedule:
    if isinstance(blueprint, Heads):
        return TrainSchedule(steps=100, batch=32, rate=1e-3)
    if isinstance(blueprint, Residual):
        return TrainSchedule(steps=2000, batch=32, rate=3e-3, move=2, sharpen=1.0)
    return TrainSchedule(steps=2000, batch=32, rate=1e-2)
