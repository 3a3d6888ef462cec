"""The words that `everyday` learns rows from: names of the tower's thousand classes, what WordNet says of them and of
what is above them, and likes.txt, a list of what everyday things outside the thousand look like.

    words = known_words(wnids, names)     # texts, which classes each is about, how much it is trusted
    lexicon = make_lexicon(wnids, names)  # for words that are looked up
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from tina.generator.tower.lexicon import Lexicon
from tina.research.recipes.wordnet import Synset, synsets

LIKES = Path(__file__).parent / "likes.txt"
PHYSICAL = frozenset(f"noun {file:02}" for file in (5, 6, 8, 13, 15, 17, 18, 20, 27))  # animals, artefacts, food ...
RIDGES = {"name": 1.0, "synonym": 1.0, "gloss": 1.0, "above": 2.0, "gloss above": 2.0, "like": 2.0}
NAMES_ABOVE, MOST_BELOW = 3, 150  # names of a synset above the thousand, and classes below it


@dataclass(frozen=True)
class KnownWords:
    """T texts about the tower's classes."""

    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    classes: tuple[tuple[int, ...], ...]  # which classes each is about

    def shares(self, count: int) -> Tensor:
        """T x count: 1 for each class that a text is about."""
        shares = torch.zeros(len(self.texts), count)
        for row, classes in zip(shares, self.classes, strict=True):
            row[list(classes)] = 1
        return shares

    @property
    def ridges(self) -> Tensor:
        """(T,)"""
        return torch.tensor([RIDGES[kind] for kind in self.kinds])

    def without(self, texts: frozenset[str]) -> KnownWords:
        """Without what likes.txt says of these words: for judging on sets that have classes of these names."""
        keep = [i for i, t in enumerate(self.texts) if self.kinds[i] != "like" or t.casefold() not in texts]
        parts = ([of[i] for i in keep] for of in (self.texts, self.kinds, self.classes))
        return KnownWords(*map(tuple, parts))

    def without_classes(self, classes: Collection[int]) -> KnownWords:
        """As if some of the tower's classes did not exist."""
        gone = frozenset(classes)
        left = [tuple(k for k in of if k not in gone) for of in self.classes]
        keep = [i for i, of in enumerate(left) if of]
        return KnownWords(*(tuple(of[i] for i in keep) for of in (self.texts, self.kinds, left)))


def known_words(wnids: tuple[str, ...], names: tuple[str, ...]) -> KnownWords:
    """All of them.

    Args:
        wnids: WordNet ids of the tower's classes, as ImageNet has them.
        names: one name for each.
    """
    nouns, ids = _nouns(), [_id(wnid) for wnid in wnids]
    rows: list[tuple[str, str, tuple[int, ...]]] = []
    for i, (id, name) in enumerate(zip(ids, names, strict=True)):
        rows.append(("name", name, (i,)))
        rows += [("synonym", other, (i,)) for other in nouns[id].names if other.casefold() != name.casefold()]
        rows.append(("gloss", nouns[id].gloss, (i,)))
    for id, members in _below(ids).items():
        if id not in ids and len(members) <= MOST_BELOW:
            rows += [("above", name, members) for name in nouns[id].names[:NAMES_ABOVE]]
            rows.append(("gloss above", nouns[id].gloss, members))
    rows += [("like", name, classes) for name, classes in _likes(ids, names).items()]
    kinds, texts, classes = zip(*rows, strict=True)
    return KnownWords(texts, kinds, classes)


def make_lexicon(wnids: tuple[str, ...], names: tuple[str, ...]) -> Lexicon:
    """Names of the classes, nouns above them, and physical nouns that are a kind of something above them."""
    nouns, ids = _nouns(), [_id(wnid) for wnid in wnids]
    below = {id: members for id, members in _below(ids).items() if id not in ids}
    numbers = {id: number for number, id in enumerate(below)}
    by_name: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        by_name[name.casefold()].append(i)
    synonyms: dict[str, list[int]] = defaultdict(list)  # a class's own name is not another one's synonym
    for i, id in enumerate(ids):
        for word in dict.fromkeys(one.casefold() for one in nouns[id].names):
            if word not in by_name:
                synonyms[word].append(i)
    by_name |= synonyms
    broad: dict[str, int] = {}
    kin: dict[str, int] = {}
    for id, noun in nouns.items():  # WordNet lists the commoner sense of a word no later than others, nearly always
        if noun.kind not in PHYSICAL or id in ids:
            continue
        parent = next((above for above in noun.hypernyms if above in numbers), None)
        for word in map(str.casefold, noun.names):
            if id in numbers and len(below[id]) <= MOST_BELOW:
                broad.setdefault(word, numbers[id])
            elif parent and len(below[parent]) <= MOST_BELOW:
                kin.setdefault(word, numbers[parent])
    kin = {word: group for word, group in kin.items() if word not in by_name and word not in broad}
    broad = {word: group for word, group in broad.items() if word not in by_name}
    return Lexicon(dict(by_name), list(below.values()), kin, broad)


def _id(wnid: str) -> str:
    return f"noun-{wnid.removeprefix('n')}"


@cache
def _nouns() -> dict[str, Synset]:
    return {noun.id: noun for noun in synsets(("noun",))}


def _below(ids: list[str]) -> dict[str, tuple[int, ...]]:
    """Synset -> numbers of the classes that are a kind of it, themselves included."""
    nouns = _nouns()
    found: dict[str, list[int]] = defaultdict(list)
    for i, id in enumerate(ids):
        queue, seen = deque([id]), {id}
        while queue:
            at = queue.popleft()
            found[at].append(i)
            for above in nouns[at].hypernyms:
                if above in nouns and above not in seen:
                    seen.add(above)
                    queue.append(above)
    return {id: tuple(members) for id, members in found.items()}


def _likes(ids: list[str], names: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    nouns = _nouns()
    numbers: dict[str, int] = {}
    for i, (id, name) in enumerate(zip(ids, names, strict=True)):
        for word in (*nouns[id].names, name):
            numbers.setdefault(word.casefold(), i)
    found = {}
    for line in LIKES.read_text("utf-8").splitlines():
        if line.startswith("#") or ": " not in line:
            continue
        name, _, classes = line.partition(": ")
        known = tuple(
            numbers[one.strip().casefold()] for one in classes.split(",") if one.strip().casefold() in numbers
        )
        if known:
            found[name] = known
    return found
