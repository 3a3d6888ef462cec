"""A full house in miniature: a server of its own, visited for seconds by programs and on the page, and then ended."""

from __future__ import annotations

import pytest

from tina.generator.tina import Tina
from tina.research import load
from tina.research.full_house.answers import Judge, differs, questions, weights_of_zip
from tina.research.full_house.visitors import Diary
from tina.ui.server.packing import packed
from tina.worlds import load_world

NAMES = ["apple", "snail", "banana", "penguin", "lighthouse", "sailboat", "bus", "moon"]


def test_every_question_is_another_one() -> None:
    asked = questions(NAMES, 40, 3)
    assert len({frozenset(one.classes) for one in asked}) == 40
    assert questions(NAMES, 40, 3) == asked


def test_an_answer_of_another_or_a_wrong_one_is_noticed() -> None:
    tina = Tina.from_pretrained("sketchbook-cnn")
    one, other = questions(NAMES, 2, 1)
    made, others = (tina.generate(question.text, seed=question.seed, steps=1) for question in (one, other))
    weights, strange = (weights_of_zip(packed(classifier, "zip")["data"]) for classifier in (made, others))
    judge = Judge(tina)
    assert judge.wrong(one, made.labels, weights, made.score_on(tina.world).accuracy) == ""
    assert judge.verdicts() == []
    assert judge.wrong(one, others.labels, strange).startswith("asked for")
    assert judge.wrong(one, made.labels, {name: weight + 0.01 for name, weight in weights.items()})
    assert differs(weights, strange)
    lied = Judge(tina)
    lied.wrong(one, made.labels, weights, 0.1234)
    assert "pictures apart" in lied.verdicts()[0]


def test_the_report_says_what_was_wrong() -> None:
    diary = Diary({"api generate": [1.0, 2.0, 3.0]})
    summary = {what: load._summary(seconds) for what, seconds in diary.seconds.items()}
    assert summary["api generate"] == {"answers": 3, "mean": 2.0, "p50": 2.0, "p95": 3.0, "p99": 3.0}
    found = {"visitors": 3, "on_the_page": 1, "minutes": 1, "asked": summary, "refused": {"429": 2}, "left": []}
    assert "all answers right" in load.report(found | {"wrong": []})
    assert "wrong: another's" in load.report(found | {"wrong": ["another's"]})


@pytest.mark.slow
def test_all_get_their_own_and_nothing_stays_behind() -> None:
    """Also that a server ends when it is told to, with exit code 0. No time is asserted."""
    assert load_world("sketchbook").present
    found = load.run(visitors=4, minutes=0.3, page=0.5, questions=3)
    assert (found["wrong"], found["left"], found["exit"]) == ([], [], 0)
    assert {"api generate", "page generate", "page arrives"} <= {*found["asked"]}
