"""A pretrained tower as bytes for a browser: its layers as JSON, its weights as integers of 8 or 16 bits.

description, content = pack_tower(blueprint, bits=8)
text = as_text(content)                     # for a page: 5 characters for 4 bytes

Every output channel has a scale of its own. Of eight bits, small layers keep sixteen (the first blocks, depthwise
ones), and what rounding changes of a layer's mean output, on made-up pictures, is taken back by its bias. Half
precision in floating point would round five times as coarsely as integers of 16 bits do.
"""

from __future__ import annotations

import copy
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from tina.blueprints.tower import TowerHeads
from tina.classifier.tower_layers import tower_layers
from tina.encoder.everyday import PhotoTower
from tina.errors import UserError

BITS = (8, 16)
LARGE = 30_000  # weights of a layer from which on eight bits are eight: the smaller ones keep sixteen
ALIGN = 16  # bytes
PICTURES = 16  # made-up ones


class PackedTensors:
    """Tensors one after the other as bytes, and where each is: what engine.js unpacks."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.index: dict[str, dict[str, Any]] = {}

    def add(self, name: str, tensor: Tensor, bits: int) -> Tensor:
        """Append it in 8, 16 or 32 bits.

        Args:
            name: in `index`.
            tensor: of 8 and 16 bits every entry of the first axis has its own scale.
            bits: of a number.

        Returns:
            The tensor as it will be read.
        """
        whole = tensor.detach().float().cpu().contiguous(memory_format=torch.contiguous_format)
        if bits == 32:
            self.index[name] = self._put(whole.numpy().astype("<f4"), "f32")
            return whole
        numbers, scales = quantized(whole, bits)
        entry = self._put(numbers.numpy().astype(f"<i{bits // 8}"), f"i{bits}")
        entry |= {"scales": self._put(scales.numpy().astype("<f4"), "f32")["at"], "channels": len(scales)}
        self.index[name] = entry
        return numbers.view(len(scales), -1).float().mul(scales[:, None]).view_as(whole)

    def _put(self, array: np.ndarray, kind: str) -> dict[str, Any]:
        self.content += bytes(-len(self.content) % ALIGN)
        at = len(self.content)
        self.content += array.tobytes()
        return {"kind": kind, "at": at, "bytes": array.nbytes}


def quantized(tensor: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Integers of so many bits, and the scale of each output channel (the first axis)."""
    flat, most = tensor.flatten(1), 2 ** (bits - 1) - 1
    scales = flat.abs().amax(1).clamp(min=1e-12) / most
    return (flat / scales[:, None]).round().clamp(-most, most).to(torch.int32).view_as(tensor), scales


def pack_tower(blueprint: TowerHeads, bits: int = 8) -> tuple[dict[str, Any], bytes]:
    """Everything that the engine needs to make features (z and u) of prepared pictures.

    Args:
        blueprint: that stands on a tower and its features.
        bits: of a weight, 8 or 16.

    Returns:
        What the bytes are, as JSON: size of pictures, layers, where each tensor is. The bytes.
    """
    if bits not in BITS:
        raise UserError(f"Weights of {bits} bits cannot be had: 8 or 16.")
    tower, features = blueprint.backbone.get_submodule("tower"), blueprint.backbone.get_submodule("features")
    assert isinstance(tower, PhotoTower)
    layers, _ = tower_layers(tower)
    packed = PackedTensors()
    for name, tensor in _rounded(tower, packed, bits):
        packed.add(name, tensor, 32)
    tensors = dict(packed.index)
    packed.index = {}
    for name, tensor in features.state_dict().items():
        packed.add(name, tensor.mT if name == "axes" else tensor, 16 if name == "axes" else 32)
    description = {
        "size": tower.size,
        "scale": (tower.scale.flatten() / 127.5).tolist(),
        "shift": (tower.shift - tower.scale).flatten().tolist(),
        "layers": layers,
        "tensors": tensors,
        "features": packed.index,
    }
    return description, bytes(packed.content)


@torch.no_grad()
def _rounded(tower: PhotoTower, packed: PackedTensors, bits: int) -> list[tuple[str, Tensor]]:
    """Puts every convolution's weights into `packed`; gives their biases, corrected."""
    rounded = copy.deepcopy(tower).cpu()
    others = dict(rounded.network.named_modules())
    pairs = [
        (name, module, cast(nn.Conv2d, others[name]))
        for name, module in tower.network.named_modules()
        if isinstance(module, nn.Conv2d)
    ]
    for name, module, other in pairs:
        other.weight.data = packed.add(f"{name}.weight", module.weight, bits if module.weight.numel() >= LARGE else 16)
        if other.bias is None:
            other.bias = nn.Parameter(torch.zeros(module.out_channels), requires_grad=False)
    if bits < 16:
        pictures, means = made_up_pictures(PICTURES, tower.size), dict[str, Tensor]()

        def note(name: str) -> Any:
            return lambda _module, _inputs, out: means.__setitem__(name, out.mean((0, 2, 3)))

        def correct(name: str, other: nn.Conv2d) -> Any:
            def hook(_module: nn.Module, _inputs: Any, out: Tensor) -> Tensor:
                change = means[name] - out.mean((0, 2, 3))
                other.bias.data = other.bias.data + change  # type: ignore[union-attr]
                return out + change[:, None, None]

            return hook

        for network, hooks in (
            (tower, [module.register_forward_hook(note(name)) for name, module, _ in pairs]),
            (rounded, [other.register_forward_hook(correct(name, other)) for name, _, other in pairs]),
        ):
            network(pictures)
            for hook in hooks:
                hook.remove()
    return [(f"{name}.bias", cast(Tensor, other.bias)) for name, _, other in pairs]


def made_up_pictures(count: int, size: int) -> Tensor:
    """Clouds: coarse more than fine, and of weak colour, as photographs are. n x 3 x size x size, from -1 to 1."""
    draw = torch.Generator().manual_seed(0)
    fine = torch.fft.rfftfreq(size) ** 2 + torch.fft.fftfreq(size)[:, None] ** 2
    spectrum = torch.fft.rfft2(torch.randn(count, 3, size, size, generator=draw)) / (fine.sqrt() + 1 / size)
    x = torch.fft.irfft2(spectrum, s=(size, size))
    x = 0.45 * x / x.std((2, 3), keepdim=True)
    return (1.3 * x.mean(1, keepdim=True) + 0.4 * x).clamp(-1, 1)


# 85 characters that mean nothing in HTML, JSON and JavaScript
ALPHABET = "".join(chr(c) for c in range(33, 127) if chr(c) not in "\"&'<>\\`")[:85]


def as_text(content: bytes) -> str:
    """Bytes as characters of `ALPHABET`, 5 for 4 (padded with zeros): a sixteenth less than base64."""
    digits = np.frombuffer(content + bytes(-len(content) % 4), ">u4").astype(np.int64)
    powers = 85 ** np.arange(4, -1, -1)
    letters = np.frombuffer(ALPHABET.encode(), np.uint8)
    return letters[digits[:, None] // powers % 85].tobytes().decode()
