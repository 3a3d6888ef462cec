"""Fine-tuning on from written weights, beside the same from the generic network and from random weights.

The three are trained at once, on the same pictures in the same order, and scored on the held-out ones at a few marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import torch
from markupsafe import Markup

from tina.blueprints import HEAD, Weights
from tina.training.schedule import TrainSchedule
from tina.ui.charts import lines
from tina.ui.server.background import BackgroundTraining, training_thread
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation
from tina.ui.templates import percent, render

MARKS = (0, 1, 3, 10, 30, 100, 300)  # steps after which all three are scored
SCHEDULE = TrainSchedule(MARKS[-1], batch=32, rate=3e-3)
STARTS = {"tina": "from Tina’s weights", "other": "from the generic network", "blank": "from random weights"}

Accuracies = dict[str, list[float]]  # start -> its accuracy at every mark so far


def train(checkpoint: LoadedCheckpoint, generation: Generation, index: int) -> Iterator[Accuracies]:
    """The accuracies after every mark, one longer each time. Training stops when the iterator is closed."""
    held_out = generation.held_out
    accuracies: Accuracies = {start: [] for start in STARTS}

    def on_step(step: int, stack: Weights) -> None:
        if step in MARKS:
            for i, start in enumerate(STARTS):
                weights = {name: weight[i].detach().cpu() for name, weight in stack.items()}
                accuracies[start].append(held_out.score_weights(weights).accuracy)

    start, tasks = _stack(checkpoint, generation, index), [held_out.task] * len(STARTS)
    sent, seed = 0, generation.options.seed
    with training_thread("race") as executor:
        training = BackgroundTraining(executor, checkpoint, start, tasks, SCHEDULE, on_step=on_step, seed=seed)
        try:
            for _ in chain(training.wait(), [None]):
                done = min(map(len, accuracies.values()))
                while sent < done:
                    sent += 1
                    yield {start: values[:sent] for start, values in accuracies.items()}
        finally:
            training.cancelled.set()


def _stack(checkpoint: LoadedCheckpoint, generation: Generation, index: int) -> Weights:
    """The three starts as one stack of weights, (3, ...) each."""
    blueprint, draw = checkpoint.blueprint, torch.Generator().manual_seed(generation.options.seed)
    written, generic = generation.steps[index].weights, checkpoint.generic_start(generation.held_out)
    blank = blueprint.init(len(generation.labels), draw)
    if blueprint.rows_by:  # the rows are given, to all three
        blank |= {name: generic[name][0] for name in HEAD}
    return {name: torch.cat([written[name][None], generic[name], blank[name][None]]) for name in generic}


def figure(accuracies: Accuracies) -> Markup:
    """The three curves, and the same numbers as a table."""
    texts = (f"{STARTS[start]}: {', '.join(map(percent, values))}" for start, values in accuracies.items())
    description = f"Accuracy by steps of fine-tuning. {'; '.join(texts)}"
    curves = lines.lines(accuracies, [str(mark) for mark in MARKS], description)
    cells = {
        start: [f"{100 * value:.1f}" for value in values] + [""] * (len(MARKS) - len(values))
        for start, values in accuracies.items()
    }
    return render("race.html", starts=STARTS, curves=curves, marks=MARKS, cells=cells)
