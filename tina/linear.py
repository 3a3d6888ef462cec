"""Ridge regression in closed form."""

from __future__ import annotations

import torch
from torch import Tensor


def ridge(x: Tensor, y: Tensor, strength: float) -> Tensor:
    """The map (R x P) from inputs to outputs (N x P), both less their means. Inputs are N x R, or W x N x R where there
    are several for each output. The strength is in units of what inputs vary by."""
    flat = x.flatten(0, -2)
    x, flat = x - flat.mean(0), flat - flat.mean(0)
    gram = flat.T @ flat
    gram.diagonal().add_(strength * gram.diagonal().mean())
    return torch.linalg.solve(gram, (x.sum(0) if x.ndim == 3 else x).T @ (y - y.mean(0)))
