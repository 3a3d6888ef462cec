"""Training many classifiers at once: one of each stack of weights, each on its own task, none knowing of the others.

    start = slice_rows(blueprint, generic, names, tasks)            # the generic network's rows, one classifier a task
    weights = train_many(blueprint, start, tasks, bank, TrainSchedule(steps=500), seed=0)

Tasks of several sizes share a stack: their rows are padded to the largest, and the padding takes no part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.blueprints.heads import Heads
from tina.blueprints.residual import Residual
from tina.training.resume import Checkpointer, Progress
from tina.training.schedule import TrainSchedule, set_rate
from tina.training.zoo.bank import Bank
from tina.training.zoo.teacher import Teacher
from tina.worlds.task import Task

NETWORKS = TrainSchedule(steps=2000, batch=32, rate=1e-2)  # longer gains next to nothing
PHOTO_NETWORKS = TrainSchedule(steps=2000, batch=32, rate=3e-3, move=2, sharpen=1.0)  # as their generic network's
HEADS = TrainSchedule(steps=100, batch=32, rate=1e-3)  # on a backbone; longer, they learn their few pictures by heart


def finetune_schedule(blueprint: Blueprint) -> TrainSchedule:
    """What is best for fine-tuning one classifier of a kind, judged by pictures of seen classes that it was not
    trained on."""
    if isinstance(blueprint, Heads):
        return HEADS
    return PHOTO_NETWORKS if isinstance(blueprint, Residual) else NETWORKS


def compute_dtype(device: torch.device) -> torch.dtype:
    """bf16 wherever it is fast; convolutions only: weights, gradients and losses stay fp32."""
    fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu.get_capabilities().get("avx512_bf16")
    return torch.bfloat16 if fast else torch.float32


def train_many(
    blueprint: Blueprint,
    start: Weights,
    tasks: Sequence[Task],
    bank: Bank,
    schedule: TrainSchedule,
    seed: int,
    watch: Callable[[int, Weights], None] | None = None,
    teacher: Teacher | None = None,
    state: Path | None = None,
) -> Weights:
    """A stack of classifiers after training, from the stack `start`, one for each of `tasks`, on pictures of `bank`.

    watch: is called with the step's number, from 1, and the weights after every step.
    teacher: gives soft labels for the first part of the steps; the task has to have all its classes.
    state: a file in which the training is kept now and then, so that it may be stopped and gone on with.
    """
    weights = start
    for number, weights in training_steps(blueprint, start, tasks, bank, schedule, seed, teacher, state):
        if watch:
            watch(number, weights)
    return {name: weight.detach().to(bank.device) for name, weight in weights.items()}


def training_steps(
    blueprint: Blueprint,
    start: Weights,
    tasks: Sequence[Task],
    bank: Bank,
    schedule: TrainSchedule,
    seed: int,
    teacher: Teacher | None = None,
    state: Path | None = None,
) -> Iterator[tuple[int, Weights]]:
    """`train_many` step by step: the step's number, from 1, and the weights after it, which the next step changes."""
    weights = {name: weight.to(bank.device).clone() for name, weight in start.items()}
    learnt = [w.requires_grad_() for name, w in weights.items() if blueprint.class_width or name in blueprint.shapes]
    generator = torch.Generator(bank.device).manual_seed(seed)
    targets = bank.targets(tasks)
    optimizer = torch.optim.AdamW(learnt, lr=schedule.rate, weight_decay=schedule.decay, fused=True)
    checkpointer = Checkpointer(state, weights, optimizer, generator) if state else None
    for step in range(checkpointer.load().step if checkpointer else 0, schedule.steps):
        set_rate(optimizer, schedule.at(step))
        at, labels = bank.choose(targets, schedule.batch, generator)
        pictures = bank.show(at, generator, schedule.move, schedule.sharpen)
        logits = logits_many(blueprint, weights, pictures, targets.mask)
        losses = cross_entropies(logits, labels)
        if teacher:
            losses = teacher.blend(losses, logits, at, step / schedule.steps)
        losses.mean(1).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
        if checkpointer and checkpointer.due():
            checkpointer.save(Progress(step + 1))
        yield step + 1, weights


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
