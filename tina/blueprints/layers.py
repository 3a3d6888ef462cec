"""Networks as named layers, from which M classifiers are run at once, torch modules are built, and web pages run.

    layers = {"conv1": Conv(3, 16), "pool1": Pool(2), "relu1": Relu()}
    x = run(layers, weights, x)         # of M classifiers: B x (M channels) x height x width
    module = sequence(layers)           # of one, ordinary
    steps = describe(layers)            # JSON

The channels of M classifiers are side by side: each classifier is a group of a grouped convolution.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints.tokens import Weights

Layers = Mapping[str, "Layer"]
Description = dict[str, Any]


@dataclass(frozen=True)
class Layer(ABC):
    """An operation on channels of pixels. Its weights' names begin with its own."""

    def shapes(self, name: str) -> dict[str, tuple[int, ...]]:
        """Weight name -> shape, of one classifier, for a layer of this name."""
        return {}

    @abstractmethod
    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        """Apply it for M classifiers at once.

        Args:
            weights: a stack of M; the layer's own begin with `name`.
            name: of the layer.
            x: B x (M channels) x height x width, or with the channels once where all classifiers have the same input.

        Returns:
            B x (M channels) x height x width.
        """

    @abstractmethod
    def module(self) -> nn.Module:
        """The same for one classifier, as a torch module."""

    def describe(self, name: str) -> Description:
        """The layer as JSON, for a program without torch."""
        return {"do": type(self).__name__.lower(), "name": name, **asdict(self)}


@dataclass(frozen=True)
class Conv(Layer):
    """A convolution, padded to keep a picture's size, with a bias, or a group norm of `groups` groups (Wu & He, 2018),
    which unlike a batch norm has no running statistics, or neither."""

    into: int
    out: int
    kernel: int = 3
    stride: int = 1
    bias: bool = True
    groups: int = 0

    def shapes(self, name: str) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {f"{name}.weight": (self.out, self.into, self.kernel, self.kernel)}
        if self.bias:
            shapes[f"{name}.bias"] = (self.out,)
        if self.groups:
            shapes |= {f"{name}.scale": (self.out,), f"{name}.shift": (self.out,)}
        return shapes

    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        many = len(weights[f"{name}.weight"])

        def merged(part: str) -> Tensor:
            return weights[f"{name}.{part}"].flatten(0, 1).to(x.dtype)  # (M out, ...)

        y = F.conv2d(
            x,
            merged("weight"),
            merged("bias") if self.bias else None,
            stride=self.stride,
            padding=self.kernel // 2,
            groups=x.shape[1] // self.into,  # M, or 1 where all have the same input
        )
        if self.groups:
            y = F.group_norm(y, many * self.groups, merged("scale"), merged("shift"))
        return y

    def module(self) -> nn.Module:
        return Convolution(self)


class Convolution(nn.Conv2d):
    """One classifier's `Conv`, its norm included, so that all weights of an output channel share a name."""

    def __init__(self, conv: Conv):
        padding = conv.kernel // 2
        super().__init__(conv.into, conv.out, conv.kernel, stride=conv.stride, padding=padding, bias=conv.bias)
        self.norm_groups = conv.groups
        if conv.groups:
            self.scale, self.shift = nn.Parameter(torch.ones(conv.out)), nn.Parameter(torch.zeros(conv.out))

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return F.group_norm(y, self.norm_groups, self.scale, self.shift) if self.norm_groups else y


@dataclass(frozen=True)
class Pool(Layer):
    """The maximum of every size x size square."""

    size: int

    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        return F.max_pool2d(x, self.size)

    def module(self) -> nn.Module:
        return nn.MaxPool2d(self.size)


@dataclass(frozen=True)
class Relu(Layer):
    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        return F.relu(x)

    def module(self) -> nn.Module:
        return nn.ReLU()


@dataclass(frozen=True)
class Sum(Layer):
    """The sum of several branches with the same input; a branch without layers is the identity."""

    branches: Mapping[str, Layers]

    def shapes(self, name: str) -> dict[str, tuple[int, ...]]:
        return {
            k: v for branch, layers in self.branches.items() for k, v in shapes(layers, f"{name}.{branch}.").items()
        }

    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        return reduce(add, (run(layers, weights, x, f"{name}.{branch}.") for branch, layers in self.branches.items()))

    def module(self) -> nn.Module:
        return Branches({branch: sequence(layers) for branch, layers in self.branches.items()})

    def describe(self, name: str) -> Description:
        return {
            "do": "sum",
            "ways": [describe(layers, f"{name}.{branch}.") for branch, layers in self.branches.items()],
        }


class Branches(nn.ModuleDict):
    """One classifier's `Sum`."""

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = reduce(add, (branch(x) for branch in self.values()))
        return total


def shapes(layers: Layers, within: str = "") -> dict[str, tuple[int, ...]]:
    """Weight name -> shape, of one classifier; `within` is put before the layers' names."""
    return {k: v for name, layer in layers.items() for k, v in layer.shapes(within + name).items()}


def run(layers: Layers, weights: Weights, x: Tensor, within: str = "") -> Tensor:
    """Apply layers one after the other for M classifiers; arguments and result as of `Layer.run`."""
    for name, layer in layers.items():
        x = layer.run(weights, within + name, x)
    return x


def sequence(layers: Layers) -> nn.Sequential:
    """One classifier's layers as a torch module."""
    return nn.Sequential(OrderedDict((name, layer.module()) for name, layer in layers.items()))


def describe(layers: Layers, within: str = "") -> list[Description]:
    """Layers as JSON, in order."""
    return [layer.describe(within + name) for name, layer in layers.items()]
