"""Training many classifiers at once: one of each stack of weights, each on its own task, none knowing of the others.

    start = slice_rows(blueprint, generic, names, tasks)            # the generic network's rows, one classifier a task
    weights = train_many(blueprint, start, tasks, bank, Schedule(steps=500), seed=0)

Tasks of several sizes share a stack: their rows are padded to the largest, and the padding takes no part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.blueprints.slicing import slice_rows as slice_rows  # callers still import it from here
from tina.training.resume import Progress
from tina.training.zoo.bank import Bank
from tina.training.zoo.teacher import Teacher
from tina.worlds.task import Task


@dataclass(frozen=True)
class Schedule:
    """AdamW with a short warm-up and a cosine down to next to nothing, which averages away the last steps' noise."""

    steps: int = 400
    batch: int = 32  # pictures a classifier sees in a step
    rate: float = 1e-2
    decay: float = 1e-4
    warm: float = 0.05  # share of the steps
    move: int = 0  # pictures are mirrored, and shifted by up to so many pixels
    sharpen: float = 0.0  # and their finest detail is made fainter or stronger, by up to e to the power of this

    def at(self, step: int) -> float:
        """The learning rate of a step, from 0."""
        done = (step + 1) / self.steps
        share = done / self.warm if done < self.warm else 0.5 * (1 + math.cos(math.pi * (done - self.warm)))
        return self.rate * min(1.0, share)


def compute_dtype(device: torch.device) -> torch.dtype:
    """bf16 wherever it is fast; convolutions only: weights, gradients and losses stay fp32."""
    fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu.get_capabilities().get("avx512_bf16")
    return torch.bfloat16 if fast else torch.float32


def train_many(
    blueprint: Blueprint,
    start: Weights,
    tasks: Sequence[Task],
    bank: Bank,
    schedule: Schedule,
    seed: int,
    watch: Callable[[int, Weights], None] | None = None,
    teacher: Teacher | None = None,
    progress: Progress | None = None,
) -> Weights:
    """The stack after training; `watch` is shown the step's number and the weights after every step. A teacher,
    whose classes the task's are, has the say first, and then the labels. With `progress` it may be stopped."""
    weights = {name: weight.to(bank.device).clone() for name, weight in start.items()}
    learnt = [w.requires_grad_() for name, w in weights.items() if blueprint.class_width or name in blueprint.shapes]
    generator = torch.Generator(bank.device).manual_seed(seed)
    targets = bank.targets(tasks)
    optimizer = torch.optim.AdamW(learnt, lr=schedule.rate, weight_decay=schedule.decay, fused=True)
    for step in range(progress.resume(weights, optimizer, generator) if progress else 0, schedule.steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.at(step)
        at, labels = bank.choose(targets, schedule.batch, generator)
        pictures = bank.show(at, generator, schedule.move, schedule.sharpen)
        logits = logits_many(blueprint, weights, pictures, targets.mask)
        losses = cross_entropies(logits, labels)
        if teacher:
            losses = teacher.beside(losses, logits, at, step / schedule.steps)
        losses.mean(1).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
        if progress:
            progress.keep(step + 1, weights, optimizer, generator)
        if watch:
            watch(step + 1, weights)
    return {name: weight.detach() for name, weight in weights.items()}


def losses_many(blueprint: Blueprint, weights: Weights, pictures: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """The mean cross entropy of each of M classifiers on its own uint8 pictures."""
    return cross_entropies(logits_many(blueprint, weights, pictures, mask), labels).mean(1)


def logits_many(blueprint: Blueprint, weights: Weights, pictures: Tensor, mask: Tensor) -> Tensor:
    """M x B x K, of each of M classifiers on its own uint8 pictures; padding can be no answer."""
    x = blueprint.scale(pictures, compute_dtype(pictures.device))
    return blueprint.forward_many(weights, x).masked_fill(~mask[:, None], -math.inf)


def cross_entropies(logits: Tensor, labels: Tensor) -> Tensor:
    """M x B."""
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape)


@torch.no_grad()
def correct_many(
    blueprint: Blueprint, weights: Weights, pictures: Tensor, labels: Tensor, mask: Tensor | None = None
) -> Tensor:
    """M x B, whether each of M classifiers is right about each of its own uint8 pictures; computed in fp32."""
    logits = blueprint.forward_many(weights, blueprint.scale(pictures))
    if mask is not None:
        logits = logits.masked_fill(~mask[:, None], -math.inf)
    return logits.argmax(2) == labels
