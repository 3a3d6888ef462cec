"""Classifiers for programs: prompts that wait at the same time are written together, and what repeats is kept.

Whoever comes first writes what waits by then, their own and others'; who comes to their turn and finds theirs done
takes it. What is large is written by itself, and leaves a slot to others.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from time import thread_time
from typing import Any

from tina.classifier.classifier import Classifier
from tina.generator.base import BaseTina
from tina.prompts.prompt import Prompt
from tina.ui.server.kept import Kept
from tina.ui.server.turns import ASKED_BY, LARGEST, Slots


@dataclass
class Order:
    """What somebody waits for."""

    prompt: Prompt
    seed: int
    steps: int
    client: str
    made: Future[Classifier] = field(default_factory=Future)

    @property
    def size(self) -> int:
        """About how much work it is."""
        return len(self.prompt.classes) * self.steps


class Together:
    """Writes a checkpoint's classifiers for everybody who asks."""

    def __init__(self, tina: BaseTina, slots: Slots, kept: Kept):
        """
        Args:
            tina: who writes.
            slots: of computing.
            kept: answers of before, of any checkpoint.
        """
        self.tina, self.slots, self.kept = tina, slots, kept
        self._orders: list[Order] = []
        self._lock, self._writing = Lock(), Lock()

    def key(self, prompt: Prompt, seed: int, steps: int) -> Any:
        """What an answer is kept by; None where it is not kept: nothing of a visitor's pictures stays."""
        if any(one.pictures for one in prompt.classes):
            return None
        return self.tina.hash, prompt.to_json(), seed, steps

    def generate(self, prompt: Prompt, seed: int, steps: int) -> Classifier:
        """As `BaseTina.generate`; the same classifier may be given to several, who are not to change it."""
        key = self.key(prompt, seed, steps)
        if key is not None and (found := self.kept.get(key)) is not None:
            return found
        order = Order(prompt, seed, steps, ASKED_BY.get())
        if order.size > LARGEST:
            with self.slots.taken(large=True):
                self._write([order])
        else:
            with self._lock:
                self._orders.append(order)
            while not order.made.done():
                with self._writing:
                    if not order.made.done():
                        with self.slots.taken():
                            self._write(self._next())
        classifier = order.made.result()
        self.kept.put(key, classifier, size_of(classifier))
        return classifier

    def _next(self) -> list[Order]:
        """What is written now: the first that waits, and others of as many steps."""
        found: list[Order] = []
        with self._lock:
            for order in list(self._orders):
                size = sum(one.size for one in found) + order.size
                fits = len(found) < self.slots.settings.together and size <= LARGEST
                if not found or (fits and order.steps == found[0].steps):
                    found.append(order)
                    self._orders.remove(order)
        return found

    def _write(self, orders: list[Order]) -> None:
        """Together; where that does not work, each by itself, so that nobody gets another's error."""
        if not orders:
            return
        alone: list[Order] = []
        began = thread_time()
        try:
            made = self.tina.generate_many(
                [one.prompt for one in orders], steps=orders[0].steps, seeds=[one.seed for one in orders]
            )
            for order, classifier in zip(orders, made, strict=True):
                order.made.set_result(classifier)
        except Exception as error:
            if len(orders) == 1:
                orders[0].made.set_exception(error)
            else:
                alone = orders
        self.slots.share(thread_time() - began, [(one.client, one.size) for one in orders])
        for order in alone:
            self._write([order])


def size_of(classifier: Classifier) -> float:
    """Bytes, nearly: its weights, and the module that they are in once a picture was asked about."""
    return 2.0 * sum(weight.numel() * weight.element_size() for weight in classifier.weights.values()) + 10_000
