"""How a shipped checkpoint was made, as data (`recipe.json` beside it), and how to make it again, stage by stage.

    python -m tina recipe sketchbook-cnn                    # as it was made; --minutes 30 for a smaller one
    python -m tina recipe sketchbook-cnn --dry-run          # only the commands
    python -m tina recipe photos-tiny --seed 1 --out runs/photos-tiny-1       # all random seeds changed

It prints and runs the commands that one would type; each resumes where it was stopped.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tina.errors import UserError
from tina.paths import CHECKPOINTS
from tina.training.schedule import TrainSchedule
from tina.training.zoo.build import GENERIC
from tina.training.zoo.tasks import zoo_tasks
from tina.worlds import load_world
from tina.worlds.task import Task

MIN_CLASSIFIERS = 64  # of a zoo, however few the minutes


@dataclass(frozen=True)
class Recipe:
    """Options of the commands that make a checkpoint."""

    world: str
    blueprint: str
    seed: int
    classifiers: int
    generic_steps: int
    steps: int  # of fine-tuning a classifier
    zoo_minutes: float  # of training the generic network and building the zoo
    stages: tuple[dict, ...]  # of training: options of python -m tina.train, `minutes` and perhaps `steps` among them
    generic_rate: float = GENERIC.rate
    rate: float = TrainSchedule.rate  # of fine-tuning a classifier
    move: int = 0  # augmentation of the zoo's pictures: the largest shift, in pixels
    sharpen: float = 0.0  # likewise: by how much fine detail is weakened or strengthened at most
    teacher: str = ""  # an encoder that the generic network is distilled from before it is trained on labels
    sizes: tuple[int, int] | None = None  # the fewest and the most classes of a zoo's classifier, if not as usual
    calibrate_minutes: float = 0.0  # of fitting from where on a picture is none of a prompt's classes; 0: it is not
    note: str = ""  # for the card: how the shipped checkpoint differs from a rebuild

    @classmethod
    def of(cls, checkpoint: str | Path) -> Recipe:
        """The recipe of a checkpoint; a `UserError` where it has none.

        Args:
            checkpoint: the name of a shipped checkpoint, or a folder.
        """
        content = _content(checkpoint)
        if "stages" not in content:
            raise UserError(f"{str(checkpoint)!r} was not made of a zoo: python -m tina recipe {checkpoint} makes it.")
        return cls(**content | {"stages": tuple(content["stages"])})

    def seeded(self, seed: int) -> Recipe:
        """The same recipe with another seed, of the zoo and of every training stage."""
        return replace(self, seed=seed, stages=tuple(stage | {"seed": seed} for stage in self.stages))

    @property
    def minutes(self) -> float:
        """Of all stages together, on two cores."""
        return self.zoo_minutes + sum(stage["minutes"] for stage in self.stages) + self.calibrate_minutes

    def zoo_tasks(self) -> list[Task]:
        """The tasks of the zoo, which its seed determines."""
        return zoo_tasks(load_world(self.world), self.classifiers, self.seed, self.sizes)

    def commands(self, out: Path, minutes: float | None = None) -> list[dict]:
        """The commands that make the checkpoint.

        Args:
            out: the folder of their results: "zoo", "stage-1", ...; the last stage's is the checkpoint.
            minutes: in all, where it is to be smaller than the recipe's.

        Returns:
            For each command "minutes" (expected) and "command" (a line of a shell).
        """
        share = (minutes or self.minutes) / self.minutes
        root = share**0.5  # fewer classifiers, and each of them and the generic network trained less
        options = {
            "world": self.world,
            "blueprint": self.blueprint,
            "seed": self.seed,
            "classifiers": max(MIN_CLASSIFIERS, round(self.classifiers * min(1.0, root))),
            "generic-steps": max(100, round(self.generic_steps * min(1.0, share))),
            "generic-rate": self.generic_rate,
            "steps": max(20, round(self.steps * min(1.0, root))),
            "rate": self.rate,
            "move": self.move,
            "sharpen": self.sharpen,
            **({"teacher": self.teacher} if self.teacher else {}),
            **({"sizes": self.sizes} if self.sizes else {}),
            "out": out / "zoo",
        }
        commands = [{"minutes": self.zoo_minutes * share, "command": shell_line("tina.zoo", **options)}]
        previous = None
        for number, stage in enumerate(self.stages, start=1):
            options = {"zoo": out / "zoo", "out": out / f"stage-{number}"}
            options |= stage
            if "steps" in stage:  # the same on every machine; its minutes are what two cores take
                options["steps"] = max(1, round(stage["steps"] * share))
                del options["minutes"]
            else:
                options["minutes"] = round(stage["minutes"] * share, 2)
            options |= {"init-from": previous} if previous else {}
            commands.append({"minutes": stage["minutes"] * share, "command": shell_line("tina.train", **options)})
            previous = options["out"]
        if self.calibrate_minutes:
            command = shell_line("tina.training.calibrate", checkpoint=previous)
            commands.append({"minutes": self.calibrate_minutes * share, "command": command})
        return commands

    def run(self, out: Path, minutes: float | None = None, dry: bool = False) -> list[dict]:
        """Run the commands one after another, unless `dry`.

        Returns:
            As `commands`, of the same `out` and `minutes`.
        """
        return run_commands(self.commands(out, minutes), dry)


@dataclass(frozen=True)
class CommandRecipe:
    """Of a checkpoint that one command makes."""

    module: str
    minutes: float  # that it takes
    seed: int
    steps: int | None = None  # of training; without them it is by the minute

    def seeded(self, seed: int) -> CommandRecipe:
        """The same with another seed."""
        return replace(self, seed=seed)

    def run(self, out: Path, minutes: float | None = None, dry: bool = False) -> list[dict]:
        """As `Recipe.run`."""
        counted = self.steps if minutes is None else None
        how = {"steps": counted} if counted else {"minutes": minutes or self.minutes}
        options = how | {"seed": self.seed, "out": out}
        return run_commands([{"minutes": minutes or self.minutes, "command": shell_line(self.module, **options)}], dry)


def recipe_of(checkpoint: str | Path) -> Recipe | CommandRecipe:
    """The recipe of a checkpoint of any kind; a `UserError` where it has none.

    Args:
        checkpoint: the name of a shipped checkpoint, or a folder.
    """
    content = _content(checkpoint)
    if "command" in content:  # of `adopt`, which knows an encoder's id
        raise UserError(f"{str(checkpoint)!r} was made by: {content['command']}")
    return CommandRecipe(**content) if "module" in content else Recipe.of(checkpoint)


def _content(checkpoint: str | Path) -> dict:
    folder = CHECKPOINTS / checkpoint if (CHECKPOINTS / checkpoint).is_dir() else Path(checkpoint)
    file = folder / "recipe.json"
    if not file.is_file():
        raise UserError(f"There is no recipe of {str(checkpoint)!r} (no {file}).")
    content: dict = json.loads(file.read_text("utf-8"))
    return content


def run_commands(steps: list[dict], dry: bool) -> list[dict]:
    """Run the "command" of each step, unless `dry`; gives the steps back."""
    for step in [] if dry else steps:
        print(step["command"], file=sys.stderr, flush=True)
        subprocess.run([sys.executable, *shlex.split(step["command"])[1:]], check=True, stdout=sys.stderr)
    return steps


def shell_line(*module: str, **options: object) -> str:
    """The line of a shell that runs a module.

    Args:
        module: its name, and words of a program that come first.
        options: its options, without the hyphens before; a tuple for several values.
    """
    words = ["python", "-m", *module]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, tuple | list) else (value,))]
    return shlex.join(words)
