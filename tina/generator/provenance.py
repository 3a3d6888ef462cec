"""Which part wrote a classifier: the transformer, the prior, or the transfer from the encoder.

A written token is the sum of the generator's difference and the prior; an unfamiliar class's row comes, as far as it is
unfamiliar, from the transfer, and its kernels from the generic network (counted as prior). In units of what each weight
varies by over the zoo, kernels and rows are therefore sums of three parts. The share of a part is the sum of its
absolute values; kernels and rows count half each, or there would be nothing to see but kernels, which are many more.
Rows of "something else" are a formula of the other rows and are left out.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tina.classifier.record import PARTS
from tina.generator.diffusion import Tokens
from tina.generator.normalise import Normaliser, centre

__all__ = ["PARTS", "contribution_shares"]


def contribution_shares(
    difference: Tokens,
    final: Tokens,
    normaliser: Normaliser,
    familiar: Tensor,
    described: Tensor,
    prior_rows: Tensor,
    padding: Tensor,
) -> Tensor:
    """M x 3 shares, in the order of `PARTS`, each row summing to one.

    difference: what the transformer wrote, shared (M, S, D) and classes (M, K, C), normalised
    final: the finished classifiers as tokens, not normalised
    familiar: (M, K), how much of each row is the written one; kernels have their mean
    described: (M, K), False for padding and "something else"
    prior_rows: (M, K, C), normalised
    padding: (S, D), True where a shared token holds a weight
    """
    share = (familiar * described).sum(1) / described.sum(1).clamp(min=1)  # (M,)
    held = padding.to(difference[0].dtype)
    kernels = (final[0] - normaliser.shared_mean) / normaliser.shared_scale * held  # (M, S, D)
    generator_kernels = share[:, None, None] * difference[0] * held
    rows = centre(final[1], described) / normaliser.class_scale  # (M, K, C)
    generator_rows = centre(familiar[..., None] * difference[1], described)
    written_prior = centre(familiar[..., None] * prior_rows, described)
    parts = (
        (generator_kernels, generator_rows),
        (kernels - generator_kernels, written_prior),
        (torch.zeros_like(kernels), rows - generator_rows - written_prior),
    )
    kernel_sizes, row_sizes = (
        torch.stack([part[i].abs().flatten(1).sum(1) for part in parts], 1)
        for i in (0, 1)  # (M, 3)
    )
    shares = [sizes / sizes.sum(1, keepdim=True) for sizes in (kernel_sizes, row_sizes) if bool(sizes.any(1).all())]
    return torch.stack(shares or [torch.eye(3)[1].expand(len(rows), 3)]).mean(0)  # nothing at all is the prior's
