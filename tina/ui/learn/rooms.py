"""Rooms in which a class guesses, or an audience suggests: in memory only, without names, gone after an hour.

A room has a code that pupils type and a key that only its teacher's screen has. Everything that comes in is bounded:
how many rooms, people, and suggestions there are, how long a text is, and how fast they come.
"""

from __future__ import annotations

import secrets
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from tina.errors import UserError
from tina.ui.server.limits import LimitSettings, TokenBucket

LETTERS = "ABCDEFGHKLMNPRSTUVWXYZ"  # without those that look like another one or like a digit: I, J, O, Q
CODE = 5  # letters: five million codes for at most `rooms` of them
KINDS = ("lesson", "present")


@dataclass(frozen=True)
class RoomSettings:
    """How much there may be."""

    seconds: float = 3600  # that a room stays
    rooms: int = 200
    people: int = 60  # in a room
    waiting: int = 30  # suggestions in a room that nobody has looked at yet
    waiting_each: int = 3
    longest: int = 120  # characters of a suggestion
    strangers: int = 1000  # addresses whose limits are remembered
    opening: LimitSettings = field(default=LimitSettings(burst=10, per_second=1 / 30))  # rooms, by address
    mistakes: LimitSettings = field(default=LimitSettings(burst=20, per_second=0.5))  # wrong codes, by address
    inside: LimitSettings = field(default=LimitSettings(burst=240, per_second=60))  # everything, by room


