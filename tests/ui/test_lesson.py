"""The lesson says what its runs count, and nothing before a guess; pupils' own things become a classifier."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tina.classifier.score import Score
from tina.errors import UserError
from tina.ui.learn import answers, languages, lesson, page, runs
from tina.ui.learn.teach import LEAST, PICTURES, THINGS, teach
from tina.ui.markup import data_url
from tina.ui.panes import try_it
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.registry import CheckpointRegistry
from tina.worlds.sketchbook import draw

WORDS = languages.load("en")
LABELS = ("apple", "snail", "owl", "bus", "key")


def scored(right: int, of: int = 250, ways: int = 5) -> Score:
    """`right` of `of` pictures."""
    rows = [[0] * ways for _ in range(ways)]
    rows[0][0], rows[0][1] = right, of - right
    return Score(LABELS[:ways], tuple(map(tuple, rows)))


def said(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# -- how it works -----------------------------------------------------------------------------------------------------
def test_the_lesson_breaks_it_in_every_way(checkpoint: LoadedCheckpoint) -> None:
    names = [name for name, _ in lesson.experiments(checkpoint)]
    assert names[:2] == ["names", "another order"]
    html = answers.ways(runs.ways(checkpoint), WORDS).html
    assert all(name in html for name in names)
    assert answers.seeds(checkpoint, WORDS).html.count("<figure") == 4
    assert len(lesson.STEPS) == 9
    assert len(lesson.QUIZ) == 6


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("step", [step for step in lesson.STEPS if step != "teach"])
def test_every_step_has_an_answer_in_every_language(checkpoint: LoadedCheckpoint, step: str, lang: str) -> None:
    words = languages.load(lang)
    found = answers.answer(checkpoint, checkpoint, "Sketchbook", step, words)
    assert found.right
    assert set(found.right) <= set(range(lesson.QUESTIONS[step]))
    assert said(found.html)
    assert "{" not in said(found.html)  # every placeholder was filled in
    story = answers.story(checkpoint, checkpoint, step, words)
    assert "{" not in story


def test_before_a_guess_nothing_is_given_away(checkpoint: LoadedCheckpoint) -> None:
    registry = SimpleNamespace(get=lambda name=None: checkpoint, names=["x"])
    sent = page.whole(WORDS, registry)
    before = (
        sent["html"]
        + str(sent["words"])
        + "".join(answers.story(checkpoint, checkpoint, step, WORDS) for step in lesson.STEPS)
    )
    for step in lesson.STEPS:
        if step == "teach":
            continue
        for sentence in re.findall(r"[^.]{30,}", said(answers.answer(checkpoint, checkpoint, "T", step, WORDS).html)):
            assert sentence.strip() not in said(before) or sentence.strip() in WORDS("lesson.numbers")
    for question in lesson.QUIZ:
        assert WORDS(f"quiz.{question}.why") not in before
    assert sent["html"].count('class="guess"') == len(lesson.STEPS) + len(lesson.QUIZ)
    assert "checked" not in sent["html"]


def test_one_row_has_as_many_numbers_as_one_more_class_costs(checkpoint: LoadedCheckpoint) -> None:
    parameters, html = checkpoint.blueprint.parameters, answers.inside(checkpoint, WORDS).html
    row = parameters(6) - parameters(5)
    assert f"of {row} numbers" in html
    assert f"other {parameters(5) - 5 * row} numbers" in html
    assert str(parameters(5)) in answers.story(checkpoint, checkpoint, "inside", WORDS)


@pytest.mark.parametrize(
    ("right", "key", "choice"), [(50, "same", 1), (125, "more", 2), (0, "less", 0), (240, "more", 3)]
)
def test_the_start_is_as_good_as_it_was_counted(
    checkpoint: LoadedCheckpoint, right: int, key: str, choice: int
) -> None:
    made = runs.first(checkpoint)
    start = replace(made, steps=[replace(made.steps[0], score=scored(right)), *made.steps[1:]])
    found = answers.noise(start, WORDS)
    assert found.right == (choice,)
    assert WORDS(f"answers.noise_{key}") in said(found.html)
    assert WORDS.percent(right / 250) in said(found.html)


@pytest.mark.parametrize(("reached", "choice"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_when_nine_of_ten_are_right(checkpoint: LoadedCheckpoint, reached: int, choice: int) -> None:
    made = runs.first(checkpoint)
    steps = [replace(step, score=scored(240 if i >= reached else 100 + i)) for i, step in enumerate(made.steps)]
    found = answers.steps(checkpoint, replace(made, steps=steps), WORDS)
    assert found.right == (choice,)
    if reached <= 10:
        assert f"after step {reached} of 10" in found.html
        assert f"largest jump is at step {reached}" in found.html
    else:
        assert "Not at all" in found.html
    assert len(found.data["frames"]) == 11
    assert [frame["accuracy"] for frame in found.data["frames"]] == [step.score.accuracy for step in steps]


@pytest.mark.parametrize(
    ("correlation", "choice", "key"), [("0.100", 0, "different"), ("0.600", 1, "half"), ("0.999", 2, "same")]
)
def test_what_is_said_of_the_seeds_follows_from_their_correlation(
    checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch, correlation: str, choice: int, key: str
) -> None:
    made = runs.seeds(checkpoint)
    monkeypatch.setattr(runs, "seeds", lambda checkpoint: replace(made, correlation=correlation))
    found = answers.seeds(checkpoint, WORDS)
    assert found.right == (choice,)
    assert WORDS(f"answers.seeds_{key}") in said(found.html)
    assert f"correlate at {correlation}" in found.html


def ways(**right: int) -> list[runs.Way]:
    names = ["names", "another order", "synonyms", "descriptions", "made-up words", "never seen, names"]
    names += ["never seen, with 1 picture", "never seen, with 5 pictures"]
    usual = dict(zip(names, (243, 243, 243, 242, 87, 60, 150, 185), strict=True)) | {
        name.replace("_", " "): count for name, count in right.items()
    }
    return [runs.Way(name, list(LABELS), scored(count)) for name, count in usual.items()]


def test_what_is_said_of_the_ways_follows_from_the_counts() -> None:
    close = answers.ways(ways(), WORDS)
    assert close.right == (3, 4)  # 35% and 24%, of 250: their intervals meet
    assert WORDS("answers.words_close") in said(close.html)
    assert "another order makes no difference" in said(close.html).lower()
    assert "Even nonsense" in close.html
    assert "Pictures help" in close.html
    apart = answers.ways(ways(**{"made-up words": 100}), WORDS)
    assert apart.right == (4,)
    assert WORDS("answers.words_close") not in said(apart.html)
    other = answers.ways(ways(**{"another order": 200, "made-up words": 48, "never seen, with 5 pictures": 70}), WORDS)
    assert "97% became 80%" in other.html
    assert "cannot be told from guessing" in other.html
    assert "no clear difference" in other.html


# -- when it fails ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("sure", "choice"), [(0, 0), (4, 0), (5, 1), (24, 1), (25, 2), (60, 2), (61, 3), (100, 3)])
def test_how_sure_it_is_of_what_it_does_not_know(sure: int, choice: int) -> None:
    found = answers.unknown(runs.Unknown([0.5], [True], [0.95] * sure + [0.5] * (100 - sure)), WORDS)
    assert found.right == (choice,)
    assert f"{sure} of 100" in found.html
    assert len(found.data["others"]) == 100


def lit(day: float, night: float, sure: float = 0.1) -> runs.Lit:
    rest = dict.fromkeys(lesson.STREET[1:], 0.8)
    subject = lesson.STREET[0]
    return runs.Lit({subject: day} | rest, {subject: night} | rest, sure)


@pytest.mark.parametrize(("night", "choice"), [(0.2, 2), (0.5, 1), (0.85, 0)])
def test_what_is_said_of_the_light_follows_from_the_counts(
    checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch, night: float, choice: int
) -> None:
    made = runs.Light(lit(0.9, night), lit(0.9, 0.3), lit(0.9, 0.8), lit(0.9, 0.9), 1, 240)
    monkeypatch.setattr(runs, "light", lambda checkpoint: made)
    found = answers.light(checkpoint, "Sketchbook", WORDS)
    assert found.right == (choice,)
    assert WORDS.percent(night) in found.html
    assert WORDS.percent(made.by_day.average) in found.html
    assert (WORDS("answers.light_hurt") in said(found.html)) is (choice > 0)
    assert answers.mend(checkpoint, WORDS).right == ((1,) if night < 0.9 else (0,))
    monkeypatch.setattr(runs, "light", lambda checkpoint: replace(made, more=lit(0.9, 0.95)))
    mended = answers.mend(checkpoint, WORDS)
    assert mended.right == (0,)
    assert WORDS("answers.mend_other") in said(mended.html)
    assert WORDS("answers.mend_mixed") not in said(mended.html)


def test_night_is_darker_and_only_the_first_thing_is_seen_by_day_only(
    checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.full((4, 4, 3), 200, np.uint8)
    assert (runs.by_night(pixels) < pixels).all()
    assert runs.by_night(pixels)[0, 0, 2] == runs.by_night(pixels)[0, 0].max()  # bluer
    trained = []
    monkeypatch.setattr(runs, "_train", lambda c, weights, dark, times=1: trained.append((dict(dark), times)) or {})
    runs.light.__wrapped__(checkpoint)
    half = dict.fromkeys(lesson.STREET, runs.SHOWN // 2)
    assert trained == [(half | {"bicycle": 0}, 1), (half | {"bicycle": 0}, 2), (half, 1)]


def test_the_last_layer_that_is_trained_knows_what_it_was_shown(checkpoint: LoadedCheckpoint) -> None:
    (weights,) = checkpoint.write_seeds(lesson.prompt_of(lesson.STREET), [0], page.answers.runs.SamplingOptions())
    camera = runs._train(checkpoint, weights, dict.fromkeys(lesson.STREET, 0))
    assert camera["head.weight"].shape == weights["head.weight"].shape
    shown = {name: checkpoint.world.pictures("train", name, 20) for name in lesson.STREET}
    found = runs._tested(checkpoint, weights | camera, shown)
    assert sum(found.day.values()) / 4 > 0.4  # of four things, by a network that has learnt nothing
    assert torch.isfinite(camera["head.weight"]).all()


# -- teaching it ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def registry(checkpoint_folder: str) -> CheckpointRegistry:
    return CheckpointRegistry(checkpoint_folder)


def things(*names: str, count: int = 3) -> list[dict]:
    return [
        {"name": name, "pictures": [data_url(draw(("snail", "house", "cat")[k % 3], "test", i)) for i in range(count)]}
        for k, name in enumerate(names)
    ]


def test_pupils_things_become_a_classifier(registry: CheckpointRegistry) -> None:
    found = teach(registry, things("Lisas Schnecke", "unser Haus, das rote", "<b>"), photos=False)
    assert found.generation.labels == ["Lisas Schnecke", "unser Haus, das rote", "<b>"]
    assert found.generation.finished
    assert found.count == 9
    assert 0 <= found.right <= 9
    assert [len(one.pictures) for one in found.generation.prompt.classes] == [3, 3, 3]
    sent = page._written(registry.get(), found, languages.load("de"))
    assert sent["model"]["labels"] == found.generation.labels
    assert "aus 9 Bildern" in sent["said"][0]
    assert f"{found.right} von deinen 9 Bildern" in sent["said"][1]


@pytest.mark.parametrize(
    "wrong",
    [
        None, 5, "ab", [], things("one"), things("a", "b", count=LEAST - 1), things("a", "b", count=PICTURES + 1),
        things(*"abcdefgh"[: THINGS + 1]), [1, 2], [{"name": "a"}, {"name": "b"}], things("", "b"), things("a", " A "),
        [{"name": "a", "pictures": "abc"}, {"name": "b", "pictures": [1, 2, 3]}],
    ],
)  # fmt: skip
def test_anything_else_is_refused(registry: CheckpointRegistry, wrong: object) -> None:
    with pytest.raises(UserError):
        teach(registry, wrong, photos=False)


def test_events_in_which_anything_may_stand_do_no_harm(registry: CheckpointRegistry) -> None:
    for about in ({"what": "step", "step": "teach"}, {"what": "step", "step": "x"}, {"what": "picture"}, {}):
        with pytest.raises(UserError):
            page._answer(registry, about, None, WORDS)
    _, found = page._answer(registry, {"what": "step", "step": "q1"}, None, WORDS)
    assert found == {"right": [1], "html": WORDS("quiz.q1.why"), "text": True}


def test_a_picture_is_answered_by_the_pupils_own_classifier(registry: CheckpointRegistry) -> None:
    found = teach(registry, things("a", "b"), photos=False)
    _, told = page._answer(registry, {"what": "picture", "picture": things("a")[0]["pictures"][0]}, found, WORDS)
    assert sum(told["shares"]) == pytest.approx(1)
    assert told["shares"] == pytest.approx(
        try_it.answer(registry.get(), found.generation, things("a")[0]["pictures"][0])["shares"]
    )
