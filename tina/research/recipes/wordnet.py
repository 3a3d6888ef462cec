"""WordNet's synsets, read from the plain data files (Debian: `apt-get install wordnet-base`).

The encoder's text tower learns English from WordNet: every word, every gloss. One noun synset in twenty is held out;
no text of a held-out synset, neither its names nor its gloss, is ever used for training.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

PLACES = ("/usr/share/wordnet", "~/.cache/tina/wordnet")


@dataclass(frozen=True)
class Synset:
    id: str  # part of speech and byte offset, e.g. "noun-02121808"
    names: tuple[str, ...]
    gloss: str  # the definition, without examples
    examples: tuple[str, ...]
    kind: str  # WordNet's lexicographers divided the work: animals, food, artefacts, feelings ...

    @property
    def held_out(self) -> bool:
        """5% of the noun synsets, by a stable hash of the id."""
        return self.id.startswith("noun") and hashlib.sha256(self.id.encode()).digest()[0] < 13  # 13/256 = 5.1%

    @property
    def texts(self) -> tuple[str, ...]:
        return (*self.names, self.gloss, *self.examples)


def folder() -> Path:
    """Where WordNet's data files are: $TINA_WORDNET, Debian's place, or the user's cache."""
    for place in (os.environ.get("TINA_WORDNET"), *PLACES):
        if place and (Path(place).expanduser() / "data.noun").is_file():
            return Path(place).expanduser()
    raise FileNotFoundError(
        "WordNet's data files are not here: install Debian's wordnet-base, or unpack WordNet 3.0's dict/ "
        f"into {Path(PLACES[1]).expanduser()}."
    )


def _parse(line: str, part: str) -> Synset:
    data, _, gloss = line.partition(" | ")
    fields = data.split()
    count = int(fields[3], 16)
    # adjectives carry a syntactic marker in brackets: "galore(ip)"
    names = tuple(dict.fromkeys(fields[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(count)))
    pieces = [piece.strip().strip('"').strip() for piece in gloss.strip().split('; "')]
    examples = tuple(piece for piece in pieces[1:] if piece)
    return Synset(f"{part}-{fields[0]}", names, pieces[0].strip("; "), examples, f"{part} {fields[1]}")


def synsets(parts: tuple[str, ...] = ("noun", "verb", "adj", "adv")) -> list[Synset]:
    found = []
    for part in parts:
        with open(folder() / f"data.{part}", encoding="utf-8") as file:
            found += [_parse(line, part) for line in file if not line.startswith(" ")]  # the licence is indented
    return found
