"""What labels in another language, and emoji, are read as.

read_as(["Apfel", "Birne", "🍒"])      # ["apple", "pear", "cherry"]
read_as(["chat", "chien", "oiseau"])   # ["cat", "dog", "bird"]: the others are French
read_as(["chat", "dog", "bird"])       # ["", "", ""]: English
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from tina.prompts.known_words import our_families, our_names, singular_in
from tina.prompts.languages import EMOJI, HERE, JOINTS, LANGUAGES, emoji_in, english_names, name_in
from tina.prompts.something_else import is_something_else
from tina.prompts.text import COMMA, clean

LONGEST = 60  # characters of a name
KANA = range(0x3041, 0x3100)  # only Japanese is written so


def read_as(labels: Sequence[str]) -> list[str]:
    """The English name that each label is read as; empty where it is read as it stands.

    An English word is one, unless every other class is in one other language and there is no doubt of one of them.
    """
    readings = [_readings(label) for label in labels]
    if not any(readings):
        return [""] * len(labels)
    votes = Counter(
        language
        for label, reading in zip(labels, readings, strict=True)
        if EMOJI not in reading and not is_english(label)
        for language in reading
    )
    if any(ord(c) in KANA for label in labels for c in label):
        votes["ja"] += len(labels)
    order = sorted(LANGUAGES, key=lambda language: -votes[language])  # of equals the first in the list
    others = [r for label, r in zip(labels, readings, strict=True) if EMOJI not in r and not is_something_else(label)]
    only = next((one for one in order if votes[one] and all(one in reading for reading in others)), "")
    found = []
    for label, reading in zip(labels, readings, strict=True):
        if EMOJI in reading:
            found.append(reading[EMOJI])
        elif is_english(label):
            found.append(reading.get(only, ""))
        else:
            found.append(next((reading[one] for one in order if one in reading), ""))
    return [name if name.casefold() != label.casefold() else "" for label, name in zip(labels, found, strict=True)]


def names_of(labels: Sequence[str]) -> list[str]:
    """The labels as they are read."""
    return [reading or label for label, reading in zip(labels, read_as(labels), strict=True)]


def is_english(label: str) -> bool:
    """Whether a label is the English name of a thing that we know, or an everyday word, so that another language has to
    be shown first."""
    if not label.isascii():
        return False
    names = _english_first()
    plural = not label.casefold().endswith(("us", "is", "ss"))
    return label.casefold() in names or (plural and bool(singular_in(label, names)))


@cache
def _english_first() -> frozenset[str]:
    """Names of things that we know, and English words that mean something else in another language."""
    words = (HERE / "english.txt").read_text("utf-8").split()
    return our_names() | our_families() | english_names() | frozenset(words)


def is_foreign(label: str) -> bool:
    """Whether a label by itself is read as something in another language, or is an emoji."""
    return bool(read_as([label])[0])


def split_foreign(name: str) -> list[str]:
    """The names that a part of a list joins in another language ("Hund und Katze", "猫和狗"), or emoji in a row.

    Args:
        name: what stands between two commas.

    Returns:
        Two names or more of one language; the name alone where it is something else.
    """
    if emoji := emoji_in(name):
        return emoji
    if len(name) <= 2 * LONGEST:
        for language in LANGUAGES:
            names = _split(name, language)
            if len(names) > 1 and any(name_in(one, language) for one in names):
                return names
    return [name]


def _split(name: str, language: str) -> list[str]:
    """Cut at each joint where a name of the language stands before and names of it behind; empty where that fails."""
    for joint in JOINTS[language].finditer(name):
        first, rest = name[: joint.start()].strip(), name[joint.end() :].strip()
        if _is_named(first, language) and rest and (names := _split(rest, language)):
            return [first, *names]
    return [name] if _is_named(name, language) else []


def _is_named(name: str, language: str) -> bool:
    return bool(name_in(name, language) or name_in(name, EMOJI)) or is_english(name)


@lru_cache(4096)
def _readings(label: str) -> dict[str, str]:
    """By language, what a label is called in English; of an emoji under `EMOJI`."""
    label = clean(label)
    if len(label) > LONGEST or COMMA.search(label) or is_something_else(label):
        return {}
    if emoji := name_in(label, EMOJI):
        return {EMOJI: emoji}
    return {language: name for language in LANGUAGES if (name := name_in(label, language))}
