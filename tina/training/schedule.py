"""One learning-rate schedule for everything that is trained here: a linear warm-up, then a cosine down to zero.

set_rate(optimizer, peak * warmup_cosine(progress))      # progress by steps or by the clock, from 0 to 1
set_rate(optimizer, TrainSchedule(steps=400).at(step))   # of fine-tuning, by steps
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch


def warmup_cosine(progress: float, warmup: float = 0.0, start: float = 0.0, end: float = 1.0) -> float:
    """The learning rate as a share of its peak.

    progress: how much of the training is done, from 0 to 1; a clock may run over.
    warmup: in which share of it the rate rises; after that it falls along half a cosine.
    start: what is added while it rises, so that the first step learns something too.
    end: the progress at which it would be zero; beyond 1, the last step learns something too.
    """
    if progress < warmup:
        return progress / warmup + start
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warmup) / (end - warmup))))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """The same learning rate for all of an optimizer's parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate


@dataclass(frozen=True)
class TrainSchedule:
    """How a classifier is trained: AdamW over so many steps."""

    steps: int = 400
    batch: int = 32  # pictures a classifier sees in a step
    rate: float = 1e-2  # peak learning rate
    decay: float = 1e-4  # weight decay
    warm: float = 0.05  # share of the steps in which the rate rises
    move: int = 0  # pictures are mirrored, and shifted by up to so many pixels
    sharpen: float = 0.0  # and their finest detail is made fainter or stronger, by up to e to the power of this

    def at(self, step: int) -> float:
        """The learning rate of a step, the first of which is 0; not even that of the last step is zero."""
        return self.rate * warmup_cosine((step + 1) / self.steps, self.warm, end=1 + self.warm)
