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

import torch
from torch import Tensor, nn

from tina.blueprints import Weights
from tina.generator.tina import Tina
from tina.generator.transformer import GeneratorNetwork
from tina.research.judge.by_tina import STEPS, tina_with
from tina.research.judge.method import ALL, ELSE, FIVE, NEW, PROMPT_KINDS, Make, Method
from tina.research.judge.workbench import Workbench
from tina.worlds.task import Task


def modified(tina: Tina) -> Tina:
    """A copy with closed-form parts of its own, to be changed; the networks are shared."""
    _ = tina.encoder, tina.world  # loaded once, for both
    twin = copy.copy(tina)
    twin._modules = dict(tina._modules)
    twin.closed_form = copy.deepcopy(tina.closed_form)
    return twin


def all_familiar(tina: Tina) -> Tina:
    """Every class counts as one that was in training, so nothing is transferred."""
    twin = modified(tina)
    familiarity = twin.closed_form.familiarity
    familiarity.texts = familiarity.texts[:0]
    return twin


def without_bias_offsets(tina: Tina) -> Tina:
    """There are no reference pictures to move biases by."""
    twin = modified(tina)
    transfer = twin.closed_form.transfer
    transfer.reference = transfer.reference[:0]
    return twin


def without_kernel_prior(tina: Tina) -> Tina:
    """The shared weights' prior is their mean over the zoo."""
    twin = modified(tina)
    twin.closed_form.prior.values.zero_()
    return twin


def without_feedback(tina: Tina) -> Tina:
    """How familiar a class is does not hang on how many of the prompt's others are."""
    twin = modified(tina)
    familiarity = twin.closed_form.familiarity
    familiarity.settings = replace(familiarity.settings, rounds=0)
    return twin


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


def guided_by(strength: float) -> Callable[[Tina], Tina]:
    """A Tina whose transformer is guided."""

    def change(tina: Tina) -> Tina:
        twin = modified(tina)
        twin.network = Guided(tina.network, strength)
        return twin

    return change


def ablated(change: Callable[[Tina], Tina], kind: str = "names", shots: int = 5, transformer: bool = True) -> Make:
    """Written by a changed Tina, with her transformer or with a difference of zero."""

    @torch.no_grad()
    def make(bench: Workbench, tasks: Sequence[Task]) -> Weights:
        tina = change(bench.tina)
        vectors, mask = bench.vectors(tasks, kind, shots)
        from_pictures = bench.from_pictures(mask, kind)
        if transformer:
            return tina.write(vectors, mask, [bench.seed + m for m in range(len(tasks))], from_pictures)
        config, (many, ways) = tina.network.config, mask.shape
        shared = torch.zeros(many, config.shared, config.shared_width, device=tina.device)
        return tina.assemble_weights(
            (shared, torch.zeros(many, ways, config.class_width, device=tina.device)), vectors, mask
        )

    return make


def unchanged(tina: Tina) -> Tina:
    return tina


def closed_form(kind: str = "names", shots: int = 5) -> Make:
    return ablated(unchanged, kind, shots, transformer=False)


def prior_alone(kind: str = "names", shots: int = 5) -> Make:
    return ablated(all_familiar, kind, shots, transformer=False)


def generator_alone(kind: str = "names", shots: int = 5) -> Make:
    return ablated(all_familiar, kind, shots)


def no_bias_offsets(kind: str = "names", shots: int = 5) -> Make:
    return ablated(without_bias_offsets, kind, shots)


def no_kernel_prior(kind: str = "names", shots: int = 5) -> Make:
    return ablated(without_kernel_prior, kind, shots)


def no_feedback(kind: str = "names", shots: int = 5) -> Make:
    return ablated(without_feedback, kind, shots)


def _method(title: str, make: Make, splits: tuple[str, ...] = ALL) -> Method:
    return Method(title, make, splits, default=False)


CHANGED = {  # by prompts of other kinds too
    "closed form": ("prior and transfer, no transformer", closed_form),
    "generator alone": ("prior and transformer, no transfer", generator_alone),
    "no bias offsets": ("Tina, biases of transferred rows not moved", no_bias_offsets),
    "no feedback": ("Tina, familiarity without feedback rounds", no_feedback),
}
ABLATIONS: dict[str, Method] = {
    "prior alone": _method("the prior, no transformer and no transfer", prior_alone(), (*ALL, *ELSE)),
    "guidance 0": _method("Tina, guidance 0: the transformer is not given the prompt", ablated(guided_by(0.0))),
    "guidance 2": _method("Tina, guidance 2", ablated(guided_by(2.0))),
    "ddim": _method(f"Tina, DDIM, {STEPS} steps", tina_with(sampler="ddim")),
    "temperature 0": _method(f"Tina, {STEPS} steps from noise of temperature 0", tina_with(temperature=0.0)),
    "no kernel prior": _method("Tina, no prior of the kernels", no_kernel_prior()),
}
ABLATIONS |= {
    name: _method(title, make(), (*ALL, *ELSE) if name == "closed form" else ALL)
    for name, (title, make) in CHANGED.items()
}
ABLATIONS |= {
    f"{name} {key}": _method(f"{title}, {PROMPT_KINDS[key][0]}", make(**PROMPT_KINDS[key][1]), (*NEW, "mixed"))
    for name, (title, make) in CHANGED.items()
    for key in FIVE
}
