"""Training beside the page: in a thread of its own that gives way to visitors, until it is done or nobody watches."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from contextvars import copy_context
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import torch

from tina.blueprints import Blueprint, Weights
from tina.training.schedule import TrainSchedule
from tina.training.tower.adopt import adopt
from tina.training.zoo.bank import Bank, finetuning_data
from tina.training.zoo.finetune import training_steps
from tina.ui.server import gpu
from tina.ui.server.jobs import JobState
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.worlds.task import Task, members

POLL_SECONDS = 0.5  # between two looks at how far it is; each is sent to the visitor and drawn
WORTH_STEPS = 1000  # of training: so many take a CPU ten seconds and more
GPU_STEPS = 100  # of training in a second, with a margin
EVERY = 50  # steps of training on a GPU after which weights come back


def training_thread(name: str) -> ThreadPoolExecutor:
    """One thread, in which one training runs after the other."""
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_lower_priority)


class BackgroundTraining:
    """One training in `executor`.

    `on_step` gets the step's number and the stack of weights (from step 0, the start); `on_done` gets the result.
    Whoever it was for sets `cancelled` when they go away. `paid` is what it runs in (`Slots.paid`).
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
        paid: Callable[[], AbstractContextManager[None]] = nullcontext,
    ):
        self.cancelled = Event()

        def step(number: int, weights: Weights) -> None:
            if self.cancelled.is_set():
                raise CancelledError
            on_step(number, weights)

        def train() -> None:
            step(0, start)
            blueprint, world, device = checkpoint.blueprint, checkpoint.world, checkpoint.tina.device
            top, bank = finetuning_data(blueprint, world, members(tasks), device)
            weights = start
            with closing(_steps(top, start, tasks, bank, schedule, seed)) as steps:
                for number, weights in steps:
                    step(number, weights)
            on_done({name: weight.detach() for name, weight in weights.items()})

        def run() -> None:
            with paid(), suppress(CancelledError):
                train()

        self.future: Future = executor.submit(copy_context().run, run)  # a lent GPU is asked for by the visitor

    def wait(self) -> Iterator[None]:
        """Yields every `POLL_SECONDS` until the training has ended. An error in it is raised here."""
        while not self.future.done():
            yield
            try:
                self.future.result(timeout=POLL_SECONDS)
            except TimeoutError:
                continue


def _steps(
    blueprint: Blueprint, start: Weights, tasks: Sequence[Task], bank: Bank, schedule: TrainSchedule, seed: int
) -> Iterator[tuple[int, Weights]]:
    """`training_steps`, where it is faster; a GPU gives some of the steps only."""
    arguments = (blueprint, start, list(tasks), bank, schedule, seed)
    seconds = gpu.duration(schedule.steps / GPU_STEPS)
    return gpu.anywhere(
        schedule.steps >= WORTH_STEPS, lambda: _on_gpu(seconds, *arguments), lambda: training_steps(*arguments)
    )


@gpu.lent
def _on_gpu(
    seconds: int,
    blueprint: Blueprint,
    start: Weights,
    tasks: list[Task],
    bank: Bank,
    schedule: TrainSchedule,
    seed: int,
) -> Iterator[tuple[int, Weights]]:
    for number, weights in training_steps(blueprint, start, tasks, bank.to(gpu.device()), schedule, seed):
        if number % EVERY == 0 or number == schedule.steps:
            yield number, gpu.on_cpu(weights)


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
