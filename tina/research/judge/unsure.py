"""The common way to say "something else": a classifier for the other classes alone, where it is not confident enough.

How confident it has to be is a setting: it is chosen in a rehearsal, by `else-val harmonic`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tina.prompts.something_else import SOMETHING_ELSE
from tina.research.judge.workbench import Answers, Workbench
from tina.worlds.task import Task

CONFIDENCE = 0.95
CONFIDENCES = (0.9, 0.97, 0.99)  # tried beside it


def tina_if_confident(confidence: float) -> Callable[[Workbench, Sequence[Task]], Answers]:
    """Tina's classifiers for the classes that are named; where no probability reaches `confidence`, none of them."""

    def make(bench: Workbench, tasks: Sequence[Task]) -> Answers:
        named = [{label: names for label, names in task.items() if label != SOMETHING_ELSE} for task in tasks]
        vectors, mask = bench.vectors(named)
        weights = bench.tina.write(vectors, mask, [bench.seed + m for m in range(len(tasks))])
        places = torch.tensor([list(task).index(SOMETHING_ELSE) for task in tasks])

        @torch.no_grad()
        def answers(numbers: Sequence[int], pictures: Tensor) -> Tensor:
            some = {name: weight[list(numbers)] for name, weight in weights.items()}
            x = bench.tina.blueprint.scale(pictures.to(bench.tina.device))
            real = mask[list(numbers), None].to(x.device)
            shares = bench.tina.blueprint.forward_many(some, x).masked_fill(~real, -torch.inf).softmax(2).cpu()
            surest, answer = shares.max(2)  # (M, B)
            place = places[list(numbers), None]
            answer = answer + (answer >= place).long()  # the classes after it stand one further on
            return torch.where(surest < confidence, place, answer)

        return answers

    return make
