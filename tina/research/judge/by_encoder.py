"""The encoder by itself: a picture shows the class whose prompt vector is nearest to its own.

Of names that is zero-shot classification, of example pictures prototypes (Snell et al., 2017), of both the two at once.
No classifier comes out of it: the whole encoder has to look at every picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from tina.research.judge.workbench import Answers, Workbench
from tina.worlds.task import Task


def nearest_vector(kind: str = "names", shots: int = 5) -> Callable[[Workbench, Sequence[Task]], Answers]:
    def make(bench: Workbench, tasks: Sequence[Task]) -> Answers:
        vectors, mask = bench.vectors(tasks, kind, shots)

        def answers(numbers: Sequence[int], pictures: Tensor) -> Tensor:
            numbers = list(numbers)
            cosines = bench.encoder_features(pictures) @ vectors[numbers].mT
            return cosines.masked_fill(~mask[numbers][:, None], -2).argmax(2)

        return answers

    return make
