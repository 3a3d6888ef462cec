"""Residual networks (He et al., 2015), from tiny ones, which gain the most from being made for their task because they
have no room for any other, to ResNet-20."""

from __future__ import annotations

import torch

from tina.blueprints.layers import Conv, Layer, Layers, Relu, Sum
from tina.blueprints.network import Network

CHANNELS = 4  # in a group of a group norm


class Residual(Network):
    """Conv 3x3, three stages of so many residual blocks, the second and third with twice the channels of a picture half
    as large, the mean, linear head.

    Group norms have no running statistics, so that a classifier is its weights and nothing else; a norm's scales and
    shifts are in the tokens of the channels they belong to. Eight of the tiny ones' training step in bf16 on one thread
    took up to a quarter less with a channel's pixels next to each other in memory than with a pixel's channels, and a
    fifth to a half less together than one after the other.
    """

    def __init__(self, id: str, base: int, blocks: int = 1):
        """
        Args:
            id: the blueprint's name.
            base: channels of the first stage.
            blocks: residual blocks in each of three stages.
        """
        layers: dict[str, Layer] = {"stem": _normed(3, base), "relu0": Relu()}
        into = base
        for n in range(3 * blocks):
            stage, first = n // blocks, n % blocks == 0
            out = base * 2**stage
            layers[f"block{n + 1}"] = _block(into, out, stride=2 if stage and first else 1)
            layers[f"relu{n + 1}"] = Relu()
            into = out
        super().__init__(id, layers, into, torch.contiguous_format)


def _normed(into: int, out: int, stride: int = 1) -> Conv:
    """A 3x3 convolution with a group norm."""
    return Conv(into, out, stride=stride, bias=False, groups=out // CHANNELS)


def _block(into: int, out: int, stride: int) -> Sum:
    long: Layers = {"conv1": _normed(into, out, stride), "relu": Relu(), "conv2": _normed(out, out)}
    short: Layers = {} if into == out else {"conv": Conv(into, out, kernel=1, stride=stride, bias=False)}
    return Sum({"long": long, "short": short})
