"""Networks as lists of named layers: many classifiers at once, torch's modules and a web page's program all read them.

    layers = {"conv1": Conv(3, 16), "pool1": Pool(2), "relu1": Relu()}
    x = run(layers, weights, x)         # of M classifiers: B x (M channels) x height x width
    module = sequence(layers)           # of one, ordinary
    steps = describe(layers)            # JSON

All classifiers' channels lie side by side, and a group of channels is a classifier.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints.base import Weights

Layers = Mapping[str, "Layer"]


class Layer(ABC):
    """What is done to channels of pixels. Its weights' names begin with its own."""

    def shapes(self, name: str) -> dict[str, tuple[int, ...]]:
        """Its weights, those of one classifier."""
        return {}

    @abstractmethod
    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        """For M classifiers at once; each weight has M in front."""

    @abstractmethod
    def module(self) -> nn.Module:
        """For one classifier."""

    def describe(self, name: str) -> dict:
        """For a program that has no torch."""
        return {"do": type(self).__name__.lower(), "name": name, **asdict(self)}


@dataclass(frozen=True)
class Conv(Layer):
    """A convolution with as many zeros around as keep a picture's size. Then either a bias, or a group norm of so many
    groups (Wu & He, 2018), which unlike a batch norm has no running statistics, or nothing."""

    into: int
    out: int
    kernel: int = 3
    stride: int = 1
    bias: bool = True
    groups: int = 0

    def shapes(self, name: str) -> dict[str, tuple[int, ...]]:
        found = {f"{name}.weight": (self.out, self.into, self.kernel, self.kernel)}
        if self.bias:
            found[f"{name}.bias"] = (self.out,)
        if self.groups:
            found |= {f"{name}.scale": (self.out,), f"{name}.shift": (self.out,)}
        return found

    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        """Where all classifiers look at the same channels, they are one wide convolution."""
        kernels = weights[f"{name}.weight"]
        many = len(kernels)

        def one_after_the_other(part: str) -> Tensor:
            return weights[f"{name}.{part}"].flatten(0, 1).to(x.dtype)

        y = F.conv2d(
            x,
            one_after_the_other("weight"),
            one_after_the_other("bias") if self.bias else None,
            stride=self.stride,
            padding=self.kernel // 2,
            groups=x.shape[1] // self.into,
        )
        if self.groups:
            y = F.group_norm(y, many * self.groups, one_after_the_other("scale"), one_after_the_other("shift"))
        return y

    def module(self) -> nn.Module:
        return Convolution(self)


class Convolution(nn.Conv2d):
    """One classifier's `Conv`, its norm included: what belongs to an output channel stays together."""

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
    """Several ways from the same place, added up where they meet. A way without layers leaves things as they are."""

    ways: Mapping[str, Layers]

    def shapes(self, name: str) -> dict[str, tuple[int, ...]]:
        return {k: v for way, layers in self.ways.items() for k, v in shapes(layers, f"{name}.{way}.").items()}

    def run(self, weights: Weights, name: str, x: Tensor) -> Tensor:
        return reduce(add, (run(layers, weights, x, f"{name}.{way}.") for way, layers in self.ways.items()))

    def module(self) -> nn.Module:
        return Ways({way: sequence(layers) for way, layers in self.ways.items()})

    def describe(self, name: str) -> dict:
        return {"do": "sum", "ways": [describe(layers, f"{name}.{way}.") for way, layers in self.ways.items()]}


class Ways(nn.ModuleDict):
    """One classifier's `Sum`."""

    def forward(self, x: Tensor) -> Tensor:
        return reduce(add, (way(x) for way in self.values()))


def shapes(layers: Layers, within: str = "") -> dict[str, tuple[int, ...]]:
    """The weights of one classifier; `within` stands before the layers' names."""
    return {k: v for name, layer in layers.items() for k, v in layer.shapes(within + name).items()}


def run(layers: Layers, weights: Weights, x: Tensor, within: str = "") -> Tensor:
    for name, layer in layers.items():
        x = layer.run(weights, within + name, x)
    return x


def sequence(layers: Layers) -> nn.Sequential:
    return nn.Sequential(OrderedDict((name, layer.module()) for name, layer in layers.items()))


def describe(layers: Layers, within: str = "") -> list[dict]:
    return [layer.describe(within + name) for name, layer in layers.items()]
