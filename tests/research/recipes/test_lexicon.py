"""The lexicon of visible traits."""

from __future__ import annotations

import pytest

from tina.research.recipes.lexicon import Lexicon
from tina.worlds import vocabulary


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.read()


def test_it_has_a_thousand_nouns_and_every_class_of_the_worlds(lexicon: Lexicon) -> None:
    assert len(lexicon.names) >= 1000
    assert set(vocabulary()) <= set(lexicon.names)


def test_each_noun_has_enough_traits_and_none_twice(lexicon: Lexicon) -> None:
    for noun, traits in lexicon.traits_of.items():
        assert len(traits) == len(set(traits)) >= 6, noun


def test_every_trait_is_in_the_list_and_in_use() -> None:
    listed, traits_of = Lexicon.parse()
    assert {trait for traits in traits_of.values() for trait in traits} == listed


def test_a_trait_that_is_not_in_the_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    listed, traits_of = Lexicon.parse()
    monkeypatch.setattr(Lexicon, "parse", staticmethod(lambda: (listed, traits_of | {"teapot": ["spoutlike"]})))
    with pytest.raises(ValueError, match=r"teapot.*spoutlike"):
        Lexicon.read()


def test_things_that_look_similar_have_similar_traits(lexicon: Lexicon) -> None:
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
    assert all(fewer.traits_of[noun] == lexicon.traits_of[noun] for noun in fewer.names)
