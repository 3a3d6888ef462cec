"""What a generator is trained on: zoo classifiers it has to denoise, and classifiers of its own that have to work.

    losses = Losses(zoo, names, world, blueprint, prompt_sampler, LossConfig(), device)
    losses(network, step, rank)         # {"diffusion": ..., "task": ...}, each a scalar to go back through

The diffusion loss teaches what fine-tuned classifiers look like. The task loss writes a classifier for a fresh task,
lets it look at training pictures and sends its cross entropy back through the written weights: it is not told which
weights are right, only which work. What each step draws depends on (seed, step, rank) alone, so that a run that was
stopped goes on exactly as if it had not been.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tina.blueprints import Blueprint
from tina.blueprints import Tokens as BlueprintTokens
from tina.blueprints.slicing import slice_rows
from tina.errors import UserError
from tina.generator.closed_form.closed_form import ClosedForm
from tina.generator.closed_form.prior import Prior
from tina.generator.diffusion import NoiseSchedule, Tokens
from tina.training.fit.normaliser import fit_normaliser
from tina.training.fit.prior import fit_prior
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import losses_many
from tina.training.zoo.prompt_sampler import PromptSampler, jitter
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import draw_task, seen_families
from tina.worlds import World
from tina.worlds.task import plain_task

WORDINGS = 3  # of every prompt of the zoo, beside its names, for the prior

LossOf = Callable[[Tensor, Tensor], dict[str, Tensor]]  # the network's shared and class tokens -> named losses


@dataclass(frozen=True)
class LossConfig:
    batch: int = 32  # zoo classifiers a step, on each process
    tasks: int = 0  # fresh tasks a step whose classifiers have to work; 0: diffusion alone
    pictures: int = 64  # that each of them looks at
    move: int = 0  # these are mirrored, and shifted by up to so many pixels
    sharpen: float = 0.0  # and their finest detail is made fainter or stronger, by up to e to the power of this
    weight: float = 1.0  # of the task loss beside the diffusion loss
    diffusion: float = 1.0  # of the diffusion loss
    prompt_mix: str = "mixed"  # what prompts are made of: one of PROMPT_MIX
    drop: float = 0.1  # how often the prompt is withheld, against overfitting to it
    jitter: float = 0.3  # how far prompt vectors are moved at random
    limit: int | None = None  # of the zoo's classifiers, for measuring what more of them are worth
    seed: int = 0


@dataclass(frozen=True)
class Batch:
    """What the network is given (B elements of up to K classes), and what its answer costs."""

    shared: Tensor  # (B, S, D), noisy
    classes: Tensor  # (B, K, C), noisy
    t: Tensor  # (B,)
    prompts: Tensor  # (B, K, E)
    mask: Tensor  # (B, K)
    drop: Tensor  # (B,)
    loss: LossOf

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """In the order of the network's arguments."""
        return self.shared, self.classes, self.t, self.prompts, self.mask, self.drop


