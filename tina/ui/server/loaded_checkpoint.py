"""One loaded Tina with everything the page needs beside it: held-out pictures, class lookups, the drawing scale.

It is shared by all visitors and holds nothing of theirs but class sets; what a visitor made is a `Generation`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Weights
from tina.blueprints.heads import Heads
from tina.blueprints.slicing import slice_rows
from tina.classifier.archive import Origin
from tina.classifier.classifier import HELD_OUT, Classifier
from tina.classifier.score import classes_meant, held_out_of, members_of
from tina.generator.best_of import leave_one_out
from tina.generator.closed_form.other_class import other_class_row, rows_of
from tina.generator.tina import Tina, shown_by_pictures, unstack
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.ui.charts import weights_view
from tina.ui.server.held_out import SETTINGS, HeldOutSet
from tina.ui.state import Generation, SamplingOptions, StepResult

FULL_ROW_COLOUR = 2.5  # times `row_scale`: a row's weight of this size is drawn at full strength


class LoadedCheckpoint:
    """A Tina, and what is made of her once for all visitors."""

    def __init__(self, tina: Tina):
        self.tina, self.world, self.blueprint = tina, tina.world, tina.blueprint
        self.generic: Weights = dict(tina.generic.state_dict())
        self.seen = frozenset(tina.names)
        self.hash = tina.hash
        self.scales = weights_view.scales(self.generic)
        if self.blueprint.class_width:
            self.scales["head.weight"] = FULL_ROW_COLOUR * tina.row_scale
        self.encoder, _ = tina.encoder, tina.name_vectors  # loaded now, not while the first visitor waits
        self._name_vectors = self.encoder.encode_texts(self.world.names)  # (names, E)
        self._classes = lru_cache(SETTINGS.cached_labels)(self._classes_of)
        self._held_out = lru_cache(SETTINGS.cached_sets)(self._make_held_out)
        self._features = lru_cache(SETTINGS.cached_features)(self._backbone_features)
        self._lock = Lock()

    # -- what there is to score on ------------------------------------------------------------------------------------
    def held_out(self, labels: Sequence[str]) -> HeldOutSet | None:
        """The pictures that classifiers for `labels` are scored on; None where a class has none here."""
        return self._held_out(tuple(labels))

    def _make_held_out(self, labels: tuple[str, ...]) -> HeldOutSet | None:
        task = members_of(self.world, labels)
        if task is None:
            return None
        each = min(HELD_OUT, max(SETTINGS.fewest_per_class, SETTINGS.pictures // len(labels)))
        parts = held_out_of(self.world, task, each).values()
        pictures, names = np.concatenate([part for part, _ in parts]), [name for _, names in parts for name in names]
        y = torch.repeat_interleave(torch.arange(len(labels)), torch.tensor([len(part) for part, _ in parts]))
        for label in filter(is_something_else, labels):
            task[label] = tuple(name for name in task[label] if name in self.seen) or task[label]
        if isinstance(self.blueprint, Heads):
            x = torch.cat([self._features(name, len(list(group))) for name, group in groupby(names)])
            return HeldOutSet(labels, task, pictures, tuple(names), x, y, self.blueprint.top)
        return HeldOutSet(labels, task, pictures, tuple(names), self.blueprint.prepare(pictures), y, self.blueprint)

    def _backbone_features(self, name: str, count: int) -> Tensor:
        """Of a class's first `count` held-out pictures. They are the same for every classifier on the backbone, and
        take longer than all the rest."""
        return self.blueprint.look(self.blueprint.prepare(self.world.pictures("test", name, count)))

    def classes_of(self, label: str) -> tuple[str, ...]:
        """The world's classes that a label stands for by itself; none where the world does not have it."""
        return self._classes(label.casefold())

    def _classes_of(self, label: str) -> tuple[str, ...]:
        members = classes_meant(self.world, [label])
        return members[label] if members else ()

    def is_unseen(self, label: str) -> bool:
        """Whether nothing of what a label stands for was ever in training; also when the world does not have it."""
        return self.seen.isdisjoint(self.classes_of(label))

    def unseen_labels(self, labelled: HeldOutSet | Generation) -> list[str]:
        """Those of its labels of which `is_unseen` says so."""
        return [label for label in labelled.labels if self.is_unseen(label)]

    def unseen_classes(self, held_out: HeldOutSet) -> dict[str, list[str]]:
        """For each label, if there are any: which of the classes that it stands for were never in training."""
        unseen = {label: [name for name in names if name not in self.seen] for label, names in held_out.task.items()}
        return {label: names for label, names in unseen.items() if names}

    def nearest_class(self, label: str) -> str:
        """The world's class whose name is nearest to the label, by the encoder."""
        with self._lock:
            vector = self.encoder.encode_texts([label])[0]
        return self.world.names[int((self._name_vectors @ vector).argmax())]

    def catalogue_slice(self, held_out: HeldOutSet) -> Weights | None:
        """The generic network's own rows of these classes; None where a class is none of its."""
        if self.unseen_classes(held_out):
            return None
        stack, others = self.generic_start(held_out), torch.tensor([list(map(is_something_else, held_out.labels))])
        if others.any():
            described = ~others.to(self.tina.device)
            rows, mask = rows_of(stack), torch.ones_like(described)
            settings = self.tina.settings.other_class
            stack = other_class_row(stack, described, mask, rows, rows_of(self.generic), settings)
        return unstack(stack, 0, len(held_out.labels))

    def generic_start(self, held_out: HeldOutSet) -> Weights:
        """The generic network with its rows of these classes, as a stack of one: what fine-tuning starts from."""
        if self.blueprint.rows_by is None:
            return slice_rows(self.blueprint, self.generic, self.tina.names, [held_out.task])
        with self._lock:  # not through the encoder's cache, which would keep a visitor's words on disk
            vectors = self.blueprint.rows_by.encode_texts(held_out.labels)[None]
        stack = {name: self.generic[name][None] for name in self.blueprint.shapes}
        return stack | self.blueprint.given_rows(vectors.to(self.tina.device))

    # -- writing ------------------------------------------------------------------------------------------------------
    def generate(self, prompt: Prompt, options: SamplingOptions) -> Iterator[Generation]:
        """The same `Generation` after every sampling step, one step longer each time; the first is the start."""
        held_out = self.held_out(prompt.labels)
        sampler = self.tina.settings.sampling.sampler
        origin = Origin(self.world.id, self.hash, seed=options.seed, steps=options.steps, sampler=sampler)
        generation = Generation(prompt, options, origin, held_out)
        if held_out and (rows := self.catalogue_slice(held_out)) is not None:
            generation.baselines["slice"] = held_out.score_weights(rows)
        begin = time.perf_counter()
        vectors, from_pictures = self.vectors([prompt])
        mask, ways = _no_padding(vectors), len(prompt.classes)
        for step in self.tina.steps(vectors, mask, [options.seed], from_pictures, steps=options.steps):
            generation.seconds += time.perf_counter() - begin
            current, estimate = unstack(step.current, 0, ways), None
            if step.number:
                estimate = current if step.estimate is step.current else unstack(step.estimate, 0, ways)
            generation.steps.append(self.step_result(held_out, step.number, current, estimate))
            if generation.finished:
                shares = self.tina.provenance(step.difference, step.current, vectors, mask)[0]
                generation.origin = replace(origin, provenance=shares)
            yield generation
            begin = time.perf_counter()

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
        return Classifier(self.blueprint, step.weights, generation.prompt, scored=step.score, origin=origin)

    def write(
        self, vectors: Tensor, from_pictures: Tensor, seeds: Sequence[int], options: SamplingOptions
    ) -> list[Weights]:
        """Classifiers for prompt vectors (M, K, E), made of pictures as far as `from_pictures` (M, K) says; written
        together."""
        weights = self.tina.write(vectors, _no_padding(vectors), list(seeds), from_pictures, steps=options.steps)
        return [unstack(weights, i, vectors.shape[1]) for i in range(len(vectors))]

    def leave_one_out(self, prompt: Prompt, seeds: Sequence[int], options: SamplingOptions) -> Tensor:
        """How well each seed's classifiers know example pictures that they were written without: (seeds,)."""
        with self._lock:
            return leave_one_out(self.tina, prompt, seeds, steps=options.steps)

    def understand(self, text: str, pictures: Mapping[str, Sequence[Any]]) -> Prompt:
        """The prompt of a text and of example pictures by label; a sentence becomes the classes that it means."""
        with self._lock:
            return self.tina.understand(text, pictures)

    def vectors(self, prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor]:
        """Of M prompts of K classes each: vectors (M, K, E), and which classes have pictures (M, K)."""
        with self._lock:  # the tokenizer and the encoder's first pass are not made for two threads
            vectors = torch.stack([self.encoder.encode_prompt(prompt) for prompt in prompts])
        return vectors, shown_by_pictures(prompts, _no_padding(vectors))


def _no_padding(vectors: Tensor) -> Tensor:
    """The mask of prompts that are all of one size: (M, K, E) -> (M, K), True everywhere."""
    return torch.ones(vectors.shape[:2], dtype=torch.bool)
