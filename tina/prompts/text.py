"""Words as people type them: made clean, taken out of quotes, compared, and looked up in the worlds' vocabulary."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from tina.prompts.something_else import SOMETHING_ELSE, WORDINGS, is_something_else
from tina.worlds.base import vocabulary

INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")  # they hide or turn round what is read
COMMA = re.compile("[,，、،。｡]")
SEMICOLON = re.compile("[;；؛]")
COLON = re.compile(r"(?<!\d)[:：](?!//)|[:：](?!\d|//)")  # not in 12:30, not in https://
JOINT_WORD = r"(?:and|or|&|vs\.?|versus)"
JOINT = re.compile(rf"\s+{JOINT_WORD}\s+", re.IGNORECASE)
BULLET = re.compile(r"^(?:[-*–—·+]\s+|[-*](?=[^\W\d])|[•‣◦▪]\s*|\(?\d{1,3}[.)](?!\d)\s*)")
QUOTES = (('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("«", "»"), ("„", "“"), ("„", "”"))
ENDS = rf"(?=\s*(?:[,，、،;；؛:：.]|$|\s{JOINT_WORD}\s))"  # what may stand after a name
QUOTED = re.compile("|".join(rf"(?<!\S){a}([^{a}{b}]*){b}{ENDS}" for a, b in QUOTES), re.IGNORECASE)
KEPT = re.compile("\0(\\d+)\0")  # the placeholder of words that nothing may split
IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "geese": "goose"}
LONGEST_TITLE = 40  # characters of a label in a message


def lines_of(text: str) -> list[str]:
    """The lines of a text that are not empty, cleaned; of one line the quotes around it are dropped."""
    lines = [line for line in map(clean, text.splitlines()) if line]
    return lines if len(lines) != 1 else [line for line in [_unquote(lines[0])] if line]


def clean(text: str) -> str:
    """Any text as one line in NFC: single spaces, nothing invisible but what holds emoji and scripts together."""
    text = INVISIBLE.sub("", " ".join(text.split()))
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join(unicodedata.normalize("NFC", text).split())


def tidy(text: str) -> str:
    """A name or description by itself: no bullet, no quotes around it, no full stop behind it."""
    text = _unquote(BULLET.sub("", text.strip()))
    return text[:-1].rstrip() if text.endswith(".") and text.count(".") == 1 else text


def _unquote(text: str) -> str:
    for first, last in QUOTES:
        inner = text[1:-1]
        if len(text) > 1 and text[0] == first and text[-1] == last and first not in inner and last not in inner:
            return inner.strip()
    return text


def has_content(text: str) -> bool:
    """Whether there is a letter, a digit or an emoji (also one newer than our tables), not only dashes and dots."""
    return any((kind := unicodedata.category(c))[0] in "LNS" or kind in ("Cn", "Co", "Me") for c in text)


def key_of(label: str) -> str:
    """What labels are compared by: "something else" is one class, whichever of its wordings is used."""
    return SOMETHING_ELSE if is_something_else(label) else unicodedata.normalize("NFC", label.casefold())


def quoted(label: str) -> str:
    """A label in quotes for a message, cut to `LONGEST_TITLE` characters."""
    return f"“{label}”" if len(label) <= LONGEST_TITLE else f"“{label[: LONGEST_TITLE - 1]}…”"


def keep_whole(line: str) -> tuple[str, list[str]]:
    """Replaces quoted words, and vocabulary names with a comma or an "and" in them, by placeholders without either.

    Args:
        line: a line of a prompt.

    Returns:
        The line with placeholders, and the words that they stand for: `restore` puts them back.
    """
    kept: list[str] = []

    def keep(words: str) -> str:
        kept.append(words)
        return f"\0{len(kept) - 1}\0"

    line = QUOTED.sub(lambda match: keep(match[match.lastindex or 0]), line)  # one group for each kind of quotes
    return _unsplit_names().sub(lambda match: keep(match[0]), line), kept


def quotes_in(line: str) -> bool:
    """Whether some words are quoted, which nothing may read otherwise."""
    return bool(QUOTED.search(line))


def restore(text: str, kept: list[str]) -> str:
    """Puts the words back that `keep_whole` replaced."""
    return KEPT.sub(lambda match: kept[int(match[1])], text)


@cache
def _vocabulary_words() -> frozenset[str]:
    """Every name, synonym and family of any world, and the wordings of "something else", in lower case."""
    things = vocabulary().values()
    return WORDINGS | {word.casefold() for t in things for word in (t.name, *t.synonyms, *t.families)}


@cache
def _unsplit_names() -> re.Pattern[str]:
    """Matches the vocabulary names that a list would be split in, the longest first."""
    names = [name for name in _vocabulary_words() if COMMA.search(name) or JOINT.search(name)]
    forms = (re.escape(name).replace(",\\ ", ",\\s*") for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)}){ENDS}", re.IGNORECASE)


def in_vocabulary(name: str) -> bool:
    """Whether some world has this name, synonym or family, also in the plural and with an article."""
    if KEPT.fullmatch(name):
        return True
    *before, last = re.sub(r"^(?:an?|the)\s+(?=\S)", "", name.casefold()).split() or [""]
    return any(" ".join([*before, form]) in _vocabulary_words() for form in singulars_of(last))


def names_in_a_row(words: list[str]) -> int:
    """How many vocabulary names the words are, one after the other.

    Args:
        words: a line, split at its spaces.

    Returns:
        Their number; 0 where there is any word that belongs to none.
    """
    count = 0
    while words:
        sizes = (n for n in (4, 3, 2, 1) if n <= len(words) and in_vocabulary(" ".join(words[:n])))
        size = next(sizes, 0)
        if not size:
            return 0
        words, count = words[size:], count + 1
    return count


def singulars_of(word: str) -> set[str]:
    """What the singular of a word may be, the word itself included."""
    forms = {word, IRREGULAR.get(word, word)}
    if word.endswith("s") and not word.endswith("ss"):
        forms.add(word[:-1])
    for ending, singulars in (("es", ("",)), ("ies", ("y",)), ("ves", ("f", "fe"))):
        if word.endswith(ending):
            forms |= {word.removesuffix(ending) + singular for singular in singulars}
    return forms


def roots_of(word: str) -> set[str]:
    """The words that a word may come from, itself included: flies, flying -> fly; legged -> leg."""
    forms = singulars_of(word)
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            forms |= {stem, stem + "e", stem[:-1] if stem[-1] == stem[-2] else stem}
    return forms
