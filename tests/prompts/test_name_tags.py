"""Which labels say what is seen, and which only tell classes apart."""

from __future__ import annotations

import pytest

from tina.prompts.name_tags import says_something

KNOWN = {
    "cup",
    "cat",
    "shelf",
    "apple",
    "sister",
    "dog",
    "traffic light",
    "light",
    "man",
    "hat",
    "right whale",
    "whale",
}


KNOWING = (
    *("cup", "Cup", "my cup", "my sister's cup", "the cat", "red apple", "traffic light", "Right whale", "dog's"),
    "a man with a funny hat",
)
MUTE = (
    *(
        "class 1",
        "1",
        "A",
        "box B",
        "group two",
        "Lisa",
        "left shelf",
        "good apple",
        "thing",
        "IMG_2041",
        "my",
        "",
        "???",
    ),
    *("die Katze", "苹果", "a quite unheard of one"),
)


@pytest.mark.parametrize("label", KNOWING)
def test_a_known_thing_says_something(label: str) -> None:
    assert says_something(label, KNOWN.__contains__)


@pytest.mark.parametrize("label", MUTE)
def test_a_name_tag_says_nothing(label: str) -> None:
    assert not says_something(label, KNOWN.__contains__)
