"""The prior: ridge regression from which classes a prompt asks for to the zoo's kernels.

Fine-tuning moves kernels in ways that hang on the classes: knowing only which they are, a linear map finds a quarter of
what kernels vary by. A closed formula has that at once, where a transformer needs days.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tina.generator.closed_form.prior import Prior, PriorSettings, mean_shares
from tina.training.fit.linear import ridge

RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0)  # strengths that are tried, in units of what is regressed on
HELD_OUT = 0.1  # of the zoo, to choose the strength by


def fit_prior(
    keys: Tensor,
    prompts: Sequence[Tensor],
    mask: Tensor,
    shared: Tensor,
    rows: Tensor,
    settings: PriorSettings | None = None,
) -> Prior:
    """From a zoo of N classifiers.

    Args:
        keys: (2, R, E), the seen classes' vectors, of texts and of pictures
        prompts: the zoo's prompts in several wordings, (N, K, E) each
        mask: (N, K)
        shared: (N, S, D), its normalised shared tokens
        rows: (R, C), the generic network's normalised rows
    """
    y, held = shared.flatten(1).double(), round(HELD_OUT * len(shared))
    empty = Prior(keys, torch.zeros(len(rows)), torch.zeros(len(rows), y.shape[1]), rows, settings)
    x = torch.stack([mean_shares(empty.class_shares(wording), mask) for wording in prompts]).double()  # (W, N, R)
    if not held or not y.shape[1]:
        return empty
    mean = x[:, held:].mean((0, 1))
    errors = [
        ((x[:, :held] - mean) @ ridge(x[:, held:], y[held:], strength) - y[:held]).square().mean()
        for strength in RIDGES
    ]
    if min(errors) >= y[:held].square().mean():  # too few classifiers to know anything of others
        return empty
    values = ridge(x, y, RIDGES[int(torch.stack(errors).argmin())])
    return Prior(keys, x.mean((0, 1)).float(), values.float(), rows, settings)
