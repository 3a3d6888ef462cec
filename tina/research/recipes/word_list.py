"""The words that Tina knows to be words: python -m tina.research.recipes.word_list

Of WordNet's synsets, of our worlds, and of our own lists. A thing is a noun that first of all means an animal, an
artefact, food, a plant or something in nature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tina.prompts.known_words import FILE, LOW_BITS, SPARSE, encode, forms_of, number_of, plain
from tina.research.recipes.wordnet import folder, synsets
from tina.worlds.base import vocabulary

HERE = Path(__file__).parent
THINGS = frozenset(f"noun {file:02}" for file in (5, 6, 13, 17, 20))
TAXON = re.compile(r"\b(?:genus|family|order|suborder|class|phylum|subfamily|superfamily)\b")


def words() -> dict[str, bool]:
    """Each plain word, and whether it is first of all a thing."""
    found: dict[str, bool] = dict.fromkeys(_newer(), False)
    first = _first_meanings()
    for synset in synsets():
        person = synset.kind == "noun 18" and synset.names[0][:1].isupper()
        if person or (synset.kind == "noun 14" and TAXON.search(synset.gloss)):
            continue
        for name in synset.names:
            if name[:1].isupper() and synset.kind in ("noun 05", "noun 20") and TAXON.search(synset.gloss):
                continue
            for word in _parts(name):
                found.setdefault(word, False)
            if first.get(name.casefold()) in THINGS and len(_parts(name)) == 1:
                found[_parts(name)[0]] = True
    for text in _our_texts():
        for word in _parts(text):
            found.setdefault(word, False)
    return found


def kept(found: dict[str, bool]) -> dict[str, bool]:
    """Without those that are forms of another one: a look-up asks for these, too."""
    return {
        word: thing
        for word, thing in found.items()
        if thing or not any(root in found for root in forms_of(word) - {word} if len(root) > 2)
    }


def _first_meanings() -> dict[str, str]:
    """Noun -> the kind of its first meaning, but for those of a person or place that is called so: Hero, or Heron."""
    nouns = {synset.id: synset for synset in synsets(("noun",))}
    first = {}
    for line in (folder() / "index.noun").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            fields = line.split()
            name, meanings = fields[0].replace("_", " "), [nouns[f"noun-{at}"] for at in fields[-int(fields[2]) :]]
            common = [one for one in meanings if name in one.names]
            first[name] = (common or meanings)[0].kind
    return first


def _newer() -> list[str]:
    lines = (HERE / "newer_words.txt").read_text("utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def _our_texts() -> Iterator[str]:
    for thing in vocabulary().values():
        yield from (thing.name, *thing.synonyms, *thing.families)
    for name in ("lexicon.txt", "likes.txt"):
        for line in (HERE / name).read_text("utf-8").splitlines():
            if ":" in line and not line.startswith("#"):
                yield line.split(":")[0]


def _parts(name: str) -> list[str]:
    """The plain words of a name, of two letters or more."""
    return [word for word in re.findall(r"[a-z]+", plain(name)) if len(word) > 1]


def main() -> None:
    """Writes the file."""
    found = kept(words())
    assert SPARSE == 2**LOW_BITS
    by_number: dict[int, bool] = {}
    for word, thing in found.items():
        number = number_of(word, len(found))
        by_number[number] = by_number.get(number, False) or thing
    while len(by_number) < len(found):  # two words of one number: the count that numbers are made with stays
        by_number.setdefault(next(n for n in range(SPARSE * len(found)) if n not in by_number), False)
    numbers = np.array(sorted(by_number), np.int64)
    flags = np.array([by_number[number] for number in numbers.tolist()])
    save_file(encode(numbers, flags), FILE)
    print(f"{len(found):,} words, {sum(found.values()):,} of them things: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
