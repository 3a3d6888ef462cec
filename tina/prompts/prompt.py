"""What a person typed or uploaded, understood: an ordered list of wanted classes.

    parse("apple, sailboat and snail").labels       # ["apple", "sailboat", "snail"]
    parse("apple\\nsnail: it carries its house")     # a description goes after a colon, commas and all
    parse("", {"my cat": [...], "my dog": [...]})   # pictures alone

A `Prompt` that exists can be made a classifier of: everything that cannot is a `PromptError`, one sentence that names
the field it belongs to. A sentence ("things that fly") is no list (`tina/sentences.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tina.errors import UserError
from tina.prompts.text import (
    BULLET,
    COLON,
    COMMA,
    JOINT,
    JOINT_WORD,
    SEMICOLON,
    clean,
    has_content,
    is_known,
    keep_whole,
    key_of,
    lines_of,
    quoted,
    restore,
    tidy,
)

CLASSES = 100
LABEL = 80
TEXT = 10_000
PICTURES = 16
SHORT = 3  # words: "salt and pepper" are two things, "a man who sells apples and the boy beside him" may be one

LEADING_JOINT = re.compile(rf"^{JOINT_WORD}\s+", re.IGNORECASE)
TRAILING_JOINT = re.compile(rf"\s+{JOINT_WORD}$", re.IGNORECASE)


class PromptError(UserError):
    """A prompt that no classifier can be made of; `field` is "text" or the label that is to be put right."""

    def __init__(self, message: str, field: str = "text"):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class ClassPrompt:
    """One class: its label, the texts that say what it is, and example pictures (arrays, paths or PIL pictures)."""

    label: str
    texts: tuple[str, ...] = ()
    pictures: tuple = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", tuple(self.texts) or (self.label,))
        object.__setattr__(self, "pictures", tuple(self.pictures))

    def __eq__(self, other: object) -> bool:
        """Pictures are the same where they are the same objects: arrays do not compare, and files are read later."""
        return isinstance(other, ClassPrompt) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple:
        return (self.label, self.texts, tuple(p if isinstance(p, str) else id(p) for p in self.pictures))


@dataclass(frozen=True)
class Prompt:
    """What a person asks for: two classes or more, and notes on how their words were understood."""

    classes: tuple[ClassPrompt, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "notes", tuple(self.notes))
        _check(self.classes)

    @property
    def labels(self) -> list[str]:
        return [wanted.label for wanted in self.classes]

    def without(self, label: str) -> Prompt:
        """The others, in their order."""
        if key_of(label) not in map(key_of, self.labels):
            raise PromptError(f"There is no class {quoted(label)} to take away.", label)
        return Prompt(tuple(wanted for wanted in self.classes if key_of(wanted.label) != key_of(label)))

    def with_class(self, label: str, *descriptions: str, pictures: Iterable = ()) -> Prompt:
        """One class more; one of the same label is replaced where it stands."""
        new = _wanted(label, descriptions, pictures)
        classes = {key_of(wanted.label): wanted for wanted in self.classes}
        classes[key_of(new.label)] = new
        return Prompt(tuple(classes.values()))

    def renamed(self, label: str, name: str) -> Prompt:
        """The same but for what a class is called; what was said and shown of it stays."""
        classes = {key_of(wanted.label): wanted for wanted in self.classes}
        if key_of(label) not in classes:
            raise PromptError(f"There is no class {quoted(label)} to call otherwise.", label)
        if key_of(clean(name)) in classes.keys() - {key_of(label)}:
            raise PromptError(f"There is a class {quoted(clean(name))} already.", label)
        old = classes[key_of(label)]
        classes[key_of(label)] = _wanted(name, (text for text in old.texts if text != old.label), old.pictures)
        return Prompt(tuple(classes.values()))

    def to_json(self) -> str:
        """Labels, texts and notes; of the pictures only how many there were."""
        classes = [{"label": c.label, "texts": c.texts, "pictures": len(c.pictures)} for c in self.classes]
        return json.dumps({"classes": classes, "notes": self.notes}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Prompt:
        """What `to_json` gave, from whoever sends it: checked like anything that a person typed."""
        try:
            content = json.loads(text)
            rows = [(row["label"], list(row["texts"]), int(row["pictures"])) for row in content["classes"]]
            notes = list(content["notes"])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise PromptError("That is no prompt saved by Tina.") from error
        if not all(
            isinstance(part, str) for part in (*notes, *(p for label, texts, _ in rows for p in (label, *texts)))
        ):
            raise PromptError("That is no prompt saved by Tina.")
        for label, _, count in rows:
            if count > 0:
                lost = f"The {count} pictures" if count > 1 else "The picture"
                notes.append(f"{lost} of {quoted(label)} cannot be saved as text: give them again where they matter.")
        classes = (ClassPrompt(clean(label), tuple(filter(None, map(clean, texts)))) for label, texts, _ in rows)
        return cls(tuple(classes), tuple(map(clean, notes)))


def parse(text: str, pictures: Mapping[str, Sequence] | None = None) -> Prompt:
    """The prompt that a text means, with example pictures by label; a label that only has pictures is a class too."""
    if len(text) > TEXT:
        raise PromptError(f"That is {len(text):,} characters, and a prompt takes {TEXT:,} at most.")
    texts: dict[str, list[str]] = {}  # by what a label is compared by: the label as first typed, its descriptions
    empty, repeated = 0, {}
    for label, description in _entries(text):
        if not has_content(label):
            empty += 1
            continue
        if (key := key_of(label)) in texts:
            repeated[texts[key][0]] = None
        texts.setdefault(key, [label]).append(description)
    found = {key: _wanted(said[0], said[1:]) for key, said in texts.items()}
    for given, shown in (pictures or {}).items():
        shown, key = tuple(shown), key_of(clean(given))
        if not shown:
            continue
        if not has_content(given):
            raise PromptError("These pictures have no name yet: say what they show.", given)
        before = found.get(key) or _wanted(given)
        found[key] = ClassPrompt(before.label, before.texts, (*before.pictures, *shown))
    notes = [f"{quoted(label)} was named more than once and is one class." for label in repeated]
    if empty:
        notes.append("An empty entry was left out." if empty == 1 else f"{empty} empty entries were left out.")
    return Prompt(tuple(found.values()), tuple(notes))


# -- limits -----------------------------------------------------------------------------------------------------------
def _check(classes: tuple[ClassPrompt, ...]) -> None:
    seen = set()
    for wanted in classes:
        label, shown = wanted.label, quoted(wanted.label)
        if not has_content(label):
            raise PromptError("A class has no name yet: say what it is.", label)
        if len(label) > LABEL:
            hint = "longer words go after a colon, as in name: description"
            raise PromptError(f"{shown} has {len(label)} characters, and a label takes {LABEL} at most; {hint}.", label)
        if len(wanted.pictures) > PICTURES:
            count = len(wanted.pictures)
            raise PromptError(f"{shown} has {count} pictures, and a class takes {PICTURES} at most.", label)
        if key_of(label) in seen:
            raise PromptError(f"{shown} is there twice, and one of them has to go.", label)
        seen.add(key_of(label))
    if not classes:
        raise PromptError("There is nothing to recognise yet: name two things or more, or give pictures of them.")
    if len(classes) == 1:
        only = quoted(classes[0].label)
        raise PromptError(f"A classifier needs at least two classes, and {only} is one: add another after a comma.")
    if len(classes) > CLASSES:
        raise PromptError(f"That is {len(classes)} classes, and a classifier takes {CLASSES} at most.")
    if (length := sum(len(text) for wanted in classes for text in wanted.texts)) > TEXT:
        raise PromptError(f"That is {length:,} characters, and a prompt takes {TEXT:,} at most.")


# -- lists ------------------------------------------------------------------------------------------------------------
def _entries(text: str) -> Iterable[tuple[str, str]]:
    """Every (label, description) of a text, also empty and repeated ones."""
    lines = lines_of(text)
    entries: list[tuple[str, str]] = []
    goes_on = False
    for at, line in enumerate(lines):
        line, kept = keep_whole(BULLET.sub("", line))
        joined = goes_on  # to the line before, which ended in a comma or an "and"
        goes_on = bool(re.search(rf"(?:[,，、،;；؛]|\s{JOINT_WORD})$", line, re.IGNORECASE)) and at + 1 < len(lines)
        parts = _parts(line)
        if parts and not goes_on:
            parts = _split_last(parts, in_list=joined or len(parts) > 1, alone=len(lines) == 1)
        for name, description in parts:
            name = TRAILING_JOINT.sub("", LEADING_JOINT.sub("", name) if entries else name)
            entries.append((tidy(restore(name, kept)), tidy(restore(description, kept))))
    return entries


def _parts(line: str) -> list[tuple[str, str]]:
    """A line at its commas and semicolons; a description reaches to the semicolon or the end. Trailing commas go."""
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
    """An "and" joins a list to its last item, or two short items. Anywhere else it belongs to a name."""
    *before, (last, description) = parts
    names = JOINT.split(last)
    if LEADING_JOINT.match(last) or (description and not in_list):
        names = [last]
    elif in_list:
        *_, joint = [None, *JOINT.finditer(last)]
        names = [last[: joint.start()], last[joint.end() :]] if joint else [last]
    elif not all(len(name.split()) <= SHORT if alone else is_known(name) for name in names):
        names = [last]
    return [*before, *((name, "") for name in names[:-1]), (names[-1], description)]


def _wanted(label: str, descriptions: Iterable[str] = (), pictures: Iterable = ()) -> ClassPrompt:
    texts = dict.fromkeys(filter(None, map(clean, (label, *descriptions))))
    return ClassPrompt(clean(label), tuple(texts), tuple(pictures))
