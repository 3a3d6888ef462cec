"""The lesson's numbers: each from a run of the Tina that is here, counted when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Weights
from tina.blueprints.heads import Heads
from tina.classifier.score import Score
from tina.ui.learn import lesson
from tina.ui.panes.seeds import correlation
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation, SamplingOptions

T = TypeVar("T")
SHOWN, TESTED = 60, 50  # pictures of each thing that the camera learns from, and is tested on, in each light
SURE = 0.9
NIGHT = (0.28, 0.30, 0.42)  # how much of red, green and blue is left in the dark


def _once(count: Callable[[LoadedCheckpoint], T]) -> Callable[[LoadedCheckpoint], T]:
    """Counted once for each checkpoint, and kept as long as that is there."""
    found: WeakKeyDictionary[LoadedCheckpoint, T] = WeakKeyDictionary()

    @wraps(count)
    def ask(checkpoint: LoadedCheckpoint) -> T:
        if checkpoint not in found:
            found[checkpoint] = count(checkpoint)
        return found[checkpoint]

    return ask


@_once
def first(checkpoint: LoadedCheckpoint) -> Generation:
    """The lesson's classifier, written step by step."""
    *_, generation = checkpoint.generate(lesson.prompt_of(lesson.classes_of(checkpoint.world)), SamplingOptions())
    return generation


@dataclass(frozen=True)
class Seeds:
    """Classifiers of the same prompt from several seeds."""

    weights: list[Weights]
    scores: list[Score | None]
    correlation: str


@_once
def seeds(checkpoint: LoadedCheckpoint) -> Seeds:
    """Of the lesson's classes."""
    prompt = lesson.prompt_of(lesson.classes_of(checkpoint.world))
    written = checkpoint.write_seeds(prompt, lesson.SEEDS, _usual(checkpoint))
    held_out = checkpoint.held_out(prompt.labels)
    scores = [held_out and held_out.score_weights(weights) for weights in written]
    return Seeds(written, scores, correlation(checkpoint, written))


@dataclass(frozen=True)
class Way:
    """One way of asking."""

    name: str
    texts: list[str]
    score: Score | None


@_once
def ways(checkpoint: LoadedCheckpoint) -> list[Way]:
    """Every way of asking, scored on held-out pictures of what was meant."""
    found = []
    for name, prompt in lesson.experiments(checkpoint):
        held_out = checkpoint.held_out(prompt.labels)
        (weights,) = checkpoint.write_seeds(prompt, [0], _usual(checkpoint))
        texts = [one.texts[0] for one in prompt.classes]
        found.append(Way(name, texts, held_out.score_weights(weights) if held_out else None))
    return found


@dataclass(frozen=True)
class Unknown:
    """How sure the lesson's classifier is: of its own things, and of others."""

    sure: list[float]  # of each picture of its own
    right: list[bool]
    others: list[float]  # of each picture of other things

    @property
    def share(self) -> float:
        """Of the pictures of other things that get an answer which it is `SURE` of."""
        return sum(share >= SURE for share in self.others) / len(self.others)


@_once
def unknown(checkpoint: LoadedCheckpoint) -> Unknown | None:
    """None where there are no pictures."""
    world, classes = checkpoint.world, lesson.classes_of(checkpoint.world)
    others = lesson.others_of(world)
    if not others or not all(map(world.has_pictures, (*classes, *others))) or checkpoint.held_out(classes) is None:
        return None
    weights = first(checkpoint).steps[-1].weights
    own = [_shares(checkpoint, weights, world.pictures("test", name, TESTED)) for name in classes]
    strange = [_shares(checkpoint, weights, world.pictures("test", name, TESTED)) for name in others]
    right = [(shares.argmax(1) == k).tolist() for k, shares in enumerate(own)]
    return Unknown(
        torch.cat(own).amax(1).tolist(), [flag for some in right for flag in some], torch.cat(strange).amax(1).tolist()
    )


@dataclass(frozen=True)
class Lit:
    """Right answers by thing, by day and by night; of the first thing by night also how many it is `SURE` of."""

    day: dict[str, float]
    night: dict[str, float]
    sure: float

    @property
    def average(self) -> float:
        """Over every thing and both lights."""
        every = [*self.day.values(), *self.night.values()]
        return sum(every) / len(every)


