"""What a linear model knows: the shared weights that a set of classes calls for, by ridge regression over the zoo.

    prior = Prior.fit(keys, prompts, mask, shared)      # of the zoo's normalised shared tokens
    shared = prior(prompts, mask) + what the generator writes

Fine-tuning moves kernels in ways that hang on the classes: knowing only which they are, a linear map finds a quarter of
what kernels vary by. A closed formula has that at once, where a transformer needs days. So the generator writes what is
left: its noise and its estimates stand around the prior instead of around the mean of the zoo.

Which classes they are is read softly from a prompt: each vector is compared with the known classes' own (`keys`), one
made of texts and one of pictures. So the same class in other words calls for the same kernels, and a class that is
not known for those of the classes that it is like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tina.linear import ridge

SHARPNESS = 15.0  # of the comparison
RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0)  # strengths that are tried, in units of what is regressed on
HELD_OUT = 0.1  # of the zoo, to choose the strength by


@dataclass(frozen=True)
class Prior:
    keys: Tensor  # 2 x R x E: known classes, by their texts and by their pictures
    centre: Tensor  # R: how much of each known class a prompt usually has
    values: Tensor  # R x (S D): the kernels that it calls for

    @classmethod
    def nothing(cls, classes: int, width: int, size: int) -> Prior:
        """Says zero for every prompt."""
        return cls(torch.zeros(2, classes, width), torch.zeros(classes), torch.zeros(classes, size))

    @classmethod
    def fit(cls, keys: Tensor, wordings: Sequence[Tensor], mask: Tensor, shared: Tensor) -> Prior:
        """From several wordings (N x K x E each) of the zoo's prompts, and its shared tokens (N x S x D)."""
        x = torch.stack([_classes(keys, prompts, mask) for prompts in wordings]).double()
        y, held = shared.flatten(1).double(), round(HELD_OUT * len(shared))
        nothing = cls.nothing(keys.shape[1], keys.shape[2], y.shape[1])
        if not held or not y.shape[1]:
            return nothing
        centre = x[:, held:].mean((0, 1))
        errors = [
            ((x[:, :held] - centre) @ ridge(x[:, held:], y[held:], strength) - y[:held]).square().mean()
            for strength in RIDGES
        ]
        if min(errors) >= y[:held].square().mean():  # too few classifiers to know anything of others
            return nothing
        values = ridge(x, y, RIDGES[int(torch.stack(errors).argmin())])
        return cls(keys, x.mean((0, 1)).float(), values.float())

    def __call__(self, prompts: Tensor, mask: Tensor) -> Tensor:
        """Normalised shared tokens for prompts B x K x E, mask B x K: B x (S D)."""
        return (_classes(self.keys, prompts, mask) - self.centre) @ self.values

    def to(self, device: str | torch.device) -> Prior:
        return Prior(**{name: tensor.to(device) for name, tensor in vars(self).items()})


def _classes(keys: Tensor, prompts: Tensor, mask: Tensor) -> Tensor:
    """How much of each known class there is in each prompt: B x R."""
    likeness = SHARPNESS * prompts @ keys.flatten(0, 1).T
    shares = likeness.softmax(-1).unflatten(-1, keys.shape[:2]).sum(-2)  # B x K x R
    real = mask[..., None].to(shares.dtype)
    return (shares * real).sum(-2) / real.sum(-2)
