"""Tina with one part switched off or replaced: what that part is worth.

    python -m tina table sketchbook-cnn --tasks 64 --methods ablations --out checkpoints/sketchbook-cnn/table.json

Each writes the same tasks as `tina`, with the same vectors and seeds, by a copy of the checkpoint in which one thing is
changed. Two and four make a square: with and without the transformer, with and without transfer.

closed form         the transformer's difference is zero: prior and transfer alone
prior alone         and no transfer either: every class counts as familiar
generator alone     prior and transformer, no transfer: every class counts as familiar
guidance 0, 2       classifier-free guidance (1 is none): 0 withholds the prompt from the transformer
ddim, temperature   the first-order sampler in as many steps; noise of temperature 0
no bias offsets     biases of transferred rows stay as the discriminant has them
no feedback         familiarity without the rounds that feed back the share of familiar classes
no kernel prior     the prior of the shared weights is zero
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from tina.blueprints import Weights
from tina.generator.tina import Tina
from tina.generator.transformer import GeneratorNetwork
from tina.research.judge.by_tina import STEPS, tina_with
from tina.research.judge.method import ALL, ELSE, FIVE, NEW, PROMPT_KINDS, Make, Method
from tina.research.judge.workbench import Workbench
from tina.worlds.task import Task

Change = Callable[[Tina], Tina]


def modified(tina: Tina) -> Tina:
    """A copy with closed-form parts of its own, to be changed; the networks are shared."""
    _ = tina.encoder, tina.world  # loaded once, for both
    changed = copy.copy(tina)
    changed._modules = dict(tina._modules)
    changed.closed_form = copy.deepcopy(tina.closed_form)
    return changed


def all_familiar(tina: Tina) -> Tina:
    """Every class counts as one that was in training, so nothing is transferred."""
    changed = modified(tina)
    familiarity = changed.closed_form.familiarity
    familiarity.texts = familiarity.texts[:0]
    return changed


def without_bias_offsets(tina: Tina) -> Tina:
    """There are no reference pictures to move biases by."""
    changed = modified(tina)
    transfer = changed.closed_form.transfer
    transfer.reference = transfer.reference[:0]
    return changed


def without_kernel_prior(tina: Tina) -> Tina:
    """The shared weights' prior is their mean over the zoo."""
    changed = modified(tina)
    changed.closed_form.prior.values.zero_()
    return changed


def without_feedback(tina: Tina) -> Tina:
    """How familiar a class is does not hang on how many of the prompt's others are."""
    changed = modified(tina)
    familiarity = changed.closed_form.familiarity
    familiarity.settings = replace(familiarity.settings, rounds=0)
    return changed


class Guided(nn.Module):
    """A generator's network with classifier-free guidance: away from what it predicts without the prompt."""

    def __init__(self, network: GeneratorNetwork, strength: float):
        super().__init__()
        self.network, self.strength = network, strength
        self.config, self.place = network.config, network.place

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        drop = inputs[2].new_ones(len(inputs[2]), dtype=torch.bool)
        pairs = zip(self.network(*inputs), self.network(*inputs, drop), strict=True)
        shared, classes = (without + self.strength * (given - without) for given, without in pairs)
        return shared, classes


class Zero(nn.Module):
    """In the place of a generator's network: the difference that it predicts is zero."""

    def __init__(self, network: GeneratorNetwork):
        super().__init__()
        self.config, self.place = network.config, network.place

    def forward(self, shared: Tensor, classes: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
        return torch.zeros_like(shared), torch.zeros_like(classes)


def guided_by(strength: float) -> Change:
    """A Tina whose transformer is guided."""

    def change(tina: Tina) -> Tina:
        changed = modified(tina)
        changed.network = Guided(tina.network, strength)
        return changed

    return change


def without_transformer(tina: Tina) -> Tina:
    """The prior and transfer alone."""
    changed = modified(tina)
    changed.network = Zero(tina.network)
    return changed


def prior_alone(tina: Tina) -> Tina:
    """No transfer either."""
    return without_transformer(all_familiar(tina))


def ablated(change: Change, **prompt: Any) -> Make:
    """Written by a changed Tina, from a kind of prompt (`kind`, `shots`)."""

    def make(bench: Workbench, tasks: Sequence[Task]) -> Weights:
        return bench.write(tasks, change(bench.tina), **prompt)

    return make


def _method(title: str, make: Make, splits: tuple[str, ...] = ALL) -> Method:
    return Method(title, make, splits, default=False)


BY_PROMPT_KIND: dict[str, tuple[str, Change]] = {  # measured with prompts of other kinds too
    "closed form": ("prior and transfer, no transformer", without_transformer),
    "generator alone": ("prior and transformer, no transfer", all_familiar),
    "no bias offsets": ("Tina, biases of transferred rows not moved", without_bias_offsets),
    "no feedback": ("Tina, familiarity without feedback rounds", without_feedback),
}
ABLATIONS: dict[str, Method] = {
    "prior alone": _method("the prior, no transformer and no transfer", ablated(prior_alone), (*ALL, *ELSE)),
    "guidance 0": _method("Tina, guidance 0: the transformer is not given the prompt", ablated(guided_by(0.0))),
    "guidance 2": _method("Tina, guidance 2", ablated(guided_by(2.0))),
    "ddim": _method(f"Tina, DDIM, {STEPS} steps", tina_with(sampler="ddim")),
    "temperature 0": _method(f"Tina, {STEPS} steps from noise of temperature 0", tina_with(temperature=0.0)),
    "no kernel prior": _method("Tina, no prior of the kernels", ablated(without_kernel_prior)),
}
ABLATIONS |= {
    name: _method(title, ablated(change), (*ALL, *ELSE) if name == "closed form" else ALL)
    for name, (title, change) in BY_PROMPT_KIND.items()
}
ABLATIONS |= {
    f"{name} {key}": _method(
        f"{title}, {PROMPT_KINDS[key][0]}", ablated(change, **PROMPT_KINDS[key][1]), (*NEW, "mixed")
    )
    for name, (title, change) in BY_PROMPT_KIND.items()
    for key in FIVE
}


def base_of(ablation: str) -> str:
    """The method that an ablation is set beside: Tina as she is, given the same kind of prompt."""
    return next((f"tina {key}" for key in reversed(FIVE) if ablation.endswith(f" {key}")), "tina")
