"""What people type, understood as a list of classes.

    parse("apple, sailboat and snail").labels       # ["apple", "sailboat", "snail"]
    parse("apple\\nsnail: it carries its house")     # a description goes after a colon, commas and all
    parse("", {"my cat": [...], "my dog": [...]})   # pictures alone

    parse("tell cats from dogs").labels             # ["cat", "dog"]: `requests.py`

A sentence ("things that fly") is no list: `sentences.py` finds the classes that it means. What a name in another
language or an emoji is read as, `languages/` says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tina.prompts.prompt import ClassPrompt, Prompt, PromptError, check_text, make_class
from tina.prompts.requests import classes_asked
from tina.prompts.text import (
    BULLET,
    COLON,
    COMMA,
    JOINT,
    JOINT_WORD,
    SEMICOLON,
    clean,
    has_content,
    in_vocabulary,
    keep_whole,
    key_of,
    lines_of,
    quoted,
    restore,
    tidy,
)
from tina.prompts.translate import split_foreign

SHORT = 3  # words: "salt and pepper" are two things, "a man who sells apples and the boy beside him" may be one
LEADING_JOINT = re.compile(rf"^{JOINT_WORD}\s+", re.IGNORECASE)
TRAILING_JOINT = re.compile(rf"\s+{JOINT_WORD}$", re.IGNORECASE)
UNFINISHED = re.compile(rf"(?:[,，、،;；؛]|\s{JOINT_WORD})$", re.IGNORECASE)  # a line that the next one goes on with


def parse(text: str, pictures: Mapping[str, Sequence[Any]] | None = None) -> Prompt:
    """The prompt that a text means.

    Args:
        text: names in a list, each with a description after a colon if one wants.
        pictures: example pictures by label; a label that only has pictures is a class too.

    Returns:
        The prompt, with notes on what was put together or left out. A PromptError where it is none.
    """
    check_text(text)
    entries: dict[str, list[str]] = {}  # key of a label -> the label as first typed, its descriptions
    repeated: dict[str, None] = {}
    empty = 0
    asked = classes_asked(text)
    for label, description in _entries(text) if asked is None else [(label, "") for label in asked]:
        if not has_content(label):
            empty += 1
            continue
        if (key := key_of(label)) in entries:
            repeated[entries[key][0]] = None
        entries.setdefault(key, [label]).append(description)
    classes = {key: make_class(label, descriptions) for key, (label, *descriptions) in entries.items()}
    _add_pictures(classes, pictures or {})
    notes = [f"{quoted(label)} was named more than once and is one class." for label in repeated]
    if empty:
        notes.append("An empty entry was left out." if empty == 1 else f"{empty} empty entries were left out.")
    return Prompt(tuple(classes.values()), tuple(notes))


def _add_pictures(classes: dict[str, ClassPrompt], pictures: Mapping[str, Sequence[Any]]) -> None:
    """Gives pictures to the classes (by key) that have their label, and makes classes of the others."""
    for label, examples in pictures.items():
        if not len(examples):
            continue
        if not has_content(label):
            raise PromptError("These pictures have no name yet: say what they show.", label)
        key = key_of(clean(label))
        before = classes.get(key) or make_class(label)
        classes[key] = ClassPrompt(before.label, before.texts, (*before.pictures, *examples))


def _entries(text: str) -> list[tuple[str, str]]:
    """Every (label, description) of a text, also empty and repeated ones."""
    lines = lines_of(text)
    entries: list[tuple[str, str]] = []
    goes_on = False
    for number, line in enumerate(lines, start=1):
        line, kept = keep_whole(BULLET.sub("", line))
        joined = goes_on  # to the line before, which ended in a comma or an "and"
        goes_on = bool(UNFINISHED.search(line)) and number < len(lines)
        parts = _parts(line)
        if parts and not goes_on:
            parts = _split_last(parts, in_list=joined or len(parts) > 1, alone=len(lines) == 1)
        parts = [one for part in parts for one in _split_foreign(part)]
        for name, description in parts:
            name = TRAILING_JOINT.sub("", LEADING_JOINT.sub("", name) if entries else name)
            entries.append((tidy(restore(name, kept)), tidy(restore(description, kept))))
    return entries


def _split_foreign(part: tuple[str, str]) -> list[tuple[str, str]]:
    """Cuts a name where another language, or emoji, join several."""
    *before, last = split_foreign(part[0])
    return [*((name, "") for name in before), (last, part[1])]


def _parts(line: str) -> list[tuple[str, str]]:
    """The (name, description) pairs of a line, which is cut at commas and semicolons; a description goes on to the
    semicolon or the end. Trailing commas are dropped."""
    parts: list[tuple[str, str]] = []
    for segment in SEMICOLON.split(line):
        head, *description = COLON.split(segment.strip().lstrip(":："), maxsplit=1)
        *before, last = (name.strip() for name in COMMA.split(head))
        parts += [(name, "") for name in before]
        parts.append((last, "".join(description).strip()))
    while parts and not any(parts[-1]):
        parts.pop()
    return parts


def _split_last(parts: list[tuple[str, str]], in_list: bool, alone: bool) -> list[tuple[str, str]]:
    """Cuts the last name at its "and", which joins a list to its last item, or two short items. Anywhere else an "and"
    belongs to a name."""
    *before, (last, description) = parts
    names = JOINT.split(last)
    if LEADING_JOINT.match(last) or (description and not in_list):
        names = [last]
    elif in_list:
        joints = list(JOINT.finditer(last))
        names = [last[: joints[-1].start()], last[joints[-1].end() :]] if joints else [last]
    elif not all(len(name.split()) <= SHORT if alone else in_vocabulary(name) for name in names):
        names = [last]
    return [*before, *((name, "") for name in names[:-1]), (names[-1], description)]
