"""A pretrained tower as a list of layers and their weights: for programs without torch, in a browser and as ONNX.

layers, weights = tower_layers(open_tower("everyday"))     # JSON as `blueprints.layers.describe` gives it; tensors

Towers of the EfficientNet kind alone have such a list (`has_layers`): convolutions, depthwise convolutions, ReLU6 and
sums. Their norms are in the convolutions' weights already.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from tina.blueprints import Blueprint
from tina.blueprints.tower import TowerHeads
from tina.encoder.everyday import PhotoTower, open_tower
from tina.encoder.towers import is_efficient_net
from tina.errors import UserError

Layer = dict[str, Any]
NOTHING = (nn.Identity, nn.Dropout)


def has_layers(tower: nn.Module) -> bool:
    """Whether `tower_layers` can say what it computes."""
    return isinstance(tower, PhotoTower) and is_efficient_net(tower.network)


def on_layers(blueprint: Blueprint) -> bool:
    """Whether a classifier stands on such a tower."""
    return isinstance(blueprint, TowerHeads) and has_layers(open_tower(blueprint.tower_id))


def tower_layers(tower: PhotoTower) -> tuple[list[Layer], dict[str, Tensor]]:
    """From a normalised picture to the last map.

    Args:
        tower: of which `has_layers` says yes.

    Returns:
        Layers in order ("conv" and "depthwise" with `pad` zeros before the first row and an activation `act`: 0 for
        none, 6 for ReLU6; "sum" of several `ways` from the same place); weights as torch has them, by name.
    """
    network: Any = tower.network
    found = _Walk(tower.size)
    layers = found.chain("conv_stem", network.conv_stem) + found.chain("bn1", network.bn1)
    parts = [(f"blocks.{i}.{j}", block) for i, stage in enumerate(network.blocks) for j, block in enumerate(stage)]
    for name, block in parts:
        inner = [layer for child, module in block.named_children() for layer in found.chain(f"{name}.{child}", module)]
        layers += [{"do": "sum", "ways": [_joined(inner), []]}] if block.has_skip else inner
    layers += found.chain("conv_head", network.conv_head) + found.chain("bn2", network.bn2)
    return _joined(layers), found.weights


class _Walk:
    """Layers one after the other, with the size of the picture so far."""

    def __init__(self, size: int):
        self.size = size
        self.weights: dict[str, Tensor] = {}

    def chain(self, name: str, module: nn.Module) -> list[Layer]:
        if isinstance(module, nn.Conv2d):
            return [self._conv(name, module)]
        if isinstance(module, nn.ReLU6):
            return [{"do": "relu6"}]
        if isinstance(module, NOTHING):
            return []
        raise UserError(f"A tower with {type(module).__name__} runs in Python alone.")

    def _conv(self, name: str, conv: nn.Conv2d) -> Layer:
        kernel, stride = conv.kernel_size[0], conv.stride[0]
        after = -(-self.size // stride)
        rest = max((after - 1) * stride + kernel - self.size, 0)  # TensorFlow's "same": most of it after the last row
        pad = rest // 2 if type(conv).__name__ == "Conv2dSame" else int(conv.padding[0])
        self.size = after
        self.weights |= {f"{name}.weight": conv.weight.detach(), f"{name}.bias": _bias(conv)}
        depthwise = conv.groups > 1
        if conv.groups not in (1, conv.in_channels) or (depthwise and conv.out_channels != conv.in_channels):
            raise UserError("A tower with grouped convolutions runs in Python alone.")
        return {
            "do": "depthwise" if depthwise else "conv",
            "name": name,
            "into": conv.in_channels,
            "out": conv.out_channels,
            "kernel": kernel,
            "stride": stride,
            "pad": pad,
            "act": 0,
        }


def _bias(conv: nn.Conv2d) -> Tensor:
    return conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()


def _joined(layers: list[Layer]) -> list[Layer]:
    """With every ReLU6 in the layer before it."""
    found: list[Layer] = []
    for layer in layers:
        if layer["do"] == "relu6":
            found[-1]["act"] = 6
        else:
            found.append(layer)
    return found
