"""The row of "something else", which no picture and no word describes: a formula, and nothing that is trained.

A picture of none of the classes looks less like them than a picture usually does, and no class stands out. So the row
is the mean of the rows that were written (it wins where none of them is far above the others), moved from what the
generic network's rows of these classes have in common towards what all its rows have in common, plus a threshold, the
only number that depends on the world (measured by tina/training/fit/other_class.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tina.blueprints import Weights


@dataclass(frozen=True)
class OtherClassSettings:
    """`extrapolation` was chosen by `python -m tina table` in a rehearsal, split `else-val`; `threshold` is measured
    for every checkpoint, where there are enough classes."""

    extrapolation: float = 1.5  # how far the row is moved; from 1 to 2 makes little difference
    threshold: float = 7.0  # added to its bias


def described_mask(vectors: Tensor, mask: Tensor) -> Tensor:
    """(M, K): the classes that something is said of; "something else" has zeros for a vector (M, K, E)."""
    return mask & vectors.any(-1).to(mask.device)


def other_class_row(
    weights: Weights,
    described: Tensor,
    mask: Tensor,
    class_rows: Tensor,
    generic_rows: Tensor,
    settings: OtherClassSettings,
) -> Weights:
    """A stack with the formula's row for every class in `mask` (M, K) that is not `described` (M, K).

    `class_rows` (M, K, F + 1, biases last) are the generic network's rows of the described classes, or of the seen
    classes nearest to them; `generic_rows` (R, F + 1) are all its rows.
    """
    rows = rows_of(weights)  # (M, K, F + 1)
    shift = generic_rows.mean(0) - _masked_mean(class_rows, described)  # (M, F + 1)
    row = _masked_mean(rows, described) + settings.extrapolation * shift
    row[:, -1] += settings.threshold
    rows = torch.where((mask & ~described)[..., None], row[:, None], rows)
    return weights | {"head.weight": rows[..., :-1].contiguous(), "head.bias": rows[..., -1].contiguous()}


def rows_of(weights: Weights) -> Tensor:
    """A head's rows with their biases last: (..., K, F + 1)."""
    return torch.cat([weights["head.weight"], weights["head.bias"][..., None]], dim=-1)


def _masked_mean(rows: Tensor, mask: Tensor) -> Tensor:
    """(M, K, C), (M, K) -> (M, C)."""
    real = mask[..., None].to(rows.dtype)
    return (rows * real).sum(1) / real.sum(1).clamp(min=1)
