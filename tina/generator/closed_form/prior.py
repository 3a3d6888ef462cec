"""What is known without a transformer: the shared weights that classes call for, by ridge regression, and their rows.

    prior = Prior.fit(keys, prompts, mask, shared, rows)    # of the zoo's normalised shared tokens
    shared, classes = prior(prompts, mask)                  # to which comes what the generator writes

Fine-tuning moves kernels in ways that hang on the classes: knowing only which they are, a linear map finds a quarter of
what kernels vary by. A closed formula has that at once, where a transformer needs days. So the generator writes what is
left: its noise and its estimates stand around the prior instead of around the mean of the zoo.

Of rows the best guess is those of the generic network that the zoo began with: there the generator writes what a task
changes about them.

Which classes they are is read softly from a prompt: each vector is compared with the known classes' own (`keys`), one
made of texts and one of pictures. So the same class in other words calls for the same kernels, and a class that is
not known for those of the classes that it is like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tina.generator.normalise import centre
from tina.training.fit.linear import ridge

SHARPNESS = 15.0  # of the comparison
RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0)  # strengths that are tried, in units of what is regressed on
HELD_OUT = 0.1  # of the zoo, to choose the strength by


@dataclass(frozen=True)
class Prior:
    keys: Tensor  # 2 x R x E: known classes, by their texts and by their pictures
    centre: Tensor  # R: how much of each known class a prompt usually has
    values: Tensor  # R x (S D): the kernels that it calls for
    rows: Tensor  # R x C: and its row

    @classmethod
    def empty(cls, classes: int, width: int, size: int, row: int) -> Prior:
        """Says zero for every prompt."""
        shapes = ((2, classes, width), (classes,), (classes, size), (classes, row))
        return cls(*map(torch.zeros, shapes))

    @classmethod
    def fit(cls, keys: Tensor, wordings: Sequence[Tensor], mask: Tensor, shared: Tensor, rows: Tensor) -> Prior:
        """From several wordings (N x K x E each) of the zoo's prompts, its shared tokens (N x S x D), and the known
        classes' rows (R x C)."""
        x = torch.stack([_together(_shares(keys, prompts), mask) for prompts in wordings]).double()
        y, held = shared.flatten(1).double(), round(HELD_OUT * len(shared))
        nothing = cls(keys, torch.zeros(len(rows)), torch.zeros(len(rows), y.shape[1]), rows)
        if not held or not y.shape[1]:
            return nothing
        usual = x[:, held:].mean((0, 1))
        errors = [
            ((x[:, :held] - usual) @ ridge(x[:, held:], y[held:], strength) - y[:held]).square().mean()
            for strength in RIDGES
        ]
        if min(errors) >= y[:held].square().mean():  # too few classifiers to know anything of others
            return nothing
        values = ridge(x, y, RIDGES[int(torch.stack(errors).argmin())])
        return cls(keys, x.mean((0, 1)).float(), values.float(), rows)

    def __call__(self, prompts: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised tokens for prompts B x K x E, mask B x K: shared B x (S D) and classes B x K x C."""
        shares = _shares(self.keys, prompts)
        return (_together(shares, mask) - self.centre) @ self.values, centre(shares @ self.rows, mask)

    def to(self, device: str | torch.device) -> Prior:
        return Prior(**{name: tensor.to(device) for name, tensor in vars(self).items()})


def _shares(keys: Tensor, prompts: Tensor) -> Tensor:
    """How much of each known class there is in each of a prompt's: B x K x R."""
    likeness = SHARPNESS * prompts @ keys.flatten(0, 1).T
    return likeness.softmax(-1).unflatten(-1, keys.shape[:2]).sum(-2)


def _together(shares: Tensor, mask: Tensor) -> Tensor:
    """And in each prompt: B x R."""
    real = mask[..., None].to(shares.dtype)
    return (shares * real).sum(-2) / real.sum(-2)
