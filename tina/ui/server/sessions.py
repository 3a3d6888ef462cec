"""What is kept for each session, which is a page that is open or a program's question: no more than is needed.

Gradio keeps the settings and the last values of every component for 10,000 sessions, also what a program sent and got:
gigabytes. And it forgets the oldest of 2,000 sessions' messages, also one that waits for an answer. The next message to
it is then an error that ends Gradio's queue, for everybody and for good.
"""

from __future__ import annotations

from asyncio import Queue
from collections import OrderedDict
from collections.abc import Callable, Container, MutableMapping
from types import SimpleNamespace
from typing import Any

from gradio.blocks import Blocks
from gradio.state_holder import SessionState, StateHolder

SESSIONS = 2000  # that are remembered


class Mailboxes(OrderedDict[str, "Queue[Any]"]):
    """Messages by session; of more than `most` sessions those are forgotten that wait for nothing, the oldest first."""

    def __init__(self, most: int, waiting: Callable[[], Container[str]], unread: MutableMapping[str, set[str]]):
        """
        Args:
            most: sessions that are kept.
            waiting: those that something is computed for, or will be.
            unread: by session, which answers were not fetched yet; forgotten with it.
        """
        super().__init__()
        self.most, self.waiting, self.unread = most, waiting, unread

    def __setitem__(self, session: str, messages: Queue[Any]) -> None:
        if session not in self and len(self) >= self.most:
            waiting = self.waiting()
            oldest = next((one for one in self if one not in waiting), None)
            if oldest is not None:
                del self[oldest]
                self.unread.pop(oldest, None)
        super().__setitem__(session, messages)

    def __delitem__(self, session: str) -> None:
        """Also where it is gone already: whoever leaves twice has left."""
        if session in self:
            super().__delitem__(session)


class Session(SessionState):
    """Gradio's, but with what is in `gr.State` alone."""

    def __init__(self, blocks: Blocks):
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))
        self.config_values = _Nothing()

    def _update_config(self, key: int) -> None:
        """Would keep a component's settings."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Would keep what was sent or answered."""


class Sessions(StateHolder):
    """Gradio's, of `Session`s."""

    def __getitem__(self, session: str) -> Session:
        if session not in self:
            self.session_data[session] = Session(self.blocks)
        return super().__getitem__(session)

    def forget(self, session: str) -> None:
        """One that will not ask again."""
        with self.lock:
            self.session_data.pop(session, None)
            self.time_last_used.pop(session, None)


class _Nothing(dict[Any, Any]):
    """Stays empty."""

    def __setitem__(self, key: Any, value: Any) -> None:
        pass
