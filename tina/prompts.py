"""What a person typed or uploaded, understood: an ordered list of wanted classes.

    parse("apple, sailboat and snail").labels       # ["apple", "sailboat", "snail"]
    parse("apple\\nsnail: it carries its house")     # a description goes after a colon, commas and all
    parse("", {"my cat": [...], "my dog": [...]})   # pictures alone

A `Prompt` that exists can be made a classifier of: everything that cannot is a `PromptError`, one sentence that names
the field it belongs to. A sentence ("things that fly") is no list: `match` finds the classes that it means.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

from tina.errors import UserError
from tina.something_else import SAID, SOMETHING_ELSE, is_something_else
from tina.worlds import vocabulary

if TYPE_CHECKING:
    from torch import Tensor

CLASSES = 100
LABEL = 80
TEXT = 10_000
PICTURES = 16
SHORT = 3  # words: "salt and pepper" are two things, "a man who sells apples and the boy beside him" may be one
NEAR = 0.6  # of the way to the best match: lower finds more, and more that was not meant

INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")  # they hide or turn round what is read
COMMA = re.compile("[,，、،]")
SEMICOLON = re.compile("[;；؛]")
COLON = re.compile(r"(?<!\d)[:：](?!//)|[:：](?!\d|//)")  # not in 12:30, not in https://
JOINT_WORD = r"(?:and|or|&|vs\.?|versus)"
JOINT = re.compile(rf"\s+{JOINT_WORD}\s+", re.IGNORECASE)
LEADING_JOINT = re.compile(rf"^{JOINT_WORD}\s+", re.IGNORECASE)
TRAILING_JOINT = re.compile(rf"\s+{JOINT_WORD}$", re.IGNORECASE)
BULLET = re.compile(r"^(?:[-*–—·+]\s+|[-*](?=[^\W\d])|[•‣◦▪]\s*|\(?\d{1,3}[.)](?!\d)\s*)")
QUOTES = ('""', "''", "``", "“”", "‘’", "«»", "„“", "„”")
ENDS = rf"(?=\s*(?:[,，、،;；؛:：.]|$|\s{JOINT_WORD}\s))"  # what may stand after a name
QUOTED = re.compile("|".join(rf"(?<!\S){a}([^{a}{b}]*){b}{ENDS}" for a, b in QUOTES), re.IGNORECASE)
KEPT = re.compile("\0(\\d+)\0")
NEGATION = re.compile(r"\b(?:no|not|never|without|cannot|except|but|\w+n['’]t)\b")
IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "geese": "goose"}


class PromptError(UserError):
    """A prompt that no classifier can be made of; `field` is "text" or the label that is to be put right."""

    def __init__(self, message: str, field: str = "text"):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Wanted:
    """One class: its label, the texts that say what it is, and example pictures (arrays, paths or PIL pictures)."""

    label: str
    texts: tuple[str, ...] = ()
    pictures: tuple = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", tuple(self.texts) or (self.label,))
        object.__setattr__(self, "pictures", tuple(self.pictures))

    def __eq__(self, other: object) -> bool:
        """Pictures are the same where they are the same objects: arrays do not compare, and files are read later."""
        return isinstance(other, Wanted) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple:
        return (self.label, self.texts, tuple(p if isinstance(p, str) else id(p) for p in self.pictures))


@dataclass(frozen=True)
class Prompt:
    """What a person asks for: two classes or more, and notes on how their words were understood."""

    classes: tuple[Wanted, ...]
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
        if _key(label) not in map(_key, self.labels):
            raise PromptError(f"There is no class {_quote(label)} to take away.", label)
        return Prompt(tuple(wanted for wanted in self.classes if _key(wanted.label) != _key(label)))

    def with_class(self, label: str, *descriptions: str, pictures: Iterable = ()) -> Prompt:
        """One class more; one of the same label is replaced where it stands."""
        new = _wanted(label, descriptions, pictures)
        classes = {_key(wanted.label): wanted for wanted in self.classes}
        classes[_key(new.label)] = new
        return Prompt(tuple(classes.values()))

    def renamed(self, label: str, name: str) -> Prompt:
        """The same but for what a class is called; what was said and shown of it stays."""
        classes = {_key(wanted.label): wanted for wanted in self.classes}
        if _key(label) not in classes:
            raise PromptError(f"There is no class {_quote(label)} to call otherwise.", label)
        if _key(_clean(name)) in classes.keys() - {_key(label)}:
            raise PromptError(f"There is a class {_quote(_clean(name))} already.", label)
        old = classes[_key(label)]
        classes[_key(label)] = _wanted(name, (text for text in old.texts if text != old.label), old.pictures)
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
                notes.append(f"{lost} of {_quote(label)} cannot be saved as text: give them again where they matter.")
        classes = (Wanted(_clean(label), tuple(filter(None, map(_clean, texts)))) for label, texts, _ in rows)
        return cls(tuple(classes), tuple(map(_clean, notes)))


def parse(text: str, pictures: Mapping[str, Sequence] | None = None) -> Prompt:
    """The prompt that a text means, with example pictures by label; a label that only has pictures is a class too."""
    if len(text) > TEXT:
        raise PromptError(f"That is {len(text):,} characters, and a prompt takes {TEXT:,} at most.")
    texts: dict[str, list[str]] = {}  # by what a label is compared by: the label as first typed, its descriptions
    empty, repeated = 0, {}
    for label, description in _entries(text):
        if not _says_something(label):
            empty += 1
            continue
        if (key := _key(label)) in texts:
            repeated[texts[key][0]] = None
        texts.setdefault(key, [label]).append(description)
    found = {key: _wanted(said[0], said[1:]) for key, said in texts.items()}
    for given, shown in (pictures or {}).items():
        shown, key = tuple(shown), _key(_clean(given))
        if not shown:
            continue
        if not _says_something(given):
            raise PromptError("These pictures have no name yet: say what they show.", given)
        before = found.get(key) or _wanted(given)
        found[key] = Wanted(before.label, before.texts, (*before.pictures, *shown))
    notes = [f"{_quote(label)} was named more than once and is one class." for label in repeated]
    if empty:
        notes.append("An empty entry was left out." if empty == 1 else f"{empty} empty entries were left out.")
    return Prompt(tuple(found.values()), tuple(notes))


def looks_like_sentence(text: str) -> bool:
    """Whether a text describes its classes ("things that fly", "fruit") rather than listing them."""
    lines = _lines(text)
    if len(lines) != 1 or not _says_something(lines[0]) or BULLET.match(lines[0]):
        return False
    line, _ = _keep(lines[0])
    if any(mark.search(line) for mark in (COMMA, SEMICOLON, COLON)):
        return False
    if len(parts := JOINT.split(line)) > 1:
        versus = any(joint.strip().lower().startswith("v") for joint in JOINT.findall(line))
        return not versus and not all(len(part.split()) == 1 or _is_known(part) for part in parts)
    return _names_in_a_row(line.split()) < 3  # two may be one thing: apple tree


def match(
    sentence: str,
    names: Iterable[str],
    encode_texts: Callable[[list[str]], Tensor],
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
    cosines = (encode_texts(names) @ encode_texts([_clean(sentence)])[0]).tolist()
    likeness = dict(zip(names, cosines, strict=True))
    members = {name for family in _families_in(sentence, families or {}) for name in families[family]} & set(names)
    near = median(cosines) + NEAR * (max(cosines) - median(cosines))
    if members:
        near = max(near, median(likeness[name] for name in members))
    ranked = sorted(names, key=lambda name: (name not in members, -likeness[name]))
    count = max(2, sum(name in members or likeness[name] >= near for name in names))
    return [(name, 1.0 if name in members else likeness[name]) for name in ranked[: min(count, limit)]]


# -- limits -----------------------------------------------------------------------------------------------------------
def _check(classes: tuple[Wanted, ...]) -> None:
    seen = set()
    for wanted in classes:
        label, shown = wanted.label, _quote(wanted.label)
        if not _says_something(label):
            raise PromptError("A class has no name yet: say what it is.", label)
        if len(label) > LABEL:
            hint = "longer words go after a colon, as in name: description"
            raise PromptError(f"{shown} has {len(label)} characters, and a label takes {LABEL} at most; {hint}.", label)
        if len(wanted.pictures) > PICTURES:
            count = len(wanted.pictures)
            raise PromptError(f"{shown} has {count} pictures, and a class takes {PICTURES} at most.", label)
        if _key(label) in seen:
            raise PromptError(f"{shown} is there twice, and one of them has to go.", label)
        seen.add(_key(label))
    if not classes:
        raise PromptError("There is nothing to recognise yet: name two things or more, or give pictures of them.")
    if len(classes) == 1:
        only = _quote(classes[0].label)
        raise PromptError(f"A classifier needs at least two classes, and {only} is one: add another after a comma.")
    if len(classes) > CLASSES:
        raise PromptError(f"That is {len(classes)} classes, and a classifier takes {CLASSES} at most.")
    if (length := sum(len(text) for wanted in classes for text in wanted.texts)) > TEXT:
        raise PromptError(f"That is {length:,} characters, and a prompt takes {TEXT:,} at most.")


# -- lists ------------------------------------------------------------------------------------------------------------
def _entries(text: str) -> Iterable[tuple[str, str]]:
    """Every (label, description) of a text, also empty and repeated ones."""
    lines = _lines(text)
    entries: list[tuple[str, str]] = []
    goes_on = False
    for at, line in enumerate(lines):
        line, kept = _keep(BULLET.sub("", line))
        joined = goes_on  # to the line before, which ended in a comma or an "and"
        goes_on = bool(re.search(rf"(?:[,，、،;；؛]|\s{JOINT_WORD})$", line, re.IGNORECASE)) and at + 1 < len(lines)
        parts = _parts(line)
        if parts and not goes_on:
            parts = _split_last(parts, in_list=joined or len(parts) > 1, alone=len(lines) == 1)
        for name, description in parts:
            name = TRAILING_JOINT.sub("", LEADING_JOINT.sub("", name) if entries else name)
            entries.append((_tidy(_restore(name, kept)), _tidy(_restore(description, kept))))
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
    elif not all(len(name.split()) <= SHORT if alone else _is_known(name) for name in names):
        names = [last]
    return [*before, *((name, "") for name in names[:-1]), (names[-1], description)]


def _keep(line: str) -> tuple[str, list[str]]:
    """Quoted words and known names that have commas or an "and" in them, each made one word that nothing splits."""
    kept: list[str] = []

    def keep(words: str) -> str:
        kept.append(words)
        return f"\0{len(kept) - 1}\0"

    line = QUOTED.sub(lambda m: keep(m[m.lastindex]), line)  # one group for each kind of quotes
    return _whole_names().sub(lambda m: keep(m[0]), line), kept


def _restore(text: str, kept: list[str]) -> str:
    return KEPT.sub(lambda m: kept[int(m[1])], text)


# -- words ------------------------------------------------------------------------------------------------------------
def _lines(text: str) -> list[str]:
    """The lines that have something on them, out of the quotes that may stand around it all."""
    lines = [line for line in map(_clean, text.splitlines()) if line]
    return lines if len(lines) != 1 else [line for line in [_unquote(lines[0])] if line]


def _clean(text: str) -> str:
    """One line in NFC, single spaces, nothing invisible but what holds emoji and scripts together."""
    text = INVISIBLE.sub("", " ".join(text.split()))
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join(unicodedata.normalize("NFC", text).split())


def _tidy(text: str) -> str:
    """A name or description by itself: no bullet, no quotes around it, no full stop behind it."""
    text = _unquote(BULLET.sub("", text.strip()))
    return text[:-1].rstrip() if text.endswith(".") and text.count(".") == 1 else text


def _unquote(text: str) -> str:
    for first, last in QUOTES:
        inner = text[1:-1]
        if len(text) > 1 and text[0] == first and text[-1] == last and first not in inner and last not in inner:
            return inner.strip()
    return text


def _says_something(text: str) -> bool:
    """A letter, a digit, an emoji (also one newer than our tables): not only dashes, dots and spaces."""
    return any((kind := unicodedata.category(c))[0] in "LNS" or kind in ("Cn", "Co", "Me") for c in text)


def _wanted(label: str, descriptions: Iterable[str] = (), pictures: Iterable = ()) -> Wanted:
    texts = dict.fromkeys(filter(None, map(_clean, (label, *descriptions))))
    return Wanted(_clean(label), tuple(texts), tuple(pictures))


def _key(label: str) -> str:
    """What labels are compared by: "something else" is one class, whatever it is called."""
    return SOMETHING_ELSE if is_something_else(label) else unicodedata.normalize("NFC", label.casefold())


def _quote(label: str) -> str:
    return f"“{label}”" if len(label) <= 40 else f"“{label[:39]}…”"


# -- known names ------------------------------------------------------------------------------------------------------
@cache
def _known() -> frozenset[str]:
    """Every name, synonym and family that any world has words for, and what "something else" is called."""
    things = vocabulary().values()
    return SAID | {w.casefold() for t in things for w in (t.name, *t.synonyms, *t.families)}


@cache
def _whole_names() -> re.Pattern:
    """Known names that a list would tear apart, the longest first."""
    torn = [name for name in _known() if COMMA.search(name) or JOINT.search(name)]
    forms = (re.escape(name).replace(",\\ ", ",\\s*") for name in sorted(torn, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)}){ENDS}", re.IGNORECASE)


def _is_known(name: str) -> bool:
    """Also in the plural and with an article."""
    if KEPT.fullmatch(name):
        return True
    *before, last = re.sub(r"^(?:an?|the)\s+(?=\S)", "", name.casefold()).split() or [""]
    return any(" ".join([*before, form]) in _known() for form in _singulars(last))


def _names_in_a_row(words: list[str]) -> int:
    """How many known names the words are, one after the other; 0 where something else is among them."""
    count = 0
    while words:
        size = next((n for n in (4, 3, 2, 1) if n <= len(words) and _is_known(" ".join(words[:n]))), 0)
        if not size:
            return 0
        words, count = words[size:], count + 1
    return count


def _singulars(word: str) -> set[str]:
    """What the singular of a word may be, the word itself included."""
    forms = {word, IRREGULAR.get(word, word)}
    if word.endswith("s") and not word.endswith("ss"):
        forms.add(word[:-1])
    for ending, singulars in (("es", ("",)), ("ies", ("y",)), ("ves", ("f", "fe"))):
        if word.endswith(ending):
            forms |= {word.removesuffix(ending) + singular for singular in singulars}
    return forms


def _roots(word: str) -> set[str]:
    """What a word may come from: flies, flying -> fly; legged -> leg."""
    forms = _singulars(word)
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            forms |= {stem, stem + "e", stem[:-1] if stem[-1] == stem[-2] else stem}
    return forms


def _families_in(sentence: str, families: Iterable[str]) -> list[str]:
    """The families that a sentence names, in any order of words: "animals with four legs" are four-legged animals.

    A narrower family is meant alone: of "sea animals" the sea animals, not all animals.
    """
    said = [_roots(word) for word in re.findall(r"\w+", NEGATION.split(_clean(sentence).casefold())[0])]
    found: dict[str, set[int]] = {}
    for family in families:
        wanted = [_roots(word) for word in re.findall(r"\w+", family.casefold())]
        places = [next((at for at, word in enumerate(said) if word & roots), None) for roots in wanted]
        if places and None not in places:
            found[family] = set(places)
    return [family for family, places in found.items() if not any(places < other for other in found.values())]
