"""Names of everyday things in other languages, and emoji: a file for each, a line for each thing.

    apple<TAB>Apfel
    doughnut<TAB>Krapfen,Berliner

A language is added by a file of that kind, its name in `LANGUAGES`, its articles in `ARTICLES`, its plurals in
`PLURALS` and its "and" in `JOINTS`. english.txt has English words that mean something else in another language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

HERE = Path(__file__).parent
EMOJI = "emoji"
LANGUAGES = {"de": "German", "fr": "French", "es": "Spanish", "zh": "Chinese", "ja": "Japanese"}
ARTICLES: Mapping[str, re.Pattern[str]] = {
    "de": re.compile(r"(?:der|die|das|den|dem|des|eine?[nmrs]?|alle|viele)\s+"),
    "fr": re.compile(r"(?:(?:l|d|de l)['’]\s*|(?:les?|la|une?|du|des|de la)\s+)"),
    "es": re.compile(r"(?:el|las?|los|un|unas?|unos)\s+"),
    "zh": re.compile("[一两二三几这那](?:[只個个條条朵辆辆本匹头把张棵杯瓶件双艘架座颗块些])"),
    "ja": re.compile("(?:この|その|あの)"),
}
PLURALS: Mapping[str, tuple[tuple[str, str], ...]] = {  # an ending, and what stands there in the singular
    "de": (("n", ""), ("e", ""), ("en", ""), ("er", ""), ("ern", ""), ("s", ""), ("se", ""), ("nen", "")),
    "fr": (("s", ""), ("x", ""), ("aux", "al")),
    "es": (("s", ""), ("es", ""), ("ces", "z")),
    "zh": (("们", ""),),
    "ja": (("たち", ""),),
}
JOINTS: Mapping[str, re.Pattern[str]] = {
    "de": re.compile(r"\s+(?:und|oder|gegen)\s+", re.IGNORECASE),
    "fr": re.compile(r"\s+(?:et|ou|contre)\s+", re.IGNORECASE),
    "es": re.compile(r"\s+(?:y|e|o|u|contra)\s+", re.IGNORECASE),
    "zh": re.compile("和|与|與|还是|還是|或者|或"),
    "ja": re.compile("と|や|か|または"),
}
MOST_WORDS = 4  # of a name
SHORTEST = 3  # letters that a plural leaves
VARIANT = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")  # how an emoji is drawn, and the colour of skin


@cache
def names_in(language: str) -> Mapping[str, str]:
    """Folded name -> English name; of `EMOJI` each emoji."""
    found: dict[str, str] = {}
    for line in (HERE / f"{language}.txt").read_text("utf-8").splitlines():
        english, _, names = line.partition("\t")
        for name in names.split(","):
            found.setdefault(fold(name, language), english)
    return found


@cache
def english_names() -> frozenset[str]:
    """The things that have a name in any of the files, in small letters."""
    return frozenset(name.casefold() for part in (*LANGUAGES, EMOJI) for name in names_in(part).values())


def fold(name: str, language: str) -> str:
    """A name as it is compared: small letters, no accents, "ue" as "ü", katakana as hiragana, emoji uncoloured."""
    if language == EMOJI:
        return VARIANT.sub("", name.strip())
    name = unicodedata.normalize("NFKC", " ".join(name.split())).casefold().replace("œ", "oe")
    if language == "ja":
        return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in name)
    if language == "zh":
        return name
    name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub("([aou])e", r"\1", name) if language == "de" else name


def name_in(label: str, language: str) -> str:
    """The English name of what a label is called in a language, in any number and with an article; empty for none."""
    names = names_in(language)
    if language == EMOJI:
        return _of_emoji(label, names)
    whole = unicodedata.normalize("NFKC", " ".join(label.split())).casefold()
    for form in (whole, ARTICLES[language].sub("", whole, count=1) if ARTICLES[language].match(whole) else ""):
        for one in _singulars(fold(form, language), language):
            if one in names:
                return names[one]
    return ""


def _of_emoji(label: str, names: Mapping[str, str]) -> str:
    """Of one emoji, or of the first one that it is made of."""
    plain = fold(label, EMOJI)
    return names.get(plain) or (names.get(plain.split("\u200d")[0], "") if "\u200d" in plain else "")


def emoji_in(text: str) -> list[str]:
    """The emoji that a text is made of: two or more that are known, and nothing else."""
    found: list[str] = []
    for c in text.replace(" ", ""):
        joined = found and (VARIANT.match(c) or c == "\u200d" or found[-1].endswith("\u200d"))
        if joined:
            found[-1] += c
        else:
            found.append(c)
    return found if len(found) > 1 and all(name_in(one, EMOJI) for one in found) else []


def _singulars(name: str, language: str) -> Iterator[str]:
    """A folded name, and what it may be the plural of."""
    words = name.split(" ")
    if not name or len(words) > MOST_WORDS:
        return
    yield name
    yield from (" ".join(forms) for forms in product(*(_of_word(word, language) for word in words)))


def _of_word(word: str, language: str) -> list[str]:
    shortest = SHORTEST if word.isascii() else 1
    stems = (
        word.removesuffix(ending) + singular
        for ending, singular in PLURALS[language]
        if word.endswith(ending) and len(word) - len(ending) >= shortest
    )
    return list(dict.fromkeys([word, *stems]))
