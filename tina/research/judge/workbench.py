"""What the rivals work with, and the two forms in which one may answer: as weights, or in a way of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import torch
from torch import Tensor

from tina.blueprints import Blueprint, Tokens, Weights
from tina.blueprints.heads import Heads
from tina.errors import UserError
from tina.generator.tina import Tina, stack_prompts
from tina.training.zoo.prompt_sampler import PromptSampler
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import seen_families
from tina.worlds import World
from tina.worlds.task import Task

# What is no classifier of the blueprint answers for itself: numbers of some of the tasks (M) and pictures for each of
# them (uint8, M x B x size x size x 3) -> M x B, which of its task's classes each picture is of, or NONE of them
Answers = Callable[[Sequence[int], Tensor], Tensor]
NONE = -1


@dataclass(eq=False)  # so that results can be cached by it
class Workbench:
    """The same for all rivals: a checkpoint, its world, its zoo, and the prompts."""

    tina: Tina
    world: World
    zoo: Zoo | None  # some rivals need its weights
    seed: int = 0
    planned: Sequence[Task] = ()  # the class sets of a zoo that is not at hand
    label_only: Zoo | None = None  # another, whose generic network was trained on labels alone
    split_tasks: Sequence[Task] = ()  # all tasks of a split, of which the first are measured

    @property
    def zoo_tasks(self) -> Sequence[Task]:
        """Class sets that are not new."""
        return self.zoo.tasks if self.zoo else self.planned

    @cached_property
    def prompt_sampler(self) -> PromptSampler:
        return PromptSampler(self.world, self.tina.encoder, seen_families(self.world), self.world.names)

    def vectors(
        self, tasks: Sequence[Task], kind: str = "names", shots: int = 5, prompt_sampler: PromptSampler | None = None
    ) -> tuple[Tensor, Tensor]:
        """Prompt vectors, M x K x E, and a mask, M x K, True for a class. Names are always the same; of other kinds
        one is drawn a class, the same at every call: all rivals get the same texts and the same example pictures."""
        draw = None if kind == "names" else torch.Generator().manual_seed(self.seed)
        are_first = list(tasks) == list(self.split_tasks[: len(tasks)])
        drawn = self.split_tasks if are_first else tasks  # so that the first tasks get what they get among all
        vectors = (prompt_sampler or self.prompt_sampler).sample(drawn, kind, draw, shots)[: len(tasks)]
        _, mask = stack_prompts([vectors[m, : len(task)] for m, task in enumerate(tasks)])
        return vectors, mask

    def from_pictures(self, mask: Tensor, kind: str = "names") -> Tensor:
        """M x K: 1 where prompts of a kind are made of pictures, with names or without, 0 for words."""
        return mask.float() * (kind in ("pictures", "both"))

    def write(self, tasks: Sequence[Task], tina: Tina, kind: str = "names", shots: int = 5, **sampling: Any) -> Weights:
        """What a Tina writes for tasks from prompts of a kind, with options of sampling (`steps` and others)."""
        vectors, mask = self.vectors(tasks, kind, shots)
        seeds = [self.seed + m for m in range(len(tasks))]
        return tina.write(vectors, mask, seeds, self.from_pictures(mask, kind), **sampling)

    @cached_property
    def encoder_features(self) -> FeatureCache:
        encoder = self.tina.encoder
        return FeatureCache(lambda pictures: encoder.encode_images(list(pictures.numpy())), encoder.dim)

    @property
    def generic(self) -> Weights:
        """The generic network's weights."""
        return dict(self.tina.generic.state_dict())

    @cached_property
    def zoo_tokens(self) -> tuple[Tensor, Tensor, Tensor]:
        if self.zoo is None:
            raise UserError("This method needs the zoo's weights: say --zoo FOLDER (python -m tina recipe builds one).")
        return self.zoo.tokens(self.tina.blueprint)

    @cached_property
    def zoo_vectors(self) -> Tensor:
        """N x K x E: the names of the zoo's classes."""
        return self.prompt_sampler.sample(self.zoo.tasks, "names")

    def weights(self, shared: Tensor, classes: Tensor, vectors: Tensor) -> Weights:
        """From tokens, and the prompt vectors of the tasks they are for."""
        return self.tina.blueprint.from_tokens(Tokens(shared, classes), vectors)


class FeatureCache:
    """Features of pictures, each computed once: those of a class are in many tasks.

    extract: pictures (uint8, n x size x size x 3) -> features (n x width).
    """

    def __init__(self, extract: Callable[[Tensor], Tensor], width: int):
        self.extract, self.places, self.features = extract, {}, torch.zeros(0, width)

    def __call__(self, pictures: Tensor) -> Tensor:
        """uint8, ... x size x size x 3 -> ... x width."""
        flat = pictures.flatten(0, -4)
        keys = [hashlib.blake2b(picture.tobytes(), digest_size=16).digest() for picture in flat.numpy()]
        new = {key: i for i, key in enumerate(keys) if key not in self.places}
        if new:
            self.places |= {key: len(self.places) + i for i, key in enumerate(new)}
            self.features = torch.cat([self.features, self.extract(flat[list(new.values())]).cpu()])
        return self.features[[self.places[key] for key in keys]].unflatten(0, pictures.shape[:-3])


def inputs_of(blueprint: Blueprint, pictures: Tensor, device: torch.device) -> tuple[Blueprint, Tensor]:
    """The blueprint and the inputs that classifiers are to be run with. Where they stand on a backbone these are its
    features of the pictures, each computed once, and the part on top; otherwise both are as they were."""
    if not isinstance(blueprint, Heads):
        return blueprint, pictures.to(device)
    return blueprint.top, _backbone_features(blueprint, device)(pictures).to(device)


@lru_cache(maxsize=1)  # a table is about one
def _backbone_features(blueprint: Heads, device: torch.device) -> FeatureCache:
    return FeatureCache(lambda pictures: blueprint.look(blueprint.scale(pictures.to(device))), blueprint.width)
