"""An adapter between an encoder's image tower and its prompts, as Text2Weight (Tian et al., ACM MM 2025) writes them.

A picture's vector is moved by a residual of two layers and then compared with the vectors of the classes' prompts, as
these are. So no row is generated: what is written says how pictures have to be looked at if these are the classes, in
as many weights for a hundred of them as for two, and a class never seen in training is compared with like any other.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints.base import Weights
from tina.blueprints.heads import Rows
from tina.encoder.encoder import Encoder

HIDDEN = 16


class Adapter(Rows):
    """It looks at an encoder's vectors of pictures, whose numbers are about one."""

    def __init__(self, id: str, encoder: Encoder):
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
        """The residual starts at zero, where the classifier is the encoder by itself.

        A zoo's generic adapter is trained from there on all seen classes, and its classifiers start from that one.
        Fine-tuned they end where they would from zero; but it is the rival that a written one has to beat, and the
        hidden units, which could stand in any order, stand in the same one in all."""
        weights = super().init(classes, generator)
        return weights | {"adapter.up.weight": torch.zeros_like(weights["adapter.up.weight"])}

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        down, up = (weights[f"adapter.{name}.weight"].mT for name in ("down", "up"))
        before, after = (weights[f"adapter.{name}.bias"][:, None] for name in ("down", "up"))
        x = super().features_many(weights, x)
        hidden = F.relu(torch.baddbmm(before, x, down))
        return F.normalize(x + torch.baddbmm(after, hidden, up), dim=2)

    def module(self, weights: Weights) -> nn.Module:
        head = nn.Linear(self.width, len(weights["head.bias"]))
        module = nn.Sequential(OrderedDict(adapter=Residual(self.width), head=head))
        module.load_state_dict(weights)
        return module.eval()


class Residual(nn.Module):
    """One classifier's adapter."""

    def __init__(self, width: int):
        super().__init__()
        self.down, self.up = nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x + self.up(F.relu(self.down(x))), dim=1)
