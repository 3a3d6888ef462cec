"""Sentences ("things that fly"), which describe classes instead of listing them, and the classes that they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

from tina.prompts.requests import classes_asked
from tina.prompts.text import (
    BULLET,
    COLON,
    COMMA,
    JOINT,
    SEMICOLON,
    clean,
    has_content,
    in_vocabulary,
    keep_whole,
    lines_of,
    names_in_a_row,
    roots_of,
)
from tina.prompts.translate import is_foreign, split_foreign

if TYPE_CHECKING:
    from torch import Tensor

NEAR = 0.6  # share of the way from the median cosine to the best one: a lower one finds more, also what was not meant
LONGEST_WORD = 60  # characters
NEGATION = re.compile(r"\b(?:no|not|never|without|cannot|except|but|\w+n['’]t)\b")


def looks_like_sentence(text: str) -> bool:
    """Whether a text describes its classes ("things that fly", "fruit") instead of listing them.

    Args:
        text: what a person typed.

    Returns:
        False for anything with several lines, a comma, a colon, a bullet or joined names.
    """
    if any(len(word) > LONGEST_WORD for word in text.split()):
        return False  # whatever that is, it is no word of a sentence
    lines = lines_of(text)
    if len(lines) != 1 or not has_content(lines[0]) or BULLET.match(lines[0]):
        return False
    if classes_asked(text) or len(split_foreign(lines[0])) > 1 or is_foreign(lines[0]):
        return False
    line, _ = keep_whole(lines[0])
    if any(mark.search(line) for mark in (COMMA, SEMICOLON, COLON)):
        return False
    if len(parts := JOINT.split(line)) > 1:
        versus = any(joint.strip().lower().startswith("v") for joint in JOINT.findall(line))
        return not versus and not all(len(part.split()) == 1 or in_vocabulary(part) for part in parts)
    return names_in_a_row(line.split()) < 3  # two may be one thing: apple tree


def match(
    sentence: str,
    names: Iterable[str],
    encode_texts: Callable[[list[str]], Tensor],
    families: Mapping[str, Sequence[str]] | None = None,
    limit: int = 16,
) -> list[tuple[str, float]]:
    """The classes that a sentence means: a family that it names, whole, then the names whose vectors are near its own.

    Encoders differ in how similar they find things that have nothing in common, so near is a share of the way from the
    median cosine to the best one; beside a family, at least as near as half of its members.

    Args:
        sentence: what a person typed.
        names: the classes to choose from.
        encode_texts: texts to unit vectors (N x dim).
        families: broad classes, and the names that belong to each.
        limit: the most classes to return.

    Returns:
        (name, score) of two classes or more, best first; the score is a cosine, or 1 for a family's members.
    """
    names = list(dict.fromkeys(names))
    if not names:
        return []
    cosines: list[float] = (encode_texts(names) @ encode_texts([clean(sentence)])[0]).tolist()
    score = dict(zip(names, cosines, strict=True))
    members = {name for family in _families_in(sentence, families or {}) for name in (families or {})[family]}
    members &= set(names)
    near = median(cosines) + NEAR * (max(cosines) - median(cosines))
    if members:
        near = max(near, median(score[name] for name in members))
    ranked = sorted(names, key=lambda name: (name not in members, -score[name]))
    count = max(2, sum(name in members or score[name] >= near for name in names))
    return [(name, 1.0 if name in members else score[name]) for name in ranked[: min(count, limit)]]


def _families_in(sentence: str, families: Iterable[str]) -> list[str]:
    """The families that a sentence names, in any order of words: "animals with four legs" are four-legged animals.

    A narrower family is meant alone: of "sea animals" the sea animals, not all animals.
    """
    words = [roots_of(word) for word in re.findall(r"\w+", NEGATION.split(clean(sentence).casefold())[0])]
    positions: dict[str, set[int]] = {}  # family -> where in the sentence its words are
    for family in families:
        roots = [roots_of(word) for word in re.findall(r"\w+", family.casefold())]
        at = [next((i for i, word in enumerate(words) if word & root), None) for root in roots]
        if at and None not in at:
            positions[family] = {i for i in at if i is not None}
    return [family for family, where in positions.items() if not any(where < other for other in positions.values())]