class Losses:
    """Both losses over the same network pass.

    Args:
        source: the zoo; where it is not at hand, a trained Tina's closed form, which is enough for the task loss
        names: the seen classes, in the order of the generic network's rows
        world: whose pictures fresh tasks are made of
        blueprint: what is written
        prompt_sampler: the ways to ask for a class
        config: batch sizes, weights, augmentation
        device: of the network
        ordered: the layout has places for classes, so they are shuffled
    """

    def __init__(
        self,
        source: Zoo | ClosedForm,
        names: Sequence[str],
        world: World,
        blueprint: Blueprint,
        prompt_sampler: PromptSampler,
        config: LossConfig,
        device: torch.device,
        ordered: bool = False,
    ):
        self.blueprint, self.prompt_sampler, self.config, self.device = blueprint, prompt_sampler, config, device
        self.schedule = NoiseSchedule()
        self.names, self.families, self.ordered = world.seen, seen_families(world), ordered
        self.held = blueprint.shared_mask.to(device)
        keys = prompt_sampler.class_keys(names)
        if isinstance(source, Zoo):
            self.tasks = source.tasks[: config.limit]
            shared, classes, mask = (part[: config.limit] for part in source.tokens(blueprint))
            most = max(map(len, self.tasks))
            classes, mask = classes[:, :most], mask[:, :most]
            self.normaliser = fit_normaliser([(shared, classes, mask)])
            normalised = self.normaliser.normalise(shared, classes, mask)
            self.shared, self.classes = (part.to(device) for part in normalised)
            self.mask = mask.to(device)
            rows = self._generic_rows(source, blueprint, names)
            self.prior = fit_prior(keys, self._wordings(), mask, self.shared.cpu(), rows)
        else:
            prior = source.prior
            self.tasks, self.normaliser = [], source.normaliser
            self.prior = Prior(keys, prior.share_mean, prior.values, prior.rows, prior.settings)
        self.normaliser, self.prior = self.normaliser.to(device), self.prior.to(device)
        if config.tasks:
            self.blueprint, self.bank = finetuning_data(blueprint, world, world.seen, device)
        elif not config.diffusion:
            raise UserError("With neither tasks nor diffusion there is nothing to learn.")

    def __call__(self, network: nn.Module, step: int, rank: int = 0) -> dict[str, Tensor]:
        """One pass of the network over both halves of a batch: zoo classifiers, and noise that is to become some."""
        key = hashlib.sha256(f"{self.config.seed}/{step}/{rank}".encode()).digest()
        draw = torch.Generator().manual_seed(int.from_bytes(key[:6], "big"))
        batches = [self._zoo_batch(draw)] if self.config.diffusion else []
        if self.config.tasks:
            batches.append(self._task_batch(network, draw))
        shared, classes = network(*(_concatenate(parts) for parts in zip(*(b.inputs for b in batches), strict=True)))
        losses: dict[str, Tensor] = {}
        at = 0
        for batch in batches:
            count, ways = batch.mask.shape
            losses |= batch.loss(shared[at : at + count].float(), classes[at : at + count, :ways].float())
            at += count
        return losses

    def total(self, losses: dict[str, Tensor]) -> Tensor:
        """The weighted sum."""
        weights = {"diffusion": self.config.diffusion, "task": self.config.weight}
        return torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()

    def _zoo_batch(self, draw: torch.Generator) -> Batch:
        at = torch.randint(len(self.tasks), (self.config.batch,), generator=draw)
        tasks = [self.tasks[i] for i in at]
        ways = max(map(len, tasks))
        vectors = self.prompt_sampler.sample_mixed(tasks, draw, self.config.prompt_mix)
        prompts = jitter(vectors, self.config.jitter, draw).to(self.device)
        on = at.to(self.device)
        mask = self.mask[on, :ways]
        prior = self._prior(vectors, mask)
        clean = (self.shared[on] - prior[0], self.classes[on, :ways] - prior[1])
        if self.ordered:  # real classes shuffled among themselves; padding stays last
            order = torch.rand(mask.shape, generator=draw).to(self.device).masked_fill(~mask, 2).argsort(1)
            clean = (clean[0], clean[1].take_along_dim(order[..., None], 1))
            prompts = prompts.take_along_dim(order[..., None], 1)
        t = self.schedule.times(len(at), draw).to(self.device)
        shared, classes = self.schedule.add_noise(clean, self._noise(clean, draw), t)
        drop = (torch.rand(len(at), generator=draw) < self.config.drop).to(self.device)

        def loss(shared: Tensor, classes: Tensor) -> dict[str, Tensor]:
            errors = (shared - clean[0])[self.held.expand_as(shared)], (classes - clean[1])[mask]
            means = [part.square().mean() for part in errors if part.numel()]  # there may be rows alone, or none
            return {"diffusion": torch.stack(means).mean()}

        return Batch(shared, classes * mask[..., None], t, prompts, mask, drop, loss)

    def _task_batch(self, network: nn.Module, draw: torch.Generator) -> Batch:
        """Half of the tasks start from pure noise, as one step of sampling does. The others start from what the network
        made of it, with noise put back on: the later steps of sampling see such tokens, and have to keep what works."""
        rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=draw)))
        tasks = [draw_task(self.names, self.families, rng) for _ in range(self.config.tasks)]
        targets = self.bank.targets(tasks)
        mask, half = targets.mask, len(tasks) // 2
        vectors = self.prompt_sampler.sample_mixed(tasks, draw, self.config.prompt_mix)
        prompts = jitter(vectors, self.config.jitter, draw).to(self.device)
        prior = self._prior(vectors, mask)
        sizes = self.normaliser.shared_mean.shape, (mask.shape[1], len(self.normaliser.class_scale))
        shared, classes = self._noise([torch.empty(len(tasks), *size) for size in sizes], draw)
        classes = classes * mask[..., None]
        t = torch.full((len(tasks),), self.schedule.steps - 1)
        no_drop = torch.zeros(len(tasks), dtype=torch.bool, device=self.device)
        if half:
            first = tuple(part[:half] for part in (shared, classes, t.to(self.device), prompts, mask, no_drop))
            with torch.no_grad():
                estimate = tuple(part.float() for part in network(*first))
            t[:half] = self.schedule.times(half, draw)
            noisy = self.schedule.add_noise(estimate, self._noise(estimate, draw), t[:half].to(self.device))
            shared[:half], classes[:half] = noisy[0], noisy[1] * mask[:half, :, None]
        picture_draw = torch.Generator(self.device).manual_seed(int(torch.randint(2**31, (1,), generator=draw)))
        config = self.config
        pictures, labels = self.bank.draw(targets, config.pictures, picture_draw, config.move, config.sharpen)

        def loss(shared: Tensor, classes: Tensor) -> dict[str, Tensor]:
            tokens = self.normaliser.invert(shared + prior[0], classes + prior[1])
            weights = self.blueprint.from_tokens(BlueprintTokens(*tokens), vectors.to(self.device))
            return {"task": losses_many(self.blueprint, weights, pictures, labels, mask).mean()}

        return Batch(shared, classes, t.to(self.device), prompts, mask, no_drop, loss)

    def _prior(self, prompts: Tensor, mask: Tensor) -> Tokens:
        shared, classes = self.prior(prompts.to(self.device), mask)
        return shared.unflatten(1, self.normaliser.shared_mean.shape), classes

    def _generic_rows(self, zoo: Zoo, blueprint: Blueprint, names: Sequence[str]) -> Tensor:
        """(R, C): the generic network's, normalised."""
        generic = {name: weight.cpu() for name, weight in zoo.generic.items()}
        tokens = blueprint.to_tokens(slice_rows(blueprint, generic, names, [plain_task(names)]))
        mask = torch.ones(1, len(names), dtype=torch.bool)
        return self.normaliser.normalise(tokens.shared, tokens.classes, mask)[1][0]

    def _wordings(self) -> list[Tensor]:
        """The zoo's prompts by names, and in other ways."""
        draw = torch.Generator().manual_seed(self.config.seed)
        names = self.prompt_sampler.sample(self.tasks, "names")
        others = (self.prompt_sampler.sample_mixed(self.tasks, draw, self.config.prompt_mix) for _ in range(WORDINGS))
        return [names, *others]

    def _noise(self, like: Sequence[Tensor], draw: torch.Generator) -> Tokens:
        shared, classes = (torch.randn(part.shape, generator=draw).to(self.device) for part in like)
        return shared, classes


def _concatenate(parts: Sequence[Tensor]) -> Tensor:
    """Batches one after the other, those with fewer classes padded."""
    ways = max(part.shape[1] for part in parts) if parts[0].ndim > 1 else 0
    padded = []
    for part in parts:
        if part.ndim > 1 and part.shape[1] < ways:
            pad = part.new_zeros(len(part), ways - part.shape[1], *part.shape[2:])
            part = torch.cat([part, pad], dim=1)
        padded.append(part)
    return torch.cat(padded)