class RoomError(UserError):
    """What a room does not do; `reason` is a word that the page has a sentence for."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass
class Room:
    """One room."""

    code: str
    key: str
    kind: str
    opened: float
    bucket: TokenBucket
    people: dict[str, int] = field(default_factory=dict)  # token -> suggestions that wait
    question: str | None = None  # that is asked just now
    guesses: dict[str, dict[str, int]] = field(default_factory=dict)  # question -> token -> choice
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    numbered: int = 0


class Rooms:
    """All rooms of this process."""

    def __init__(
        self,
        questions: Mapping[str, int],
        settings: RoomSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """
        Args:
            questions: what may be asked, and how many choices each question has.
            settings: how much there may be.
            clock: seconds, from anywhere.
        """
        self.questions, self.settings, self.clock = dict(questions), settings or RoomSettings(), clock
        self._rooms: dict[str, Room] = {}
        self._strangers: dict[tuple[str, LimitSettings], TokenBucket] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        with self._lock:
            self._forget()
            return len(self._rooms)

    # -- the teacher's screen ----------------------------------------------------------------------------------------
    def open(self, kind: str, address: str) -> Room:
        """A new room, for whoever is at an address."""
        if kind not in KINDS:
            raise RoomError("wrong")
        with self._lock:
            self._forget()
            self._spend(address, self.settings.opening)
            if len(self._rooms) >= self.settings.rooms:
                raise RoomError("full")
            code = next(code for code in iter(_code, None) if code not in self._rooms)
            bucket = TokenBucket(self.settings.inside, clock=self.clock)
            room = self._rooms[code] = Room(code, secrets.token_urlsafe(16), kind, self.clock(), bucket)
            return room

    def ask(self, code: str, key: str, question: str | None, address: str = "") -> None:
        """What the room is asked from now on; None: nothing."""
        if question is not None and question not in self.questions:
            raise RoomError("wrong")
        with self._lock:
            self._own(code, key, address).question = question

    def seen_by_teacher(self, code: str, key: str, address: str = "") -> dict[str, Any]:
        """How many are there, how often each choice was guessed, and what waits."""
        with self._lock:
            room = self._own(code, key, address)
            counts = {
                question: [list(given.values()).count(choice) for choice in range(self.questions[question])]
                for question, given in room.guesses.items()
            }
            waiting = [{"id": one["id"], "text": one["text"]} for one in room.suggestions]
            left = self.settings.seconds - (self.clock() - room.opened)
            return {
                "people": len(room.people),
                "question": room.question,
                "guesses": counts,
                "suggestions": waiting,
                "seconds": round(left),
            }

    def take(self, code: str, key: str, number: int, address: str = "") -> str:
        """A suggestion, which waits no longer: shown or dropped."""
        with self._lock:
            room = self._own(code, key, address)
            found = next((one for one in room.suggestions if one["id"] == number), None)
            if found is None:
                raise RoomError("wrong")
            room.suggestions.remove(found)
            room.people[found["token"]] -= 1
            return found["text"]

    def close(self, code: str, key: str, address: str = "") -> None:
        """Everything of it is forgotten."""
        with self._lock:
            room = self._own(code, key, address)
            del self._rooms[room.code]

    # -- everybody else ----------------------------------------------------------------------------------------------
    def join(self, code: str, address: str) -> tuple[str, str]:
        """The room's kind, and a token for one person: without it nothing comes in."""
        with self._lock:
            room = self._find(code, address)
            if len(room.people) >= self.settings.people:
                raise RoomError("full")
            token = secrets.token_urlsafe(8)
            room.people[token] = 0
            return room.kind, token

    def seen_by_pupil(self, code: str, token: str, address: str) -> dict[str, Any]:
        """What is asked, and what was guessed by oneself."""
        with self._lock:
            room = self._inside(code, token, address)
            mine = room.guesses.get(room.question or "", {}).get(token)
            return {"question": room.question, "mine": mine, "waiting": room.people[token]}

    def guess(self, code: str, token: str, question: str, choice: int, address: str) -> None:
        """One of the choices of what is asked just now; it replaces the person's guess of before."""
        with self._lock:
            room = self._inside(code, token, address)
            if room.kind != "lesson" or question != room.question:
                raise RoomError("late")
            if type(choice) is not int or not 0 <= choice < self.questions[question]:
                raise RoomError("wrong")
            room.guesses.setdefault(question, {})[token] = choice

    def suggest(self, code: str, token: str, text: str, address: str) -> None:
        """A few words for the speaker, who decides."""
        with self._lock:
            room = self._inside(code, token, address)
            text = _cleaned(text)
            if room.kind != "present" or not text or len(text) > self.settings.longest:
                raise RoomError("wrong")
            if len(room.suggestions) >= self.settings.waiting or room.people[token] >= self.settings.waiting_each:
                raise RoomError("many")
            room.numbered += 1
            room.people[token] += 1
            room.suggestions.append({"id": room.numbered, "text": text, "token": token})

    # -- what they have in common --------------------------------------------------------------------------------------
    def _find(self, code: str, address: str) -> Room:
        """The room of a code; whoever tries codes has to wait after a few."""
        self._forget()
        room = self._rooms.get(str(code).strip().upper())
        if room is None:
            self._spend(address, self.settings.mistakes)
            raise RoomError("wrong")
        if not room.bucket.ready():
            raise RoomError("busy")
        return room

    def _own(self, code: str, key: str, address: str) -> Room:
        room = self._find(code, address)
        if not secrets.compare_digest(room.key.encode(), str(key).encode()):
            self._spend(address, self.settings.mistakes)
            raise RoomError("wrong")
        return room

    def _inside(self, code: str, token: str, address: str) -> Room:
        room = self._find(code, address)
        if token not in room.people:
            self._spend(address, self.settings.mistakes)
            raise RoomError("wrong")
        return room

    def _forget(self) -> None:
        """What is older than an hour."""
        oldest = self.clock() - self.settings.seconds
        self._rooms = {code: room for code, room in self._rooms.items() if room.opened > oldest}

    def _spend(self, address: str, limit: LimitSettings) -> None:
        bucket = self._strangers.pop((address, limit), None) or TokenBucket(limit, clock=self.clock)
        self._strangers[address, limit] = bucket  # the last used is the last to be forgotten
        while len(self._strangers) > self.settings.strangers:
            del self._strangers[next(iter(self._strangers))]
        if not bucket.ready():
            raise RoomError("busy")


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE))


def _cleaned(text: object) -> str:
    """One line without what cannot be seen."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[:1000])
    return " ".join(shown.split())
