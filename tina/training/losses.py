"""What a generator is trained on: zoo classifiers it has to denoise, and classifiers of its own that have to work.

    losses = Losses(zoo, names, world, blueprint, prompt_sampler, lesson, device)
    losses(network, step, rank)         # {"diffusion": ..., "task": ...}, each a scalar to go back through

The diffusion loss teaches what fine-tuned classifiers look like. The task loss writes a classifier for a fresh task,
lets it look at training pictures and sends its cross entropy back through the written weights: it is not told which
weights are right, only which work. What each step draws depends on (seed, step, rank) alone, so that a run that was
stopped goes on exactly as if it had not been.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint
from tina.blueprints import Tokens as BlueprintTokens
from tina.errors import UserError
from tina.generator.closed_form.closed_form import ClosedForm
from tina.generator.closed_form.prior import Prior
from tina.generator.diffusion import Noise, Tokens
from tina.generator.normalise import Normaliser
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import losses_many, slice_rows
from tina.training.zoo.prompt_sampler import PromptSampler, jitter
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import draw_task, seen_families
from tina.worlds import World
from tina.worlds.task import plain_task

WORDINGS = 3  # of every prompt, beside its names, for the prior


@dataclass(frozen=True)
class LossConfig:
    batch: int = 32  # zoo classifiers a step, on each process
    tasks: int = 0  # fresh tasks a step whose classifiers have to work; 0: diffusion alone
    pictures: int = 64  # that each of them looks at
    move: int = 0  # these are mirrored, and shifted by up to so many pixels
    sharpen: float = 0.0  # and their finest detail is made fainter or stronger, by up to e to the power of this
    weight: float = 1.0  # of the task loss beside the diffusion loss
    diffusion: float = 1.0  # of the diffusion loss
    asked: str = "mixed"  # in which kinds of words or pictures: one of ASKED
    drop: float = 0.1  # how often the prompt is withheld, for guidance
    blur: float = 0.3  # how far prompt vectors are moved at random
    limit: int | None = None  # of the zoo's classifiers, for measuring what more of them are worth
    seed: int = 0


class Losses:
    def __init__(
        self,
        source: Zoo | ClosedForm,  # of a zoo that is not at hand, what is known of it: enough for the task loss
        names: Sequence[str],
        world: World,
        blueprint: Blueprint,
        prompt_sampler: PromptSampler,
        lesson: LossConfig,
        device: torch.device,
        ordered: bool = False,
    ):
        self.blueprint, self.prompt_sampler, self.lesson, self.device = blueprint, prompt_sampler, lesson, device
        self.noise = Noise()
        self.names, self.families, self.ordered = world.seen, seen_families(world), ordered
        self.held = blueprint.shared_mask.to(device)
        keys = prompt_sampler.class_keys(names)
        if isinstance(source, Zoo):
            self.tasks = source.tasks[: lesson.limit]
            shared, classes, mask = (part[: lesson.limit] for part in source.tokens(blueprint))
            most = max(map(len, self.tasks))
            classes, mask = classes[:, :most], mask[:, :most]
            self.normaliser = Normaliser.fit([(shared, classes, mask)])
            self.shared, self.classes = (part.to(device) for part in self.normaliser.apply(shared, classes, mask))
            self.mask = mask.to(device)
            rows = self._rows(source, blueprint, names)
            self.prior = Prior.fit(keys, self._wordings(), mask, self.shared.cpu(), rows)
        else:
            self.tasks, self.normaliser, self.prior = [], source.normaliser, replace(source.prior, keys=keys)
        self.normaliser, self.prior = self.normaliser.to(device), self.prior.to(device)
        if lesson.tasks:
            self.blueprint, self.bank = finetuning_data(blueprint, world, world.seen, device)
        elif not lesson.diffusion:
            raise UserError("With neither tasks nor diffusion there is nothing to learn.")

    def __call__(self, network: torch.nn.Module, step: int, rank: int = 0) -> dict[str, Tensor]:
        """One pass of the network over both halves of a batch: zoo classifiers, and noise that is to become some."""
        key = hashlib.sha256(f"{self.lesson.seed}/{step}/{rank}".encode()).digest()
        draw = torch.Generator().manual_seed(int.from_bytes(key[:6], "big"))
        parts = [self._zoo_part(draw)] if self.lesson.diffusion else []
        if self.lesson.tasks:
            parts.append(self._task_part(network, draw))
        noisy, t, prompts, mask, drop = (_stack([part[i] for part in parts]) for i in range(5))
        shared, classes = network(*noisy, t, prompts, mask, drop)
        found, at = {}, 0
        for part in parts:
            count, ways = part[3].shape
            found |= part[5](shared[at : at + count].float(), classes[at : at + count, :ways].float())
            at += count
        return found

    def total(self, found: dict[str, Tensor]) -> Tensor:
        weights = {"diffusion": self.lesson.diffusion, "task": self.lesson.weight}
        return sum(weights[name] * loss for name, loss in found.items())

    def _zoo_part(self, draw: torch.Generator) -> tuple:
        at = torch.randint(len(self.tasks), (self.lesson.batch,), generator=draw)
        tasks = [self.tasks[i] for i in at]
        ways = max(map(len, tasks))
        said = self.prompt_sampler.sample_mixed(tasks, draw, self.lesson.asked)
        prompts = jitter(said, self.lesson.blur, draw).to(self.device)
        on = at.to(self.device)
        mask = self.mask[on, :ways]
        usual = self._prior(said, mask)
        clean = (self.shared[on] - usual[0], self.classes[on, :ways] - usual[1])
        if self.ordered:  # real classes shuffled among themselves; padding stays last
            order = torch.rand(mask.shape, generator=draw).to(self.device).masked_fill(~mask, 2).argsort(1)
            clean = (clean[0], clean[1].take_along_dim(order[..., None], 1))
            prompts = prompts.take_along_dim(order[..., None], 1)
        t = self.noise.times(len(at), draw).to(self.device)
        noisy = self.noise.add(clean, self._gauss(clean, draw), t)
        drop = (torch.rand(len(at), generator=draw) < self.lesson.drop).to(self.device)

        def loss(shared: Tensor, classes: Tensor) -> dict[str, Tensor]:
            errors = (shared - clean[0])[self.held.expand_as(shared)], (classes - clean[1])[mask]
            means = [part.square().mean() for part in errors if part.numel()]  # there may be rows alone, or none
            return {"diffusion": torch.stack(means).mean()}

        return (noisy[0], noisy[1] * mask[..., None]), t, prompts, mask, drop, loss

    def _task_part(self, network: torch.nn.Module, draw: torch.Generator) -> tuple:
        """Half of the tasks start from pure noise, as one step of sampling does. The others start from what the network
        made of it, with noise put back on: the later steps of sampling see such tokens, and have to keep what works."""
        rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=draw)))
        tasks = [draw_task(self.names, self.families, rng) for _ in range(self.lesson.tasks)]
        targets = self.bank.targets(tasks)
        mask, half = targets.mask, len(tasks) // 2
        said = self.prompt_sampler.sample_mixed(tasks, draw, self.lesson.asked)
        prompts = jitter(said, self.lesson.blur, draw).to(self.device)
        prior = self._prior(said, mask)
        sizes = self.normaliser.shared_mean.shape, (mask.shape[1], len(self.normaliser.class_scale))
        noisy = self._gauss([torch.empty(len(tasks), *size) for size in sizes], draw)
        noisy = (noisy[0], noisy[1] * mask[..., None])
        t = torch.full((len(tasks),), self.noise.steps - 1)
        no_drop = torch.zeros(len(tasks), dtype=torch.bool, device=self.device)
        if half:
            first = tuple(part[:half] for part in (*noisy, t.to(self.device), prompts, mask, no_drop))
            with torch.no_grad():
                own = tuple(part.float() for part in network(*first))
            t[:half] = self.noise.times(half, draw)
            again = self.noise.add(own, self._gauss(own, draw), t[:half].to(self.device))
            noisy[0][:half], noisy[1][:half] = again[0], again[1] * mask[:half, :, None]
        of_pictures = torch.Generator(self.device).manual_seed(int(torch.randint(2**31, (1,), generator=draw)))
        pictures, labels = self.bank.draw(
            targets, self.lesson.pictures, of_pictures, self.lesson.move, self.lesson.sharpen
        )

        def loss(shared: Tensor, classes: Tensor) -> dict[str, Tensor]:
            tokens = self.normaliser.invert(shared + prior[0], classes + prior[1])
            weights = self.blueprint.from_tokens(BlueprintTokens(*tokens), said.to(self.device))
            return {"task": losses_many(self.blueprint, weights, pictures, labels, mask).mean()}

        return noisy, t.to(self.device), prompts, mask, no_drop, loss

    def _prior(self, prompts: Tensor, mask: Tensor) -> Tokens:
        shared, classes = self.prior(prompts.to(self.device), mask)
        return shared.unflatten(1, self.normaliser.shared_mean.shape), classes

    def _rows(self, zoo: Zoo, blueprint: Blueprint, names: Sequence[str]) -> Tensor:
        """The generic network's, as the generator's numbers."""
        stack = {name: weight.cpu() for name, weight in zoo.generic.items()}
        tokens = blueprint.to_tokens(slice_rows(blueprint, stack, names, [plain_task(names)]))
        real = torch.ones(1, len(names), dtype=torch.bool)
        return self.normaliser.apply(tokens.shared, tokens.classes, real)[1][0]

    def _wordings(self) -> list[Tensor]:
        """The zoo's prompts by names, and in other ways."""
        draw = torch.Generator().manual_seed(self.lesson.seed)
        names = self.prompt_sampler.sample(self.tasks, "names")
        return [
            names,
            *(self.prompt_sampler.sample_mixed(self.tasks, draw, self.lesson.asked) for _ in range(WORDINGS)),
        ]

    def _gauss(self, like: Sequence[Tensor], draw: torch.Generator) -> Tokens:
        shared, classes = (torch.randn(part.shape, generator=draw).to(self.device) for part in like)
        return shared, classes


def _stack(parts: list) -> Tensor | Tokens:
    """Batches one after the other, those with fewer classes padded."""
    if isinstance(parts[0], tuple):
        return tuple(_stack([part[i] for part in parts]) for i in range(len(parts[0])))
    ways = max(part.shape[1] for part in parts) if parts[0].ndim > 1 else 0
    grown = []
    for part in parts:
        if part.ndim > 1 and part.shape[1] < ways:
            pad = part.new_zeros(len(part), ways - part.shape[1], *part.shape[2:])
            part = torch.cat([part, pad], dim=1)
        grown.append(part)
    return torch.cat(grown)
