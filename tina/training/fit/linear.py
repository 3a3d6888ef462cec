"""Ridge regression in closed form, and logistic regression."""

from __future__ import annotations

import torch
from torch import Tensor

STEPS, DECAY = 500, 1e-5  # of logistic regression, and its weight decay, without which it may diverge


def ridge(x: Tensor, y: Tensor, strength: float) -> Tensor:
    """The map (R x P) from inputs to outputs (N x P), both less their means. Inputs are N x R, or W x N x R where there
    are several for each output. The strength is in units of what inputs vary by."""
    flat = x.flatten(0, -2)
    x, flat = x - flat.mean(0), flat - flat.mean(0)
    gram = flat.T @ flat
    gram.diagonal().add_(strength * gram.diagonal().mean())
    return torch.linalg.solve(gram, (x.sum(0) if x.ndim == 3 else x).T @ (y - y.mean(0)))


def kernel_ridge(kernel: Tensor, y: Tensor, strength: float) -> Tensor:
    """Coefficients (N x P) that a kernel with the N inputs is multiplied by, from the inputs' own (N x N) and their
    outputs (N x P)."""
    return torch.linalg.solve(kernel + strength * torch.eye(len(kernel), device=kernel.device), y)


def covariance(x: Tensor) -> Tensor:
    """Of rows (N x F) whose mean has been subtracted: F x F."""
    return x.T @ x / len(x)


def logistic(x: Tensor, y: Tensor) -> Tensor:
    """Logistic regression, by steps that cannot overshoot: nowhere is it more curved than this (Böhning, 1992)."""
    weights, decay = x.new_zeros(x.shape[1]), DECAY * torch.eye(x.shape[1], dtype=x.dtype)
    step = torch.linalg.inv(x.T @ x / (4 * len(x)) + decay)
    for _ in range(STEPS):
        weights = weights - step @ (x.T @ ((x @ weights).sigmoid() - y) / len(x) + decay @ weights)
    return weights
