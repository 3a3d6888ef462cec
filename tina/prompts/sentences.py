"""Sentences ("things that fly"), which describe classes rather than listing them, and the classes that they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

from tina.prompts.text import (
    BULLET,
    COLON,
    COMMA,
    JOINT,
    SEMICOLON,
    clean,
    has_content,
    is_known,
    keep_whole,
    lines_of,
    names_in_a_row,
    roots_of,
)

if TYPE_CHECKING:
    from torch import Tensor

NEAR = 0.6  # of the way to the best match: lower finds more, and more that was not meant
NEGATION = re.compile(r"\b(?:no|not|never|without|cannot|except|but|\w+n['’]t)\b")


def looks_like_sentence(text: str) -> bool:
    """Whether a text describes its classes ("things that fly", "fruit") rather than listing them."""
    lines = lines_of(text)
    if len(lines) != 1 or not has_content(lines[0]) or BULLET.match(lines[0]):
        return False
    line, _ = keep_whole(lines[0])
    if any(mark.search(line) for mark in (COMMA, SEMICOLON, COLON)):
        return False
    if len(parts := JOINT.split(line)) > 1:
        versus = any(joint.strip().lower().startswith("v") for joint in JOINT.findall(line))
        return not versus and not all(len(part.split()) == 1 or is_known(part) for part in parts)
    return names_in_a_row(line.split()) < 3  # two may be one thing: apple tree


def match(
    sentence: str,
    names: Iterable[str],
    encode_texts_cached: Callable[[list[str]], Tensor],
    families: Mapping[str, Sequence[str]] | None = None,
    limit: int = 16,
) -> list[tuple[str, float]]:
    """The classes that a sentence means, best first: a family that it names, whole, then what its words come near to.

    Encoders differ in how alike they find things that have nothing in common, so near is a share of the way from
    the likeness of a typical name to that of the best one; beside a family, as near as half of its members or nearer.
    """
    names = list(dict.fromkeys(names))
    if not names:
        return []
    cosines = (encode_texts_cached(names) @ encode_texts_cached([clean(sentence)])[0]).tolist()
    likeness = dict(zip(names, cosines, strict=True))
    members = {name for family in _families_in(sentence, families or {}) for name in families[family]} & set(names)
    near = median(cosines) + NEAR * (max(cosines) - median(cosines))
    if members:
        near = max(near, median(likeness[name] for name in members))
    ranked = sorted(names, key=lambda name: (name not in members, -likeness[name]))
    count = max(2, sum(name in members or likeness[name] >= near for name in names))
    return [(name, 1.0 if name in members else likeness[name]) for name in ranked[: min(count, limit)]]


def _families_in(sentence: str, families: Iterable[str]) -> list[str]:
    """The families that a sentence names, in any order of words: "animals with four legs" are four-legged animals.

    A narrower family is meant alone: of "sea animals" the sea animals, not all animals.
    """
    said = [roots_of(word) for word in re.findall(r"\w+", NEGATION.split(clean(sentence).casefold())[0])]
    found: dict[str, set[int]] = {}
    for family in families:
        wanted = [roots_of(word) for word in re.findall(r"\w+", family.casefold())]
        places = [next((at for at, word in enumerate(said) if word & roots), None) for roots in wanted]
        if places and None not in places:
            found[family] = set(places)
    return [family for family, places in found.items() if not any(places < other for other in found.values())]
