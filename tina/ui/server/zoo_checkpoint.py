"""A Tina with a zoo on the page: classifiers around a generic network, and pictures to train others on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from tina.blueprints import Weights
from tina.blueprints.slicing import slice_rows
from tina.generator.base import unstack
from tina.generator.closed_form.other_class import other_class_row, rows_of
from tina.generator.tina import Tina, shown_by_pictures
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.prompts.translate import names_of
from tina.ui.charts import weights_view
from tina.ui.server import gpu
from tina.ui.server.held_out import HeldOutSet
from tina.ui.server.loaded_checkpoint import FULL_ROW_COLOUR, LoadedCheckpoint, Written
from tina.ui.state import SamplingOptions

DRAWING_SIDE = 160  # pixels of a visitor's drawing that are kept, where it is prepared


class ZooCheckpoint(LoadedCheckpoint):
    """A `LoadedCheckpoint` of the zoo kind."""

    tina: Tina
    can_train = True

    def __init__(self, tina: Tina):
        super().__init__(tina)
        if self.blueprint.preparation:  # which needs to see the lines as they were drawn
            self.picture_side = DRAWING_SIDE
        self.generic: Weights = dict(tina.generic.state_dict())
        self.seen = frozenset(tina.names)
        self.scales = weights_view.scales(self.generic)
        if self.blueprint.class_width:
            self.scales["head.weight"] = FULL_ROW_COLOUR * tina.row_scale
        _ = tina.name_vectors  # loaded now, not while the first visitor waits

    def catalogue_slice(self, held_out: HeldOutSet) -> Weights | None:
        """The generic network's own rows of these classes; None where a class is none of its."""
        if not held_out.task or self.unseen_classes(held_out):
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
            vectors = self.blueprint.rows_by.encode_texts(names_of(held_out.labels))[None]
        stack = {name: self.generic[name][None] for name in self.blueprint.shapes}
        return stack | self.blueprint.given_rows(vectors.to(self.tina.device))

    # -- writing ------------------------------------------------------------------------------------------------------
    def _steps(self, prompt: Prompt, options: SamplingOptions, estimates: bool = True) -> Iterator[Written]:
        vectors, from_pictures = self.vectors([prompt])
        mask, ways = _no_padding(vectors), len(prompt.classes)
        with torch.no_grad():
            others, none_level = self.tina.none_of_these(vectors, mask)[0]
        how = {"estimates": estimates, "steps": options.steps}
        for step in gpu.sample(self.tina, vectors, mask, [options.seed], from_pictures, **how):
            current, estimate = unstack(step.current, 0, ways), None
            if step.number:
                estimate = current if step.estimate is step.current else unstack(step.estimate, 0, ways)
            yield Written(
                step.number,
                current,
                estimate,
                lambda step=step: self.tina.provenance(step.difference, step.current, vectors, mask)[0],
                none_level,
                others,
            )

    def write_seeds(self, prompt: Prompt, seeds: Sequence[int], options: SamplingOptions) -> list[Weights]:
        """Written together."""
        vectors, from_pictures = self.vectors([prompt])
        count = len(seeds)
        return self._write(vectors.expand(count, -1, -1), from_pictures.expand(count, -1), seeds, options)

    def between(self, first: Prompt, second: Prompt, count: int, options: SamplingOptions) -> list[Weights]:
        """For the vectors on the way from one prompt's to the other's, all from the same noise."""
        ends, from_pictures = self.vectors([first, second])  # (2, K, E), (2, K)
        share = torch.linspace(0, 1, count)[:, None, None]
        vectors = torch.nn.functional.normalize((1 - share) * ends[0] + share * ends[1], dim=-1)  # (count, K, E)
        pictured = torch.lerp(from_pictures[:1], from_pictures[1:], share[..., 0])  # (count, K)
        return self._write(vectors, pictured, [options.seed] * count, options)

    def _write(
        self, vectors: Tensor, from_pictures: Tensor, seeds: Sequence[int], options: SamplingOptions
    ) -> list[Weights]:
        """Classifiers for prompt vectors (M, K, E), made of pictures as far as `from_pictures` (M, K) says."""
        weights = gpu.write(self.tina, vectors, _no_padding(vectors), seeds, from_pictures, steps=options.steps)
        return [unstack(weights, i, vectors.shape[1]) for i in range(len(vectors))]

    def why_no_slice(self, held_out: HeldOutSet) -> str:
        """A label was never in training, or some of the classes that it stands for."""
        if not held_out.task:
            names = zip(held_out.labels, names_of(held_out.labels), strict=True)
            strange = next(label for label, name in names if not self.classes_of(name))
            return f"none: “{strange}” is none of its classes"
        unseen = self.unseen_classes(held_out)
        if not unseen:
            return ""
        label, names = next(iter(unseen.items()))
        if set(names) == set(held_out.task[label]):
            return f"none: “{label}” was never in training"
        listed = ", ".join(f"“{name}”" for name in names)
        return f"none: {listed}, in “{label}”, {'was' if len(names) == 1 else 'were'} never in training"

    def vectors(self, prompts: Sequence[Prompt]) -> tuple[Tensor, Tensor]:
        """Of M prompts of K classes each: vectors (M, K, E), and which classes have pictures (M, K)."""
        with self._lock:  # the tokenizer and the encoder's first pass are not made for two threads
            vectors = torch.stack([self.tina.encode(prompt) for prompt in prompts])
        return vectors, shown_by_pictures(prompts, _no_padding(vectors))


def _no_padding(vectors: Tensor) -> Tensor:
    """The mask of prompts that are all of one size: (M, K, E) -> (M, K), True everywhere."""
    return torch.ones(vectors.shape[:2], dtype=torch.bool)
