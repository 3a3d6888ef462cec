"""What else a picture could be of than a prompt's classes, and how much of that is to be expected.

shares = covered(prior.class_shares(vectors), described)        # (M, R)
level = settings.at(shares[m])                                  # log odds below which it is none of these
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class NoneSettings:
    """Fitted for every checkpoint, on classifiers that it wrote (`python -m tina.training.calibrate`). The level hangs
    on how much is covered: `level` plus `slope` times the log odds that a seen class is one of the prompt's."""

    level: float | None = None  # None: it cannot be told
    slope: float = 0.0

    def at(self, shares: Tensor) -> float | None:
        """For a prompt that covers so much of each seen class, (R,)."""
        return None if self.level is None else self.level + self.slope * float(prior_log_odds(shares))


def covered(shares: Tensor, described: Tensor) -> Tensor:
    """How far each seen class is one of a prompt's: class shares (M, K, R) of described classes (M, K) -> (M, R). The
    most that a class has of any seen one counts as all of it, so a broad class covers all its members."""
    most = shares.amax(-1, keepdim=True).clamp(min=1e-9)
    return (shares / most * described[..., None].to(shares.dtype)).amax(1)


def prior_log_odds(shares: Tensor) -> Tensor:
    """(..., R) -> (...): of a class that is drawn at random from the seen ones."""
    return shares.mean(-1).clamp(1e-3, 1 - 1e-3).logit()
