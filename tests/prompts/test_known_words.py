"""Words are told from no words, and things that can be seen from other words."""

from __future__ import annotations

import random
import string

import numpy as np
import pytest

from tina.prompts.known_words import decode, encode, is_thing, is_word, singular, tells_something
from tina.worlds import vocabulary

RARE = (
    "kohlrabi edelweiss quokka axolotl samovar dirndl theremin hurdy-gurdy okapi persimmon loquat stethoscope "
    "sphygmomanometer corkscrew secateurs didgeridoo smartphone selfie skateboarder Rottweiler recycling "
    "happiness mice wolves sailing striped reddish café jalapeño"
)
NONE = "qwer asdf jkl hjkl zxcv dfgh uiop blorf blorp wasd Lisa katze"


@pytest.mark.parametrize("word", RARE.split())
def test_rare_words_are_words(word: str) -> None:
    assert is_word(word) or all(map(is_word, word.split("-")))
    assert tells_something(word)


@pytest.mark.parametrize("word", NONE.split())
def test_what_is_in_no_dictionary_is_no_word(word: str) -> None:
    assert not is_word(word)
    assert not tells_something(f"my {word}")


def test_every_name_of_our_worlds_tells_something() -> None:
    words = {word for thing in vocabulary().values() for word in (thing.name, *thing.synonyms, *thing.families)}
    assert not [word for word in words if not tells_something(word)]


def test_few_strange_words_are_taken_for_a_known_one() -> None:
    draw = random.Random(0)
    strange = ["".join(draw.choices(string.ascii_lowercase, k=9)) for _ in range(2000)]
    assert sum(map(is_word, strange)) / len(strange) < 0.05


@pytest.mark.parametrize("label", ["class 1", "1", "A", "left", "my", "???", "תפוח ירוק", "猫", "🍎", ""])
def test_some_labels_say_nothing(label: str) -> None:
    assert not tells_something(label)


@pytest.mark.parametrize(
    ("plural", "one"), [("herons", "heron"), ("mice", "mouse"), ("knives", "knife"), ("kites", "kite")]
)
def test_plurals_of_things_have_a_singular(plural: str, one: str) -> None:
    assert is_thing(plural)
    assert singular(f"red {plural}") == f"red {one}"


def test_what_is_called_by_a_plural_stays_so() -> None:
    assert [singular(name) for name in ("grapes", "scissors", "Trousers", "bus", "happiness")] == [
        *("grapes", "scissors", "Trousers"),
        *("bus", "happiness"),
    ]
    assert not is_thing("happiness")


def test_numbers_and_flags_are_decoded_as_they_were() -> None:
    draw = np.random.default_rng(0)
    numbers = np.sort(draw.choice(64 * 1001, 1001, replace=False)).astype(np.int64)
    flags = draw.random(1001) < 0.3
    again = decode(encode(numbers, flags))
    assert (again[0] == numbers).all()
    assert (again[1] == flags).all()
