"""Fine-tuning on from generated weights, beside the same for the generic network and for one that begins from nothing.

The three are trained at once, on the same pictures in the same order, and scored on the held-out ones at a few marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import torch

from tina.blueprints import Weights
from tina.training.zoo.finetune import Schedule, slice_rows
from tina.ui.charts import plots
from tina.ui.markup import note, percent, text
from tina.ui.server.background import Training, workers
from tina.ui.server.studio import Studio
from tina.ui.state import Run
from tina.worlds.task import plain_task

MARKS = (0, 1, 3, 10, 30, 100, 300)  # steps after which it is looked
SCHEDULE = Schedule(MARKS[-1], batch=32, rate=3e-3)
ENTRANTS = {"tina": "from Tina’s weights", "other": "from the generic network", "blank": "from nothing"}

Scores = dict[str, list[float]]  # entrant -> its accuracy at every mark so far


def run(studio: Studio, one: Run, at: int) -> Iterator[Scores]:
    """After every mark once more; the training stops when nobody looks."""
    exam = one.exam
    scores: Scores = {entrant: [] for entrant in ENTRANTS}

    def watch(step: int, weights: Weights) -> None:
        if step in MARKS:
            for i, entrant in enumerate(ENTRANTS):
                classifier = {name: weight[i].detach().cpu() for name, weight in weights.items()}
                scores[entrant].append(exam.score(exam.answers(classifier)).accuracy)

    start, tasks = _start(studio, one, at), [exam.task] * len(ENTRANTS)
    told = 0
    with workers("race") as where:
        training = Training(where, studio, start, tasks, SCHEDULE, watch, lambda _: None, one.how.seed)
        try:
            for _ in chain(training.looks(), [None]):
                marks = min(map(len, scores.values()))
                while told < marks:
                    told += 1
                    yield {entrant: values[:told] for entrant, values in scores.items()}
        finally:
            training.left.set()


def _start(studio: Studio, one: Run, at: int) -> Weights:
    """A stack of the three."""
    blueprint, labels = studio.blueprint, one.exam.labels
    init = blueprint.init(len(labels), torch.Generator().manual_seed(one.how.seed))
    generic = slice_rows(blueprint, studio.generic, studio.tina.names, [one.exam.task])
    nothing = slice_rows(blueprint, init, labels, [plain_task(labels)])
    return {name: torch.cat([one.frames[at].weights[name][None], generic[name], nothing[name]]) for name in nothing}


def drawn(scores: Scores) -> str:
    marks = len(scores["tina"])
    ticks = [str(mark) for mark in MARKS]
    says = "; ".join(f"{ENTRANTS[who]}: {', '.join(map(percent, values))}" for who, values in scores.items())
    key = "".join(f'<span><i class="{who}"></i>{text(name)}</span>' for who, name in ENTRANTS.items())
    rows = "".join(
        f'<tr><th scope="row">{text(ENTRANTS[who])}</th>'
        + "".join(f"<td>{f'{100 * values[i]:.1f}' if i < marks else ''}</td>" for i in range(len(MARKS)))
        + "</tr>"
        for who, values in scores.items()
    )
    head = "".join(f'<th scope="col">{mark}</th>' for mark in MARKS)
    return (
        f'<div class="key">{key}</div>{plots.lines(scores, ticks, f"Accuracy by steps of fine-tuning. {says}")}'
        f'<div class="scroll"><table class="numbers"><thead><tr><th scope="col">% after steps</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        + note("Trained at once, on the same pictures in the same order, and scored on the held-out ones.")
    )
