"""Settings in the address, and the code of it that a phone reads from the wall."""

from __future__ import annotations

import time
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest

from tina.errors import UserError
from tina.ui import state as runs
from tina.ui.handlers import Handlers
from tina.ui.learn import qr
from tina.ui.server import links
from tina.ui.state import How, Run, Turn


def test_an_empty_address_asks_for_the_usual() -> None:
    assert links.read({}) == links.Visit("", How())


def test_an_address_is_read() -> None:
    visit = links.read({"classes": "cat, dog", "seed": "7", "steps": "5", "world": "x", "mode": "present"})
    assert visit == links.Visit("cat, dog", How(seed=7, steps=5), "x", "present")


@pytest.mark.parametrize(
    "query", [{"seed": "-1"}, {"seed": "x"}, {"steps": "9999"}, {"sampler": "<b>"}, {"guidance": "nan"}]
)
def test_nonsense_in_an_address_is_the_usual(query: dict) -> None:
    assert links.read(query).how == How()


def test_a_link_asks_for_the_same_again(run: Run) -> None:
    query = {name: values[0] for name, values in parse_qs(links.write(run, "sketchbook-cnn")).items()}
    visit = links.read(query)
    assert visit.classes == "apple, sailboat, snail"
    assert visit.how == run.how
    assert visit.checkpoint == "sketchbook-cnn"


@pytest.mark.parametrize(("steps", "seed"), [(0, 0), (101, 0), (10, -1), (10, 2**31)])
def test_settings_have_limits(steps: int, seed: int) -> None:
    with pytest.raises(UserError):
        How(steps=steps, seed=seed)


def test_a_known_code() -> None:
    """The first rows of version 1-M for "a", as other encoders draw it: finder, format and timing patterns."""
    rows = qr.matrix("a")
    assert len(rows) == 21
    assert rows[0][:7] == [1] * 7
    assert rows[6][:9] == [1, 1, 1, 1, 1, 1, 1, 0, 1]
    assert [row[6] for row in rows][7:14] == [0, 1, 0, 1, 0, 1, 0]
    assert rows[13][8] == 1  # the dark module


def test_codes_grow_with_their_text_and_end() -> None:
    assert len(qr.matrix("x" * 362)) == 17 + 4 * 14
    with pytest.raises(UserError):
        qr.matrix("x" * 363)


def test_correction_bytes_are_those_of_the_standard() -> None:
    """ISO/IEC 18004, annex I: "01234567" in version 1-M."""
    data = [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11]
    assert qr._correction(data, 10) == [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]


def test_a_code_is_one_path() -> None:
    assert qr.svg("http://127.0.0.1:7860/").count("<path") == 1


def test_the_code_on_the_wall_leads_to_the_same_classes() -> None:
    from tina.ui.learn import present

    def request(**query: str) -> SimpleNamespace:
        url = SimpleNamespace(scheme="http", netloc="x")
        return SimpleNamespace(request=SimpleNamespace(url=url), headers={"host": "tina.local"}, query_params=query)

    assert present.address(request(mode="present")) == "http://tina.local/"
    assert present.address(request(mode="present", classes="a, b")) == "http://tina.local/?classes=a%2C+b"
    assert present.code(request(), links.read({})) == ""
    assert present.code(request(), links.read({"mode": "present"})).startswith("<svg")


def test_the_newest_turn_ends_the_ones_before() -> None:
    turn = Turn()
    first = turn.take()
    watching = turn.watch()
    assert first()
    second = turn.take()
    assert not first()
    assert not watching()
    assert second()


def test_who_begins_too_much_at_once_waits_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(runs.time, "monotonic", lambda: now)
    turn, other = Turn(), Turn()
    for _ in range(runs.AT_ONCE):
        turn.spend()
    with pytest.raises(UserError, match="wait a few seconds"):
        turn.spend()
    other.spend()  # another visitor has not lost anything
    now += 2.5
    turn.spend()
    turn.spend()
    with pytest.raises(UserError):
        turn.spend()
    now += 3600
    for _ in range(runs.AT_ONCE):
        turn.spend()
    with pytest.raises(UserError):
        turn.spend()


def test_who_has_to_wait_is_told_so_and_what_was_begun_goes_on() -> None:
    turn = Turn(left=0, counted=time.monotonic() + 60)
    running = turn.take()
    do = Handlers(shelf=None)  # nothing is looked up for who has to wait
    fields = ("apple, snail", {}, 3, "ddim", 1, 0, "Weights", "any")
    _, told = do.generate(turn, *fields)
    (chips,) = [part for part in told if isinstance(part, dict) and "error" in part]
    assert "wait a few seconds" in chips["error"]
    run = SimpleNamespace(exam="there is one")
    (said,) = do.race(turn, run, 0, "any")
    assert "wait a few seconds" in said
    assert running()
