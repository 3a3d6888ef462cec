"""What is to be told to each session.

Gradio forgets the oldest of 2,000 sessions, also one that waits for an answer. The next message to it is then an error
that ends Gradio's queue, for everybody and for good.
"""

from __future__ import annotations

from asyncio import Queue
from collections import OrderedDict
from collections.abc import Callable, Container
from typing import Any


class Mailboxes(OrderedDict[str, "Queue[Any]"]):
    """Messages by session; of more than `most` sessions those are forgotten that wait for nothing, the oldest first."""

    def __init__(self, most: int, waiting: Callable[[], Container[str]]):
        """
        Args:
            most: sessions that are kept.
            waiting: those that something is computed for, or will be.
        """
        super().__init__()
        self.most, self.waiting = most, waiting

    def __setitem__(self, session: str, messages: Queue[Any]) -> None:
        if session not in self and len(self) >= self.most:
            waiting = self.waiting()
            oldest = next((one for one in self if one not in waiting), None)
            if oldest is not None:
                del self[oldest]
        super().__setitem__(session, messages)

    def __delitem__(self, session: str) -> None:
        """Also where it is gone already: whoever leaves twice has left."""
        if session in self:
            super().__delitem__(session)
