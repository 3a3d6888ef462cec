"""How a checkpoint that ships was made, as data (`recipe.json` beside it), and made again: zoo, then training.

    python -m tina recipe sketchbook-cnn                    # as it was made; --minutes 30 for a smaller one
    python -m tina recipe sketchbook-cnn --dry-run          # only the commands
    python -m tina recipe photos-encoder --seed 1 --out runs/photos-encoder-1       # other draws of everything

It prints and runs the same commands that one would type; stopped and started again, each goes on where it was.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tina.errors import UserError
from tina.paths import CHECKPOINTS
from tina.training.schedule import TrainSchedule
from tina.training.zoo.build import GENERIC
from tina.training.zoo.tasks import draw_task, seen_families
from tina.worlds import load_world
from tina.worlds.task import Task

FEWEST = 64  # classifiers of a zoo, however few the minutes


@dataclass(frozen=True)
class Recipe:
    world: str
    blueprint: str
    seed: int
    classifiers: int
    generic_steps: int
    steps: int  # of fine-tuning a classifier
    zoo_minutes: float  # what generic network and zoo took
    stages: tuple[dict, ...]  # of training: options of python -m tina.train, `minutes` among them
    generic_rate: float = GENERIC.rate
    rate: float = TrainSchedule.rate  # of fine-tuning a classifier
    move: int = 0  # how far the zoo's pictures are shifted
    sharpen: float = 0.0  # and how much fainter or stronger their finest detail is made
    teacher: str = ""  # an encoder that the generic network learnt from before it did from labels
    note: str = ""  # how what ships was made otherwise than a rebuild would be, for the card

    @classmethod
    def of(cls, checkpoint: str | Path) -> Recipe:
        folder = CHECKPOINTS / checkpoint if (CHECKPOINTS / checkpoint).is_dir() else Path(checkpoint)
        file = folder / "recipe.json"
        if not file.is_file():
            raise UserError(f"There is no recipe of {str(checkpoint)!r} (no {file}).")
        content = json.loads(file.read_text("utf-8"))
        return cls(**content | {"stages": tuple(content["stages"])})

    def seeded(self, seed: int) -> Recipe:
        """The same with other draws: of zoo and networks, and of what training shows."""
        return replace(self, seed=seed, stages=tuple(stage | {"seed": seed} for stage in self.stages))

    @property
    def minutes(self) -> float:
        return self.zoo_minutes + sum(stage["minutes"] for stage in self.stages)

    def zoo_tasks(self) -> list[Task]:
        """The class sets of the zoo, which follow from its seed."""
        world, rng = load_world(self.world), np.random.default_rng(self.seed)
        families = seen_families(world)
        return [draw_task(world.seen, families, rng) for _ in range(self.classifiers)]

    def commands(self, out: Path, minutes: float | None = None) -> list[dict]:
        """The commands with the minutes each is expected to take; the last stage's folder is the checkpoint."""
        share = (minutes or self.minutes) / self.minutes
        less = share**0.5  # fewer classifiers, and each of them and the generic network trained less
        options = {
            "world": self.world,
            "blueprint": self.blueprint,
            "seed": self.seed,
            "classifiers": max(FEWEST, round(self.classifiers * min(1.0, less))),
            "generic-steps": max(100, round(self.generic_steps * min(1.0, share))),
            "generic-rate": self.generic_rate,
            "steps": max(20, round(self.steps * min(1.0, less))),
            "rate": self.rate,
            "move": self.move,
            "sharpen": self.sharpen,
            **({"teacher": self.teacher} if self.teacher else {}),
            "out": out / "zoo",
        }
        found = [{"minutes": self.zoo_minutes * share, "command": _command("tina.zoo", options)}]
        before = None
        for number, stage in enumerate(self.stages, start=1):
            options = {"zoo": out / "zoo", "out": out / f"stage-{number}"}
            options |= stage | {"minutes": round(stage["minutes"] * share, 2)}
            options |= {"init-from": before} if before else {}
            found.append({"minutes": stage["minutes"] * share, "command": _command("tina.train", options)})
            before = options["out"]
        return found

    def run(self, out: Path, minutes: float | None = None, dry: bool = False) -> list[dict]:
        steps = self.commands(out, minutes)
        for step in [] if dry else steps:
            print(step["command"], file=sys.stderr, flush=True)
            subprocess.run([sys.executable, *shlex.split(step["command"])[1:]], check=True, stdout=sys.stderr)
        return steps


def _command(module: str, options: dict) -> str:
    words = ["python", "-m", module]
    for name, value in options.items():
        words += [f"--{name}", str(value)]
    return shlex.join(words)
