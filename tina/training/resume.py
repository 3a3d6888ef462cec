"""Where a long training stands, in a file: stopped and started again, it goes on exactly as if it had not been."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from tina.blueprints import Weights
from tina.training.zoo.store import save_whole

EVERY = 60.0  # seconds between saves


class Progress:
    def __init__(self, file: Path):
        self.file, self.saved = file, time.monotonic()

    def resume(self, weights: Weights, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> int:
        """Puts everything back where it was; how many steps are done."""
        if not self.file.is_file():
            return 0
        kept = load_file(self.file)
        generator.set_state(kept.pop("generator"))
        done = int(kept.pop("done"))
        for key, value in kept.items():
            part, name = key.split("/")
            if part == "weight":
                weights[name].data.copy_(value)
            else:
                optimizer.state[weights[name]][part] = value.to(weights[name].device)
        return done

    def keep(self, done: int, weights: Weights, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> None:
        """After a step; it is written now and then."""
        if time.monotonic() - self.saved < EVERY:
            return
        tensors = {"done": torch.tensor(done), "generator": generator.get_state()}
        for name, weight in weights.items():
            parts = {"weight": weight} | optimizer.state.get(weight, {})
            tensors |= {f"{part}/{name}": value for part, value in parts.items()}
        save_whole(tensors, self.file)
        self.saved = time.monotonic()

    def over(self) -> None:
        """What was trained is in a place of its own."""
        self.file.unlink(missing_ok=True)
