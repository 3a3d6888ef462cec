"""Tina herself, with other kinds of prompts and other ways of sampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tina.blueprints import Weights
from tina.generator.diffusion import SamplingSettings
from tina.research.judge.method import Make
from tina.research.judge.workbench import Workbench
from tina.worlds.task import Task

STEPS = SamplingSettings().steps  # where nothing else is said


def tina_with(**options: Any) -> Callable[[Workbench, Sequence[Task]], Weights]:
    """What Tina writes for a kind of prompt (`kind`, `shots`) and with options of sampling (`steps` and others)."""

    def write(bench: Workbench, tasks: Sequence[Task]) -> Weights:
        return bench.write(tasks, bench.tina, **options)

    return write


def lifted(make: Make, by: float) -> Make:
    """The same classifiers with a number added to the logits of every unseen class: beside seen classes, whose rows are
    trained, such a class would else be predicted too rarely."""

    def lift(bench: Workbench, tasks: Sequence[Task]) -> Weights:
        weights = make(bench, tasks)
        biases = weights["head.bias"].clone()
        for m, task in enumerate(tasks):
            biases[m, [k for k, label in enumerate(task) if label in bench.world.unseen]] += by
        return weights | {"head.bias": biases}

    return lift
