"""Answers that stay in memory for whoever asks the same: as many as fit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any


class Kept:
    """The last answers, as many as fit: by what was asked, which holds no pictures."""

    def __init__(self, megabytes: float):
        """`megabytes`: all of them together."""
        self.largest, self.size = megabytes * 2**20, 0.0
        self._answers: OrderedDict[Any, tuple[Any, float]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> Any:
        """What was put there; None where nothing is."""
        with self._lock:
            if key not in self._answers:
                return None
            self._answers.move_to_end(key)
            return self._answers[key][0]

    def put(self, key: Any, answer: Any, size: float) -> None:
        """Keeps it, and forgets what was not asked for longest."""
        with self._lock:
            if key is None or key in self._answers or size > self.largest:
                return
            self._answers[key], self.size = (answer, size), self.size + size
            while self.size > self.largest:
                _, (_, gone) = self._answers.popitem(last=False)
                self.size -= gone

    def ask(self, key: Any, make: Callable[[], Any], size: Callable[[Any], float]) -> Any:
        """What is there, or is made now."""
        if key is None:
            return make()
        found = self.get(key)
        if found is None:
            self.put(key, found := make(), size(found))
        return found
