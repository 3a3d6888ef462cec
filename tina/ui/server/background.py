"""Training beside the page: in a thread of its own that gives way to visitors, until it is done or nobody watches."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import torch

from tina.blueprints import Weights
from tina.training.schedule import TrainSchedule
from tina.training.tower.adopt import adopt
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import train_many
from tina.ui.server.jobs import JobState
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.worlds.task import Task, members

POLL_SECONDS = 0.5  # between two looks at how far it is; each is sent to the visitor and drawn


def training_thread(name: str) -> ThreadPoolExecutor:
    """One thread, in which one training runs after the other."""
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_lower_priority)


class BackgroundTraining:
    """One `train_many` in `executor`.

    `on_step` gets the step's number and the stack of weights (from step 0, the start); `on_done` gets the result.
    Whoever it was for sets `cancelled` when they go away.
    """

    def __init__(
        self,
        executor: Executor,
        checkpoint: LoadedCheckpoint,
        start: Weights,
        tasks: Sequence[Task],
        schedule: TrainSchedule,
        *,
        on_step: Callable[[int, Weights], None],
        on_done: Callable[[Weights], None] = lambda weights: None,
        seed: int = 0,
    ):
        self.cancelled = Event()

        def step(number: int, weights: Weights) -> None:
            if self.cancelled.is_set():
                raise CancelledError
            on_step(number, weights)

        def train() -> None:
            try:
                step(0, start)
                blueprint, world, device = checkpoint.blueprint, checkpoint.world, checkpoint.tina.device
                top, bank = finetuning_data(blueprint, world, members(tasks), device)
                on_done(train_many(top, start, tasks, bank, schedule, seed, step))
            except CancelledError:
                return

        self.future: Future = executor.submit(train)

    def wait(self) -> Iterator[None]:
        """Yields every `POLL_SECONDS` until the training has ended. An error in it is raised here."""
        while not self.future.done():
            yield
            try:
                self.future.result(timeout=POLL_SECONDS)
            except TimeoutError:
                continue


def adopt_encoder(encoder_id: str, folder: Path, state: JobState) -> None:
    """A Tina on another encoder, in a folder that is there when it is whole; the encoder is fetched where it is not
    here. `state` is told how far it is."""

    def progress(doing: str, share: float) -> None:
        state.doing, state.share = doing, share

    _lower_priority()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as made:
        adopt(encoder_id, Path(made) / "tina", progress=progress)
        (Path(made) / "tina").replace(folder)


def _lower_priority() -> None:
    """Half of the cores, and of these only what nothing else wants."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))  # of this thread's own work
    if sys.platform == "linux":  # elsewhere a priority belongs to the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
