"""Plain REST: arguments that have a default may be left out, and what is sent is of a size that can be answered.

Gradio's own clients fill in the defaults before they ask. Whoever uses curl should not have to.
"""

from __future__ import annotations

import inspect
from typing import Any, cast

import gradio as gr
from gradio.state_holder import StateHolder
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tina.ui.server.limits import TOO_MUCH
from tina.ui.server.sessions import Sessions
from tina.ui.server.turns import FairQueue, Slots

LARGEST_BODY = 48 * 2**20  # bytes of a question: the largest zip in base64, or all example pictures, and some words
TOKEN_BYTES = 4 * 2**20  # of an upload that a token pays for


class RestBlocks(gr.Blocks):
    """Blocks whose public endpoints have the defaults that /info says they have; with slots, they have a fair queue,
    and all that their functions compute is paid for."""

    slots: Slots | None = None
    _sessions: Sessions

    @property
    def state_holder(self) -> Sessions:
        """What is kept for each session. Gradio's server brings it, before it answers to anybody."""
        return self._sessions

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        holder.__class__ = Sessions
        self._sessions = cast(Sessions, holder)

    def queue(self, *args: Any, **kwargs: Any) -> RestBlocks:
        """As Gradio's, once the page is built."""
        super().queue(*args, **kwargs)
        if self.slots is not None:
            self._queue = FairQueue(self._queue, self.slots)
            for fn in self.fns.values():
                if fn.fn is not None:
                    fn.fn = self.slots.metered(fn.fn)
        return self

    @property
    def status(self) -> dict[str, Any]:
        """Of its queue, for /health."""
        return self._queue.status if isinstance(self._queue, FairQueue) else {"status": "ready"}

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """Before the arguments are looked at: what is missing at their end gets its default."""
        if block_fn.api_visibility == "public" and block_fn.fn is not None and len(inputs) < len(block_fn.inputs):
            parameters = list(inspect.signature(block_fn.fn).parameters.values())
            for parameter in parameters[len(inputs) : len(block_fn.inputs)]:
                if parameter.default is parameter.empty:
                    raise gr.Error(f"The argument {parameter.name!r} is missing.", print_exception=False)
                inputs.append(parameter.default)
        super().validate_inputs(block_fn, inputs)


class BodyLimit:
    """A middleware that answers 413 to what is too large, without reading on. Files may have a limit of their own; each
    is begun like a computation, and costs more by its size."""

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST_BODY, files: int = LARGEST_BODY, slots: Slots | None = None
    ):
        """
        Args:
            app: what answers to all else.
            largest: bytes.
            files: bytes of what is uploaded at once.
            slots: whose allowances uploads are paid from; None: they cost nothing.
        """
        self.app, self.largest, self.files = app, largest, files
        self.slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One question."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        uploads = scope["method"] == "POST" and scope["path"].rstrip("/").endswith("/upload")
        largest, client = self.files if uploads else self.largest, (scope.get("client") or [""])[0]
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared[:12]) > largest:
            return await _refused(413, f"What was sent is larger than {largest >> 20} MB.")(scope, receive, send)
        paying = self.slots.allowances if uploads and self.slots else None
        if paying is not None and not paying.ready(client):
            return await _refused(429, TOO_MUCH)(scope, receive, send)
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                return {"type": "http.disconnect"}
            return message

        try:
            await self.app(scope, limited, send)
        finally:
            if paying is not None:
                paying.charge(client, taken / TOKEN_BYTES)


def _refused(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)
