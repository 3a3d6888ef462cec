"""A mixture of experts in the manner of TAPER, which Li, Gao & Wu compare "Text-to-Model" with: a few networks, each
good at some classes, and a mixer that gives each prompt a share of each one's weights.

An expert is the generic network fine-tuned on a cluster of classes with near names; of others it keeps the rows as
they were. The mixer is a linear map and a softmax, fitted to the tasks of the zoo: the mixed classifiers have to work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import HEAD, Blueprint, Weights
from tina.blueprints.heads import Heads
from tina.blueprints.slicing import slice_rows
from tina.errors import UserError
from tina.research.judge.workbench import Workbench
from tina.training.schedule import TrainSchedule, set_rate
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import finetune_schedule, losses_many, train_many
from tina.worlds.task import Task, plain_task

EXPERTS = 6
TUNING = TrainSchedule(steps=2000, batch=64, rate=1e-2)  # of the experts, which have more classes each than a task has
FITTING = TrainSchedule(steps=300, batch=32, rate=3e-2)  # of the mixer
TASKS = 8  # of the zoo in a step of that
ROUNDS = 20  # of clustering; it stands still long before


@dataclass(frozen=True)
class Mixture:
    blueprint: Blueprint  # what the experts are classifiers of
    names: list[str]
    experts: list[Weights]  # with a row for every name
    prompt_mean: Tensor  # E, over the zoo
    mixer: Tensor  # experts x (E + 1)

    def shares(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """M x experts, of each prompt."""
        means = F.normalize(_means(vectors, mask) - self.prompt_mean, dim=1)
        return F.linear(means.to(self.mixer.device), self.mixer[:, :-1], self.mixer[:, -1]).softmax(1)

    def mixed(self, tasks: Sequence[Task], shares: Tensor) -> Weights:
        stacks = [slice_rows(self.blueprint, expert, self.names, tasks) for expert in self.experts]
        return {
            name: sum(
                share.view(-1, *[1] * (stack[name].ndim - 1)) * stack[name]
                for share, stack in zip(shares.T, stacks, strict=True)
            )
            for name in stacks[0]
        }


def mixture_of_experts(bench: Workbench, tasks: Sequence[Task]) -> Weights:
    mixture = fit(bench)
    with torch.no_grad():
        return mixture.mixed(tasks, mixture.shares(*bench.vectors(tasks)))


@lru_cache(maxsize=1)  # it is the same for every split of a table
def fit(bench: Workbench, tuning: TrainSchedule | None = None, fitting: TrainSchedule = FITTING) -> Mixture:
    if bench.zoo is None:
        raise UserError("This method needs the zoo's tasks: say --zoo FOLDER (python -m tina recipe builds one).")
    tuning = tuning or _tuning_of(bench.tina.blueprint)
    names = bench.tina.names
    blueprint, bank = finetuning_data(bench.tina.blueprint, bench.world, names, bench.tina.device)
    of_names = bench.prompt_sampler.sample([plain_task(names)], "names")[0]
    numbers = cluster(of_names, min(EXPERTS, len(names)))
    clusters = [plain_task([names[i] for i in (numbers == n).nonzero()[:, 0]]) for n in range(int(numbers.max()) + 1)]
    start = slice_rows(blueprint, bench.generic, names, clusters)
    stack = train_many(blueprint, start, clusters, bank, tuning, bench.seed)
    experts = []
    for n, members in enumerate(clusters):
        expert = {name: stack[name][n] for name in blueprint.shapes}
        at = [names.index(name) for name in members]
        for name in HEAD:
            rows = bench.generic[name].to(bank.device).clone()
            rows[at] = stack[name][n, : len(at)]
            expert[name] = rows
        experts.append(expert)

    mixer = torch.zeros(len(experts), of_names.shape[1] + 1, device=bank.device, requires_grad=True)
    prompt_mean = _means(*bench.vectors(bench.zoo.tasks)).mean(0)
    mixture = Mixture(blueprint, names, experts, prompt_mean, mixer)
    optimizer = torch.optim.Adam([mixer], lr=fitting.rate)
    of_tasks = torch.Generator().manual_seed(bench.seed)
    of_pictures = torch.Generator(bank.device).manual_seed(bench.seed)
    for step in range(fitting.steps):
        set_rate(optimizer, fitting.at(step))
        at = torch.randint(len(bench.zoo.tasks), (TASKS,), generator=of_tasks)
        tasks = [bench.zoo.tasks[i] for i in at]
        targets = bank.targets(tasks)
        weights = mixture.mixed(tasks, mixture.shares(*bench.vectors(tasks)))
        pictures, labels = bank.draw(targets, fitting.batch, of_pictures, tuning.move, tuning.sharpen)
        losses_many(blueprint, weights, pictures, labels, targets.mask).mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    mixer.requires_grad_(False)
    return mixture


def _tuning_of(blueprint: Blueprint) -> TrainSchedule:
    """A whole network's experts are fine-tuned as its classifiers are, but on more pictures at a time."""
    return TUNING if isinstance(blueprint, Heads) else replace(finetune_schedule(blueprint), batch=TUNING.batch)


def _means(vectors: Tensor, mask: Tensor) -> Tensor:
    return vectors.sum(1) / mask.sum(1, keepdim=True)


def cluster(vectors: Tensor, count: int) -> Tensor:
    """Which of `count` clusters each of N unit vectors is in, N: k-means on the sphere from centres far apart."""
    centres = vectors[:1]
    while len(centres) < count:
        centres = torch.cat([centres, vectors[(vectors @ centres.T).amax(1).argmin()][None]])
    for _ in range(ROUNDS):
        found = (vectors @ centres.T).argmax(1)
        sums = torch.zeros_like(centres).index_add(0, found, vectors)
        centres = torch.where(sums.any(1, keepdim=True), F.normalize(sums, dim=1), centres)
    return (vectors @ centres.T).argmax(1).unique(return_inverse=True)[1]
