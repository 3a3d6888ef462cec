"""Several processes on one training (torchrun): who is who, and the few things that they do together.

    begin()                                   # once; nothing happens where there is one process only
    batch = share_of(batch)                   # of the tasks of a step, this process's
    average_gradients(network)

Each process takes part of the pictures, of the zoo and of every step's tasks. Closed form and zoo are the same as one
process's; the transformer sees the same tasks, but noise and dropout are each process's own, so that its weights differ
from one process's as those of another seed do. The same number of processes gives the same weights.
"""

from __future__ import annotations

import os
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn

from tina.training.tower.tasks import Batch

PATIENCE = timedelta(hours=2)  # for the slowest of them


def begin() -> None:
    """Finds the others, where torchrun started some."""
    if int(os.environ.get("WORLD_SIZE", 1)) > 1 and not dist.is_initialized():
        dist.init_process_group("gloo", timeout=PATIENCE)


def end() -> None:
    """Nobody hangs up while another is still busy."""
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    """How many there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def is_main() -> bool:
    """Whether this is the one that speaks and writes."""
    return rank() == 0


def wait() -> None:
    """For all others."""
    if dist.is_initialized():
        dist.barrier()


def share_of(batch: Batch) -> Batch:
    """This process's part of a step's tasks."""
    if count() == 1:
        return batch
    tasks = len(batch.labels)
    return batch.part(slice(rank() * tasks // count(), (rank() + 1) * tasks // count()))


def average_gradients(module: nn.Module) -> None:
    """Over all processes, in place."""
    if count() == 1:
        return
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in module.parameters()]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    parts = (flat / count()).split([gradient.numel() for gradient in gradients])
    for parameter, part in zip(module.parameters(), parts, strict=True):
        parameter.grad = part.view_as(parameter)
