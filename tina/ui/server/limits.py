"""How much is computed at once, and how much of it one visitor may begin: a token bucket for each."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tina.errors import UserError

COMPUTE = {"concurrency_id": "compute", "concurrency_limit": 2}  # shared by everything that computes; the lowest counts


@dataclass(frozen=True)
class LimitSettings:
    """How much one visitor may begin."""

    burst: int = 30  # computations that may begin in a row
    per_second: float = 1.0  # how fast they come back


@dataclass
class TokenBucket:
    """Holds up to `burst` tokens, and gets `per_second` back."""

    settings: LimitSettings = field(default_factory=LimitSettings)
    tokens: float = math.inf  # of which only `burst` count: it starts full
    updated: float = 0.0  # when `tokens` was right
    clock: Callable[[], float] | None = None  # seconds; by default those since the machine started

    def ready(self) -> bool:
        """Takes a token, if there is one."""
        now = (self.clock or time.monotonic)()
        refilled = self.tokens + self.settings.per_second * (now - self.updated)
        self.tokens, self.updated = min(self.settings.burst, refilled), now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def spend(self) -> None:
        """Takes a token for one computation, or raises a `UserError`."""
        if not self.ready():
            raise UserError("That was a lot in a row: wait a few seconds, so that others get their turn.")
