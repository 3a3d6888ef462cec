"""What the page works with: one loaded Tina, held-out pictures to score on, and rivals made once for all visitors.

Everything here is shared by all visitors and holds nothing of theirs but class sets; what a visitor did is a `Run`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.blueprints.heads import Heads
from tina.classifier.classifier import HELD_OUT, Classifier, Score, held_out_of, meant_by, members_of
from tina.generator.best_of import leave_one_out
from tina.generator.closed_form.other_class import described_mask, generic_slice
from tina.generator.diffusion import seeded_noise
from tina.generator.tina import TEMPERATURE, Tina
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.ui.charts import weights_view
from tina.ui.state import Frame, How, Run
from tina.worlds.task import Task

MOST_PICTURES = 800  # that every step is scored on: about 50 ms on one core
FEWEST_A_CLASS = 6
ROW_LOUD = 2.5  # times what a row's weights usually are: drawn at full strength
KEPT = 32  # class sets whose pictures are kept
LOOKED_AT = 512  # classes of which it is kept what a backbone sees: 80 KB each


@dataclass(frozen=True)
class Exam:
    """Held-out pictures of a class set: the same for every rival, at every step."""

    labels: tuple[str, ...]
    task: Task  # label -> the world's classes that it stands for; of "something else" those that may be learnt from
    pictures: np.ndarray  # N x size x size x 3
    shows: tuple[str, ...]  # N, the world's class that is really on each
    x: Tensor  # the same, as the network takes them; what a backbone sees of them, where classifiers stand on one
    y: Tensor  # N, positions in `labels`
    top: Blueprint  # what takes them

    @property
    def chance(self) -> float:
        return 1 / len(self.labels)

    def answers(self, weights: Weights) -> Tensor:
        with torch.inference_mode():
            return self.top.forward(weights, self.x).argmax(1)

    def score(self, answers: Tensor) -> Score:
        ways = len(self.labels)
        counts = torch.bincount(self.y * ways + answers, minlength=ways * ways).view(ways, ways)
        return Score(self.labels, tuple(map(tuple, counts.tolist())))

    def shown(self, most: int = 60) -> list[int]:
        """Which pictures the page shows: of each class the first few."""
        each = max(1, min(5, most // len(self.labels)))
        return [i for k in range(len(self.labels)) for i in (self.y == k).nonzero()[:each, 0].tolist()]


class Studio:
    def __init__(self, tina: Tina):
        self.tina, self.world, self.blueprint = tina, tina.world, tina.blueprint
        self.generic: Weights = dict(tina.generic.state_dict())
        self.seen = frozenset(tina.names)
        self.hash = tina.hash
        self.scales = weights_view.scales(self.generic)
        if self.blueprint.class_width:
            self.scales["head.weight"] = ROW_LOUD * float(tina.closed_form.normaliser.class_scale.mean())
        self.encoder, _ = tina.encoder, tina.name_vectors  # loaded now, not while the first visitor waits
        self._names = self.encoder.encode_texts(self.world.names)
        self._exam = lru_cache(KEPT)(self._make_exam)
        self._look = lru_cache(LOOKED_AT)(self._look_at)
        self._lock = Lock()

    # -- what there is to score on ------------------------------------------------------------------------------------
    def exam(self, labels: Sequence[str]) -> Exam | None:
        """None where a class has no held-out pictures here: then there is no accuracy either."""
        return self._exam(tuple(labels))

    def _make_exam(self, labels: tuple[str, ...]) -> Exam | None:
        task = members_of(self.world, labels)
        if task is None:
            return None
        each = min(HELD_OUT, max(FEWEST_A_CLASS, MOST_PICTURES // len(labels)))
        parts = held_out_of(self.world, task, each).values()
        pictures, shows = np.concatenate([part for part, _ in parts]), [name for _, names in parts for name in names]
        y = torch.repeat_interleave(torch.arange(len(labels)), torch.tensor([len(part) for part, _ in parts]))
        for label in filter(is_something_else, labels):
            task[label] = tuple(name for name in task[label] if name in self.seen) or task[label]
        if not isinstance(self.blueprint, Heads):
            return Exam(labels, task, pictures, tuple(shows), self.blueprint.prepare(pictures), y, self.blueprint)
        x = torch.cat([self._look(name, len(list(some))) for name, some in groupby(shows)])
        return Exam(labels, task, pictures, tuple(shows), x, y, self.blueprint.top)

    def _look_at(self, name: str, count: int) -> Tensor:
        """What the backbone sees of a class's first held-out pictures. It is the same at every step and for every
        classifier, and takes longer than all the rest."""
        return self.blueprint.look(self.blueprint.prepare(self.world.pictures("test", name, count)))

    def is_unseen(self, label: str) -> bool:
        """Whether nothing of what a label stands for was ever in training; also when the world does not know it."""
        task = meant_by(self.world, [label])
        return task is None or not any(name in self.seen for name in task[label])

    def nearest(self, label: str) -> str:
        """The world's class whose name means most nearly the same."""
        return self.world.names[int((self._names @ self.encoder.encode_texts([label])[0]).argmax())]

    def never_seen(self, exam: Exam) -> list[str]:
        return [label for label, names in exam.task.items() if not all(name in self.seen for name in names)]

    def catalogue_slice(self, exam: Exam) -> Weights | None:
        """The generic network's own rows of these classes; None where a class is none of its."""
        if self.never_seen(exam):
            return None
        return {name: weight[0] for name, weight in generic_slice(self.tina, [exam.task]).items()}

    # -- writing ------------------------------------------------------------------------------------------------------
    def run(self, prompt: Prompt, how: How) -> Iterator[Run]:
        """The same `Run` after every step, one frame longer; the first frame is the noise that it all starts from."""
        exam = self.exam(prompt.labels)
        vectors, mask = self.vectors([prompt])
        run = Run(prompt, how, self.world.id, self.hash, exam)
        run.add(self.frame(0, self.noise.steps, self._noise(how.seed, vectors, mask), exam))
        if exam and (rows := self.catalogue_slice(exam)) is not None:
            run.rivals["slice"] = exam.score(exam.answers(rows))
        yield run
        begin = time.perf_counter()
        for draft in self.tina.drafts(vectors, mask, [how.seed], **how.sampling):
            run.seconds += time.perf_counter() - begin
            standing, guess = (Tina.of(part, 0, len(prompt.classes)) for part in (draft.standing, draft.guess))
            guessed = exam and exam.score(exam.answers(guess)).accuracy
            run.add(self.frame(draft.number, draft.t, standing, exam, guessed))
            yield run
            begin = time.perf_counter()

    def frame(self, number: int, t: int, weights: Weights, exam: Exam | None, guessed: float | None = None) -> Frame:
        return Frame(number, t, weights, exam and exam.answers(weights), guessed)

    def classifier(self, run: Run, number: int | None = None) -> Classifier:
        """The classifier of a run, or what it would have been if it had stopped after a step."""
        frame = run.frames[-1 if number is None else number]
        scored = run.exam and run.exam.score(frame.answers)
        how, steps = run.how, run.how.steps if number is None else number
        about = {"seed": how.seed, "steps": steps, "sampler": how.sampler, "guidance": how.guidance}
        origin = {"world": run.world, "checkpoint": run.checkpoint}
        return Classifier(self.blueprint, frame.weights, run.prompt, scored=scored or None, **origin, **about)

    def write(self, vectors: Tensor, seeds: Sequence[int], how: How) -> list[Weights]:
        """Classifiers for M x K x E prompt vectors, written together."""
        mask = torch.ones(vectors.shape[:2], dtype=torch.bool)
        weights = self.tina.write(vectors, mask, list(seeds), **how.sampling)
        return [Tina.of(weights, i, vectors.shape[1]) for i in range(len(vectors))]

    def leave_one_out(self, prompt: Prompt, seeds: Sequence[int], how: How) -> Tensor:
        with self._lock:
            return leave_one_out(self.tina, prompt, seeds, **how.sampling)

    def vectors(self, prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor]:
        """Of prompts of one size: M x K x E, and a mask that is True everywhere."""
        with self._lock:  # the tokenizer and the encoder's first pass are not made for two threads
            vectors = torch.stack([self.encoder.encode_prompt(prompt) for prompt in prompts])
        return vectors, torch.ones(vectors.shape[:2], dtype=torch.bool)

    @property
    def noise(self):
        return self.tina.noise

    def _noise(self, seed: int, vectors: Tensor, mask: Tensor) -> Weights:
        """What the sampler starts from, read as weights."""
        config, ways = self.tina.network.config, vectors.shape[1]
        sizes = (config.shared, config.shared_width), (ways, config.class_width)
        tokens = seeded_noise([seed], 0, *sizes, described_mask(vectors, mask))
        shared, classes = (TEMPERATURE * tensor.to(self.tina.device) for tensor in tokens)
        return Tina.of(self.tina.read((shared, classes), vectors, mask), 0, ways)
