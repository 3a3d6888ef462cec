"""How much is computed at once, and how much of it one visitor, or all at one address, may have: token buckets."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from tina.errors import UserError

WATCHED, ANSWERING = "watched", "answering"  # runs on the page, and programs' questions
COMPUTE = "compute"  # what else the page computes
TRAINING, OWN_WORLD, SENDING = "training", "own world", "sending"  # what takes long beside it
TOO_MUCH = "That was a lot in a row: wait a few seconds, so that others get their turn."
BEGINNING = (WATCHED, ANSWERING, COMPUTE, TRAINING, OWN_WORLD, SENDING)  # what takes a token as it begins


@dataclass(frozen=True)
class LimitSettings:
    """How much one visitor may begin."""

    burst: int = 30  # computations that may begin in a row
    per_second: float = 1.0  # how fast they come back


def at_once(kind: str, count: int) -> dict[str, Any]:
    """For an event of Gradio's: of its kind so many run at the same time; of equal kinds the lowest count is taken."""
    return {"concurrency_id": kind, "concurrency_limit": count}


@dataclass
class TokenBucket:
    """Holds up to `burst` tokens, and gets `per_second` back."""

    settings: LimitSettings = field(default_factory=LimitSettings)
    tokens: float = math.inf  # of which only `burst` count: it starts full
    updated: float = 0.0  # when `tokens` was right
    clock: Callable[[], float] | None = None  # seconds; by default those since the machine started

    def ready(self) -> bool:
        """Takes a token, if there is one."""
        self._refill()
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def charge(self, tokens: float) -> None:
        """Takes tokens for what has been done already: what is missing has to come back first."""
        self._refill()
        self.tokens -= tokens

    def in_debt(self) -> bool:
        """Whether more was done than was there to pay for it."""
        self._refill()
        return self.tokens < 0

    def _refill(self) -> None:
        now = (self.clock or time.monotonic)()
        refilled = self.tokens + self.settings.per_second * (now - self.updated)
        self.tokens, self.updated = min(self.settings.burst, refilled), now

    def spend(self) -> None:
        """Takes a token for one computation, or raises a `UserError`."""
        if not self.ready():
            raise UserError(TOO_MUCH)


class Buckets:
    """A bucket for everybody, of whom there may be any number: the last `most` who came are remembered."""

    def __init__(self, settings: LimitSettings, most: int, clock: Callable[[], float] | None = None):
        """
        Args:
            settings: of each bucket.
            most: of those who are remembered.
            clock: as for `TokenBucket`.
        """
        self.settings, self.most, self.clock = settings, most, clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def ready(self, who: str) -> bool:
        """Takes a token of somebody's, if there is one."""
        with self._lock:
            return self._of(who).ready()

    def charge(self, who: str, tokens: float) -> None:
        """As `TokenBucket.charge`."""
        with self._lock:
            self._of(who).charge(tokens)

    def in_debt(self, who: str) -> bool:
        """As `TokenBucket.in_debt`."""
        with self._lock:
            return self._of(who).in_debt()

    def _of(self, who: str) -> TokenBucket:
        bucket = self._buckets.setdefault(who, TokenBucket(self.settings, clock=self.clock))
        self._buckets.move_to_end(who)
        while len(self._buckets) > self.most:
            self._buckets.popitem(last=False)
        return bucket
