"""The transformer learns what closed form misses: a small difference of each row, judged by pictures it was not shown.

    train(tina, sources, shares, seconds=120)

Two losses. Denoising: tokens are what is left between closed form's row and the one that all pictures of a class would
make; the transformer predicts them from noise of any strength. Working: the rows it predicts, after some rounds of
logistic regression on the shown pictures, have to tell other pictures apart. The difference is kept small, as what can
be learnt of a few sets is soon learnt by heart.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.generator.tower.logistic import fit_rows
from tina.generator.tower.reading import Reading, read
from tina.generator.tower.tina import TowerTina
from tina.training import processes
from tina.training.resume import Checkpointer, Progress
from tina.training.schedule import set_rate, warmup_cosine
from tina.training.tower.data import TaskSource
from tina.training.tower.tasks import Batch, TaskSampler

KEPT_EVERY = 20.0  # seconds between saves of a training that is kept


class Sampler(Protocol):
    """Draws tasks."""

    def batch(self) -> Batch:
        """The next ones."""
        ...


@dataclass(frozen=True)
class TowerTraining:
    """How the transformer on a tower is trained; chosen with one group of sets left out, each in turn."""

    rate: float = 1e-3
    weight_decay: float = 0.02
    together: int = 6  # tasks a step
    denoising: float = 0.2  # weight of that loss beside the working loss
    small: float = 0.15  # of the difference's mean square
    rounds: int = 12  # of logistic regression under the working loss, in steps of
    rate_of_rounds: float = 2.0
    average: float = 0.995  # of the weights that are kept
    warmup: float = 0.03


@torch.enable_grad()
def train(
    tina: TowerTina,
    sources: Sequence[TaskSource],
    shares: Sequence[float],
    seconds: float,
    how: TowerTraining | None = None,
    seed: int = 0,
    steps: int | None = None,
    progress: Callable[[float], None] | None = None,
    sampler: Sampler | None = None,
    keep: Path | None = None,
) -> list[float]:
    """Train reader and network in place.

    Args:
        tina: with everything else fitted.
        sources: sets to draw tasks from.
        shares: how often each is drawn.
        seconds: how long.
        how: settings.
        seed: of tasks, noise and dropout.
        steps: how many steps instead of seconds.
        progress: is told the share that is done, instead of lines on stderr.
        sampler: of other tasks than `sources` give by themselves.
        keep: a file in which the training is kept now and then: stopped and called again, it goes on exactly. It needs
            `steps`.

    Returns:
        The working loss of every step.
    """
    how = how or TowerTraining()
    torch.manual_seed(seed)
    sampler = sampler or TaskSampler(sources, shares, seed, how.together)
    learner = nn.ModuleList([tina.reader, tina.network]).train()
    average = copy.deepcopy(learner.state_dict())
    optimizer = torch.optim.AdamW(learner.parameters(), lr=how.rate, weight_decay=how.weight_decay)
    tensors = {f"network/{name}": part for name, part in learner.state_dict().items()}
    tensors |= {f"average/{name}": part for name, part in average.items()}
    checkpointer = Checkpointer(keep, tensors, optimizer, every=KEPT_EVERY) if keep else None
    begin, losses, step = time.monotonic(), [], checkpointer.load().step if checkpointer else 0
    for _ in range(step):
        sampler.batch()  # the same tasks as before
    done = step / steps if steps else 0.0
    while done < 1:
        if keep:
            torch.manual_seed(seed * 1_000_003 + step * processes.count() + processes.rank())
        batch = processes.share_of(sampler.batch())
        set_rate(optimizer, how.rate * warmup_cosine(done, how.warmup))
        working, rest = _losses(tina, batch, how)
        optimizer.zero_grad()
        (working + rest).backward()
        processes.average_gradients(learner)
        nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimizer.step()
        step += 1
        decay = min(how.average, step / (step + 20))
        for name, tensor in learner.state_dict().items():
            average[name].lerp_(tensor, 1 - decay)
        losses.append(float(working.detach()))
        done = step / steps if steps else (time.monotonic() - begin) / seconds
        if checkpointer and processes.is_main() and checkpointer.due():
            checkpointer.save(Progress(step))
        if progress:
            progress(min(1.0, done))
        elif step % 200 == 0:
            print(f"step {step}, {done:.0%}: working {sum(losses[-200:]) / 200:.3f}", file=sys.stderr)
    learner.load_state_dict(average)
    tina.eval()
    return losses


def _losses(tina: TowerTina, batch: Batch, how: TowerTraining) -> tuple[Tensor, Tensor]:
    """The working loss, and the others weighted."""
    shown = batch.shown
    with torch.no_grad():
        reading = read(shown, tina.settings)
        clean = tokens_of(tina, reading, batch.means, batch.difference)  # (M, K, Q)
        t = tina.schedule.times(len(clean))
        empty = clean.new_zeros(len(clean), 0, 0)
        noisy = tina.schedule.add_noise((empty, clean), (empty, torch.randn_like(clean)), t)[1]
    _, found = tina.network(empty, noisy, t, tina.reader(shown, reading), shown.described)
    rows = tina.add_difference(found, shown, reading)
    if bool(shown.pictured.any()):
        settings = tina.settings
        fitted = (settings.heat, settings.decay, how.rate_of_rounds, how.rounds)
        rows = fit_rows(rows, reading.pictures, shown.shown, shown.described, *fitted)
    logits = logits_of(tina, rows, reading, shown.pictured, batch.tested)
    working = F.cross_entropy(logits.flatten(0, 1), batch.labels.flatten())
    return working, how.denoising * F.mse_loss(found, clean) + how.small * found.square().mean()


def tokens_of(tina: TowerTina, reading: Reading, means: Tensor, difference: Tensor | None = None) -> Tensor:
    """The difference that a perfect writer would write, (M, K, Q): what a zoo's classifiers added (M, K, F), where
    there is one, or what is missing to the means of all pictures (M, K, F)."""
    if difference is None:
        pictured = reading.centre.any(1)[:, None, None]
        centre = torch.where(pictured, reading.centre[:, None], means.mean(1, keepdim=True))
        perfect = F.normalize(means - centre, dim=2)
        difference = perfect - torch.where(pictured, F.normalize(reading.rows, dim=2), reading.names)
    return tina.settings.difference_scale * difference @ tina.reader.axes.mT


def logits_of(
    tina: TowerTina, rows: Tensor, reading: Reading, pictured: Tensor, tested: tuple[Tensor, Tensor]
) -> Tensor:
    """(M, T, K), at the heat that the prompt's temperature is fitted from."""
    z, u = tested
    on_z = F.normalize(z - reading.centre[:, None], dim=2) @ rows.mT
    on_u = u @ (reading.plain * reading.plain_weight[..., None]).mT
    louder = torch.where(pictured, tina.settings.picture_heat, 1.0)[:, None, None]
    return tina.settings.heat * louder * (on_z + on_u)
