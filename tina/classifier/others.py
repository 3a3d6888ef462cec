"""What else a picture could be of: the rows of many classes on a classifier's own features.

    others.log_odds(features)        # (N,): that a picture is of one of the classifier's classes, and not of another

A small classifier's logits compare its classes with one another, and say nothing of the rest. The generic network's
rows know that rest: the log odds are those of its softmax, classes that the classifier covers against all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

LEAST = 1e-3  # of a share, on either side: no class is quite on one


@dataclass(frozen=True)
class Others:
    """Rows on the classifier's features.

    rows: (R, F + 1), biases last
    shares: (R,), from 0 (none of the classifier's classes) to 1
    """

    rows: Tensor
    shares: Tensor

    @property
    def log_weights(self) -> Tensor:
        """(2, R): of what is the classifier's, and of what is not."""
        return torch.stack([self.shares.clamp(min=LEAST).log(), (1 - self.shares).clamp(min=LEAST).log()])

    def log_odds(self, features: Tensor) -> Tensor:
        """(N, F) -> (N,)."""
        logits = features @ self.rows[:, :-1].T + self.rows[:, -1]  # (N, R)
        own, rest = self.log_weights
        return (logits + own).logsumexp(1) - (logits + rest).logsumexp(1)


class WithLogOdds(nn.Module):
    """Probabilities, and beside them the log odds that the picture is of one of the classes: for ONNX."""

    def __init__(self, module: nn.Module, others: Others):
        """
        Args:
            module: from pictures to logits; its last part is `head`.
            others: on its features.
        """
        super().__init__()
        *body, self.head = module.children()
        self.body, self.others = nn.Sequential(*body), others

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(x)
        return self.head(features).softmax(1), self.others.log_odds(features)[:, None]
