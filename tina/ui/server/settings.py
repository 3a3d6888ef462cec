"""How much the server lets anybody have, and how it stands to the outside: one object, overridden by the environment.

    TINA_PROXIES=1 TINA_HOSTS=tina.example.org python app.py --host 0.0.0.0

Each field is an environment variable in capitals after TINA_: `queue` is TINA_QUEUE.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tina.errors import UserError
from tina.options import number, whole


def _whole(default: int, low: int, high: int) -> Any:
    return field(default=default, metadata={"read": lambda name: whole(name, low, high)})


def _number(default: float, low: float, high: float) -> Any:
    return field(default=default, metadata={"read": lambda name: number(name, low, high)})


def _names(default: tuple[str, ...]) -> Any:
    return field(default=default, metadata={"read": lambda name: lambda text: _listed(name, text)})


@dataclass(frozen=True)
class ServerSettings:
    """Checked when it is made: every number is finite and in its range."""

    # who is who
    proxies: int = _whole(0, 0, 10)  # in front of the server, whose X-Forwarded-For is believed
    hosts: tuple[str, ...] = _names(())  # that it answers to, "*.example.org" for all below; none: any
    frames: tuple[str, ...] = _names(
        ()
    )  # origins that may show the page in a frame, besides its own; a Space has its own
    # how much one client may have
    burst: int = _whole(120, 1, 100_000)  # computations in a row
    per_second: float = _number(2.0, 0.01, 10_000)  # how fast they come back
    seconds: float = _number(0.5, 0.01, 1000)  # of computing that one of them pays for; what takes longer, costs more
    visit_burst: int = _whole(30, 1, 100_000)  # of these, what one page in one browser may begin in a row
    visit_per_second: float = _number(1.0, 0.01, 10_000)
    clients: int = _whole(10_000, 10, 1_000_000)  # whose allowance is remembered
    # how much there is for all
    queue: int = _whole(32, 1, 10_000)  # that may wait; when it is full, whoever has most in it gives way
    computing: int = _whole(2, 1, 64)  # computations at the same time
    together: int = _whole(16, 1, 64)  # questions of programs that are answered together
    watched: int = _whole(
        12, 1, 64
    )  # runs on the page that are shown at the same time, and as many other questions of it
    kept: float = _number(64, 0, 100_000)  # megabytes of answers that stay in memory, for whoever asks the same
    # the end
    grace: float = _number(10.0, 0, 600)  # seconds that what runs has to finish, once the server is told to end

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            one.metadata["read"](variable(one.name))(text)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ServerSettings:
        """The defaults, but for what the environment says; a `UserError` names the variable that is wrong."""
        said = {one: environment.get(variable(one.name), "").strip() for one in fields(cls)}
        return cls(**{one.name: one.metadata["read"](variable(one.name))(text) for one, text in said.items() if text})


def variable(name: str) -> str:
    """The environment variable of a field."""
    return f"TINA_{name.upper()}"


def _listed(name: str, text: str) -> tuple[str, ...]:
    found = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if any(not part.isascii() or set(part) & set(" ;'\"\t\r\n") for part in found):
        raise UserError(f"{name} takes names with commas between them, and not {text[:80]!r}.")
    return found
