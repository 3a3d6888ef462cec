"""The pictures of a world in memory, or a backbone's features of them, and batches for many tasks at once."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Blueprint
from tina.blueprints.heads import BATCH, Heads, NetworkHeads
from tina.worlds import World
from tina.worlds.task import Task


@dataclass(frozen=True)
class Targets:
    """Tasks as numbers: which classes of the bank each of their classes is made of, all padded to the largest."""

    members: Tensor  # M x K x most members, positions in the bank
    counts: Tensor  # M x K, how many members are real; 0 where a class is padding

    @property
    def mask(self) -> Tensor:
        """M x K, True for a class, False for padding."""
        return self.counts > 0


class Bank:
    """All pictures of some classes, class after class.

    world, names: whose pictures.
    splits: from which of the world's splits.
    device: where they are kept.
    """

    def __init__(self, world: World, names: Sequence[str], splits: Sequence[str], device: str | torch.device = "cpu"):
        parts = [np.concatenate([world.pictures(split, name) for split in splits]) for name in names]
        self.places = {name: i for i, name in enumerate(names)}
        self.pictures = torch.from_numpy(np.concatenate(parts)).to(device)  # uint8, N x size x size x 3
        self.counts = torch.tensor([len(part) for part in parts], device=device)
        self.firsts = self.counts.cumsum(0) - self.counts

    @property
    def device(self) -> torch.device:
        return self.pictures.device

    def to(self, device: str | torch.device) -> Bank:
        """The same on another device."""
        moved = copy.copy(self)
        moved.pictures, moved.counts = self.pictures.to(device), self.counts.to(device)
        moved.firsts = self.firsts.to(device)
        return moved

    def features_of(self, blueprint: Heads) -> Bank:
        """The same examples as a backbone's features: N x width in place of pictures."""
        parts = [blueprint.look(blueprint.scale(part)) for part in self.pictures.split(BATCH)]
        features = copy.copy(self)
        features.pictures = torch.cat(parts)
        return features

    def targets(self, tasks: Sequence[Task]) -> Targets:
        ways = max(map(len, tasks))
        most = max(len(names) for task in tasks for names in task.values())
        members = torch.zeros(len(tasks), ways, most, dtype=torch.long)
        counts = torch.zeros(len(tasks), ways, dtype=torch.long)
        for m, task in enumerate(tasks):
            for k, names in enumerate(task.values()):
                counts[m, k] = len(names)
                members[m, k, : len(names)] = torch.tensor([self.places[name] for name in names])
        return Targets(members.to(self.device), counts.to(self.device))

    def draw(
        self, targets: Targets, batch: int, generator: torch.Generator, move: int = 0, sharpen: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """`batch` pictures for each of M tasks (uint8, M x batch x size x size x 3) and their labels (M x batch)."""
        at, labels = self.choose(targets, batch, generator)
        return self.show(at, generator, move, sharpen), labels

    def choose(self, targets: Targets, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Which pictures these are, and their labels (M x batch). Every class is as likely as every other, and within
        a broad class every member."""

        def below(limits: Tensor) -> Tensor:
            found = (torch.rand(limits.shape, generator=generator, device=self.device) * limits).long()
            return torch.minimum(found, limits - 1)

        ways = targets.mask.sum(1, keepdim=True)
        labels = below(ways.expand(-1, batch))
        members = targets.members.gather(1, labels[..., None].expand(-1, -1, targets.members.shape[2]))
        which = below(targets.counts.gather(1, labels))
        members = members.gather(2, which[..., None])[..., 0]
        return self.firsts[members] + below(self.counts[members]), labels

    def show(self, at: Tensor, generator: torch.Generator, move: int = 0, sharpen: float = 0.0) -> Tensor:
        """The pictures with these numbers, augmented by `move` and `sharpen` unless they are features already."""
        pictures = self.pictures[at]
        if pictures.ndim == 5:
            pictures = moved(pictures, move, generator) if move else pictures
            pictures = sharpened(pictures, sharpen, generator) if sharpen else pictures
        return pictures


def moved(pictures: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Every other picture mirrored, and each shifted by up to `most` pixels up or down and left or right; what comes
    into view is its edge over again."""
    height, width = pictures.shape[-3:-1]
    flat = pictures.flatten(0, -4)

    def places(edge: int) -> Tensor:
        shift = torch.randint(-most, most + 1, (len(flat), 1), generator=generator, device=flat.device)
        return (torch.arange(edge, device=flat.device) + shift).clamp(0, edge - 1)

    rows, columns = places(height), places(width)
    mirrored = torch.rand(len(flat), 1, generator=generator, device=flat.device) < 0.5
    columns = torch.where(mirrored, columns.flip(1), columns)
    pixels = (rows[:, :, None] * width + columns[:, None, :]).flatten(1)
    return flat.flatten(1, 2).gather(1, pixels[..., None].expand(-1, -1, 3)).view(pictures.shape)


def sharpened(pictures: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """Each picture's finest detail made fainter or stronger, by up to a factor of e to the power of `most`. How sharp a
    picture is depends on how it was made small and not on what it is of; a small network would lean on it."""
    x = pictures.flatten(0, -4).movedim(-1, 1).float()
    line = x.new_tensor([0.25, 0.5, 0.25])
    soft = F.pad(x, (1, 1, 1, 1), "replicate").flatten(0, 1)[:, None]
    soft = F.conv2d(soft, (line[:, None] * line)[None, None]).view(x.shape)
    lies = 2 * torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device) - 1
    sharp = soft + (most * lies).exp() * (x - soft)
    return sharp.round().clamp(0, 255).byte().movedim(1, -1).reshape(pictures.shape)


def pretraining_data(
    blueprint: Blueprint, world: World, names: Sequence[str], device: str | torch.device
) -> tuple[Blueprint, Bank]:
    """What the generic network is trained with: as a backbone on `train` pictures alone, so that `zoo` ones are new to
    it."""
    if isinstance(blueprint, NetworkHeads):
        return blueprint.whole, Bank(world, names, ("train",), device)
    return finetuning_data(blueprint, world, names, device)


def finetuning_data(
    blueprint: Blueprint, world: World, names: Sequence[str], device: str | torch.device
) -> tuple[Blueprint, Bank]:
    """What classifiers are fine-tuned with, whole or on a frozen backbone. That may have memorised its `train`
    pictures, so its rows are trained on its features of `zoo` ones, computed once."""
    if not isinstance(blueprint, Heads):
        return blueprint, Bank(world, names, ("train", "zoo"), device)
    return blueprint.top, Bank(world, names, ("zoo",), device).features_of(blueprint)
