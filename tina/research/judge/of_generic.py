"""What the generic network can do without any training: it knows every seen class already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Weights
from tina.errors import UserError
from tina.generator.closed_form.other_class import generic_slice
from tina.research.judge.workbench import NONE, Answers, Bench, seen
from tina.training.zoo.finetune import slice_rows
from tina.training.zoo.prompt_sampler import PromptSampler
from tina.training.zoo.tasks import seen_families
from tina.worlds.task import Task, plain_task

TOGETHER = 500  # pictures it looks at


def slice_generic(bench: Bench, tasks: Sequence[Task]) -> Weights:
    return generic_slice(bench.tina, tasks)


def untaught(bench: Bench) -> Weights:
    """Another generic network, which had no teacher: what is the teacher's is in it nowhere."""
    if bench.untaught is None:
        raise UserError("This method needs a zoo that was built without --teacher: say --untaught FOLDER.")
    about, folder = bench.untaught.manifest, bench.untaught.folder
    if about.get("teacher"):
        raise UserError(f"The generic network in {folder} had a teacher: {about['teacher']}.")
    if (about["blueprint"], about["names"]) != (bench.tina.blueprint.id, list(bench.tina.names)):
        raise UserError(f"The generic network in {folder} is of another blueprint or knows other classes.")
    return {name: weight.to(bench.tina.device) for name, weight in bench.untaught.generic.items()}


def slice_untaught(bench: Bench, tasks: Sequence[Task]) -> Weights:
    return slice_rows(bench.tina.blueprint, untaught(bench), bench.tina.names, tasks)


def whole_generic(bench: Bench, tasks: Sequence[Task]) -> Answers:
    """With all its rows, of the classes that were not asked for too: one of those is a wrong answer."""
    blueprint, names = bench.tina.blueprint, bench.tina.names
    weights = slice_rows(blueprint, bench.generic, names, [plain_task(names)])
    meant = torch.full((len(tasks), len(names)), NONE)  # by each of the network's answers
    for m, task in enumerate(tasks):
        for k, members in enumerate(task.values()):
            meant[m, [names.index(name) for name in members if name in names]] = k

    @torch.no_grad()
    def answers(numbers: Sequence[int], pictures: Tensor) -> Tensor:
        top, flat = seen(blueprint, pictures.flatten(0, 1), bench.tina.device)
        parts = [top.forward_many(weights, top.scale(part)[None])[0] for part in flat.split(TOGETHER)]
        said = torch.cat(parts).argmax(1).cpu().view(pictures.shape[:2])
        return meant[list(numbers)].gather(1, said)

    return answers


def nearest_row(bench: Bench, tasks: Sequence[Task]) -> Weights:
    """Each class with the row of the seen class whose name is nearest."""
    vectors, mask = bench.vectors(tasks)
    known = bench.prompt_sampler.sample([plain_task(bench.tina.names)], "names")[0]
    nearest = (vectors @ known.T).argmax(2)
    rows, biases = (bench.generic[name][nearest] for name in ("head.weight", "head.bias"))
    mask = mask.to(rows.device)
    return slice_generic(bench, tasks) | {"head.weight": rows * mask[..., None], "head.bias": biases * mask}


def transferred(kind: str = "names", shots: int = 5) -> Callable[[Bench, Sequence[Task]], Weights]:
    """Each class with the row that Tina gives to one that she does not know."""

    def make(bench: Bench, tasks: Sequence[Task]) -> Weights:
        vectors, mask = (part.to(bench.tina.device) for part in bench.vectors(tasks, kind, shots))
        knowledge = bench.tina.closed_form
        rows, biases = knowledge.transfer(
            vectors, knowledge.familiarity.picture_share(vectors), knowledge.prior.keys[0]
        )
        return slice_generic(bench, tasks) | {"head.weight": rows * mask[..., None], "head.bias": biases * mask}

    return make


def rows_of_pictures(shots: int) -> Callable[[Bench, Sequence[Task]], Weights]:
    """Prototypes within the network: a class's row is the mean of what it makes of the example pictures."""

    def make(bench: Bench, tasks: Sequence[Task]) -> Weights:
        rows, mask = bench.vectors(tasks, "pictures", shots, _looks(bench))
        weights = slice_generic(bench, tasks)
        rows = rows.to(weights["head.weight"])
        return weights | {"head.weight": rows, "head.bias": rows.new_zeros(mask.shape)}

    return make


@lru_cache(maxsize=1)
def _looks(bench: Bench) -> PromptSampler:
    return PromptSampler(bench.world, _Eyes(bench), seen_families(bench.world), bench.world.names)


class _Eyes:
    """The generic network in an encoder's place: pictures are features of length one, and texts mean nothing."""

    def __init__(self, bench: Bench):
        self.blueprint, self.weights = bench.tina.blueprint, bench.generic

    def encode_texts_cached(self, texts: Sequence[str]) -> Tensor:
        return torch.zeros(len(texts), self.blueprint.width)

    @torch.no_grad()
    def encode_images(self, pictures: Sequence[np.ndarray]) -> Tensor:
        pictures = torch.from_numpy(np.stack(pictures)).to(self.weights["head.bias"].device)
        parts = [self.blueprint.features(self.weights, self.blueprint.scale(part)) for part in pictures.split(TOGETHER)]
        return F.normalize(torch.cat(parts), dim=1).cpu()
