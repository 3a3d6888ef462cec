"""How sure the reading of a class is: whether its words are known, and what is gone by where they are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tina.prompts.known_words import EMPTY, is_word, plain, tells_something
from tina.prompts.prompt import ClassPrompt, PromptError
from tina.prompts.something_else import is_something_else
from tina.prompts.text import quoted

KNOWN = "known"
READ_AS = "read as"
DESCRIBED = "described"
PICTURES = "only pictures"
UNKNOWN = "unknown"
OTHER = "something else"


@dataclass(frozen=True)
class Reading:
    """Of one class; `name` is what its label is read as, where that is not the label itself."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        """In plain words: "known", "read as apple"."""
        return f"{self.kind} {self.name}".rstrip()


class UnknownWords(PromptError):
    """A prompt in which nothing is known of any class."""


def reading_of(one: ClassPrompt, name_tag: bool, is_name: Callable[[str], bool]) -> Reading:
    """How a class is read.

    Args:
        one: the class.
        name_tag: whether its label is only a label.
        is_name: whether a label is a name that is known by itself, in this world.

    Returns:
        Its kind, and the name that was made of the label where that is another one: "red blorp" is read as "red".
    """
    if is_something_else(one.label):
        return Reading(OTHER)
    described = any(map(tells_something, one.descriptions))
    if name_tag:
        return Reading(DESCRIBED if described else PICTURES)
    if one.read_as:
        return Reading(READ_AS, one.read_as)
    if is_name(one.label):
        return Reading(DESCRIBED if described else KNOWN)
    if described:
        return Reading(DESCRIBED)
    if tells_something(one.label):
        words = re.findall(r"[^\W\d_]+", one.label)
        strange = [word for word in words if len(word) > 1 and plain(word) not in EMPTY and not is_word(word)]
        return Reading(READ_AS, " ".join(word for word in words if word not in strange)) if strange else Reading(KNOWN)
    return Reading(PICTURES if one.pictures else UNKNOWN)


def unknown_sentence(labels: Sequence[str]) -> str:
    """What is said of classes that nothing is known of."""
    names = [quoted(label) for label in labels]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"I don’t know {listed}: add pictures, or describe {'them' if len(names) > 1 else 'it'} in English."


def unknown_labels(classes: Iterable[ClassPrompt], readings: Iterable[Reading]) -> list[str]:
    """The labels of the classes that nothing is known of."""
    return [one.label for one, reading in zip(classes, readings, strict=True) if reading.kind == UNKNOWN]
