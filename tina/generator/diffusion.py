"""Noise onto tokens for training, and off them again for sampling. The one place that knows `diffusers`.

    schedule = NoiseSchedule()
    t = schedule.times(len(shared))                             # training: a time for every element of the batch
    noisy = schedule.add_noise((shared, classes), (e_shared, e_classes), t)

    def predict(noisy, t): ...                                  # (shared, classes), t -> the clean (shared, classes)
    for step in sample_steps(predict, schedule, (S, D), (K, C), seeds=[7, 8], steps=20):
        ...                                                     # the last step's estimate is the answer

All three samplers are DPM-Solver++ (Lu et al., arXiv 2211.01095): its first order is DDIM, its first order with fresh
noise at every step is DDPM, its second order is what the name usually means. Of the three in `diffusers` only this one
goes from any timestep of any list to the next of that list, and takes noise from outside.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from tina.errors import UserError

Tokens = tuple[Tensor, Tensor]  # shared B x S x D, classes B x K x C
Predict = Callable[[Tokens, Tensor], Tokens]  # noisy tokens, t (B) -> estimate of the clean tokens

SCHEDULES = {"linear": "linear", "cosine": "squaredcos_cap_v2"}  # ours -> the name in diffusers
_SOLVERS = {
    "ddpm": {"algorithm_type": "sde-dpmsolver++", "solver_order": 1},
    "ddim": {"algorithm_type": "dpmsolver++", "solver_order": 1},
    "dpm": {"algorithm_type": "dpmsolver++", "solver_order": 2},
}
SAMPLERS = tuple(_SOLVERS)


@dataclass(frozen=True)
class SamplingSettings:
    """Defaults of sampling. Steps and sampler were chosen by `python -m tina table` in a rehearsal: more steps gain
    nothing, judged by `zoo` pictures."""

    steps: int = 3
    sampler: str = "dpm"
    temperature: float = (
        0.3  # of the noise: at 1 classifiers vary as the zoo's do, also in what fine-tuning left to chance
    )


@dataclass(frozen=True)
class NoiseSchedule:
    """How much noise there is at which time: hardly any at 0, almost nothing else at `steps` - 1."""

    steps: int = 1000
    schedule: str = "linear"

    def __post_init__(self) -> None:
        if self.schedule not in SCHEDULES:
            raise UserError(f"There is no noise schedule {self.schedule!r}: it is one of {', '.join(SCHEDULES)}.")

    def times(self, count: int, generator: torch.Generator | None = None) -> Tensor:
        """A time of its own for each of `count` elements."""
        return torch.randint(self.steps, (count,), generator=generator)

    def add_noise(self, clean: Tokens, noise: Tokens, t: Tensor) -> Tokens:
        """The tokens as they are at times `t` (B)."""
        shared, classes = (self._forward.add_noise(x, e, t) for x, e in zip(clean, noise, strict=True))
        return shared, classes

    def timesteps(self, count: int) -> list[int]:
        """`count` times spread evenly from the noisiest down; after the last of them nothing but the clean is left."""
        if not 1 <= count <= self.steps:
            raise UserError(f"Sampling takes from 1 to {self.steps} steps, not {count}.")
        return [self.steps - 1 - i * self.steps // count for i in range(count)]

    def solver(self, sampler: str, count: int) -> Any:
        """A fresh scheduler: it remembers its last steps, so no two samples may share one."""
        check_sampler(sampler)
        from diffusers.schedulers import DPMSolverMultistepScheduler  # slow to import: only where it is used

        solver: Any = DPMSolverMultistepScheduler(
            num_train_timesteps=self.steps,
            beta_schedule=SCHEDULES[self.schedule],
            prediction_type="sample",
            final_sigmas_type="zero",
            **_SOLVERS[sampler],
        )
        solver.set_timesteps(timesteps=self.timesteps(count))
        return solver

    @cached_property
    def _forward(self) -> Any:
        from diffusers.schedulers import DDPMScheduler

        return DDPMScheduler(num_train_timesteps=self.steps, beta_schedule=SCHEDULES[self.schedule])


def check_sampler(sampler: str) -> None:
    """A UserError where there is none of that name."""
    if sampler not in SAMPLERS:
        raise UserError(f"There is no sampler {sampler!r}: it is one of {', '.join(SAMPLERS)}.")


class SampleStep(NamedTuple):
    """A step of sampling, as normalised tokens."""

    number: int  # 0 is the noise that sampling starts from
    t: int
    estimate: Tokens  # of the clean tokens; of step 0 the noise itself
    current: Tokens  # the tokens as they stand after the step, with the noise that is left


def seeded_noise(
    seeds: Sequence[int], draw: int, shared: tuple[int, int], classes: tuple[int, int], mask: Tensor | None = None
) -> Tokens:
    """The noise of each element's own seed, drawn on the CPU: the same alone, in any batch and for any device.

    Classes draw one after the other, so that one more class leaves the noise of the others as it was, and padding
    (False in `mask`) draws nothing. `draw` 0 is where sampling starts, later ones belong to its steps.
    """
    real = torch.ones(len(seeds), classes[0], dtype=torch.bool) if mask is None else mask.cpu()
    shared_noise = torch.empty(len(seeds), *shared)
    class_noise = torch.zeros(len(seeds), *classes)
    for i, seed in enumerate(seeds):
        # A hash, so that no draw of one seed is a draw of another.
        key = int.from_bytes(hashlib.sha256(f"{seed}/{draw}".encode()).digest()[:4], "big")
        generator = torch.Generator().manual_seed(key)
        shared_noise[i] = torch.randn(shared, generator=generator)
        for k in real[i].nonzero()[:, 0].tolist():
            class_noise[i, k] = torch.randn(classes[1], generator=generator)
    return shared_noise, class_noise


@torch.no_grad()
def sample_steps(
    predict: Predict,
    schedule: NoiseSchedule,
    shared: tuple[int, int],
    classes: tuple[int, int],
    seeds: Sequence[int],
    *,
    mask: Tensor | None = None,
    steps: int = 20,
    sampler: str = "dpm",
    temperature: float = 1.0,
    device: str | torch.device = "cpu",
) -> Iterator[SampleStep]:
    """From noise to clean tokens, one classifier for each seed: the start, then every step. The last step's estimate is
    the answer.

    `shared` is S x D and `classes` K x C; `mask` (B x K) is False for padding, whose estimates are zeros. Below 1,
    `temperature` makes all noise smaller: what comes out is nearer to the middle of what could have come out.
    """
    real = torch.ones(len(seeds), classes[0], 1) if mask is None else mask[..., None].float()
    real = real.to(device)
    check_sampler(sampler)
    times = schedule.timesteps(steps)
    solver = schedule.solver(sampler, steps) if steps > 1 else None  # a single step is to its own estimate

    def fresh_noise(draw: int) -> Tensor:
        if temperature == 0:
            return torch.zeros(len(seeds), math.prod(shared) + math.prod(classes), device=device)
        return temperature * _join(seeded_noise(seeds, draw, shared, classes, mask)).to(device)

    x = fresh_noise(0)
    start = _part(x, shared, classes)
    yield SampleStep(0, schedule.steps, start, start)
    for number, t in enumerate(times, start=1):
        found = predict(_part(x, shared, classes), torch.full((len(seeds),), t, device=device))
        estimate = (found[0].float(), found[1].float() * real)
        if solver and number < steps:  # the last step is to its own estimate
            extra = fresh_noise(number) if sampler == "ddpm" else None
            x = solver.step(_join(estimate), t, x, variance_noise=extra).prev_sample
        yield SampleStep(number, t, estimate, _part(x, shared, classes) if number < steps else estimate)


def _join(tokens: Tokens) -> Tensor:
    """One row of numbers for each element, which is all a scheduler wants to know."""
    return torch.cat([part.flatten(1) for part in tokens], dim=1)


def _part(x: Tensor, shared: tuple[int, int], classes: tuple[int, int]) -> Tokens:
    """The inverse of `_join`."""
    size = shared[0] * shared[1]
    return x[:, :size].unflatten(1, shared), x[:, size:].unflatten(1, classes)
