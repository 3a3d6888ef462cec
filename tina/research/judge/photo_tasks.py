"""Tasks on a set of photographs: some of its classes, pictures that are shown of each, and others that are tested.

Task number i of a seed is always the same, whatever else is measured, so that all rivals can be compared task by task.
Its shown pictures are drawn once: "1 picture" is the first of "5 pictures". None of them is ever tested.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from tina.research.judge.method import SHOTS
from tina.research.judge.photo_archives import SHOWN, TESTED
from tina.research.judge.photo_features import Features
from tina.research.judge.photo_sets import FIFTHS, PhotoSet

COUNT = 40  # tasks of a set
MOST_TESTED, LEAST_TESTED = 12, 4  # pictures of a class; a class with fewer is in no task
OTHERS, OTHERS_OF_CLASS = 60, 6  # pictures of the set's other classes
WAYS = {
    "10": "ten classes, or all of a smaller set",
    "half": "five classes, or half of a smaller set",
    "all": "all classes of a set",
}


@dataclass(frozen=True)
class Prompt:
    """What is told of a class: a text of this kind ("" for none), and so many pictures."""

    texts: str
    shots: int


PROMPTS = {"names": Prompt("names", 0), "descriptions": Prompt("descriptions", 0)}
PROMPTS |= {key: Prompt("", n) for key, n in SHOTS.items()}
PROMPTS |= {f"name + {key}": Prompt("names", n) for key, n in SHOTS.items()}


@dataclass(frozen=True)
class Task:
    """Numbers of classes and of pictures of a set."""

    classes: list[int]
    shown: Tensor  # K x n
    tested: Tensor  # T
    labels: Tensor  # T, places in `classes`
    others: Tensor  # pictures of none of the classes
    left_out: str  # the group that nothing may have learnt from


@dataclass(frozen=True)
class Shots:
    """What a rival gets: a text of every class or None, and features of pictures, shown (K x n x D) and tested (T x D).
    Each tested picture is to be judged by itself."""

    texts: list[str] | None
    shown: Features
    tested: Features


@lru_cache(maxsize=64)
def most_shown(photos: PhotoSet) -> int:
    """How many pictures of a class tasks show: 16, or fewer where most of a set's classes do not have so many."""
    enough = [n for n in SHOTS.values() if 2 * len(_eligible(photos, n)) >= len(photos.names)]
    return max(enough, default=0)


def ways_of(photos: PhotoSet, ways: str) -> int:
    """How many classes a set's tasks have."""
    available = len(_eligible(photos, most_shown(photos)))
    return {"10": min(10, available), "half": min(5, max(2, available // 2)), "all": available}[ways]


def draw(photos: PhotoSet, ways: str, number: int, seed: int = 0) -> Task:
    """Task `number` of a set."""
    rng = np.random.default_rng([seed, zlib.crc32(photos.id.encode()), list(WAYS).index(ways), number])
    shots, count = most_shown(photos), ways_of(photos, ways)
    pools = _eligible(photos, shots)
    group, places = photos.group, sorted(pools)
    if photos.fifths:
        group = f"fifth {number % FIFTHS}"
        places = [k for k, label in enumerate(photos.labels) if k in pools and photos.fifths[label] == group]
    order = rng.permutation(places).tolist()
    shown, tested, labels = [], [], []
    for k, c in enumerate(order[:count]):
        own, test = (rng.permutation(pool) for pool in pools[c])
        chosen = own[:shots]
        test = np.setdiff1d(test, chosen, assume_unique=True)[:MOST_TESTED]
        shown.append(chosen)
        tested.extend(test)
        labels += [k] * len(test)
    rest = [i for c in order[count:] for i in rng.permutation(pools[c][1])[:OTHERS_OF_CLASS]]
    others = rng.permutation(np.asarray(rest, int))[:OTHERS]
    numbers = (torch.from_numpy(np.asarray(part, int)) for part in (shown, tested, labels, others))
    return Task(order[:count], *numbers, group)


def texts_of(photos: PhotoSet, classes: Sequence[int], kind: str) -> list[str] | None:
    """What its classes are told by. A class that nobody has described has its name only."""
    if not kind:
        return None
    labels = [photos.labels[c] for c in classes]
    described = photos.descriptions if kind == "descriptions" else {}
    return [described.get(label, photos.names[label]) for label in labels]


def has(photos: PhotoSet, prompt: Prompt) -> bool:
    """Whether a set can be asked in this way."""
    return prompt.shots <= most_shown(photos) and (prompt.texts != "descriptions" or bool(photos.descriptions))


@lru_cache(maxsize=256)
def _eligible(photos: PhotoSet, shots: int) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """The classes with enough pictures: number -> (which may be shown, which tested). They are the same ones where the
    set has no fixed split."""
    by_class: dict[int, dict[str, list[int]]] = {}
    index = {label: k for k, label in enumerate(photos.names)}
    for i, picture in enumerate(photos.pictures):
        by_class.setdefault(index[picture.label], {}).setdefault(picture.part, []).append(i)
    found = {}
    for c, parts in by_class.items():
        pools = parts.get(SHOWN, parts.get("", [])), parts.get(TESTED, parts.get("", []))
        left = len(pools[1]) - (shots if pools[0] is pools[1] else 0)
        if len(pools[0]) >= shots and left >= (LEAST_TESTED if shots else 1):
            found[c] = tuple(map(np.asarray, pools))
    return found
