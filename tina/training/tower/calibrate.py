"""The temperature by the prompt: fitted so that probabilities are what they say, on pictures that were not shown.

fit_temperature(tina, sources, seed=0)      # in place; logistic regression's one number, as a function of the prompt
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.tower.reading import read
from tina.generator.tower.temperature import EVIDENCE, evidence
from tina.generator.tower.tina import TowerTina
from tina.training.tower.data import TaskSource
from tina.training.tower.tasks import TaskSampler
from tina.training.tower.train import logits_of

BATCHES = 240
ROUNDS, RATE, DECAY = 150, 0.05, 3e-3
WAYS = 10  # logits are padded to so many


@torch.no_grad()
def _gather(tina: TowerTina, sampler: TaskSampler, batches: int) -> tuple[Tensor, Tensor, Tensor]:
    """Evidence (N, EVIDENCE), logits (N, T, WAYS) and labels (N, T; -1 for padding) of many made-up tasks."""
    rows, logits, labels = [], [], []
    for number in range(batches):
        batch = sampler.batch()
        reading = read(batch.shown, tina.settings)
        difference = tina.denoise(batch.shown, reading, [number] * len(batch.labels), tina.sampling())
        written = tina.fit_shown(tina.add_difference(difference, batch.shown, reading), batch.shown, reading)
        rows.append(evidence(batch.shown, reading))
        found = logits_of(tina, written, reading, batch.shown.pictured, batch.tested)  # (M, T, K)
        wanting = WAYS - found.shape[2]
        logits.append(F.pad(found, (0, wanting), value=-1e4))
        labels.append(batch.labels)
    most = max(part.shape[1] for part in labels)
    logits = [F.pad(part, (0, 0, 0, most - part.shape[1])) for part in logits]
    labels = [F.pad(part, (0, most - part.shape[1]), value=-1) for part in labels]
    return torch.cat(rows), torch.cat(logits), torch.cat(labels)


@torch.enable_grad()
def fit_temperature(tina: TowerTina, sources: Sequence[TaskSource], seed: int = 0, batches: int = BATCHES) -> None:
    """Sets the temperature's weights by the cross-entropy of many tasks of the sources, each as often as another.

    Args:
        tina: trained.
        sources: sets to draw tasks from.
        seed: of the tasks.
        batches: of them.
    """
    x, logits, labels = _gather(tina, TaskSampler(sources, [1.0] * len(sources), seed), batches)
    temperature = tina.temperature
    temperature.mean.copy_(x.mean(0))
    temperature.scale.copy_(x.std(0) + 1e-3)
    x = torch.cat([(x - temperature.mean) / temperature.scale, torch.ones(len(x), 1)], dim=1)
    weights = torch.zeros(EVIDENCE + 1, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=RATE)
    for _ in range(ROUNDS):
        heat = (x @ weights).clamp(-2, 2).exp()[:, None, None]
        loss = F.cross_entropy((logits * heat).flatten(0, 1), labels.flatten(), ignore_index=-1)
        loss = loss + DECAY * weights[:-1].square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    temperature.weights.copy_(weights.detach())
