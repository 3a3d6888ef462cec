"""Rooms keep to themselves, to their bounds, and to their hour."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tina.ui.learn.rooms import CODE, LETTERS, RoomError, Rooms, RoomSettings
from tina.ui.server.limits import LimitSettings

QUESTIONS = {"noise": 4, "q1": 3}
PLENTY = LimitSettings(burst=100_000, per_second=1000)
FREE = RoomSettings(opening=PLENTY, mistakes=PLENTY, inside=PLENTY)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(clock: Clock) -> Rooms:
    return Rooms(QUESTIONS, FREE, clock)


def refused(reason: str):
    return pytest.raises(RoomError, match=f"^{reason}$")


def test_guesses_are_counted_and_a_new_one_replaces_the_old(rooms: Rooms) -> None:
    room = rooms.open("lesson", "teacher")
    rooms.ask(room.code, room.key, "noise")
    tokens = [rooms.join(room.code, "pupil")[1] for _ in range(3)]
    for token, choice in zip(tokens, (1, 1, 3), strict=True):
        rooms.guess(room.code.lower(), token, "noise", choice, "pupil")
    rooms.guess(room.code, tokens[2], "noise", 0, "pupil")
    state = rooms.seen_by_teacher(room.code, room.key)
    assert state["guesses"] == {"noise": [1, 2, 0, 0]}
    assert state["people"] == 3
    assert rooms.seen_by_pupil(room.code, tokens[2], "pupil") == {"question": "noise", "mine": 0, "waiting": 0}
    rooms.ask(room.code, room.key, "q1")
    assert rooms.seen_by_pupil(room.code, tokens[2], "pupil") == {"question": "q1", "mine": None, "waiting": 0}


def test_rooms_see_nothing_of_each_other(rooms: Rooms) -> None:
    one, other = rooms.open("lesson", "a"), rooms.open("lesson", "b")
    assert one.code != other.code
    _, token = rooms.join(one.code, "pupil")
    rooms.ask(one.code, one.key, "noise")
    rooms.ask(other.code, other.key, "noise")
    rooms.guess(one.code, token, "noise", 2, "pupil")
    with refused("wrong"):
        rooms.guess(other.code, token, "noise", 2, "pupil")
    with refused("wrong"):
        rooms.seen_by_pupil(other.code, token, "pupil")
    with refused("wrong"):
        rooms.seen_by_teacher(one.code, other.key)
    with refused("wrong"):
        rooms.close(one.code, other.key)
    assert rooms.seen_by_teacher(other.code, other.key)["guesses"] == {}
    assert rooms.seen_by_teacher(one.code, one.key)["guesses"] == {"noise": [0, 0, 1, 0]}


def test_after_an_hour_nothing_is_left(rooms: Rooms, clock: Clock) -> None:
    room = rooms.open("lesson", "a")
    _, token = rooms.join(room.code, "pupil")
    clock.now += 3599
    assert rooms.seen_by_teacher(room.code, room.key)["seconds"] == 1
    later = rooms.open("lesson", "a")
    clock.now += 1
    assert len(rooms) == 1
    for gone in (
        lambda: rooms.seen_by_teacher(room.code, room.key),
        lambda: rooms.seen_by_pupil(room.code, token, "p"),
    ):
        with refused("wrong"):
            gone()
    assert rooms.seen_by_teacher(later.code, later.key)["people"] == 0
    clock.now += 3600
    assert len(rooms) == 0
    assert rooms._rooms == {}  # not only out of sight


def test_use_does_not_make_a_room_last(rooms: Rooms, clock: Clock) -> None:
    room = rooms.open("lesson", "a")
    for _ in range(12):
        clock.now += 299
        rooms.seen_by_teacher(room.code, room.key)
    clock.now += 12
    with refused("wrong"):
        rooms.seen_by_teacher(room.code, room.key)


def test_a_room_that_is_ended_is_gone_at_once(rooms: Rooms) -> None:
    room = rooms.open("present", "a")
    rooms.close(room.code, room.key)
    with refused("wrong"):
        rooms.join(room.code, "pupil")


@pytest.mark.parametrize("choice", [-1, 4, 10**9, True, 1.0, "1", None])
def test_only_a_choice_of_the_question_is_taken(rooms: Rooms, choice: object) -> None:
    room = rooms.open("lesson", "a")
    rooms.ask(room.code, room.key, "noise")
    _, token = rooms.join(room.code, "pupil")
    with refused("wrong"):
        rooms.guess(room.code, token, "noise", choice, "pupil")  # type: ignore[arg-type]
    assert rooms.seen_by_teacher(room.code, room.key)["guesses"] == {}


def test_only_what_is_asked_just_now_is_answered(rooms: Rooms) -> None:
    room = rooms.open("lesson", "a")
    _, token = rooms.join(room.code, "pupil")
    with refused("late"):
        rooms.guess(room.code, token, "noise", 0, "pupil")
    rooms.ask(room.code, room.key, "q1")
    with refused("late"):
        rooms.guess(room.code, token, "noise", 0, "pupil")
    with refused("wrong"):
        rooms.ask(room.code, room.key, "what is your name")
    with refused("late"):
        rooms.guess(room.code, token, "what is your name", 0, "pupil")


def test_a_code_cannot_be_guessed_nor_misread(rooms: Rooms) -> None:
    codes = {rooms.open("lesson", "a").code for _ in range(150)}
    assert len(codes) == 150
    assert all(len(code) == CODE and set(code) <= set(LETTERS) for code in codes)
    assert not set("IJOQ0123456789") & set(LETTERS)
    assert len(LETTERS) ** CODE / RoomSettings().rooms > 25_000  # tries until one is met, on average


def test_whoever_tries_codes_has_to_wait(clock: Clock) -> None:
    rooms = Rooms(QUESTIONS, clock=clock)
    room, tries = rooms.open("lesson", "teacher"), RoomSettings().mistakes.burst
    for _ in range(tries):
        with refused("wrong"):
            rooms.join("AAAAA" if room.code != "AAAAA" else "BBBBB", "stranger")
    with refused("busy"):
        rooms.join("CCCCC" if room.code != "CCCCC" else "BBBBB", "stranger")
    rooms.join(room.code, "pupil")  # others do not
    clock.now += 2 / RoomSettings().mistakes.per_second
    with refused("wrong"):
        rooms.join("DDDDD" if room.code != "DDDDD" else "BBBBB", "stranger")


def test_opening_and_asking_have_their_limits(clock: Clock) -> None:
    settings = RoomSettings(inside=LimitSettings(burst=5, per_second=1))
    rooms = Rooms(QUESTIONS, settings, clock)
    room = rooms.open("lesson", "a")
    for _ in range(settings.opening.burst - 1):
        rooms.open("lesson", "a")
    with refused("busy"):
        rooms.open("lesson", "a")
    rooms.open("lesson", "b")
    for _ in range(5):
        rooms.seen_by_teacher(room.code, room.key)
    with refused("busy"):
        rooms.seen_by_teacher(room.code, room.key)
    clock.now += 1
    rooms.seen_by_teacher(room.code, room.key)


def test_rooms_people_and_strangers_are_bounded(clock: Clock) -> None:
    rooms = Rooms(QUESTIONS, replace(FREE, rooms=3, people=2, strangers=5), clock)
    room, *_ = (rooms.open("lesson", "a") for _ in range(3))
    with refused("full"):
        rooms.open("lesson", "a")
    for _ in range(2):
        rooms.join(room.code, "pupil")
    with refused("full"):
        rooms.join(room.code, "pupil")
    for number in range(20):
        with refused("wrong"):
            rooms.join("-----", f"stranger {number}")
    assert len(rooms._strangers) <= 5
    clock.now += 3600
    rooms.open("lesson", "a")


def test_suggestions_wait_for_the_speaker(rooms: Rooms) -> None:
    room = rooms.open("present", "a")
    _, token = rooms.join(room.code, "pupil")
    rooms.suggest(room.code, token, "  cat,\n dog\u202e\x00 <b> ", "pupil")
    rooms.suggest(room.code, token, "sun, moon", "pupil")
    first, second = rooms.seen_by_teacher(room.code, room.key)["suggestions"]
    assert first == {"id": 1, "text": "cat, dog <b>"}  # text, which is only ever set as text
    assert rooms.take(room.code, room.key, second["id"]) == "sun, moon"
    with refused("wrong"):
        rooms.take(room.code, room.key, second["id"])
    assert [one["id"] for one in rooms.seen_by_teacher(room.code, room.key)["suggestions"]] == [1]
    with refused("wrong"):
        rooms.take(room.code, token, 1)  # nobody but the speaker


def test_suggestions_are_bounded(clock: Clock) -> None:
    rooms = Rooms(QUESTIONS, replace(FREE, waiting=4), clock)
    room = rooms.open("present", "a")
    one, other = (rooms.join(room.code, "pupil")[1] for _ in range(2))
    for text in ("", "   ", "\x00\u200b", "x" * (FREE.longest + 1), "x" * 100_000):
        with refused("wrong"):
            rooms.suggest(room.code, one, text, "pupil")
    for _ in range(FREE.waiting_each):
        rooms.suggest(room.code, one, "x" * FREE.longest, "pupil")
    with refused("many"):
        rooms.suggest(room.code, one, "cat", "pupil")
    rooms.suggest(room.code, other, "cat", "pupil")
    with refused("many"):
        rooms.suggest(room.code, other, "dog", "pupil")
    rooms.take(room.code, room.key, 1)
    rooms.suggest(room.code, one, "one more", "pupil")


def test_a_lesson_takes_no_suggestion_and_a_projector_no_guess(rooms: Rooms) -> None:
    lesson, present = rooms.open("lesson", "a"), rooms.open("present", "a")
    with refused("wrong"):
        rooms.suggest(lesson.code, rooms.join(lesson.code, "p")[1], "cat", "p")
    rooms.ask(present.code, present.key, "noise")
    with refused("late"):
        rooms.guess(present.code, rooms.join(present.code, "p")[1], "noise", 0, "p")
    with refused("wrong"):
        rooms.open("chat", "a")
