"""Nothing that a stranger sends ends in anything but an answer or one sentence, nor takes much memory.

2,000 cases here; `python -m tests.fuzz --cases 100000` runs as many as one wants, and says how long they took.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import main
from tests.fuzz.cases import KINDS, pictures, run
from tests.fuzz.memory import measured

CASES, QUICK, MEGABYTES = 2200, 220, 300
WRITES = ("api",)  # kinds of which some cases write a classifier: a quarter of them
USUAL = {"deadline": None, "database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
RANDOM = st.randoms(note_method_calls=False, use_true_random=False)


def _cases(kind: str, count: int) -> None:
    @settings(max_examples=count // len(KINDS) // (4 if kind in WRITES else 1), **USUAL)
    @given(RANDOM)
    def check(draw: Random) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert measured(lambda: run(kind, draw))[2] < MEGABYTES

    run(kind, Random(0))  # what a kind is made of is no case's cost
    check()


def test_the_command_counts_and_says_what_went_wrong(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["fuzz", "--cases", "40", "--kinds", "option", "link"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("40 cases in ")

    def breaks(draw: Random) -> None:
        raise ValueError("one that nobody expects")

    monkeypatch.setitem(KINDS, "link", breaks)
    assert main() == 20
    said = capsys.readouterr().out
    assert "one that nobody expects" in said
    assert "20 wrong" in said


def test_security_says_what_is_tried() -> None:
    said = (Path(__file__).parents[2] / "SECURITY.md").read_text("utf-8")
    assert f"pictures ({len(pictures())} files of 17 formats)" in said
    assert ("eleven kinds" in said, len(KINDS)) == (True, 11)


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_cases_of_every_kind(kind: str) -> None:
    _cases(kind, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_cases_of_every_kind(kind: str) -> None:
    _cases(kind, CASES)
