"""WordNet's synsets, read from the plain data files (Debian: `apt-get install wordnet-base`).

The encoder's text tower learns English from WordNet: every word, every gloss. One noun synset in twenty is held out;
no text of a held-out synset, neither its names nor its gloss, is ever used for training.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from tina.errors import MissingData

FOLDERS = ("/usr/share/wordnet", "~/.cache/tina/wordnet")


@dataclass(frozen=True)
class Synset:
    """A set of synonyms with one meaning."""

    id: str  # part of speech and byte offset, e.g. "noun-02121808"
    names: tuple[str, ...]
    gloss: str  # the definition, without examples
    examples: tuple[str, ...]
    kind: str  # part of speech and lexicographer file (animals, food, artefacts, feelings ...), e.g. "noun 05"
    hypernyms: tuple[str, ...] = ()  # ids of what it is a kind, or an instance, of

    @property
    def held_out(self) -> bool:
        """5% of the noun synsets, by a stable hash of the id."""
        return self.id.startswith("noun") and hashlib.sha256(self.id.encode()).digest()[0] < 13  # 13/256 = 5.1%

    @property
    def texts(self) -> tuple[str, ...]:
        """Names, gloss and examples."""
        return (*self.names, self.gloss, *self.examples)


def folder() -> Path:
    """The folder of WordNet's data files: $TINA_WORDNET, Debian's, or the user's cache, whichever has them first."""
    for path in (os.environ.get("TINA_WORDNET"), *FOLDERS):
        if path and (Path(path).expanduser() / "data.noun").is_file():
            return Path(path).expanduser()
    raise MissingData(
        "WordNet's data files are not here: install Debian's wordnet-base, or unpack WordNet 3.0's dict/ "
        f"into {Path(FOLDERS[1]).expanduser()}."
    )


def _parse(line: str, part: str) -> Synset:
    """The synset of a line of a data file."""
    data, _, gloss = line.partition(" | ")
    fields = data.split()
    count = int(fields[3], 16)
    # adjectives carry a syntactic marker in brackets: "galore(ip)"
    names = tuple(dict.fromkeys(fields[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(count)))
    pieces = [piece.strip().strip('"').strip() for piece in gloss.strip().split('; "')]
    examples = tuple(piece for piece in pieces[1:] if piece)
    pointers = fields[5 + 2 * count :]  # of four fields each: kind, offset, part of speech, and between which words
    above = tuple(
        f"{part}-{at}" for kind, at in zip(pointers[::4], pointers[1::4], strict=False) if kind in ("@", "@i")
    )
    return Synset(f"{part}-{fields[0]}", names, pieces[0].strip("; "), examples, f"{part} {fields[1]}", above)


def synsets(parts: tuple[str, ...] = ("noun", "verb", "adj", "adv")) -> list[Synset]:
    """WordNet's synsets, in the files' order.

    Args:
        parts: of speech, as the data files are called.

    Returns:
        All synsets of these parts of speech, held out or not.
    """
    parsed = []
    for part in parts:
        with open(folder() / f"data.{part}", encoding="utf-8") as file:
            parsed += [_parse(line, part) for line in file if not line.startswith(" ")]  # the licence is indented
    return parsed
