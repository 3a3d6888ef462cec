"""What visitors ask, and whether what they got is right: compared with what a Tina in this process writes."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import load

from tina.classifier.archive import OTHERS
from tina.generator.base import BaseTina

Arrays = Mapping[str, np.ndarray]
TOLERANCE = 1e-3  # of the largest weight: what is written together differs by rounding
PICTURES_APART = 2  # of those that are scored on, which such a difference may turn
WAYS = (2, 3, 4, 5, 6)  # classes of a question


@dataclass(frozen=True)
class Question:
    """A classifier that somebody wants."""

    classes: tuple[str, ...]
    seed: int
    steps: int

    @property
    def text(self) -> str:
        """As it is typed."""
        return ", ".join(self.classes)


def questions(names: Sequence[str], count: int, steps: int, seed: int = 0) -> list[Question]:
    """So many different ones; of class sets that differ, too."""
    draw, found = Random(seed), {}
    while len(found) < count:
        classes = tuple(draw.sample(list(names), draw.choice(WAYS)))
        found.setdefault(frozenset(classes), Question(classes, draw.randrange(1000), steps))
    return list(found.values())


class Judge:
    """Says what is wrong with an answer: the first to each question is kept, and the others are compared with it at
    once; afterwards (`verdicts`), the first is compared with what a Tina here writes."""

    def __init__(self, tina: BaseTina):
        self.tina = tina
        self._shapes: dict[int, dict[str, tuple[int, ...]]] = {}
        self._first: dict[Question, tuple[Arrays, float | None]] = {}
        self._lock = Lock()

    def shapes(self, ways: int) -> dict[str, tuple[int, ...]]:
        """Of the weights of a classifier of so many classes."""
        if ways not in self._shapes:
            weights = self.tina.generate(", ".join(self.tina.world.names[:ways]), steps=1).weights
            self._shapes[ways] = {name: tuple(weight.shape) for name, weight in weights.items()}
        return self._shapes[ways]

    def wrong(self, question: Question, labels: Sequence[str], weights: Arrays, accuracy: float | None = None) -> str:
        """What is wrong with a classifier that a visitor got; empty where nothing is."""
        if tuple(labels) != question.classes:
            return f"asked for {question.text}, got {', '.join(labels)}"
        with self._lock:
            first, scored = self._first.setdefault(question, (weights, accuracy))
            if scored is None:
                self._first[question] = first, accuracy
        return differs(first, weights)

    def scored(self, question: Question) -> float | None:
        """The accuracy that was said of its classifier, if it was."""
        with self._lock:
            return self._first.get(question, ({}, None))[1]

    def verdicts(self) -> list[str]:
        """What is wrong with the first answers."""
        found = []
        for question, (weights, accuracy) in self._first.items():
            classifier = self.tina.generate(question.text, seed=question.seed, steps=question.steps)
            own = {name: weight.numpy() for name, weight in classifier.weights.items()}
            found.append(differs(own, weights))
            if accuracy is not None and (score := classifier.score_on(self.tina.world)) is not None:
                apart = abs(score.accuracy - accuracy) * score.pictures
                found.append(f"{question.text}: {apart:.0f} pictures apart" if apart > PICTURES_APART else "")
        return [one for one in found if one]


def differs(own: Arrays, other: Arrays) -> str:
    """In what two classifiers differ by more than rounding; empty where they do not."""
    if own.keys() != other.keys() or any(own[name].shape != other[name].shape for name in own):
        return "a network of another shape"
    for name, weight in own.items():
        apart, most = float(np.abs(weight - other[name]).max()), float(np.abs(weight).max())
        if apart > TOLERANCE * max(most, 1e-6):
            return f"{name} differs by {apart:.2g} of {most:.2g}"
    return ""


def weights_of_zip(content: str) -> Arrays:
    """Of a zip in base64; what else a picture could be of is none of the classifier's."""
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(content))) as archive:
        found = load(archive.read("weights.safetensors"))
    return {name: weight for name, weight in found.items() if not name.startswith(OTHERS)}


def weights_of_model(model: Mapping[str, Any], shapes: Mapping[str, Sequence[int]]) -> Arrays:
    """Of what the page gives a browser: each in base64."""
    flat = {name: np.frombuffer(base64.b64decode(model["weights"][name]), "<f4") for name in shapes}
    return {name: values.reshape(shapes[name]) for name, values in flat.items()}


def picture_of(tina: BaseTina, name: str) -> str:
    """A held-out picture of a class as PNG in base64."""
    file = io.BytesIO()
    Image.fromarray(tina.world.pictures("test", name, 1)[0]).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
