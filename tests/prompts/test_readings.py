"""How sure a reading is, and that unknown words are never made into classes in silence."""

from __future__ import annotations

import numpy as np
import pytest

from tina.generator.base import BaseTina
from tina.generator.guess import guess
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.prompts.prompt import PromptError
from tina.prompts.readings import UnknownWords

PICTURE = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture(scope="module", params=["sketchbook-cnn", "everyday"])
def tina(request: pytest.FixtureRequest) -> BaseTina:
    return Tina.from_pretrained(request.param)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("apple, heron, kohlrabi", ["known"] * 3),
        ("my cup, red apple, traffic light", ["known"] * 3),
        ("Apfel, 🍌, 猫", ["read as apple", "read as banana", "read as cat"]),
        ("apple, red blorp", ["known", "read as red"]),
        ("qwer: a red ball\napple: round", ["described", "described"]),
        ("qwer: asdf jkl\napple", ["unknown", "known"]),
        ("apple, qwer, Ж, something else", ["known", "unknown", "unknown", "something else"]),
    ],
)
def test_each_class_says_how_sure_its_reading_is(tina: BaseTina, text: str, readings: list[str]) -> None:
    assert [str(tina.reading(one)) for one in tina.understand(text).classes] == readings


def test_pictures_make_a_name_of_what_is_no_word(tina: BaseTina) -> None:
    prompt = tina.understand("", {"qwer": [PICTURE], "Lisa": [PICTURE], "mug": [PICTURE]})
    assert [str(tina.reading(one)) for one in prompt.classes] == ["only pictures", "only pictures", "known"]
    assert prompt.notes == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("qwer", "“qwer”"),
        ("asdf jkl", "“asdf jkl”"),
        ("qwer, asdf", "“qwer” and “asdf”"),
        ("qwer, something else", "“qwer”"),
        ("find all qwer", "“qwer”"),
        ("class 1, class 2", "“class 1” and “class 2”"),
        ("Lisa\nOlaf Qwer\nתפוח", "“Lisa”, “Olaf Qwer” and “תפוח”"),
    ],
)
def test_of_unknown_words_alone_nothing_is_made(tina: BaseTina, text: str, named: str) -> None:
    with pytest.raises(UnknownWords) as error:
        tina.generate(text)
    many = "them" if " and " in named else "it"
    assert str(error.value) == f"I don’t know {named}: add pictures, or describe {many} in English."
    assert error.value.classes
    assert error.value.field == error.value.classes[0].label


def test_beside_known_words_an_unknown_one_is_said(tina: BaseTina) -> None:
    prompt = tina.understand("apple, qwer")
    assert prompt.notes == ("I don’t know “qwer”: add pictures, or describe it in English.",)
    assert tina.heard(prompt) == [
        {"label": "apple", "heard": True, "pictures": 0},
        {"label": "qwer", "heard": True, "pictures": 0, "reading": "unknown"},
    ]
    assert tina.understand("apple, Apfelx\n", {"Apfelx": [PICTURE]}).notes == ()


def test_what_is_read_as_another_name_is_in_every_answer(tina: BaseTina) -> None:
    assert tina.heard(tina.understand("Apfel, snail"))[0] == {
        "label": "Apfel",
        "heard": True,
        "pictures": 0,
        "reading": "read as",
        "read_as": "apple",
    }


def test_another_language_gives_the_weights_of_the_english_name(tina: BaseTina) -> None:
    weights = [tina.generate(text).weights["head.weight"] for text in ("apple, snail", "Apfel, 🐌")]
    assert weights[0].equal(weights[1])


@pytest.mark.parametrize("text", ["heron", "a mug", "Apfel", "🍎", "her\ud800on"])
def test_one_thing_is_one_class_and_no_sentence(tina: BaseTina, text: str) -> None:
    with pytest.raises(PromptError, match="is one: add another") as error:
        tina.understand(text)
    assert len(error.value.classes) == 1
    assert tina.understand(f"{text}, something else").labels[1] == "something else"


def test_a_broad_word_and_a_sentence_are_the_classes_that_they_mean(tina: BaseTina) -> None:
    for text in ("fruit", "things that fly", "musical instruments"):
        assert len(tina.understand(text).classes) > 2


def test_only_reading_asks_nobody_what_is_known() -> None:
    assert parse("qwer, asdf").labels == ["qwer", "asdf"]


def test_what_cannot_be_tested_has_a_guess_from_the_table_and_unknown_words_have_none(tina: BaseTina) -> None:
    named, shown = (
        tina.understand("heron, kohlrabi"),
        tina.understand("", {"heron": [PICTURE] * 6, "mug": [PICTURE] * 9}),
    )
    words, pictures = guess(tina, named), guess(tina, shown)
    assert words
    assert pictures
    assert str(words).startswith("names like these")
    assert str(pictures).startswith("names and 5 pictures of each class")
    assert 0.1 < words.least <= words.accuracy <= words.most < pictures.accuracy + 0.3
    assert f"about {round(10 * words.accuracy)} in 10 right" in str(words)
    assert guess(tina, tina.understand("apple, qwer")) is None
    assert guess(tina, tina.understand(", ".join(f"{n} apples" for n in range(30)))) is None
    if tina.kind == "zoo":
        row = next(row for row in tina.table["rows"] if (row["method"], row["split"]) == ("tina", "unseen"))
        assert words.accuracy == row["accuracy"]


def test_without_a_table_nothing_is_guessed(tina: BaseTina, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tina.__dict__, "table", {})
    assert guess(tina, tina.understand("heron, kohlrabi")) is None
