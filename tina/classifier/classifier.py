"""What comes out: a small network with labels. It predicts, is scored, and goes into a zip and back.

classifier.predict("boat.png")                     # {"sailboat": 0.97, "apple": 0.02, "snail": 0.01}
classifier.score({"apple": pictures, ...})         # accuracy with its interval, per class, confusion
classifier.save("mine.zip"); Classifier.load("mine.zip")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from tina.blueprints import Blueprint, Weights
from tina.blueprints.network import Network
from tina.blueprints.tower import TowerHeads
from tina.classifier.archive import read_zip, write_zip
from tina.classifier.content import Content
from tina.classifier.notebook import classifier_html
from tina.classifier.onnx import to_onnx
from tina.classifier.others import Others
from tina.classifier.record import Origin
from tina.classifier.score import Score, held_out_of, members_of
from tina.classifier.tower_onnx import to_onnx as tower_to_onnx
from tina.classifier.tower_onnx import writes
from tina.errors import BadPicture, UserError
from tina.prompts.prompt import Prompt
from tina.worlds import World, drawn
from tina.worlds.pictures import open_picture

Picture = str | Path | Image.Image | np.ndarray
BATCH = 500
HELD_OUT = 50  # test pictures a class that a classifier is scored on when it is made


@dataclass(frozen=True)
class Answer:
    """What a classifier says of one picture."""

    probabilities: Tensor  # (K,), in the labels' order
    none: bool | None  # `Classifier.is_none_of_these`
    photograph: bool  # it looks like one, and the classifier is for drawings


class Classifier:
    """A network with labels.

    Args:
        blueprint: what kind of network it is
        weights: by name, in fp32
        prompt: what was asked for
        scored: how good it was when it was made
        origin: world, checkpoint, seed, way of sampling, and which part wrote it
        none_level: where no logit is that large, a picture is of none of the classes; None where that is not known
        shown: how many pictures each class was written from; by default as many as the prompt has
        others: what else a picture could be of; then the level is one of their log odds, and not of logits
    """

    def __init__(
        self,
        blueprint: Blueprint,
        weights: Weights,
        prompt: Prompt,
        *,
        scored: Score | None = None,
        origin: Origin | None = None,
        none_level: float | None = None,
        shown: Sequence[int] | None = None,
        others: Others | None = None,
    ):
        self.blueprint, self.weights, self.prompt, self.scored = blueprint, weights, prompt, scored
        self.origin, self.none_level, self.others = origin or Origin(), none_level, others
        self.shown = tuple(shown or (len(one.pictures) for one in prompt.classes))

    def __repr__(self) -> str:
        return f"<Classifier {self.blueprint.id}: {', '.join(self.labels)}>"

    def _repr_html_(self) -> str:
        return classifier_html(self)

    @cached_property
    def module(self) -> nn.Module:
        """The network, made when it is first used; an ordinary one, whoever uses it."""
        with torch.inference_mode(False):
            return self.blueprint.module(self.weights)

    @property
    def labels(self) -> list[str]:
        return self.prompt.labels

    @property
    def parameters(self) -> int:
        return self.blueprint.parameters(len(self.labels))

    @property
    def provenance(self) -> dict[str, float] | None:
        """The shares that generator, prior and transfer wrote, which sum to one; None if it is not recorded."""
        return self.origin.provenance

    # -- looking at pictures ------------------------------------------------------------------------------------------
    def prepare(self, pictures: Sequence[Picture] | np.ndarray) -> Tensor:
        """Paths, PIL pictures or uint8 arrays of any size, as the network takes them: the middle of each."""
        return self.blueprint.prepare(np.stack([as_array(picture, self.blueprint) for picture in pictures]))

    def probabilities(self, pictures: Sequence[Picture] | np.ndarray) -> Tensor:
        """n x K."""
        return self.logits(pictures).softmax(1)

    @torch.inference_mode()
    def logits(self, pictures: Sequence[Picture] | np.ndarray) -> Tensor:
        """n x K, what probabilities are made of."""
        parts = (pictures[at : at + BATCH] for at in range(0, len(pictures), BATCH))
        found = [self.module(self.prepare(part)) for part in parts]
        logits = torch.cat(found) if found else torch.zeros(0, len(self.labels))
        if not logits.isfinite().all():
            raise UserError("This classifier has no answer: its numbers are too large.")
        return logits

    def is_none_of_these(self, picture: Picture) -> bool | None:
        """Whether a picture is less like all of the classes than pictures of them are; None where the classifier cannot
        tell. One that has a class "something else" answers with that instead. A photograph or an empty sheet is none of
        those that a classifier of drawings knows."""
        return self.answer(picture).none

    def answer(self, picture: Picture) -> Answer:
        """All that is said of one picture; a large network looks at it once."""
        logits = self.logits([picture])
        photograph, empty = self._is_no_drawing(picture)
        none: bool | None = photograph or empty or None
        if not none and self.none_level is not None:
            likeness = logits.amax(1) if self.others is None else self.likeness([picture])
            none = bool(likeness[0] < self.none_level)
        return Answer(logits[0].softmax(0), none, photograph)

    def _is_no_drawing(self, picture: Picture) -> tuple[bool, bool]:
        """Of a picture as it came, where the classifier is for drawings: whether it looks like a photograph, or is
        empty. One of the network's size is too small to tell."""
        if self.blueprint.preparation != drawn.NAME:
            return False, False
        image = opened(picture)
        if image.size == (self.blueprint.size, self.blueprint.size):
            return False, False
        return drawn.looks_like_photograph(image), drawn.is_empty(image)

    @torch.inference_mode()
    def likeness(self, pictures: Sequence[Picture] | np.ndarray) -> Tensor:
        """(N,): how much each picture is like one of the classes, whichever; `none_level` is in the same units."""
        if self.others is None:
            return self.logits(pictures).amax(1)
        return self.others.log_odds(self.blueprint.features(self.weights, self.prepare(pictures)))

    def predict(self, pictures: Picture | Sequence[Picture]) -> dict[str, float] | list[dict[str, float]]:
        """Probabilities by label, the most probable first: of one picture, or a list of them for several."""
        if isinstance(pictures, str | Path | Image.Image) or (isinstance(pictures, np.ndarray) and pictures.ndim == 3):
            one, many = True, [pictures]
        else:
            one, many = False, list(pictures)
        rows = self.probabilities(many).tolist()
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
        content = Content(
            self.blueprint,
            self.weights,
            self.prompt,
            self.origin,
            self.scored,
            self.none_level,
            self.shown,
            self.others,
        )
        return write_zip(content, self.to_onnx(), Path(file))

    @classmethod
    def load(cls, file: str | Path) -> Classifier:
        """From a zip that `save` made; nothing in it is executed."""
        content = read_zip(Path(file))
        classifier = cls(
            content.blueprint,
            content.weights,
            content.prompt,
            scored=content.scored,
            origin=content.origin,
            none_level=content.none_level,
            shown=content.shown,
            others=content.others,
        )
        _ = classifier.module  # weights that fit no network are found out now
        return classifier

    def to_onnx(self) -> bytes:
        """Prepared pictures (n x 3 x size x size, -1 to 1) in, probabilities (n x K) out; and logits (n x K) or log
        odds (n x 1), where these tell whether a picture is of none of the classes."""
        tells = self.none_level is not None
        if isinstance(self.blueprint, TowerHeads) and writes(self.blueprint):
            return tower_to_onnx(self.blueprint, self.weights, tells)
        kind = self.blueprint.id if isinstance(self.blueprint, Network) else ""
        return to_onnx(self.module, self.blueprint.size, tells, self.others, kind)


def opened(picture: Picture) -> Image.Image:
    """A picture of any kind in RGB, upright."""
    return Image.fromarray(picture) if isinstance(picture, np.ndarray) else open_picture(picture)


def as_array(picture: Picture, blueprint: Blueprint) -> np.ndarray:
    """What a blueprint looks at of a picture: uint8, size x size x 3. An array of that size is taken as it is."""
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise BadPicture("A picture as an array is uint8, height x width x 3.")
        if picture.shape[:2] == (blueprint.size, blueprint.size):
            return picture
        picture = Image.fromarray(picture)
    return blueprint.square(open_picture(picture))
