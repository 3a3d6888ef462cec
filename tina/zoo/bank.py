"""The pictures of a world in memory, and batches of them for many tasks at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tina.worlds import World

from .tasks import Task


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
    def __init__(self, world: World, names: Sequence[str], splits: Sequence[str], device: str | torch.device = "cpu"):
        parts = [np.concatenate([world.pictures(split, name) for split in splits]) for name in names]
        self.places = {name: i for i, name in enumerate(names)}
        self.pictures = torch.from_numpy(np.concatenate(parts)).to(device)  # uint8, N x size x size x 3
        self.counts = torch.tensor([len(part) for part in parts], device=device)
        self.firsts = self.counts.cumsum(0) - self.counts

    @property
    def device(self) -> torch.device:
        return self.pictures.device

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

    def draw(self, targets: Targets, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """`batch` pictures for each of M tasks (uint8, M x batch x size x size x 3) and their labels (M x batch).

        Every class is as likely as every other, and within a broad class every member.
        """

        def below(limits: Tensor) -> Tensor:
            found = (torch.rand(limits.shape, generator=generator, device=self.device) * limits).long()
            return torch.minimum(found, limits - 1)

        ways = targets.mask.sum(1, keepdim=True)
        labels = below(ways.expand(-1, batch))
        members = targets.members.gather(1, labels[..., None].expand(-1, -1, targets.members.shape[2]))
        which = below(targets.counts.gather(1, labels))
        members = members.gather(2, which[..., None])[..., 0]
        return self.pictures[self.firsts[members] + below(self.counts[members])], labels
