"""What the lesson, the quiz, the sheet and the present mode say, in several languages: a file for each.

    words = load("de")
    words("teach.count", n=5)        # 5 Bilder
    words.thing("snail")             # Schnecke

Another language is one more file in `languages/`, with the keys and the {placeholders} of `en.json`: a test compares
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "languages"
FIRST = "en"  # where nothing else is asked for


@dataclass(frozen=True)
class Words:
    """The texts of one language."""

    code: str
    texts: dict[str, Any]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text at a dotted key, with its placeholders filled in."""
        text = self.part(key)
        return text.format(**values) if values else text

    def part(self, key: str) -> Any:
        """What stands at a dotted key: a text, a list, or a group of them."""
        found: Any = self.texts
        for name in key.split("."):
            found = found[int(name)] if isinstance(found, list) else found[name]
        return found

    def thing(self, name: str) -> str:
        """What a class is called; its own name, where the language has no other."""
        return self.texts["things"].get(name, name)

    def things(self, names: Iterator[str] | tuple[str, ...] | list[str]) -> str:
        """Several of them, as a list."""
        return ", ".join(map(self.thing, names))

    def percent(self, share: float) -> str:
        """0.876 -> 88%."""
        return self("percent", n=f"{100 * share:.0f}")

    def number(self, value: float, digits: int) -> str:
        """With the language's decimal sign."""
        return f"{value:.{digits}f}".replace(".", self("decimal"))


@cache
def available() -> dict[str, str]:
    """Code -> what the language calls itself; `FIRST` comes first."""
    codes = sorted((file.stem for file in FILES.glob("*.json")), key=lambda code: (code != FIRST, code))
    return {code: load(code)("language") for code in codes}


@cache
def load(code: str) -> Words:
    """The language of a file; for anything else `FIRST`."""
    known = {file.stem for file in FILES.glob("*.json")}
    code = code if code in known else FIRST
    return Words(code, json.loads((FILES / f"{code}.json").read_text("utf-8")))


def choose(wanted: str | None, accepted: str | None) -> Words:
    """The language of an address (?lang=de), else the best one that a browser accepts (its Accept-Language header)."""
    if wanted and (code := _base(wanted)) in available():
        return load(code)
    ranked = []
    for place, entry in enumerate((accepted or "")[:500].split(",")):
        tag, _, quality = entry.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0 and (code := _base(tag)) in available():
            ranked.append((-weight, place, code))
    return load(min(ranked)[2] if ranked else FIRST)


def _base(tag: str) -> str:
    """de-AT -> de."""
    return tag.strip().casefold().partition("-")[0]
