"""Fine-tuning on from written weights, beside the same from the generic network and from random weights.

The three are trained at once, on the same pictures in the same order, and scored on the held-out ones at a few marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
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

EXPECTED = (
    "Trains this classifier on for {steps} steps, beside the generic network and random weights: expect random weights "
    "to gain most, because they have all to learn, and written ones least, because they were made for these classes."
)

Accuracies = dict[str, list[float]]  # start -> its accuracy at every mark so far


def train(
    checkpoint: LoadedCheckpoint,
    generation: Generation,
    index: int,
    paid: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Iterator[Accuracies]:
    """The accuracies after every mark, one longer each time. Training stops when the iterator is closed. `paid`: as for
    `BackgroundTraining`."""
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
        training = BackgroundTraining(
            executor, checkpoint, start, tasks, SCHEDULE, on_step=on_step, seed=seed, paid=paid
        )
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


def lesson(accuracies: Accuracies) -> str:
    """Who gains what and why, in one sentence; empty until all marks are there."""
    written, generic, blank = (accuracies[start] for start in STARTS)
    if len(written) < len(MARKS):
        return ""
    gain = 100 * (written[-1] - written[0])
    if abs(gain) < 1:
        own = f"{MARKS[-1]} more steps hardly change Tina’s weights ({percent(written[0])} to {percent(written[-1])})"
    else:
        own = f"Tina’s weights {'gain' if gain > 0 else 'lose'} {abs(gain):.0f} points in {MARKS[-1]} steps"
    first, others = written[0], ("the generic network, trained for all classes,", "random weights, with all to learn,")
    caught = [f"{who} {_caught_up(first, values)}" for who, values in zip(others, (generic, blank), strict=True)]
    return f"{own}, because they were written for these classes; {caught[0]}, and {caught[1]}."


def _caught_up(goal: float, values: Sequence[float]) -> str:
    """When a start was as good as Tina's weights were at first."""
    mark = next((mark for mark, value in zip(MARKS, values, strict=True) if value >= goal), None)
    if mark is None:
        return f"ended {max(1, round(100 * (goal - values[-1])))} points below where they start"
    return "began as well" if mark == 0 else f"took {mark} step{'s' * (mark > 1)} to get where they start"


def figure(accuracies: Accuracies) -> Markup:
    """The three curves, and the same numbers as a table."""
    texts = (f"{STARTS[start]}: {', '.join(map(percent, values))}" for start, values in accuracies.items())
    description = f"Accuracy by steps of fine-tuning. {'; '.join(texts)}"
    curves = lines.lines(accuracies, [str(mark) for mark in MARKS], description)
    cells = {
        start: [f"{100 * value:.1f}" for value in values] + [""] * (len(MARKS) - len(values))
        for start, values in accuracies.items()
    }
    return render("race.html", lesson=lesson(accuracies), starts=STARTS, curves=curves, marks=MARKS, cells=cells)
