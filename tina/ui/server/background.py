"""Training beside the page: in a thread of its own that gives way to visitors, until it is done or nobody looks."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from threading import Event

import torch

from tina.blueprints import Weights
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import Schedule, train_many
from tina.ui.server.studio import Studio
from tina.worlds.task import Task, members

LOOK = 0.5  # seconds between two looks at how far it is; each is sent to the visitor and drawn


def workers(name: str) -> ThreadPoolExecutor:
    """One thread, in which one training runs after the other."""
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_yield_to_visitors)


class Training:
    """One `train_many`: `watch` is shown each of its steps, and `left` is set by whom it was for."""

    def __init__(
        self,
        where: Executor,
        studio: Studio,
        start: Weights,
        tasks: Sequence[Task],
        schedule: Schedule,
        watch: Callable[[int, Weights], None],
        done: Callable[[Weights], None],
        seed: int = 0,
    ):
        self.left = Event()
        self.future: Future = where.submit(self._run, studio, start, tasks, schedule, watch, done, seed)

    def looks(self) -> Iterator[None]:
        """A moment apart, until it has ended. What went wrong there is raised here."""
        while not self.future.done():
            yield
            try:
                self.future.result(timeout=LOOK)
            except TimeoutError:
                continue

    def _run(self, studio, start, tasks, schedule, watch, done, seed) -> None:
        def each(step: int, weights: Weights) -> None:
            if self.left.is_set():
                raise CancelledError
            watch(step, weights)

        try:
            each(0, start)
            blueprint, bank = finetuning_data(studio.blueprint, studio.world, members(tasks), studio.tina.device)
            done(train_many(blueprint, start, tasks, bank, schedule, seed, each))
        except CancelledError:
            return


def _yield_to_visitors() -> None:
    """Half of the cores, and of these only what nothing else wants."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))  # of this thread's own work
    if sys.platform == "linux":  # elsewhere a priority belongs to the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
