"""How often a classifier is right: counted on held-out pictures, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tina.classifier.notebook import score_html
from tina.prompts.something_else import is_something_else
from tina.prompts.translate import names_of
from tina.worlds import World
from tina.worlds.base import share

Members = dict[str, tuple[str, ...]]  # label -> names of a world's classes that it stands for


@dataclass(frozen=True)
class Score:
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]  # rows: what it was; columns: what the classifier answered
    on: str = ""  # what pictures these are, where they are not a world's held-out ones

    @property
    def pictures(self) -> int:
        return sum(map(sum, self.confusion))

    @property
    def correct(self) -> int:
        return sum(row[k] for k, row in enumerate(self.confusion))

    @property
    def accuracy(self) -> float:
        return self.correct / self.pictures

    @property
    def interval(self) -> tuple[float, float]:
        """95% (Wilson, 1927)."""
        return wilson(self.correct, self.pictures)

    @property
    def per_class(self) -> dict[str, float | None]:
        """The share of each label's pictures that is right; None where there were none."""
        shares = ((row[k] / sum(row) if sum(row) else None) for k, row in enumerate(self.confusion))
        return dict(zip(self.labels, shares, strict=True))

    def _repr_html_(self) -> str:
        return score_html(self)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "pictures": self.pictures,
            "per_class": self.per_class,
            "confusion": [list(row) for row in self.confusion],
        }


def wilson(correct: int, count: int) -> tuple[float, float]:
    """The 95% interval of a share that was counted."""
    z, p = 1.96, correct / count
    middle, half = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + (z / (2 * count)) ** 2)
    return max(0.0, (middle - half) / (1 + z * z / count)), min(1.0, (middle + half) / (1 + z * z / count))


def members_of(world: World, labels: Sequence[str]) -> Members | None:
    """`classes_meant`, where the pictures are on this machine: those of them that have any. None where a label's have
    none at all."""
    if not world.present or (meant := classes_meant(world, labels)) is None:
        return None
    members = {label: tuple(filter(world.has_pictures, names)) for label, names in meant.items()}
    return members if all(members.values()) else None


def classes_meant(world: World, labels: Sequence[str]) -> Members | None:
    """Which of a world's classes each label stands for: its name, a synonym or a family, in any case of letters, and
    "something else" for all that the other labels do not, in an order that mixes them. A label in another language
    stands for what it is read as.

    None where a label is unknown here, where two labels share a class, or where nothing else is left.
    """
    meanings = {family.casefold(): tuple(names) for family, names in world.families.items()}
    for thing in world.things.values():
        meanings |= {word.casefold(): (thing.name,) for word in thing.synonyms if word.casefold() not in meanings}
    meanings |= {name.casefold(): (name,) for name in world.names}
    members = {label: meanings.get(name.casefold(), ()) for label, name in zip(labels, names_of(labels), strict=True)}
    names = [name for part in members.values() for name in part]
    others = tuple(sorted(set(world.names) - set(names), key=share))
    members |= {label: others for label, part in members.items() if not part and is_something_else(label)}
    return members if all(members.values()) and len(set(names)) == len(names) else None


def held_out(world: World, names: Sequence[str], count: int | None) -> tuple[np.ndarray, list[str]]:
    """Held-out pictures of a class, of a broad one as many in all from its members in turn; and what each shows."""
    each = None if count is None else math.ceil(count / len(names))
    parts = [world.pictures("test", name, each) for name in names]
    shows = [name for name, part in zip(names, parts, strict=True) for _ in part]
    return np.concatenate(parts)[:count], shows[:count]


def held_out_of(
    world: World, members: Mapping[str, Sequence[str]], count: int | None
) -> dict[str, tuple[np.ndarray, list[str]]]:
    """`held_out` for each label; for "something else" as many pictures as for another, however many these have."""
    pictures = {
        label: held_out(world, names, count) for label, names in members.items() if not is_something_else(label)
    }
    most = max((len(part) for part, _ in pictures.values()), default=count)
    return {label: pictures.get(label) or held_out(world, names, most) for label, names in members.items()}
