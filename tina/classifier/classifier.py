"""What comes out: a small network with labels. It predicts, is scored, and goes into a zip and back.

classifier.predict("boat.png")                     # {"sailboat": 0.97, "apple": 0.02, "snail": 0.01}
classifier.score({"apple": pictures, ...})         # accuracy with its interval, per class, confusion
classifier.save("mine.zip"); Classifier.load("mine.zip")
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.errors import BadPicture, UserError
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.worlds import World
from tina.worlds.base import share
from tina.worlds.pictures import open_picture, square

Picture = str | Path | Image.Image | np.ndarray
BATCH = 500
HELD_OUT = 50  # test pictures a class that a classifier is scored on when it is made


@dataclass(frozen=True)
class Score:
    """How often a classifier was right: counted, not estimated."""

    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]  # rows: what it was; columns: what the classifier said

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
        shares = ((row[k] / sum(row) if sum(row) else None) for k, row in enumerate(self.confusion))
        return dict(zip(self.labels, shares, strict=True))

    def to_dict(self) -> dict:
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


class Classifier:
    def __init__(
        self,
        blueprint: Blueprint,
        weights: Weights,
        prompt: Prompt,
        *,
        world: str | None = None,
        checkpoint: str | None = None,
        seed: int | None = None,
        steps: int | None = None,
        sampler: str | None = None,
        guidance: float | None = None,
        scored: Score | None = None,
    ):
        self.blueprint, self.weights, self.prompt = blueprint, weights, prompt
        self.world, self.checkpoint, self.seed, self.steps = world, checkpoint, seed, steps
        self.sampler, self.guidance = sampler, guidance
        self.scored = scored
        self.module = blueprint.module(weights)

    def __repr__(self) -> str:
        return f"<Classifier {self.blueprint.id}: {', '.join(self.labels)}>"

    @property
    def labels(self) -> list[str]:
        return self.prompt.labels

    @property
    def parameters(self) -> int:
        return self.blueprint.parameters(len(self.labels))

    # -- looking at pictures ------------------------------------------------------------------------------------------
    def prepare(self, pictures: Sequence[Picture] | np.ndarray) -> Tensor:
        """Paths, PIL pictures or uint8 arrays of any size, as the network takes them: the middle square of each."""
        return self.blueprint.prepare(np.stack([as_array(picture, self.blueprint.size) for picture in pictures]))

    @torch.inference_mode()
    def probabilities(self, pictures: Sequence[Picture] | np.ndarray) -> Tensor:
        """n x K."""
        parts = (pictures[at : at + BATCH] for at in range(0, len(pictures), BATCH))
        found = [self.module(self.prepare(part)).softmax(1) for part in parts]
        return torch.cat(found) if found else torch.zeros(0, len(self.labels))

    def predict(self, pictures: Picture | Sequence[Picture]) -> dict[str, float] | list[dict[str, float]]:
        """Probabilities by label, the most probable first: of one picture, or a list of them for several."""
        one = isinstance(pictures, str | Path | Image.Image) or (
            isinstance(pictures, np.ndarray) and pictures.ndim == 3
        )
        rows = self.probabilities([pictures] if one else pictures).tolist()
        found = [dict(sorted(zip(self.labels, row, strict=True), key=lambda pair: -pair[1])) for row in rows]
        return found[0] if one else found

    def score(self, pictures: Mapping[str, Sequence[Picture] | np.ndarray]) -> Score:
        """Against pictures by label; labels that have none are left out of the mean."""
        unknown = [label for label in pictures if label not in self.labels]
        if unknown:
            raise UserError(f"This classifier has no class {unknown[0]!r}: it knows {', '.join(self.labels)}.")
        if not any(len(shown) for shown in pictures.values()):
            raise UserError("There are no pictures to score this classifier on.")
        confusion = [[0] * len(self.labels) for _ in self.labels]
        for label, shown in pictures.items():
            answers = self.probabilities(shown).argmax(1)
            confusion[self.labels.index(label)] = torch.bincount(answers, minlength=len(self.labels)).tolist()
        return Score(tuple(self.labels), tuple(map(tuple, confusion)))

    def score_on(self, world: World, count: int | None = HELD_OUT) -> Score | None:
        """On a world's held-out pictures; None where a label is none of its classes. Kept as `scored`."""
        members = members_of(world, self.labels)
        if members is None:
            return None
        self.scored = self.score({label: shown for label, (shown, _) in held_out_of(world, members, count).items()})
        return self.scored

    # -- files --------------------------------------------------------------------------------------------------------
    def save(self, file: str | Path) -> Path:
        """A zip that runs without Tina."""
        from tina.classifier.archive import write_zip

        return write_zip(self, Path(file))

    @classmethod
    def load(cls, file: str | Path) -> Classifier:
        from tina.classifier.archive import read_zip

        return read_zip(Path(file))


def members_of(world: World, labels: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    """`meant_by`, where the pictures are on this machine."""
    return meant_by(world, labels) if world.present else None


def meant_by(world: World, labels: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    """Which of a world's classes each label stands for: its name, a synonym or a family, in any case of letters, and
    "something else" for all that the other labels do not, in an order that mixes them.

    None where a label is unknown here, where two labels share a class, or where nothing else is left.
    """
    known = {family.casefold(): tuple(names) for family, names in world.families.items()}
    for thing in world.things.values():
        known |= {synonym.casefold(): (thing.name,) for synonym in thing.synonyms if synonym.casefold() not in known}
    known |= {name.casefold(): (name,) for name in world.names}
    found = {label: known.get(label.casefold()) for label in labels}
    names = [name for members in found.values() if members for name in members]
    others = tuple(sorted(set(world.names) - set(names), key=share))
    found |= {label: others or None for label, members in found.items() if not members and is_something_else(label)}
    return found if None not in found.values() and len(set(names)) == len(names) else None


def held_out(world: World, names: Sequence[str], count: int | None) -> tuple[np.ndarray, list[str]]:
    """Held-out pictures of a class, of a broad one as many in all from its members in turn; and what each shows."""
    each = None if count is None else math.ceil(count / len(names))
    parts = [world.pictures("test", name, each) for name in names]
    shows = [name for name, part in zip(names, parts, strict=True) for _ in part]
    return np.concatenate(parts)[:count], shows[:count]


def held_out_of(
    world: World, members: Mapping[str, Sequence[str]], count: int | None
) -> dict[str, tuple[np.ndarray, list[str]]]:
    """Held-out pictures for each label; for "something else" as many as for another, however many the others have."""
    found = {label: held_out(world, names, count) for label, names in members.items() if not is_something_else(label)}
    most = max((len(shown) for shown, _ in found.values()), default=count)
    return {label: found.get(label) or held_out(world, names, most) for label, names in members.items()}


def as_array(picture: Picture, size: int) -> np.ndarray:
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise BadPicture("A picture as an array is uint8, height x width x 3.")
        if picture.shape[:2] == (size, size):
            return picture
        picture = Image.fromarray(picture)
    return square(open_picture(picture), size)
