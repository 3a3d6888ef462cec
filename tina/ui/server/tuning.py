"""A classifier really trained for a class set, to hold beside Tina's: made when first wanted, in the background, kept.

One thread trains for all visitors, one class set after the other; whoever asks for the same set watches the same one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from tina.blueprints import Weights
from tina.classifier.classifier import Score
from tina.research.judge.fine_tuned import tuning_of
from tina.training.zoo.finetune import Schedule, slice_rows
from tina.ui.server.background import Training, workers
from tina.ui.server.studio import Exam, Studio

KEPT = 32


@dataclass
class Tuning:
    """One class set's training: how far it is, and what came of it."""

    exam: Exam
    steps: int
    done: int = 0
    weights: Weights | None = None
    score: Score | None = None
    watchers: int = 0
    training: Training | None = None

    @property
    def share(self) -> float:
        return self.done / self.steps

    @property
    def finished(self) -> bool:
        return self.score is not None


class Trainer:
    def __init__(self, studio: Studio, schedule: Schedule | None = None):
        self.studio, self.schedule = studio, schedule or tuning_of(studio.blueprint)
        self._where = workers("fine-tuning")
        self._kept: OrderedDict[tuple[str, ...], Tuning] = OrderedDict()
        self._lock = Lock()

    def known(self, exam: Exam) -> Tuning | None:
        """One that was made before."""
        with self._lock:
            tuning = self._kept.get(exam.labels)
            return tuning if tuning and tuning.finished else None

    def watch(self, exam: Exam) -> Iterator[Tuning]:
        """The same `Tuning` again and again until it is finished. It stops when its last watcher goes away."""
        with self._lock:
            tuning = self._kept.get(exam.labels)
            if tuning is None or tuning.training.left.is_set():
                tuning = self._kept[exam.labels] = self._begun(exam)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            tuning.watchers += 1
        try:
            for _ in tuning.training.looks():
                yield tuning
            yield tuning
        finally:
            with self._lock:
                tuning.watchers -= 1
                if not tuning.watchers and not tuning.finished:
                    tuning.training.left.set()

    def start(self, exam: Exam) -> Weights:
        """The generic network with its rows of the classes."""
        studio = self.studio
        return slice_rows(studio.blueprint, studio.generic, studio.tina.names, [exam.task])

    def _begun(self, exam: Exam) -> Tuning:
        tuning = Tuning(exam, self.schedule.steps)

        def watch(step: int, _: Weights) -> None:
            tuning.done = step

        def done(found: Weights) -> None:
            tuning.weights = {name: weight[0].cpu() for name, weight in found.items()}
            tuning.score = exam.score(exam.answers(tuning.weights))

        start = self.start(exam)
        tuning.training = Training(self._where, self.studio, start, [exam.task], self.schedule, watch, done)
        return tuning
