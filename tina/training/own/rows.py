"""Closed form of one's own classes: one logistic regression over all of them, and how sure its classifiers may be.

    rows, means = fit_learnt(z, labels, classes, settings)

On pictures as `reading.py` centres them, without a bias and every class weighing the same; of a row only its direction
is kept. So a prompt of a few of the classes gets rows that tell all of them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.tower.learnt import HEAT_LIMIT, LearntClasses
from tina.generator.tower.settings import TowerSettings

DECAY = 1e-3  # of the regression, by the pictures kept aside of four folders
ROUNDS = 60
SURE_ROUNDS = 100
MISSED = 0.1  # of pictures of its classes so many may be said to be of none of them


@torch.enable_grad()
def fit_learnt(
    z: Tensor, labels: Tensor, classes: int, settings: TowerSettings, rounds: int = ROUNDS
) -> tuple[Tensor, Tensor]:
    """Unit rows (C, F) and means of z (C, F).

    Args:
        z: (N, F), of pictures to learn from.
        labels: (N,), from 0 to C - 1.
        classes: C; a class without pictures gets zeros.
        settings: how pictures are centred, and the heat.
        rounds: of L-BFGS.
    """
    counts = torch.bincount(labels, minlength=classes).clamp(min=1)
    z = z.double()  # in single precision the search ends elsewhere whenever a feature is rounded otherwise
    means = z.new_zeros(classes, z.shape[1]).index_add(0, labels, z) / counts[:, None]
    x = settings.heat * F.normalize(z - settings.centring * means.mean(0), dim=1)
    weight = 1 / counts.double()
    rows = torch.zeros_like(means, requires_grad=True)
    optimizer = torch.optim.LBFGS([rows], max_iter=rounds, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        found = F.cross_entropy(x @ rows.mT, labels, weight=weight) + DECAY * rows.square().sum()
        found.backward()
        return found

    optimizer.step(loss)
    return F.normalize(rows.detach(), dim=1).float(), means.float()


def folds_of(labels: Tensor, count: int) -> Tensor:
    """(N,): a fold for each picture, every class spread over all of them."""
    place = torch.zeros_like(labels)
    for k in labels.unique():
        at = (labels == k).nonzero()[:, 0]
        place[at] = torch.arange(len(at)) % count
    return place


@torch.enable_grad()
def fit_sureness(learnt: LearntClasses, answers: Sequence[tuple[Tensor, Tensor]], heat: float) -> float:
    """The temperature of prompts of learnt names, by the cross-entropy of pictures that their rows were not fitted on,
    and the level under which a picture is of none of the classes: in place.

    Args:
        learnt: of a checkpoint.
        answers: logits (T, K) and labels (T,) of tasks, at a temperature of one.
        heat: what products were multiplied by in them.

    Returns:
        The cross-entropy.
    """
    found = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.Adam([found], lr=0.05)
    loss = torch.zeros(())
    for _ in range(SURE_ROUNDS):
        losses = []
        for logits, labels in answers:
            ways = torch.tensor(float(logits.shape[1])).log()
            log_heat = (found[0] + found[1] * ways).clamp(-HEAT_LIMIT, HEAT_LIMIT)
            losses.append(F.cross_entropy(log_heat.exp() * logits, labels))
        loss = torch.stack(losses).mean() + 1e-2 * found[1].square()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    learnt.temperature.copy_(found.detach())
    learnt.level.copy_(torch.cat([logits.amax(1) for logits, _ in answers]).div(heat).quantile(MISSED))
    return float(loss.detach())
