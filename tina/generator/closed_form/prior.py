"""What is known without a transformer: the kernels that classes call for, by ridge regression, and their rows.

    shared, classes = prior(prompts, mask)          # to which the generator's difference is added

Which classes a prompt asks for is read softly: each vector is compared with the seen classes' own (`keys`), one made of
texts and one of pictures, and the softmax over them weighs the classes' kernels and rows. `values` come from a ridge
regression over the zoo, `rows` are the generic network's. A part that is zero says nothing and is not saved.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tina.generator.normalise import centre


@dataclass(frozen=True)
class PriorSettings:
    """Chosen by `python -m tina table` in a rehearsal (docs/training.md)."""

    sharpness: float = 15.0  # of the softmax over cosines


class Prior(nn.Module):
    """What each seen class calls for, and how a prompt is read as shares of seen classes."""

    keys: Tensor  # (2, R, E): the seen classes, by their texts and by their pictures
    share_mean: Tensor  # (R,): the mean share of each seen class in the zoo's prompts
    values: Tensor  # (R, S D): the kernels that each calls for, as differences from the mean
    rows: Tensor  # (R, C): its row in the generic network

    def __init__(
        self, keys: Tensor, share_mean: Tensor, values: Tensor, rows: Tensor, settings: PriorSettings | None = None
    ):
        super().__init__()
        self.settings = settings or PriorSettings()
        for name, tensor in (("keys", keys), ("share_mean", share_mean), ("values", values), ("rows", rows)):
            self.register_buffer(name, tensor)

    @classmethod
    def empty(
        cls, classes: int, width: int, size: int, class_width: int, settings: PriorSettings | None = None
    ) -> Prior:
        """Zero for every prompt; of R = classes, E = width, S D = size, C = class_width."""
        keys, share_mean = torch.zeros(2, classes, width), torch.zeros(classes)
        return cls(keys, share_mean, torch.zeros(classes, size), torch.zeros(classes, class_width), settings)

    def forward(self, prompts: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised tokens for prompts (B, K, E), mask (B, K): shared (B, S D) and classes (B, K, C)."""
        shares = self.class_shares(prompts)  # (B, K, R)
        shared = (mean_shares(shares, mask) - self.share_mean) @ self.values
        return shared, centre(shares @ self.rows, mask)

    def class_shares(self, prompts: Tensor) -> Tensor:
        """How much of each seen class there is in each of a prompt's: (B, K, E) -> (B, K, R)."""
        logits = self.settings.sharpness * prompts @ self.keys.flatten(0, 1).T  # (B, K, 2 R)
        return logits.softmax(-1).unflatten(-1, self.keys.shape[:2]).sum(-2)


def mean_shares(shares: Tensor, mask: Tensor) -> Tensor:
    """The mean over each prompt's real classes: (B, K, R), (B, K) -> (B, R)."""
    real = mask[..., None].to(shares.dtype)
    return (shares * real).sum(-2) / real.sum(-2)
