"""A classifier really trained for a class set, to hold beside Tina's: made when first wanted, in the background, kept.

One thread trains for all visitors, one class set after the other; whoever asks for the same set watches the same one.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import torch

from tina.blueprints import Weights
from tina.classifier import Score
from tina.judge.methods import TUNING
from tina.zoo.bank import to_tune_on
from tina.zoo.finetune import Schedule, sliced, train_many

from .studio import Exam, Studio

KEPT = 32
LOOK = 0.5  # seconds between two looks at how far it is; each is sent to the visitor and drawn


@dataclass
class Tuning:
    """One class set's training: how far it is, and what came of it."""

    exam: Exam
    steps: int
    done: int = 0
    weights: Weights | None = None
    score: Score | None = None
    watchers: int = 0
    left: Event = field(default_factory=Event)  # nobody watches any more
    future: Future | None = None

    @property
    def share(self) -> float:
        return self.done / self.steps

    @property
    def finished(self) -> bool:
        return self.score is not None


class Trainer:
    def __init__(self, studio: Studio, schedule: Schedule = TUNING):
        self.studio, self.schedule = studio, schedule
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="fine-tuning", initializer=yield_to_visitors)
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
            if tuning is None or tuning.left.is_set():
                tuning = self._kept[exam.labels] = Tuning(exam, self.schedule.steps)
                tuning.future = self._pool.submit(self._train, tuning)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            tuning.watchers += 1
        try:
            while not tuning.finished:
                yield tuning
                if (error := _wait(tuning.future)) is not None:
                    raise error
            yield tuning
        finally:
            with self._lock:
                tuning.watchers -= 1
                if not tuning.watchers and not tuning.finished:
                    tuning.left.set()

    def _train(self, tuning: Tuning) -> None:
        studio, exam = self.studio, tuning.exam
        if tuning.left.is_set():  # while it waited its turn
            return

        def watch(step: int, _: object) -> None:
            tuning.done = step
            if tuning.left.is_set():
                raise CancelledError

        names = sorted({name for members in exam.task.values() for name in members})
        blueprint, bank = to_tune_on(studio.blueprint, studio.world, names, studio.tina.device)
        try:
            found = train_many(blueprint, self.start(exam), [exam.task], bank, self.schedule, 0, watch)
        except CancelledError:
            return
        tuning.weights = {name: weight[0].cpu() for name, weight in found.items()}
        tuning.score = exam.score(exam.answers(studio.blueprint, tuning.weights))

    def start(self, exam: Exam) -> Weights:
        """The generic network with its rows of the classes; with rows of zeros where one is none of its."""
        studio = self.studio
        if not studio.never_seen(exam):
            return sliced(studio.blueprint, studio.generic, studio.tina.names, [exam.task])
        known = [dict.fromkeys(exam.labels, (studio.tina.names[0],))]
        start = sliced(studio.blueprint, studio.generic, studio.tina.names, known)
        return start | {name: torch.zeros_like(start[name]) for name in ("head.weight", "head.bias")}


def yield_to_visitors() -> None:
    """Training in the background takes half of the cores, and gives way to everything else where it can."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))  # of this thread's own work
    if sys.platform == "linux":  # elsewhere a priority belongs to the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _wait(future: Future) -> BaseException | None:
    """What went wrong within the next moment, if it has ended at all."""
    try:
        return future.exception(timeout=LOOK)
    except TimeoutError:
        return None
