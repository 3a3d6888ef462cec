"""An adapter between an encoder's image tower and its prompts, as Text2Weight (Tian et al., ACM MM 2025) writes them.

A residual block of two layers is added to a picture's vector, and the sum is compared with the vectors of the classes'
prompts by cosine. So no row is generated, only the block: as many weights for a hundred classes as for two, and an
unseen class is compared with like any other.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints.heads import Rows
from tina.blueprints.tokens import Weights
from tina.encoder.encoder import Encoder

HIDDEN = 16


class Adapter(Rows):
    """A residual block on an encoder's picture vectors (entries of about one), and prompt vectors for rows."""

    def __init__(self, id: str, encoder: Encoder):
        """
        Args:
            id: the blueprint's name.
            encoder: of the pictures and of the prompts.
        """
        width = encoder.dim
        shapes = {
            "adapter.down.weight": (HIDDEN, width),
            "adapter.down.bias": (HIDDEN,),
            "adapter.up.weight": (width, HIDDEN),
            "adapter.up.bias": (width,),
        }
        super().__init__(id, width, shapes)
        self.rows_by = encoder

    def init(self, classes: int, generator: torch.Generator) -> Weights:
        """Initial weights at which the residual is zero: the classifier is the encoder by itself.

        A zoo's generic adapter is trained from there on all seen classes, and its classifiers start from the generic
        one. That keeps the hidden units of all of them in the same order; accuracy is the same as from zero."""
        weights = super().init(classes, generator)
        return weights | {"adapter.up.weight": torch.zeros_like(weights["adapter.up.weight"])}

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        down, up = (weights[f"adapter.{name}.weight"].mT for name in ("down", "up"))  # (M, width, H), (M, H, width)
        before, after = (weights[f"adapter.{name}.bias"][:, None] for name in ("down", "up"))
        x = super().features_many(weights, x)  # (M, B, width)
        hidden = F.relu(torch.baddbmm(before, x, down))  # (M, B, H)
        return F.normalize(x + torch.baddbmm(after, hidden, up), dim=2)

    def module(self, weights: Weights) -> nn.Module:
        head = nn.Linear(self.width, len(weights["head.bias"]))
        module = nn.Sequential(OrderedDict(adapter=Residual(self.width), head=head))
        module.load_state_dict(weights)
        return module.eval()


class Residual(nn.Module):
    """One classifier's residual block: B x width -> unit vectors B x width."""

    def __init__(self, width: int):
        super().__init__()
        self.down, self.up = nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x + self.up(F.relu(self.down(x))), dim=1)
