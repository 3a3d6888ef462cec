"""What a classifier may say of itself: how sure it is, and from where on a picture is of none of its classes.

    calibrate(tina, sources, seed=0)      # in place: temperature, then the level of "something else"

Both are fitted on classifiers of made-up tasks: the temperature by the cross-entropy of pictures that were not shown,
the level as the quantile of these that may be missed. (A level that tells them best from pictures of other classes and
other sets misses half of the known ones of a set that it does not know.) The classifiers are what closed form makes
of a task: the transformer has learnt from these very pictures, and what it writes for them is better than for others.
For the same reason a source should have features that were fitted without its group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.tower.reading import read
from tina.generator.tower.temperature import OfPrompt
from tina.generator.tower.tina import TowerTina
from tina.training.tower.data import TaskSource
from tina.training.tower.tasks import TaskSampler
from tina.training.tower.train import logits_of

BATCHES = 240
ROUNDS, RATE, DECAY = 150, 0.05, 3e-3
MISSED = 0.1  # of pictures of its classes so many may be said to be of none of them
FROM_ONE = (1, 1, 2, 3, 5, 10)  # classes: one and "something else" is a prompt, too, and a frequent one
NEVER = -1e4  # a logit that wins nothing


@dataclass(frozen=True)
class _Answers:
    """Of N classifiers, at a temperature of one."""

    temperature: Tensor  # (N, EVIDENCE)
    level: Tensor  # (N, LEVEL_EVIDENCE)
    logits: Tensor  # (N, T, K): of pictures of their classes
    labels: Tensor  # (N, T); -1 for padding


@torch.enable_grad()
def calibrate(tina: TowerTina, sources: Sequence[TaskSource], seed: int = 0, batches: int = BATCHES) -> None:
    """Fits `tina.temperature` and `tina.other_level`.

    Args:
        tina: trained.
        sources: sets to draw tasks from, each group of them as often as another; names that say nothing count, too, for
            the temperature.
        seed: of the tasks.
        batches: of them.
    """
    named = [replace(source, named=True) for source in sources]
    groups = Counter(source.group for source in sources)
    shares = [1 / groups[source.group] for source in sources]
    found = _gather(tina, TaskSampler(named, shares, seed), batches)

    def unsure(log_heat: Tensor) -> Tensor:
        logits = found.logits * log_heat.exp()[:, None, None]
        return F.cross_entropy(logits.flatten(0, 1), found.labels.flatten(), ignore_index=-1)

    _fit(tina.temperature, found.temperature, unsure)
    of_any = _gather(tina, TaskSampler(sources, shares, seed, ways=FROM_ONE), batches)
    nearest = of_any.logits.amax(2) / tina.settings.heat  # (N, T): logits are `heat` times products
    there = (of_any.labels >= 0).float()

    def off(level: Tensor) -> Tensor:
        """The quantile's loss: every classifier weighs the same."""
        above = nearest - level[:, None]
        loss = torch.where(above > 0, MISSED * above, (MISSED - 1) * above) * there
        return (loss.sum(1) / there.sum(1).clamp(min=1)).mean()

    _fit(tina.other_level, of_any.level, off)


def _fit(function: OfPrompt, x: Tensor, loss: Callable[[Tensor], Tensor]) -> None:
    """Weights of evidence x, a row for each classifier, by gradient descent on a loss of the function's values."""
    function.mean.copy_(x.mean(0))
    function.scale.copy_(x.std(0) + 1e-3)
    x = torch.cat([(x - function.mean) / function.scale, torch.ones(len(x), 1)], dim=1)
    weights = torch.zeros(x.shape[1], requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=RATE)
    limit = float(function.limit)
    for _ in range(ROUNDS):
        total = loss((x @ weights).clamp(-limit, limit)) + DECAY * weights[:-1].square().sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    function.weights.copy_(weights.detach())


@torch.no_grad()
def _gather(tina: TowerTina, sampler: TaskSampler, batches: int) -> _Answers:
    of_temperature, of_level, logits, labels = [], [], [], []
    for _ in range(batches):
        batch = sampler.batch()
        reading = read(batch.shown, tina.settings)
        nothing = torch.zeros(*batch.shown.mask.shape, tina.network.config.class_width)
        written = tina.fit_shown(tina.add_difference(nothing, batch.shown, reading), batch.shown, reading)
        of_temperature.append(tina.temperature.evidence(batch.shown, reading))
        of_level.append(tina.other_level.evidence(batch.shown, reading))
        found = logits_of(tina, written, reading, batch.shown.pictured, batch.tested)  # (M, T, K)
        logits.append(F.pad(found, (0, max(sampler.ways) - found.shape[2]), value=NEVER))
        labels.append(batch.labels)
    most = max(part.shape[1] for part in labels)
    return _Answers(
        torch.cat(of_temperature),
        torch.cat(of_level),
        torch.cat([F.pad(part, (0, 0, 0, most - part.shape[1]), value=NEVER) for part in logits]),
        torch.cat([F.pad(part, (0, most - part.shape[1]), value=-1) for part in labels]),
    )
