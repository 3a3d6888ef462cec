"""Batches of texts for the text tower: of WordNet and of the worlds, alone or as descriptions with their names.

No text of a held-out synset is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from tina.research.recipes import wordnet
from tina.research.recipes.teacher import Teacher
from tina.worlds import Thing

BATCH = 1024
OTHER_KINDS = 0.3  # the share of a batch that is drawn from any kind, where the rest is of one


def wordnet_texts() -> tuple[list[str], set[str]]:
    """The texts of WordNet to train on, and the texts, in lower case, that must not be trained on."""
    all_synsets = wordnet.synsets()
    forbidden = held_out_texts(all_synsets)
    texts: dict[str, None] = {}
    for s in all_synsets:
        if not s.held_out:
            texts.update(dict.fromkeys(s.texts))
    return [t for t in texts if t and t.lower() not in forbidden], forbidden


def held_out_texts(synsets: Sequence[wordnet.Synset]) -> set[str]:
    """All texts of the held-out synsets, in lower case."""
    return {t.lower() for s in synsets if s.held_out for t in s.texts}


def gloss_pairs(synsets: Sequence[wordnet.Synset]) -> dict[str, list[str]]:
    """Gloss -> the names of its synset, for all synsets that are not held out."""
    return {s.gloss: list(s.names) for s in synsets if s.gloss and not s.held_out}


def filter_pairs(names_of: dict[str, list[str]], forbidden: set[str]) -> dict[str, list[str]]:
    """Leave out texts that must not be trained on.

    Args:
        names_of: description -> names.
        forbidden: texts in lower case.

    Returns:
        Description -> names, without forbidden ones and without descriptions that have no name left.
    """
    allowed = {text: [n for n in names if n.lower() not in forbidden] for text, names in names_of.items()}
    return {text: names for text, names in allowed.items() if names and text.lower() not in forbidden}


def description_pairs(things: Collection[Thing]) -> dict[str, list[str]]:
    """Description -> the names of what it describes."""
    return {text: [t.name, *t.synonyms] for t in things for text in t.descriptions}


def world_texts(things: Collection[Thing]) -> list[str]:
    """Every name, synonym, description and family of the things."""
    return list(dict.fromkeys([t for thing in things for t in thing.texts] + [f for t in things for f in t.families]))


class Batches:
    """Endless batches of texts of about the same length, in random order.

    Args:
        texts: N of them; their tokens and targets are held in memory.
        tokenizer: open_clip's.
        teacher: of the targets.
        seed: of the order.

    Yields:
        ((token ids, targets),): B x context length and B x dim.
    """

    def __init__(self, texts: list[str], tokenizer, teacher: Teacher, seed: int):
        self.ids = torch.cat([tokenizer(texts[i : i + 4096]).to(torch.int32) for i in range(0, len(texts), 4096)])
        self.targets = teacher.vectors(texts)
        self.lengths = self.ids.argmax(1).numpy()
        self.random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self):
        while True:
            order = self.random.permutation(len(self.ids))
            by_length = np.argsort(self.lengths[order] + self.random.uniform(0, 2, len(order)), kind="stable")
            chunks = [order[by_length[i : i + BATCH]] for i in range(0, len(by_length), BATCH)]
            self.random.shuffle(chunks)
            for chunk in chunks:
                yield ((self.ids[chunk].long(), self.targets[chunk].float()),)


class Pairs:
    """Endless batches of descriptions, each with one of its names.

    Args:
        names_of: description -> its names.
        tokenizer: open_clip's.
        vectors_of: from N texts to their targets (N x dim).
        seed: of the order and of the names that are drawn.
        kinds: description -> its kind; with them, most of a batch are of one kind.

    Yields:
        ((token ids, targets) of descriptions, (token ids, targets) of names): B x context length and B x dim each.
    """

    def __init__(
        self,
        names_of: dict[str, list[str]],
        tokenizer,
        vectors_of: Callable[[list[str]], Tensor],
        seed: int,
        kinds: dict[str, str] | None = None,
    ):
        texts = list(dict.fromkeys([*names_of, *(name for names in names_of.values() for name in names)]))
        number = {text: i for i, text in enumerate(texts)}
        self.ids = torch.cat([tokenizer(texts[i : i + 4096]).to(torch.int32) for i in range(0, len(texts), 4096)])
        self.targets = vectors_of(texts)
        self.names = np.array([number[name] for names in names_of.values() for name in names])
        self.counts = np.array([len(names) for names in names_of.values()])
        self.lengths = self.ids[: len(names_of)].argmax(1).numpy()  # the descriptions come first
        kinds = kinds or dict.fromkeys(names_of, "")
        self.kinds = np.unique([kinds[text] for text in names_of], return_inverse=True)[1]
        self.random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.counts)

    def __iter__(self):
        starts = np.cumsum(self.counts) - self.counts
        while True:
            order = self.random.permutation(len(self.counts))
            mixed_in = self.random.random(len(order)) < OTHER_KINDS
            kinds = self.kinds[np.where(mixed_in, self.random.permutation(order), order)]
            by_length = np.lexsort((self.lengths[order] + self.random.uniform(0, 4, len(order)), kinds))
            chunks = [order[by_length[i : i + BATCH // 2]] for i in range(0, len(by_length), BATCH // 2)]
            self.random.shuffle(chunks)
            for chunk in chunks:
                chosen = (self.random.random(len(chunk)) * self.counts[chunk]).astype(int)
                names = self.names[starts[chunk] + chosen]
                yield tuple((self.ids[rows].long(), self.targets[rows].float()) for rows in (chunk, names))


def training_sources(
    tokenizer, teacher: Teacher, texts: list[str], forbidden: set[str], things: Collection[Thing], seed: int
) -> dict[str, Batches | Pairs]:
    """The sources of training batches.

    Args:
        tokenizer: open_clip's.
        teacher: of the targets.
        texts: of WordNet.
        forbidden: texts in lower case that must not be trained on.
        things: of the worlds.
        seed: of the batches.

    Returns:
        Source by name: "texts", "glosses", "worlds' texts" and "worlds' descriptions".
    """
    allowed = [t for t in world_texts(things) if t.lower() not in forbidden]
    of_wordnet, of_worlds = (
        filter_pairs(pairs, forbidden) for pairs in (gloss_pairs(wordnet.synsets()), description_pairs(things))
    )
    return {
        "texts": Batches(texts, tokenizer, teacher, seed),
        "glosses": Pairs(of_wordnet, tokenizer, teacher.vectors, seed + 50),
        "worlds' texts": Batches(allowed, tokenizer, teacher, seed + 100),
        "worlds' descriptions": Pairs(of_worlds, tokenizer, teacher.vectors, seed + 150),
    }


def mix_batches(sources: dict[str, Batches | Pairs], shares: dict[str, float], seed: int) -> Iterator[tuple]:
    """Endless batches, each of a source that is drawn with the probability of its share."""
    batches, choose = {name: iter(source) for name, source in sources.items()}, np.random.default_rng(seed)
    while True:
        yield next(batches[choose.choice(list(shares), p=list(shares.values()))])
