"""The lexicon of how everyday things look."""

from __future__ import annotations

import pytest

from tina.research.recipes.lexicon import Lexicon
from tina.worlds import vocabulary


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.read()


def test_it_knows_a_thousand_nouns_and_every_class_of_the_worlds(lexicon: Lexicon) -> None:
    assert len(lexicon.names) >= 1000
    assert set(vocabulary()) <= set(lexicon.names)


def test_it_says_enough_of_each_and_nothing_twice(lexicon: Lexicon) -> None:
    for noun, traits in lexicon.said.items():
        assert len(traits) == len(set(traits)) >= 6, noun


def test_every_feature_is_in_the_list_and_in_use() -> None:
    known, said = Lexicon.parts()
    assert {trait for traits in said.values() for trait in traits} == known


def test_a_feature_that_is_not_in_the_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    known, said = Lexicon.parts()
    monkeypatch.setattr(Lexicon, "parts", staticmethod(lambda: (known, said | {"teapot": ["spoutlike"]})))
    with pytest.raises(ValueError, match=r"teapot.*spoutlike"):
        Lexicon.read()


def test_things_that_look_alike_are_alike(lexicon: Lexicon) -> None:
    """Whatever they are for."""
    traits = dict(zip(lexicon.names, lexicon.traits, strict=True))
    for one, other, stranger in (
        ("wrench", "spoon", "tractor"),
        ("owl", "penguin", "snake"),
        ("lighthouse", "candle", "spider"),
        ("orange", "soccer ball", "pencil"),
    ):
        assert traits[one] @ traits[other] > traits[one] @ traits[stranger]


def test_without_a_noun_all_others_are_as_they_were(lexicon: Lexicon) -> None:
    fewer = lexicon.without({"teapot", "owl"})
    assert set(lexicon.names) - set(fewer.names) == {"teapot", "owl"}
    assert all(fewer.said[noun] == lexicon.said[noun] for noun in fewer.names)
