"""Whose turn it is: Gradio's queue, shared out among clients rather than given to whoever came with most.

Clients take turns, whatever each has waiting. When the queue is full, the newest of the client who has most in it gives
way to a client who has less. What somebody begins is paid for from an allowance that refills: a token as it begins.
Whatever is computed for them costs more by its processor time, also what only looks at a classifier that is there: who
owes something waits until it has come back.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from secrets import token_hex
from threading import BoundedSemaphore, Lock
from time import perf_counter, thread_time
from typing import Any

from fastapi import HTTPException
from gradio.queueing import Event, Queue
from gradio.server_messages import ProcessCompletedMessage

from tina.ui.server.limits import BEGINNING, TOO_MUCH, Buckets, LimitSettings
from tina.ui.server.sessions import SESSIONS, Mailboxes
from tina.ui.server.settings import ServerSettings

GAVE_WAY = "The queue is full, and you have most in it: this gave way to somebody else. Ask again in a moment."
CLOSING = "This server is about to end. Ask again in a minute."
ASKED_BY: ContextVar[str] = ContextVar("ASKED_BY", default="")  # the client whose question is being answered
ONCE = "once-"  # a session that a program's question gets, for as long as it takes
LARGEST = 400  # classes times steps that are written at once
_END: Any = object()


class Slots:
    """So much is computed at the same time, and whoever it is for pays for it."""

    def __init__(self, settings: ServerSettings):
        self.settings = settings
        self.allowances = Buckets(LimitSettings(settings.burst, settings.per_second), settings.clients)
        self._free, self._waiting, self._lock = BoundedSemaphore(settings.computing), 0, Lock()
        self._large = BoundedSemaphore(max(1, settings.computing - 1))  # a slot stays for everybody else
        self._thread = threading.local()  # .shared: seconds of it that several pay for

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a slot."""
        return self._waiting > 0

    @contextmanager
    def taken(self, large: bool = False) -> Iterator[None]:
        """A slot, once one is free. What is `large` leaves one to others. Whoever has a slot takes no second one."""
        with self._large if large else nullcontext():
            with self._lock:
                self._waiting += 1
            self._free.acquire()
            with self._lock:
                self._waiting -= 1
            try:
                yield
            finally:
                self._free.release()

    @contextmanager
    def paid(self) -> Iterator[None]:
        """Whoever asked pays for the processor time that this takes, but for what is `share`d."""
        began, self._thread.shared = thread_time(), 0.0  # what others do to the machine is nobody's debt
        try:
            yield
        finally:
            self.charge(ASKED_BY.get(), thread_time() - began - self._thread.shared)

    def share(self, seconds: float, parts: Sequence[tuple[str, float]]) -> None:
        """Of so many seconds of this thread each client pays a part: its own number's, of all of them."""
        whole = sum(part for _, part in parts)
        for client, part in parts:
            self.charge(client, seconds * part / whole)
        self._thread.shared = getattr(self._thread, "shared", 0.0) + seconds

    def metered(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, `paid` for; of a generator function every step."""
        if inspect.isgeneratorfunction(fn):

            @wraps(fn)
            def steps(*args: Any, **kwargs: Any) -> Iterator[Any]:
                with closing(fn(*args, **kwargs)) as results:
                    while True:
                        with self.paid():
                            found = next(results, _END)
                        if found is _END:
                            return
                        yield found

            return steps

        @wraps(fn)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self.paid():
                return fn(*args, **kwargs)

        return call

    def charge(self, client: str, seconds: float) -> None:
        """What so many seconds of processor time cost, beyond what is paid at the beginning."""
        if client:
            self.allowances.charge(client, seconds / self.settings.seconds)


class FairQueue(Queue):
    """Gradio's, with turns and allowances."""

    closing = False
    loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, queue: Queue, slots: Slots):
        """
        Args:
            queue: of Gradio's, that this one stands in for.
            slots: what it shares out.
        """
        super().__init__(
            queue.live_updates,
            queue.max_thread_count,
            queue.update_intervals,
            queue.max_size,
            queue.blocks,
            queue.default_concurrency_limit,
        )
        self.slots = slots
        self._served: OrderedDict[str, float] = OrderedDict()  # client -> when something of theirs began last
        self.pending_messages_per_session: Any = Mailboxes(SESSIONS, self._sessions, self.pending_event_ids_session)
        self.ANALYTICS_MAX_EVENTS = 1  # of which the time is noted: nobody looks at it

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """As Gradio's; but for those who had too much, or when there is no room."""
        client, fn = request.client.host if request.client else "", self.blocks.fns.get(body.fn_index)
        if self.closing:
            raise HTTPException(503, CLOSING)
        begins, allowances = fn is not None and fn.concurrency_id in BEGINNING, self.slots.allowances
        if not allowances.ready(client) if begins else allowances.in_debt(client):
            wait = math.ceil(1 / self.slots.settings.per_second)
            raise HTTPException(429, TOO_MUCH, {"Retry-After": str(wait)})
        if self.max_size is not None and len(self) >= self.max_size:
            self._make_room(client)
        if body.session_hash is None:
            body.session_hash = ONCE + token_hex(8)
        found = await super().push(body, request, username)
        if body.session_hash in self.pending_messages_per_session:
            self.pending_messages_per_session.move_to_end(body.session_hash)  # the newest
        self._take_turns()
        return found

    def send_message(self, event: Event, event_message: Any) -> None:
        """As Gradio's; but who has left is told nothing, where Gradio's would end the queue with an error."""
        if event.session_hash in self.pending_messages_per_session:
            super().send_message(event, event_message)

    def get_events(self) -> Any:
        """The next one, by turns."""
        self._take_turns()
        return super().get_events()

    async def process_events(self, events: list[Event], *args: Any) -> None:
        """As Gradio's; what it calls knows whom it is for."""
        client = _client(events[0])
        ASKED_BY.set(client)
        self._served[client] = perf_counter()
        self._served.move_to_end(client)
        while len(self._served) > self.slots.settings.clients:
            self._served.popitem(last=False)
        await super().process_events(events, *args)
        for event in events:
            if event.session_hash.startswith(ONCE):
                self.blocks.state_holder.forget(event.session_hash)

    def compute_analytics_summary(self, records: Any) -> Any:
        """Nobody looks at it, and it takes time after every event."""
        return self.cached_event_analytics_summary

    def start(self) -> None:
        """In the server's loop."""
        self.loop = asyncio.get_running_loop()
        super().start()

    @property
    def status(self) -> dict[str, Any]:
        """For whoever watches over the server."""
        waiting = len(self)
        status = "ending" if self.closing else "busy" if waiting else "ready"
        return {"status": status, "running": len(self._running()), "waiting": waiting}

    def end(self, seconds: float) -> None:
        """From another thread: nothing new begins; who waits is told, and what runs has so many seconds."""
        self.closing = True
        if self.loop is not None and self.loop.is_running():
            asyncio.run_coroutine_threadsafe(self._drain(seconds), self.loop).result(seconds + 5)

    async def _drain(self, seconds: float) -> None:
        for event in self._waiting():
            self._tell(event, CLOSING)
        until = perf_counter() + seconds
        while self._running() and perf_counter() < until:
            await asyncio.sleep(0.05)
        for event in self._running():
            self.send_message(event, _failed(CLOSING))
            event.alive = False
        await asyncio.sleep(0.3)  # in which it is sent

    def _running(self) -> list[Event]:
        return [event for job in self.active_jobs if job for event in job]

    def _sessions(self) -> set[str]:
        return {event.session_hash for event in (*self._running(), *self._waiting())}

    def _waiting(self) -> list[Event]:
        return [event for queue in self.event_queue_per_concurrency_id.values() for event in queue.queue]

    def _take_turns(self) -> None:
        """In each queue, everybody's first comes before anybody's second; what of theirs runs already counts, too. Of
        equals, whoever had nothing for longest is the first."""
        for queue in self.event_queue_per_concurrency_id.values():
            if len(queue.queue) > 1:
                had = Counter(_client(one) for one in self._running() if one.concurrency_id == queue.concurrency_id)
                turns = {}
                for event in sorted(queue.queue, key=lambda one: one.enqueue_time):
                    turns[event._id] = had[_client(event)]
                    had[_client(event)] += 1
                queue.queue.sort(
                    key=lambda one: (turns[one._id], self._served.get(_client(one), 0.0), one.enqueue_time)
                )

    def _make_room(self, client: str) -> None:
        """For one who has less waiting than another: the newest of whoever has most is told to ask again."""
        waiting = self._waiting()
        counts = Counter(map(_client, waiting))
        most, count = counts.most_common(1)[0]
        if count > counts[client] + 1:
            self._tell(
                max((one for one in waiting if _client(one) == most), key=lambda one: one.enqueue_time), GAVE_WAY
            )

    def _tell(self, event: Event, sentence: str) -> None:
        """Whoever waits with this event waits no longer."""
        self.event_queue_per_concurrency_id[event.concurrency_id].queue.remove(event)
        self.event_ids_to_events.pop(event._id, None)
        self.send_message(event, _failed(sentence))


def _client(event: Event) -> str:
    return event.request.client.host if event.request.client else ""


def _failed(sentence: str) -> ProcessCompletedMessage:
    content = {"error": sentence, "visible": True, "title": "Error", "duration": 10}
    return ProcessCompletedMessage(output=content, success=False, title="Error")
