"""Which words are English, and which of them name a thing that can be seen.

    is_word("kohlrabi"), is_word("qwer")    # True, False
    is_thing("herons"), is_thing("happy")   # True, False

words.safetensors has a number of 64 N for each of N words, in Elias and Fano's coding: about a byte for a word. A word
that is in no dictionary has a chance of 1 in 64 to be taken for one. tina/research/recipes/word_list.py makes it, of
WordNet (Miller, 1995) and of our own lists.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from tina.prompts.languages import english_names
from tina.prompts.name_tags import OWNERS, PLACES
from tina.prompts.text import roots_of, singulars_of
from tina.worlds.base import vocabulary

FILE = Path(__file__).with_name("words.safetensors")
SPARSE = 64  # numbers for each word: the more, the fewer strange words are taken for a known one
LOW_BITS = 6
LONGEST = 40  # letters of a word
SHORTEST_PART = 4  # letters of either part of a compound: "skateboarder"
SUFFIXES = (
    ("ly", ""),
    ("ness", ""),
    ("iness", "y"),
    ("ily", "y"),
    ("less", ""),
    ("ful", ""),
    ("like", ""),
    ("er", ""),
    ("er", "e"),
)
NO_WORD = re.compile("^[^aeiouy]{4,}$|[^aeiouy]{7,}")  # not to be said aloud
GRAMMAR = "and or of in on at by to for with from that which who is are not no all any"
EMPTY = OWNERS | PLACES | set(GRAMMAR.split())  # they say nothing of what is seen


def plain(word: str) -> str:
    """A word in small letters without accents."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def number_of(word: str, count: int) -> int:
    """The number that stands for a plain word among `count` words."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") % (SPARSE * count)


def encode(numbers: NDArray[np.int64], flags: NDArray[np.bool_]) -> dict[str, NDArray[np.uint8]]:
    """Sorted whole numbers below SPARSE times their count, and a flag for each, as bytes."""
    low = (numbers[:, None] >> np.arange(LOW_BITS)) & 1
    high = np.zeros(2 * len(numbers) + 1, np.uint8)
    high[(numbers >> LOW_BITS) + np.arange(len(numbers))] = 1
    return {"low": np.packbits(low.astype(np.uint8)), "high": np.packbits(high), "things": np.packbits(flags)}


def decode(parts: dict[str, NDArray[np.uint8]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The inverse of `encode`."""
    ones = np.flatnonzero(np.unpackbits(parts["high"]))
    bits = np.unpackbits(parts["low"])[: LOW_BITS * len(ones)].reshape(-1, LOW_BITS).astype(np.int64)
    numbers = ((ones - np.arange(len(ones))) << LOW_BITS) + (bits << np.arange(LOW_BITS)).sum(1)
    return numbers, np.unpackbits(parts["things"])[: len(ones)].astype(bool)


@cache
def _words() -> dict[int, bool]:
    """Number of a word -> whether it names a thing."""
    numbers, things = decode(load_file(FILE))
    return dict(zip(numbers.tolist(), things.tolist(), strict=True))


def _look_up(word: str) -> bool | None:
    """Whether exactly this word names a thing; None for no word."""
    return _words().get(number_of(word, len(_words())))


@cache
def our_names() -> frozenset[str]:
    """Names and synonyms of every thing of our worlds, in small letters."""
    return frozenset(name.casefold() for thing in vocabulary().values() for name in (thing.name, *thing.synonyms))


@cache
def our_families() -> frozenset[str]:
    """Broad classes of our worlds, in small letters."""
    return frozenset(family.casefold() for thing in vocabulary().values() for family in thing.families)


def forms_of(word: str) -> set[str]:
    """The words that a plain word may come from, itself included: roots, and what a suffix was put to."""
    forms = roots_of(word)
    for suffix, before in SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) > 2:
            forms.add(stem + before)
    return forms


def is_word(word: str) -> bool:
    """Whether it is an English word, in any form or put together of two, or a name that our worlds have."""
    forms = forms_of(plain(word))
    if len(word) > LONGEST or NO_WORD.search(plain(word)):
        return False
    if any(form in our_names() or (len(form) > 1 and _look_up(form) is not None) for form in forms):
        return True
    for form in forms:
        for at in range(SHORTEST_PART, len(form) - SHORTEST_PART + 1):
            if _look_up(form[:at]) is not None and _look_up(form[at:]) is not None:
                return True
    return False


def is_thing(name: str) -> bool:
    """Whether a word, or several that our worlds have as one name, is first of all a thing that can be seen."""
    name = " ".join(name.casefold().split())
    if singular_in(name, our_names() | english_names()):
        return True
    return " " not in name and any(_look_up(form) for form in singulars_of(plain(name)) if len(form) > 1)


def names_one_thing(text: str) -> bool:
    """Whether a text is one name of a thing, with or without an article, and no broad class ("fruit")."""
    name = re.sub(r"^(?:an?|the)\s+", "", " ".join(text.casefold().split()))
    return is_thing(name) and not singular_in(name, our_families())


def singular_in(name: str, names: frozenset[str]) -> str:
    """The form of a name, or of its singular, that is among names; empty where none is."""
    *before, last = name.casefold().split() or [""]
    forms = (" ".join([*before, form]) for form in sorted(singulars_of(last), key=lambda form: form != last))
    return next((form for form in forms if form in names), "")


def singular(name: str) -> str:
    """The singular of a plural that names things: "red mushrooms" -> "red mushroom". Other names stay as they are."""
    if name.casefold() in map(str.casefold, vocabulary()):  # grapes, scissors
        return name
    *before, last = name.split() or [""]
    for form in sorted(
        singulars_of(last.casefold()) - {last.casefold()}, key=lambda form: (form not in our_names(), -len(form))
    ):
        if is_thing(form) or form in our_families():
            return " ".join([*before, form])
    return name


def tells_something(label: str) -> bool:
    """Whether any word of a label is known: "my qwer" says nothing, "my qwer cup" does. A script that is not Latin
    says nothing, nor do numbers."""
    if singular_in(label, our_names() | our_families()):
        return True
    words = re.findall(r"[^\W\d_]+", label)
    return any(len(word) > 1 and plain(word) not in EMPTY and is_word(word) for word in words)
