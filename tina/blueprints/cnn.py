"""Two convolutions and a head, small enough that every weight is generated: there is no backbone."""

from __future__ import annotations

from collections import OrderedDict

import torch.nn.functional as F
from torch import Tensor, nn

from .base import Blueprint, Weights


class Cnn(Blueprint):
    """Conv 3x3, ReLU, max-pool 2, conv 3x3, ReLU, mean over the picture, linear head."""

    def __init__(self, id: str, first: int, second: int):
        shapes = {
            "conv1.weight": (first, 3, 3, 3),
            "conv1.bias": (first,),
            "conv2.weight": (second, first, 3, 3),
            "conv2.bias": (second,),
        }
        super().__init__(id, width=second, shapes=shapes)

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        """All classifiers' channels lie side by side; a group of channels is a classifier."""
        many = len(weights["conv1.weight"])
        if x.ndim == 5:  # M x B x 3 x 32 x 32: every classifier has its own pictures
            x, groups = x.transpose(0, 1).flatten(1, 2), many
        else:  # B x 3 x 32 x 32: all look at the same, so their first layers are one wide layer
            groups = 1
        x = F.max_pool2d(F.relu(_convolve(weights, "conv1", x, groups)), 2)  # B x (M first) x 16 x 16
        x = F.relu(_convolve(weights, "conv2", x, many)).mean((2, 3))  # B x (M second)
        return x.unflatten(1, (many, self.width)).transpose(0, 1)

    def module(self, weights: Weights) -> nn.Module:
        first, second = len(weights["conv1.bias"]), self.width
        module = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(3, first, 3, padding=1),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(2),
                conv2=nn.Conv2d(first, second, 3, padding=1),
                relu2=nn.ReLU(),
                pool2=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                head=nn.Linear(second, len(weights["head.bias"])),
            )
        )
        module.load_state_dict(weights)
        return module.eval()


def _convolve(weights: Weights, name: str, x: Tensor, groups: int) -> Tensor:
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return F.conv2d(x, weight.flatten(0, 1), bias.flatten(), padding=1, groups=groups)
