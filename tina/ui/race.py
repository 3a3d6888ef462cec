"""Fine-tuning on from generated weights, beside the same for the generic network and for one that begins from nothing.

The three are trained at once, on the same pictures in the same order, and scored on the held-out ones at a few marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event

import torch

from tina.blueprints import Weights
from tina.zoo.bank import to_tune_on
from tina.zoo.finetune import Schedule, sliced, train_many
from tina.zoo.tasks import plain_task

from . import plots
from .markup import note, percent, text
from .runs import Run
from .studio import Studio
from .tuning import yield_to_visitors

MARKS = (0, 1, 3, 10, 30, 100, 300)  # steps after which it is looked
SCHEDULE = Schedule(MARKS[-1], batch=32, rate=3e-3)
ENTRANTS = {"tina": "from Tina’s weights", "other": "from the generic network", "blank": "from nothing"}

Scores = dict[str, list[float]]  # entrant -> its accuracy at every mark so far


def run(studio: Studio, one: Run, at: int) -> Iterator[Scores]:
    """After every mark once more; the training stops when nobody looks."""
    exam, found, left = one.exam, SimpleQueue(), Event()
    scores: Scores = {entrant: [] for entrant in ENTRANTS}
    names = sorted({name for members in exam.task.values() for name in members})
    start = _start(studio, one, at)

    def watch(step: int, weights: Weights) -> None:
        if left.is_set():
            raise CancelledError
        if step in MARKS:
            stack = {name: weight.detach() for name, weight in weights.items()}
            for i, entrant in enumerate(ENTRANTS):
                classifier = {name: weight[i].cpu() for name, weight in stack.items()}
                scores[entrant].append(exam.score(exam.answers(studio.blueprint, classifier)).accuracy)
            found.put({entrant: list(values) for entrant, values in scores.items()})

    def train() -> None:
        try:
            watch(0, start)
            blueprint, bank = to_tune_on(studio.blueprint, studio.world, names, studio.tina.device)
            train_many(blueprint, start, [exam.task] * len(ENTRANTS), bank, SCHEDULE, one.how.seed, watch)
        except CancelledError:
            pass
        except BaseException as error:
            found.put(error)
            raise

    with ThreadPoolExecutor(1, thread_name_prefix="race", initializer=yield_to_visitors) as pool:
        pool.submit(train)
        try:
            for _ in MARKS:
                news = found.get()
                if isinstance(news, BaseException):
                    raise news
                yield news
        finally:
            left.set()


def _start(studio: Studio, one: Run, at: int) -> Weights:
    """A stack of the three; where the generic network has no row of a class it begins with zeros."""
    blueprint, labels = studio.blueprint, one.exam.labels
    init = blueprint.init(len(labels), torch.Generator().manual_seed(one.how.seed))
    generic = sliced(blueprint, studio.generic, studio.tina.names, [one.exam.task])
    nothing = sliced(blueprint, init, labels, [plain_task(labels)])
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
