"""A small residual network (He et al., 2015): where making a classifier for its task pays, because it has no room for
any other."""

from __future__ import annotations

import torch

from .layers import Conv, Relu, Sum
from .network import Network

CHANNELS = 4  # of a group of a norm


class Tiny(Network):
    """Conv 3x3, three residual blocks, the second and third with twice the channels of a picture half as large, the
    mean, linear head.

    Group norms have no running statistics, so that a classifier is its weights and nothing else; a norm's scales and
    shifts are in the tokens of the channels they belong to. Eight classifiers' training step in bf16 on one thread took
    up to a quarter less with a channel's pixels next to each other in memory than with a pixel's channels, and a fifth
    to a half less together than one after the other.
    """

    def __init__(self, id: str, base: int):
        layers = {
            "stem": _normed(3, base),
            "relu0": Relu(),
            "block1": _block(base, base, stride=1),
            "relu1": Relu(),
            "block2": _block(base, 2 * base, stride=2),
            "relu2": Relu(),
            "block3": _block(2 * base, 4 * base, stride=2),
            "relu3": Relu(),
        }
        super().__init__(id, layers, 4 * base, torch.contiguous_format)


def _normed(into: int, out: int, stride: int = 1) -> Conv:
    return Conv(into, out, stride=stride, bias=False, groups=out // CHANNELS)


def _block(into: int, out: int, stride: int) -> Sum:
    long = {"conv1": _normed(into, out, stride), "relu": Relu(), "conv2": _normed(out, out)}
    short = {} if into == out else {"conv": Conv(into, out, kernel=1, stride=stride, bias=False)}
    return Sum({"long": long, "short": short})
