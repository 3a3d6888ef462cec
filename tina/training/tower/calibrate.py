"""What a classifier may say of itself: how sure it is, and from where on a picture is of none of its classes.

    calibrate(tina, sources, seed=0)      # in place: temperature, then the level of "something else"

Both are fitted on classifiers of made-up tasks: the temperature by the cross-entropy of pictures that were not shown,
the level by telling these from pictures of other classes and of other sets. The classifiers are what closed form makes
of a task: the transformer has learnt from these very pictures, and what it writes for them is better than for others.
For the same reason a source should have features that were fitted without its group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.tower.reading import read
from tina.generator.tower.temperature import EVIDENCE, OfPrompt, evidence
from tina.generator.tower.tina import TowerTina
from tina.training.tower.data import TaskSource
from tina.training.tower.tasks import TaskSampler
from tina.training.tower.train import logits_of

BATCHES = 240
ROUNDS, RATE, DECAY = 150, 0.05, 3e-3
WAYS = 10  # logits are padded to so many
NEVER = -1e4  # a logit that wins nothing


@dataclass(frozen=True)
class _Answers:
    """Of N classifiers, at a temperature of one."""

    evidence: Tensor  # (N, EVIDENCE)
    logits: Tensor  # (N, T, WAYS): of pictures of their classes
    labels: Tensor  # (N, T); -1 for padding
    others: Tensor  # (N, R): the largest logit of pictures of none of their classes


@torch.enable_grad()
def calibrate(tina: TowerTina, sources: Sequence[TaskSource], seed: int = 0, batches: int = BATCHES) -> None:
    """Fits `tina.temperature` and `tina.other_level`.

    Args:
        tina: trained.
        sources: sets to draw tasks from, each as often as another; names that say nothing count, too.
        seed: of the tasks.
        batches: of them.
    """
    named = [replace(source, named=True) for source in sources]
    found = _gather(tina, TaskSampler(named, [1.0] * len(sources), seed), batches)

    def unsure(log_heat: Tensor) -> Tensor:
        logits = found.logits * log_heat.exp()[:, None, None]
        return F.cross_entropy(logits.flatten(0, 1), found.labels.flatten(), ignore_index=-1)

    _fit(tina.temperature, found.evidence, unsure)
    heat = tina.settings.heat * tina.temperature.of(found.evidence).exp()[:, None]  # logits are `heat` times products
    known = found.logits.amax(2) / tina.settings.heat  # (N, T)
    there = (found.labels >= 0).float()

    def mistaken(level: Tensor) -> Tensor:
        """Both kinds of pictures weigh the same."""
        of_known = F.softplus(heat * (level[:, None] - known)) * there
        of_others = F.softplus(heat * (found.others / tina.settings.heat - level[:, None]))
        return of_known.sum() / there.sum() + of_others.mean()

    _fit(tina.other_level, found.evidence, mistaken)


def _fit(function: OfPrompt, x: Tensor, loss: Callable[[Tensor], Tensor]) -> None:
    """Weights of evidence x (N, EVIDENCE), by gradient descent on a loss of the function's values."""
    function.mean.copy_(x.mean(0))
    function.scale.copy_(x.std(0) + 1e-3)
    x = torch.cat([(x - function.mean) / function.scale, torch.ones(len(x), 1)], dim=1)
    weights = torch.zeros(EVIDENCE + 1, requires_grad=True)
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
    rows, logits, labels, others = [], [], [], []
    for _ in range(batches):
        batch = sampler.batch()
        reading = read(batch.shown, tina.settings)
        nothing = torch.zeros(*batch.shown.mask.shape, tina.network.config.class_width)
        written = tina.fit_shown(tina.add_difference(nothing, batch.shown, reading), batch.shown, reading)
        rows.append(evidence(batch.shown, reading))
        found = logits_of(tina, written, reading, batch.shown.pictured, batch.tested)  # (M, T, K)
        logits.append(F.pad(found, (0, WAYS - found.shape[2]), value=NEVER))
        labels.append(batch.labels)
        others.append(logits_of(tina, written, reading, batch.shown.pictured, batch.others).amax(2))
    most = max(part.shape[1] for part in labels)
    return _Answers(
        torch.cat(rows),
        torch.cat([F.pad(part, (0, 0, 0, most - part.shape[1]), value=NEVER) for part in logits]),
        torch.cat([F.pad(part, (0, most - part.shape[1]), value=-1) for part in labels]),
        torch.cat(others),
    )
