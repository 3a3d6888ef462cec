"""A prompt: an ordered list of classes, each with texts and example pictures.

    Prompt((ClassPrompt("apple"), ClassPrompt("snail", ("snail", "it carries its house"))))

A `Prompt` that exists can be made a classifier of: everything that cannot is a `PromptError`, one sentence that names
the field it belongs to. `parsing.py` makes prompts from what people type.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tina.checks import read_json, several, table, whole
from tina.errors import UserError
from tina.prompts.notebook import prompt_html
from tina.prompts.text import clean, has_content, key_of, quoted
from tina.prompts.translate import read_as

CLASSES = 100  # the most that a prompt takes
LABEL = 80  # characters of a label
TEXT = 10_000  # characters of all texts
PICTURES = 16  # of a class
NOTES = 50_000  # characters of all notes
MOST_PICTURES = 10_000  # of a class that is read from JSON, where they are only counted
NOT_OURS = "That is no prompt saved by Tina."


class PromptError(UserError):
    """A prompt that no classifier can be made of."""

    def __init__(self, message: str, field: str = "text", classes: Iterable[ClassPrompt] = ()):
        """
        Args:
            message: one sentence for the person who wrote the prompt.
            field: "text", or the label of the class that is to be put right.
            classes: what was understood all the same, where there is only something missing.
        """
        super().__init__(message)
        self.field, self.classes = field, tuple(classes)


@dataclass(frozen=True)
class ClassPrompt:
    """One class: its label, the texts that describe it (by default the label), example pictures (uint8 arrays, paths or
    PIL pictures), and whether the label is only a label: None leaves that to Tina, who asks it where pictures are
    shown (name_tags.py). `read_as` is the English name of a label in another language (translate.py): a prompt puts it
    there."""

    label: str
    texts: tuple[str, ...] = ()
    pictures: tuple[Any, ...] = ()
    name_tag: bool | None = None
    read_as: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", tuple(self.texts) or (self.label,))
        object.__setattr__(self, "pictures", tuple(self.pictures))

    def __eq__(self, other: object) -> bool:
        """Pictures are equal if they are the same objects: arrays do not compare, and files are read later."""
        return isinstance(other, ClassPrompt) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def name(self) -> str:
        """The label as it is read: in English where another language was understood."""
        return self.read_as or self.label

    @property
    def descriptions(self) -> tuple[str, ...]:
        """What is said beside the label."""
        return tuple(text for text in self.texts if text != self.label)

    @property
    def words(self) -> tuple[str, ...]:
        """The texts as they are read."""
        return tuple(self.name if text == self.label else text for text in self.texts)

    @property
    def _identity(self) -> tuple[str, tuple[str, ...], tuple[str | int, ...], bool | None]:
        pictures = tuple(p if isinstance(p, str) else id(p) for p in self.pictures)
        return self.label, self.texts, pictures, self.name_tag


@dataclass(frozen=True)
class Prompt:
    """Two classes or more, and notes (sentences) on how a person's words were understood."""

    classes: tuple[ClassPrompt, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", _with_readings(tuple(self.classes)))
        object.__setattr__(self, "notes", tuple(self.notes))
        self._check()

    def _check(self) -> None:
        _check(self.classes)

    @property
    def labels(self) -> list[str]:
        """The classes' labels, in their order."""
        return [one.label for one in self.classes]

    def without(self, label: str) -> Prompt:
        """A prompt with one class fewer.

        Args:
            label: the class to take away; case does not matter.

        Returns:
            The other classes, in their order.
        """
        if key_of(label) not in map(key_of, self.labels):
            raise PromptError(f"There is no class {quoted(label)} to take away.", label)
        return type(self)(tuple(one for one in self.classes if key_of(one.label) != key_of(label)))

    def with_class(self, label: str, *descriptions: str, pictures: Iterable[Any] = ()) -> Prompt:
        """A prompt with one class more.

        Args:
            label: of the new class; a class of the same label is replaced where it stands.
            descriptions: texts beside the label.
            pictures: examples.

        Returns:
            All classes, a new one last.
        """
        new = make_class(label, descriptions, pictures)
        classes = {key_of(one.label): one for one in self.classes}
        classes[key_of(new.label)] = new
        return type(self)(tuple(classes.values()))

    def renamed(self, label: str, name: str) -> Prompt:
        """A prompt in which one class has another label; its descriptions and pictures stay.

        Args:
            label: of the class.
            name: its new label.

        Returns:
            All classes, in their order.
        """
        classes = {key_of(one.label): one for one in self.classes}
        if key_of(label) not in classes:
            raise PromptError(f"There is no class {quoted(label)} to call otherwise.", label)
        if key_of(clean(name)) in classes.keys() - {key_of(label)}:
            raise PromptError(f"There is a class {quoted(clean(name))} already.", label)
        old = classes[key_of(label)]
        classes[key_of(label)] = make_class(name, old.descriptions, old.pictures)
        return type(self)(tuple(classes.values()))

    def with_name_tag(self, label: str, name_tag: bool | None) -> Prompt:
        """A prompt in which it is said whether the label of one class is only a label.

        Args:
            label: of the class.
            name_tag: True if the label says nothing of what is seen, False if it does, None to leave it to Tina.

        Returns:
            All classes, in their order.
        """
        if key_of(label) not in map(key_of, self.labels):
            raise PromptError(f"There is no class {quoted(label)}.", label)
        changed = (
            replace(one, name_tag=name_tag) if key_of(one.label) == key_of(label) else one for one in self.classes
        )
        return type(self)(tuple(changed), self.notes)

    def _repr_html_(self) -> str:
        return prompt_html(self.classes, self.notes)

    def to_json(self) -> str:
        """Labels, texts and notes as JSON; of the pictures only how many there were."""
        classes = [
            {"label": one.label, "texts": one.texts, "pictures": len(one.pictures)}
            | ({} if one.name_tag is None else {"name_tag": one.name_tag})
            for one in self.classes
        ]
        return json.dumps({"classes": classes, "notes": self.notes}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Prompt:
        """The prompt that `to_json` wrote, checked like anything that a person typed.

        Args:
            text: JSON from anywhere.

        Returns:
            The prompt without its pictures, and with a note for every class that had some.
        """
        try:
            found = read_json(text.encode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise PromptError(NOT_OURS) from error
        return cls.from_content(found)

    @classmethod
    def from_content(cls, content: object) -> Prompt:
        """The same from JSON that was read already. Classes, texts and notes are counted before any is made."""
        try:
            about = table(content, "the prompt")
            classes = several(about["classes"], "classes", sys.maxsize)
            if len(classes) > CLASSES:
                raise PromptError(too_many(len(classes)))
            rows = [_row(table(row, "a class")) for row in classes]
            notes = [_words(note) for note in several(about["notes"], "notes", NOTES)]
        except (ValueError, KeyError) as error:
            raise PromptError(NOT_OURS) from error
        if (length := sum(len(one) for _, texts, *_ in rows for one in texts)) > TEXT:
            raise PromptError(too_long(length))
        if sum(map(len, notes)) > NOTES:
            raise PromptError(NOT_OURS)
        for label, _, count, _ in rows:
            if count > 0:
                lost = f"The {count} pictures" if count > 1 else "The picture"
                notes.append(f"{lost} of {quoted(label)} cannot be saved as text: give them again where they matter.")
        made = (
            ClassPrompt(clean(label), tuple(filter(None, map(clean, texts))), name_tag=tag)
            for label, texts, _, tag in rows
        )
        return cls(tuple(made), tuple(dict.fromkeys(map(clean, notes))))


def _row(row: dict[str, Any]) -> tuple[str, list[str], int, bool | None]:
    """Label, texts, number of pictures and name tag of a class in JSON."""
    tag = row.get("name_tag")
    if tag is not None and not isinstance(tag, bool):
        raise ValueError("a name tag is true or false")
    texts = [_words(one) for one in several(row["texts"], "texts", TEXT)]
    return _words(row["label"]), texts, whole(row["pictures"], "pictures", 0, MOST_PICTURES), tag


def _words(value: object) -> str:
    """Words in JSON; `clean` takes what is no character out of them."""
    if not isinstance(value, str) or len(value) > TEXT:
        raise ValueError("that is no text")
    return value


class Draft(Prompt):
    """A prompt that something is still missing from; it has the same methods, and no classifier is made of it."""

    def _check(self) -> None:
        pass

    def _repr_html_(self) -> str:
        try:
            _check(self.classes)
        except PromptError as error:
            return prompt_html(self.classes, self.notes, str(error))
        return prompt_html(self.classes, self.notes)


def make_class(label: str, descriptions: Iterable[str] = (), pictures: Iterable[Any] = ()) -> ClassPrompt:
    """A class from words as they were typed.

    Args:
        label: its label, which is its first text, too.
        descriptions: more texts; empty and repeated ones are dropped.
        pictures: examples.

    Returns:
        The class, its texts cleaned.
    """
    texts = dict.fromkeys(filter(None, map(clean, (label, *descriptions))))
    return ClassPrompt(clean(label), tuple(texts), tuple(pictures))


def _with_readings(classes: tuple[ClassPrompt, ...]) -> tuple[ClassPrompt, ...]:
    """Classes that say what their labels are read as."""
    readings = read_as([one.label for one in classes])
    if not any(readings):
        return classes
    return tuple(
        replace(one, read_as=reading) if reading else one for one, reading in zip(classes, readings, strict=True)
    )


def _check(classes: tuple[ClassPrompt, ...]) -> None:
    """Raises a PromptError for the first thing that is wrong."""
    keys: set[str] = set()
    for one in classes:
        _check_class(one)
        if key_of(one.label) in keys:
            raise PromptError(f"{quoted(one.label)} is there twice, and one of them has to go.", one.label)
        keys.add(key_of(one.label))
    if not classes:
        raise PromptError("There is nothing to recognise yet: name two things or more, or give pictures of them.")
    if len(classes) == 1:
        only = quoted(classes[0].label)
        sentence = f"A classifier needs at least two classes, and {only} is one: add another after a comma."
        raise PromptError(sentence, classes=classes)
    if len(classes) > CLASSES:
        raise PromptError(too_many(len(classes)))
    if (length := sum(len(text) for one in classes for text in one.texts)) > TEXT:
        raise PromptError(too_long(length))


def _check_class(one: ClassPrompt) -> None:
    label, title, count = one.label, quoted(one.label), len(one.pictures)
    if not has_content(label):
        raise PromptError("A class has no name yet: say what it is.", label)
    if len(label) > LABEL:
        hint = "longer words go after a colon, as in name: description"
        raise PromptError(f"{title} has {len(label)} characters, and a label takes {LABEL} at most; {hint}.", label)
    if count > PICTURES:
        raise PromptError(f"{title} has {count} pictures, and a class takes {PICTURES} at most.", label)


def check_text(text: object) -> None:
    """Before anything is made of what was typed: a PromptError unless it is a text of a prompt's length."""
    if not isinstance(text, str):
        raise PromptError("The classes are a text, such as “apple, snail”.")
    if len(text) > TEXT:
        raise PromptError(too_long(len(text)))


def too_many(count: int) -> str:
    """The sentence for a prompt of so many classes."""
    return f"That is {count:,} classes, and a classifier takes {CLASSES} at most."


def too_long(length: int) -> str:
    """The sentence for a prompt of so many characters."""
    return f"That is {length:,} characters, and a prompt takes {TEXT:,} at most."
