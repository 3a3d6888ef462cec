"""A classifier really fine-tuned for a class set, to hold beside Tina's: in the background when first wanted, cached.

One thread trains for all visitors, one class set after the other; whoever asks for the same set waits for the same one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

from tina.blueprints import Weights
from tina.classifier.score import Score
from tina.training.schedule import TrainSchedule
from tina.training.zoo.finetune import finetune_schedule
from tina.ui.server.background import BackgroundTraining, training_thread
from tina.ui.server.held_out import HeldOutSet
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint

CACHED = 32  # class sets whose fine-tuned classifier stays in memory
GIVES_WAY = 2.0  # seconds at most before every step, while visitors wait


@dataclass
class FineTuning:
    """The fine-tuning for one class set: how far it is, and the result."""

    held_out: HeldOutSet
    steps: int
    done: int = 0
    weights: Weights | None = None
    score: Score | None = None
    watchers: int = 0
    training: BackgroundTraining | None = None
    began: float = 0.0  # when its first step was done, by the monotonic clock
    seconds: float = 0.0  # since then, at its newest step

    @property
    def seconds_left(self) -> float | None:
        """About how long it still takes; None while that cannot be told."""
        return self.seconds * (self.steps - self.done) / (self.done - 1) if self.done > 1 else None

    @property
    def progress(self) -> float:
        """The share of the steps that are done."""
        return self.done / self.steps

    @property
    def finished(self) -> bool:
        """Whether the result is there."""
        return self.score is not None


class FineTuner:
    """Fine-tunes classifiers of one checkpoint's kind, one class set after the other."""

    def __init__(
        self,
        checkpoint: LoadedCheckpoint,
        schedule: TrainSchedule | None = None,
        busy: Callable[[], bool] = lambda: False,
    ):
        """
        Args:
            checkpoint: whose classifiers are fine-tuned.
            schedule: of each training.
            busy: whether visitors wait for something to be computed: they go first.
        """
        self.checkpoint, self.schedule = checkpoint, schedule or finetune_schedule(checkpoint.blueprint)
        self.busy = busy
        self._executor = training_thread("fine-tuning")
        self._cache: OrderedDict[tuple[str, ...], FineTuning] = OrderedDict()
        self._lock = Lock()

    def cached(self, held_out: HeldOutSet) -> FineTuning | None:
        """The one that was finished before for these classes, if any."""
        with self._lock:
            tuning = self._cache.get(held_out.labels)
            return tuning if tuning and tuning.finished else None

    def under_way(self, held_out: HeldOutSet) -> FineTuning | None:
        """The one for these classes, finished or not, if somebody asked for it."""
        with self._lock:
            tuning = self._cache.get(held_out.labels)
            return None if tuning is None or tuning.training.cancelled.is_set() else tuning

    def watch(self, held_out: HeldOutSet) -> Iterator[FineTuning]:
        """The same `FineTuning` again and again until it is finished. It stops when its last watcher goes away."""
        with self._lock:
            tuning = self._cache.get(held_out.labels)
            if tuning is None or tuning.training.cancelled.is_set():
                tuning = self._cache[held_out.labels] = self._begin(held_out)
                while len(self._cache) > CACHED:
                    self._cache.popitem(last=False)
            tuning.watchers += 1
        try:
            for _ in tuning.training.wait():
                yield tuning
            yield tuning
        finally:
            with self._lock:
                tuning.watchers -= 1
                if not tuning.watchers and not tuning.finished:
                    tuning.training.cancelled.set()

    def start(self, held_out: HeldOutSet) -> Weights:
        """The weights that it starts from, as a stack of one."""
        return self.checkpoint.generic_start(held_out)

    def _begin(self, held_out: HeldOutSet) -> FineTuning:
        tuning = FineTuning(held_out, self.schedule.steps)

        def on_step(step: int, _: Weights) -> None:
            if step <= 1:
                tuning.began = time.monotonic()
            tuning.done, tuning.seconds = step, time.monotonic() - tuning.began
            until = time.monotonic() + GIVES_WAY
            while self.busy() and time.monotonic() < until and (step < 1 or not tuning.training.cancelled.is_set()):
                time.sleep(0.02)

        def on_done(stack: Weights) -> None:
            tuning.weights = {name: weight[0].cpu() for name, weight in stack.items()}
            tuning.score = held_out.score_weights(tuning.weights)

        start, tasks = self.start(held_out), [held_out.task]
        tuning.training = BackgroundTraining(
            self._executor, self.checkpoint, start, tasks, self.schedule, on_step=on_step, on_done=on_done
        )
        return tuning
