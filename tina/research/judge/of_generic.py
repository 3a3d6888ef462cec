"""What the generic network can do without any training: it knows every seen class already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Weights
from tina.blueprints.slicing import slice_rows
from tina.errors import UserError
from tina.research.judge.workbench import NONE, Answers, Workbench, inputs_of
from tina.training.zoo.prompt_sampler import PromptSampler
from tina.training.zoo.tasks import seen_families
from tina.worlds.task import Task, plain_task

BATCH = 500  # pictures in a forward pass


def slice_generic(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    return bench.tina.generic_slice(tasks)


def label_only_network(bench: Workbench) -> Weights:
    """Another generic network, which was trained on labels alone and not distilled from an encoder."""
    if bench.label_only is None:
        raise UserError("This method needs a zoo that was built without --teacher: say --label-only FOLDER.")
    about, folder = bench.label_only.manifest, bench.label_only.folder
    if about.get("teacher"):
        raise UserError(f"The generic network in {folder} had a teacher: {about['teacher']}.")
    if (about["blueprint"], about["names"]) != (bench.tina.blueprint.id, list(bench.tina.names)):
        raise UserError(f"The generic network in {folder} is of another blueprint or knows other classes.")
    return {name: weight.to(bench.tina.device) for name, weight in bench.label_only.generic.items()}


def slice_label_only(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    return slice_rows(bench.tina.blueprint, label_only_network(bench), bench.tina.names, tasks)


def whole_generic(bench: Workbench, tasks: Sequence[Task]) -> Answers:
    """With all its rows, also those of classes that are not in the task: one of those is a wrong answer."""
    blueprint, names = bench.tina.blueprint, bench.tina.names
    weights = slice_rows(blueprint, bench.generic, names, [plain_task(names)])
    meant = torch.full((len(tasks), len(names)), NONE)  # by each of the network's answers
    for m, task in enumerate(tasks):
        for k, members in enumerate(task.values()):
            meant[m, [names.index(name) for name in members if name in names]] = k

    @torch.no_grad()
    def answers(numbers: Sequence[int], pictures: Tensor) -> Tensor:
        top, flat = inputs_of(blueprint, pictures.flatten(0, 1), bench.tina.device)
        parts = [top.forward_many(weights, top.scale(part)[None])[0] for part in flat.split(BATCH)]
        predicted = torch.cat(parts).argmax(1).cpu().view(pictures.shape[:2])
        return meant[list(numbers)].gather(1, predicted)

    return answers


def nearest_row(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    """Each class with the row of the seen class whose name is nearest."""
    vectors, mask = bench.vectors(tasks)
    seen = bench.prompt_sampler.sample([plain_task(bench.tina.names)], "names")[0]  # R x E
    nearest = (vectors @ seen.T).argmax(2)
    rows, biases = (bench.generic[name][nearest] for name in ("head.weight", "head.bias"))
    mask = mask.to(rows.device)
    return slice_generic(bench, tasks) | {"head.weight": rows * mask[..., None], "head.bias": biases * mask}


def transferred(kind: str = "names", shots: int = 5) -> Callable[[Workbench, Sequence[Task]], Weights]:
    """Each class with the row that Tina gives to an unfamiliar one."""

    def make(bench: Workbench, tasks: Sequence[Task]) -> Weights:
        vectors, mask = (part.to(bench.tina.device) for part in bench.vectors(tasks, kind, shots))
        parts = bench.tina.closed_form
        rows, biases = parts.transfer(vectors, bench.from_pictures(mask, kind), parts.prior.keys[0])
        return slice_generic(bench, tasks) | {"head.weight": rows * mask[..., None], "head.bias": biases * mask}

    return make


def rows_of_pictures(shots: int) -> Callable[[Workbench, Sequence[Task]], Weights]:
    """Prototypes within the network: a class's row is the mean of its features of the example pictures."""

    def make(bench: Workbench, tasks: Sequence[Task]) -> Weights:
        rows, mask = bench.vectors(tasks, "pictures", shots, _feature_sampler(bench))
        weights = slice_generic(bench, tasks)
        rows = rows.to(weights["head.weight"])
        return weights | {"head.weight": rows, "head.bias": rows.new_zeros(mask.shape)}

    return make


@lru_cache(maxsize=1)
def _feature_sampler(bench: Workbench) -> PromptSampler:
    return PromptSampler(bench.world, _FeatureEncoder(bench), seen_families(bench.world), bench.world.names)


class _FeatureEncoder:
    """The generic network in an encoder's place: pictures are features of length one, and texts are zeros."""

    def __init__(self, bench: Workbench):
        self.blueprint, self.weights = bench.tina.blueprint, bench.generic

    def encode_texts_cached(self, texts: Sequence[str]) -> Tensor:
        return torch.zeros(len(texts), self.blueprint.width)

    @torch.no_grad()
    def encode_images(self, pictures: Sequence[np.ndarray]) -> Tensor:
        pictures = torch.from_numpy(np.stack(pictures)).to(self.weights["head.bias"].device)
        parts = [self.blueprint.features(self.weights, self.blueprint.scale(part)) for part in pictures.split(BATCH)]
        return F.normalize(torch.cat(parts), dim=1).cpu()
