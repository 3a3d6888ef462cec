"""One loaded Tina with everything the page needs beside it: held-out pictures, class lookups, the drawing scale.

It is shared by all visitors and holds nothing of theirs but class sets, and features of the last pictures (numbers, by
fingerprint); what a visitor made is a `Generation`. What depends on the kind of Tina is in `zoo_checkpoint.py` and
`tower_checkpoint.py`.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Weights
from tina.blueprints.heads import Heads
from tina.classifier.authors import WRITERS
from tina.classifier.classifier import HELD_OUT, Classifier, as_array
from tina.classifier.others import Others
from tina.classifier.record import Origin
from tina.classifier.score import Score, classes_meant, held_out_of, members_of
from tina.generator.base import BaseTina
from tina.generator.best_of import answers, leave_one_out
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.prompts.text import key_of
from tina.ui.server.engine_files import TowerFile
from tina.ui.server.features import SeenPictures
from tina.ui.server.held_out import SETTINGS, HeldOutSet
from tina.ui.server.world_classes import WorldClasses
from tina.ui.state import WATCHED_STEPS, Brought, Generation, Pictures, SamplingOptions, StepResult
from tina.worlds.task import Task

FULL_ROW_COLOUR = 2.5  # times `row_scale`: a row's weight of this size is drawn at full strength
LEFT_OUT = 2  # pictures of each class that has some, or leaving one out says nothing


@dataclass(frozen=True)
class Written:
    """A classifier after a step of sampling."""

    number: int  # 0 is the start
    current: Weights
    estimate: Weights | None  # of the finished classifier; None at the start
    provenance: Callable[[], dict[str, float]]  # asked of the last one only
    none_level: float | None = None  # `Classifier.none_level`
    others: Others | None = None  # `Classifier.others`


class LoadedCheckpoint(WorldClasses, ABC):
    """A Tina, and what is made of her once for all visitors."""

    scales: dict[str, float]  # of weights, by layer: what is drawn at full strength
    can_train: bool  # whether the world has pictures to fine-tune on
    writers: Mapping[str, str] = WRITERS  # what each part of the provenance is called
    writers_explained = (  # and what that means
        "Diffusion is what the trained network wrote; prior and transfer are formulas: what such weights usually are, "
        "and what the encoder makes of a name or a picture."
    )
    slice_caption = "the generic network’s own rows"
    trained_caption = "really fine-tuned, here"
    start = "noise around closed form"  # what sampling begins with
    watched_steps = WATCHED_STEPS  # of sampling, where nobody says otherwise
    picture_side = 64  # pixels of a visitor's picture that are kept
    tests_per_class = HELD_OUT  # of the world's held-out pictures
    tower_file: TowerFile | None = None  # that a browser answers with, where classifiers stand on such a tower
    views: tuple[str, ...] = ("Weights", "Compare", "Confusion", "Seeds", "Two prompts", "Train on", "Details")

    def __init__(self, tina: BaseTina):
        super().__init__(tina, SETTINGS.cached_labels)
        self.blueprint, self.hash = tina.blueprint, tina.hash
        self._held_out = lru_cache(SETTINGS.cached_sets)(self._make_held_out)
        self._features = lru_cache(SETTINGS.cached_features)(self._backbone_features)
        self.seen_pictures, self._scored_by = None, self.blueprint
        if isinstance(self.blueprint, Heads):  # what its backbone sees is kept, and the layers above it are scored
            self.seen_pictures = SeenPictures(self.blueprint, SETTINGS.cached_pictures)
            self._scored_by = self.blueprint.top

    # -- what there is to score on ------------------------------------------------------------------------------------
    def held_out(self, labels: Sequence[str]) -> HeldOutSet | None:
        """The pictures that classifiers for `labels` are scored on; None where a class has none here."""
        return self._held_out(tuple(labels))

    def forget_held_out(self) -> None:
        """After the world's pictures have come to this machine."""
        self._held_out.cache_clear()

    def tests_of(self, labels: Sequence[str], brought: Brought) -> HeldOutSet | None:
        """A visitor's own test pictures where there are some of every class; else the world's; else the visitor's of
        some classes; None where there are none at all."""
        own = {label: brought.tested(label) for label in labels}
        some = [label for label, pictures in own.items() if pictures]
        if len(some) == len(labels):
            return self._own_held_out(own, "")
        if (of_world := self.held_out(labels)) is not None:
            return of_world
        return self._own_held_out(own, f", of {len(some)} of {len(labels)} classes") if some else None

    def _own_held_out(self, own: Pictures, which: str) -> HeldOutSet:
        """Of a visitor's own pictures, with the classifier's every label in order; `which` says of which classes."""
        labels, counts = tuple(own), torch.tensor([len(pictures) for pictures in own.values()])
        pictures = [picture for some in own.values() for picture in some]
        names = tuple(label for label, some in own.items() for _ in some)
        y = torch.repeat_interleave(torch.arange(len(labels)), counts)
        task = self._trainable(classes_meant(self.world, labels) or {})
        on = f"your own pictures, {len(pictures)} held out{which}"
        squares = np.stack([as_array(picture, self.blueprint) for picture in pictures])
        x = self.seen_pictures.look(pictures) if self.seen_pictures else None
        return HeldOutSet(labels, task, squares, names, x, y, self._scored_by, on)

    def _make_held_out(self, labels: tuple[str, ...]) -> HeldOutSet | None:
        task = members_of(self.world, labels)
        if task is None:
            return None
        each = min(self.tests_per_class, max(SETTINGS.fewest_per_class, SETTINGS.pictures // len(labels)))
        parts = held_out_of(self.world, task, each).values()
        pictures, names = np.concatenate([part for part, _ in parts]), [name for _, names in parts for name in names]
        y = torch.repeat_interleave(torch.arange(len(labels)), torch.tensor([len(part) for part, _ in parts]))
        x = None
        if self.seen_pictures:
            x = torch.cat([self._features(name, len(list(group))) for name, group in groupby(names)])
        return HeldOutSet(labels, self._trainable(task), pictures, tuple(names), x, y, self._scored_by)

    def _trainable(self, task: Task) -> Task:
        """Of "something else" only what may be trained on, where there is any."""
        return {
            label: (tuple(filter(self.seen.__contains__, names)) or names) if is_something_else(label) else names
            for label, names in task.items()
        }

    def _backbone_features(self, name: str, count: int) -> Tensor:
        """Of a class's first `count` held-out pictures. They are the same for every classifier on the backbone, and
        take longer than all the rest."""
        return self.blueprint.look(self.blueprint.prepare(self.world.pictures("test", name, count)))

    def drawn(self, weights: Weights) -> Weights:
        """A classifier's weights as they are drawn."""
        return weights

    def can_train_on(self, held_out: HeldOutSet) -> bool:
        """Whether a classifier can be fine-tuned for the same classes, to be scored on the same pictures."""
        return self.can_train and not held_out.on

    def trained_on_shown(self, prompt: Prompt) -> Weights | None:
        """What ordinary training on a prompt's example pictures gives; None where that is not offered."""
        return None

    # -- what each kind does in its own way --------------------------------------------------------------------------
    @abstractmethod
    def catalogue_slice(self, held_out: HeldOutSet) -> Weights | None:
        """The generic network's own rows of these classes; None where a class is none of its."""

    @abstractmethod
    def why_no_slice(self, held_out: HeldOutSet) -> str:
        """The reason, where there is no catalogue slice; empty where there is one."""

    @abstractmethod
    def _steps(self, prompt: Prompt, options: SamplingOptions, estimates: bool = True) -> Iterator[Written]:
        """The classifier after every step of sampling, from the start on."""

    @abstractmethod
    def write_seeds(self, prompt: Prompt, seeds: Sequence[int], options: SamplingOptions) -> list[Weights]:
        """Classifiers of one prompt from several seeds, written together."""

    @abstractmethod
    def between(self, first: Prompt, second: Prompt, count: int, options: SamplingOptions) -> list[Weights]:
        """`count` classifiers on the way from one prompt to another of as many classes."""

    # -- writing ------------------------------------------------------------------------------------------------------
    def generate(
        self, prompt: Prompt, options: SamplingOptions, brought: Brought | None = None, estimates: bool = True
    ) -> Iterator[Generation]:
        """The same `Generation` after every sampling step, one step longer each time; the first is the start. Without
        `estimates` nothing is scored but where the sampler is."""
        held_out = self.tests_of(prompt.labels, brought or Brought())
        sampler = self.tina.usual_sampling.sampler
        origin = Origin(self.world.id, self.hash, seed=options.seed, steps=options.steps, sampler=sampler)
        generation = Generation(prompt, options, origin, held_out)
        if held_out and (rows := self.catalogue_slice(held_out)) is not None:
            generation.baselines["slice"] = held_out.score_weights(rows)
        begin = time.perf_counter()
        for step in self._steps(prompt, options, estimates):
            generation.seconds += time.perf_counter() - begin
            estimate = step.estimate if estimates else None
            generation.steps.append(self.step_result(held_out, step.number, step.current, estimate))
            if generation.finished:
                generation.origin = replace(origin, provenance=step.provenance())
                generation.none_level, generation.others = step.none_level, step.others
                self._compare_by_pictures(generation)
            yield generation
            begin = time.perf_counter()

    def _compare_by_pictures(self, generation: Generation) -> None:
        """What example pictures say beside: ordinary training on them; and, where there are no test pictures, leaving
        each of them out."""
        prompt, held_out = generation.prompt, generation.held_out
        if (trained := self.trained_on_shown(prompt)) is not None:
            generation.fine_tuned = trained
            if held_out is not None:
                generation.baselines["fine-tuned"] = held_out.score_weights(trained)
        counts = [len(one.pictures) for one in prompt.classes if one.pictures]
        if held_out is None and counts and min(counts) >= LEFT_OUT:
            generation.left_out = self.left_out_score(prompt, generation.options.seed)

    def left_out_score(self, prompt: Prompt, seed: int) -> Score:
        """Of a prompt's example pictures, each answered by a classifier that was written without it, in as few steps as
        the checkpoint needs."""
        with self._lock:
            told = answers(self.tina, prompt, seed, **self._seen_already(prompt))
        labels = prompt.labels
        confusion = tuple(tuple(told.get(label, []).count(other) for other in labels) for label in labels)
        return Score(tuple(labels), confusion, f"leave-one-out on your {sum(map(sum, confusion))} pictures")

    def _seen_already(self, prompt: Prompt) -> dict[str, Tensor]:
        """What `leave_one_out` need not look at again."""
        return {}

    @staticmethod
    def step_result(
        held_out: HeldOutSet | None, number: int, weights: Weights, estimate: Weights | None = None
    ) -> StepResult:
        """The weights after step `number`, scored where there are pictures to score on."""
        if held_out is None:
            return StepResult(number, weights)
        predictions = held_out.predictions(weights)
        score = of_estimate = held_out.score(predictions)
        if estimate is not weights:
            of_estimate = None if estimate is None else held_out.score_weights(estimate)
        return StepResult(number, weights, predictions, score, of_estimate)

    def classifier(self, generation: Generation, index: int = -1) -> Classifier:
        """The finished classifier, or what it would be if sampling had stopped after step `index`."""
        step, origin = generation.steps[index], generation.origin
        if step.number != generation.options.steps:
            origin = replace(origin, steps=step.number, provenance=None)
        score = step.score or generation.left_out
        last = step is generation.steps[-1]
        return Classifier(
            self.blueprint,
            step.weights,
            generation.prompt,
            scored=score,
            origin=origin,
            none_level=generation.none_level if last else None,
            others=generation.others if last else None,
        )

    def leave_one_out(self, prompt: Prompt, seeds: Sequence[int], options: SamplingOptions) -> Tensor:
        """How well each seed's classifiers know example pictures that they were written without: (seeds,)."""
        with self._lock:
            return leave_one_out(self.tina, prompt, seeds, steps=options.steps, **self._seen_already(prompt))

    def understand(self, text: str, brought: Brought) -> Prompt:
        """The prompt of a text and of what was brought beside it; a sentence becomes the classes that it means."""
        with self._lock:
            prompt: Prompt = self.tina.understand(text, brought.shown())
        for label, name_tag in brought.name_tags.items():
            if key_of(label) in map(key_of, prompt.labels):
                prompt = prompt.with_name_tag(label, name_tag)
        return prompt
