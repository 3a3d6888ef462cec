"""Training by the clock: so many minutes, stopped and gone on with at will."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import torch
from safetensors.torch import load_model, save_model
from torch import nn


class Clock:
    """Counts the minutes really spent training, over as many runs as it takes, and says how far along that is."""

    def __init__(self, minutes: float, run: Path, name: str, every: float = 60.0):
        self.file = run / f"{name}.json"
        self.minutes, self.every = minutes, every
        before = json.loads(self.file.read_text()) if self.file.is_file() else {"seconds": 0.0, "steps": 0}
        self.before, self.steps = before["seconds"], before["steps"]
        self.begin = self.last = time.monotonic()

    def restart(self) -> None:
        """What came before this moment was preparation: it does not count."""
        self.begin = self.last = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.begin

    @property
    def progress(self) -> float:
        return min(1.0, self.seconds / (60 * self.minutes)) if self.minutes else 1.0

    @property
    def over(self) -> bool:
        return self.progress >= 1.0

    def warm_cosine(self, warm: float) -> float:
        """A factor for the learning rate: up over the first `warm` share, then down to zero along a cosine."""
        done = self.progress
        return done / warm + 1e-3 if done < warm else 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm)))

    def tick(self) -> bool:
        """Count a step. True once every `every` seconds: time to report and save."""
        self.steps += 1
        now = time.monotonic()
        if now - self.last < self.every:
            return False
        self.last = now
        return True

    def line(self) -> str:
        left = 60 * self.minutes - self.seconds
        return (
            f"step {self.steps} {100 * self.progress:.0f}% {self.seconds / 60:.1f} min, {max(0, left) / 60:.1f} to go"
        )

    def save(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({"seconds": self.seconds, "steps": self.steps, "where": computer()}))


def computer() -> str:
    """What trains here, in words."""
    threads = torch.get_num_threads()
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"{threads} CPU core{'s' * (threads > 1)}"


def save(file: Path, module: nn.Module, clock: Clock) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    save_model(module, str(partial))
    partial.replace(file)
    clock.save()


def resume(file: Path, module: nn.Module) -> bool:
    """Load what an earlier run saved, if there is anything."""
    if not file.is_file():
        return False
    load_model(module, str(file))
    return True
