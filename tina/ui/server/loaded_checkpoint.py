"""One loaded Tina with everything the page needs beside it: held-out pictures, class lookups, the drawing scale.

It is shared by all visitors and holds nothing of theirs but class sets; what a visitor made is a `Generation`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Weights
from tina.blueprints.heads import Heads
from tina.classifier.archive import Origin
from tina.classifier.classifier import HELD_OUT, Classifier
from tina.classifier.score import classes_meant, held_out_of, members_of
from tina.generator.best_of import leave_one_out
from tina.generator.tina import Tina, shown_by_pictures, unstack
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.ui.charts import weights_view
from tina.ui.server.held_out import SETTINGS, HeldOutSet
from tina.ui.state import Generation, SamplingOptions, StepResult

FULL_ROW_COLOUR = 2.5  # times `row_scale`: a row's weight of this size is drawn at full strength


class LoadedCheckpoint:
    def __init__(self, tina: Tina):
        self.tina, self.world, self.blueprint = tina, tina.world, tina.blueprint
        self.generic: Weights = dict(tina.generic.state_dict())
        self.seen = frozenset(tina.names)
        self.hash = tina.hash
        self.scales = weights_view.scales(self.generic)
        if self.blueprint.class_width:
            self.scales["head.weight"] = FULL_ROW_COLOUR * tina.row_scale
        self.encoder = tina.encoder  # loaded now, not while the first visitor waits
        self._name_vectors = self.encoder.encode_texts(self.world.names)  # (names, E)
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

    def is_unseen(self, label: str) -> bool:
        """Whether nothing of what a label stands for was ever in training; also when the world does not have it."""
        task = classes_meant(self.world, [label])
        return task is None or not any(name in self.seen for name in task[label])

    def nearest_class(self, label: str) -> str:
        """The world's class whose name is nearest to the label, by the encoder."""
        return self.world.names[int((self._name_vectors @ self.encoder.encode_texts([label])[0]).argmax())]

    def unseen_labels(self, held_out: HeldOutSet) -> list[str]:
        return [label for label, names in held_out.task.items() if not all(name in self.seen for name in names)]

    def catalogue_slice(self, held_out: HeldOutSet) -> Weights | None:
        """The generic network's own rows of these classes; None where a class is none of its."""
        if self.unseen_labels(held_out):
            return None
        return unstack(self.tina.generic_slice([held_out.task]), 0, len(held_out.labels))

    # -- writing ------------------------------------------------------------------------------------------------------
    def generate(self, prompt: Prompt, options: SamplingOptions) -> Iterator[Generation]:
        """The same `Generation` after every sampling step, one step longer each time; the first is the start."""
        held_out = self.held_out(prompt.labels)
        generation = Generation(prompt, options, self.world.id, self.hash, held_out)
        if held_out and (rows := self.catalogue_slice(held_out)) is not None:
            generation.baselines["slice"] = held_out.score_weights(rows)
        begin = time.perf_counter()
        vectors, from_pictures = self.vectors([prompt])
        mask = torch.ones(vectors.shape[:2], dtype=torch.bool)
        for step in self.tina.steps(vectors, mask, [options.seed], from_pictures, **options.arguments):
            generation.seconds += time.perf_counter() - begin
            current, estimate = (unstack(part, 0, len(prompt.classes)) for part in (step.current, step.estimate))
            generation.steps.append(self.step_result(held_out, step.number, current, estimate if step.number else None))
            if generation.finished:
                generation.provenance = self.tina.provenance(step.difference, step.current, vectors, mask)[0]
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
        of_estimate = None if estimate is None else held_out.score_weights(estimate)
        return StepResult(number, weights, predictions, held_out.score(predictions), of_estimate)

    def classifier(self, generation: Generation, index: int = -1) -> Classifier:
        """The finished classifier, or what it would be if sampling had stopped after step `index`."""
        step, options = generation.steps[index], generation.options
        origin = Origin(
            world=generation.world,
            checkpoint=generation.checkpoint,
            seed=options.seed,
            steps=step.number,
            sampler=self.tina.settings.sampling.sampler,
            provenance=generation.provenance if step is generation.steps[-1] else None,
        )
        return Classifier(self.blueprint, step.weights, generation.prompt, scored=step.score, origin=origin)

    def write(
        self, vectors: Tensor, from_pictures: Tensor, seeds: Sequence[int], options: SamplingOptions
    ) -> list[Weights]:
        """Classifiers for prompt vectors (M, K, E), made of pictures as far as `from_pictures` (M, K) says; written
        together."""
        mask = torch.ones(vectors.shape[:2], dtype=torch.bool)
        weights = self.tina.write(vectors, mask, list(seeds), from_pictures, **options.arguments)
        return [unstack(weights, i, vectors.shape[1]) for i in range(len(vectors))]

    def leave_one_out(self, prompt: Prompt, seeds: Sequence[int], options: SamplingOptions) -> Tensor:
        """How well each seed's classifiers know example pictures that they were written without: (seeds,)."""
        with self._lock:
            return leave_one_out(self.tina, prompt, seeds, **options.arguments)

    def vectors(self, prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor]:
        """Of M prompts of K classes each: vectors (M, K, E), and which classes have pictures (M, K)."""
        with self._lock:  # the tokenizer and the encoder's first pass are not made for two threads
            vectors = torch.stack([self.encoder.encode_prompt(prompt) for prompt in prompts])
        return vectors, shown_by_pictures(prompts, torch.ones(vectors.shape[:2], dtype=torch.bool))