@dataclass(frozen=True)
class Light:
    """A camera whose makers saw one thing by day only; three ways to mend it; and Tina's own classifier of the same."""

    by_day: Lit
    more: Lit  # twice as many of it, by day
    mixed: Lit  # as many, half of them by night
    tina: Lit
    dark: int  # of `counted` pictures like those she learnt from: as dark as a typical one by night
    counted: int


@_once
def light(checkpoint: LoadedCheckpoint) -> Light:
    """Every last layer is trained here, on what Tina's own classifier of these things measures."""
    subject = lesson.STREET[0]
    (weights,) = checkpoint.write_seeds(lesson.prompt_of(lesson.STREET), [0], _usual(checkpoint))
    both = dict.fromkeys(lesson.STREET, SHOWN // 2)
    cameras = [_train(checkpoint, weights, both | {subject: 0}), _train(checkpoint, weights, both | {subject: 0}, 2)]
    cameras.append(_train(checkpoint, weights, both))
    tests = {name: checkpoint.world.pictures("test", name, TESTED) for name in lesson.STREET}
    lit = [_tested(checkpoint, weights | camera, tests) for camera in [*cameras, weights]]
    learnt = np.concatenate([checkpoint.world.pictures("train", name, SHOWN) for name in lesson.STREET])
    level = np.median([by_night(picture).mean() for pictures in tests.values() for picture in pictures])
    return Light(*lit, dark=int((learnt.mean((1, 2, 3)) <= level).sum()), counted=len(learnt))


def by_night(picture: np.ndarray) -> np.ndarray:
    """The same picture, darker and bluer."""
    return np.clip(picture * np.array(NIGHT), 0, 255).astype(np.uint8)


def _usual(checkpoint: LoadedCheckpoint) -> SamplingOptions:
    """As many steps as the checkpoint needs: these are not watched."""
    return SamplingOptions(checkpoint.tina.usual_sampling.steps)


def _train(checkpoint: LoadedCheckpoint, weights: Weights, dark: Mapping[str, int], times: int = 1) -> Weights:
    """A last layer for the street on `SHOWN` pictures of each thing, of which `dark` are by night; of the first thing
    `times` as many."""
    xs, ys = [], []
    for k, name in enumerate(lesson.STREET):
        pictures = list(checkpoint.world.pictures("train", name, SHOWN * (times if k == 0 else 1)))
        pictures = [by_night(one) if i < dark[name] else one for i, one in enumerate(pictures)]
        xs.append(_features(checkpoint, weights, np.stack(pictures)))
        ys += [k] * len(pictures)
    x, y = torch.cat(xs), torch.tensor(ys)
    middle, spread = x.mean(0), x.std(0) + 1e-6
    weight = torch.zeros(len(lesson.STREET), x.shape[1], requires_grad=True)
    bias = torch.zeros(len(lesson.STREET), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        logits = (x - middle) / spread @ weight.T + bias
        total = torch.nn.functional.cross_entropy(logits, y) + 0.003 * weight.square().sum()
        total.backward()
        return total

    optimiser.step(loss)
    scaled = (weight / spread).detach()
    return {"head.weight": scaled, "head.bias": bias.detach() - scaled @ middle}


def _tested(checkpoint: LoadedCheckpoint, weights: Weights, tests: Mapping[str, Sequence[np.ndarray]]) -> Lit:
    day, night, sure = {}, {}, 0.0
    for k, (name, pictures) in enumerate(tests.items()):
        for found, shown in ((day, list(pictures)), (night, [by_night(picture) for picture in pictures])):
            shares = _shares(checkpoint, weights, np.stack(shown))
            right = shares.argmax(1) == k
            found[name] = float(right.float().mean())
            if found is night and k == 0:
                sure = float((right & (shares.amax(1) >= SURE)).float().mean())
    return Lit(day, night, sure)


def _shares(checkpoint: LoadedCheckpoint, weights: Weights, pictures: np.ndarray) -> Tensor:
    """(N, K) probabilities."""
    x = _features(checkpoint, weights, pictures)
    return (x @ weights["head.weight"].T + weights["head.bias"]).softmax(1)


def _features(checkpoint: LoadedCheckpoint, weights: Weights, pictures: np.ndarray) -> Tensor:
    """(N, width): what the last layer is applied to."""
    blueprint = checkpoint.blueprint
    with torch.no_grad():
        x = blueprint.prepare(pictures)
        if isinstance(blueprint, Heads):
            return blueprint.top.features(weights, blueprint.look(x))
        return blueprint.features(weights, x)
