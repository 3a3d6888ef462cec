"""Pretrained image towers for photographs, as a classifier's last layer stands on them.

tower = open_tower("everyday")
x = torch.from_numpy(everyday_square(picture, tower.size)).permute(2, 0, 1)[None] / 127.5 - 1
f, g = tower(x)                         # (1, 1280) each

Here pictures are prepared as the networks were tested by those who trained them, the middle 7/8 of the shorter side.
open_clip's own preparation, which `Encoder("everyday")` and a folder that it is exported to have, is the whole shorter
side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from tina import compat
from tina.encoder.encoder import Picture, as_picture
from tina.encoder.loading import load
from tina.encoder.packaged import MEAN, PACKAGES, STD, Package
from tina.encoder.towers import fold, is_efficient_net, to_pair
from tina.errors import UserError
from tina.storage import save_tensors, tensor_digest
from tina.worlds.archives import cache_folder
from tina.worlds.pictures import EVERYDAY_MIDDLE, middle_square

MIDDLE = EVERYDAY_MIDDLE


def everyday_square(picture: Picture, size: int = 224) -> NDArray[np.uint8]:
    """The middle of a picture: the shorter side made size / 0.875 long (256 for 224), of which the middle is cut out.

    Args:
        picture: of any size and kind, a path, or uint8 height x width x 3.
        size: of the result.

    Returns:
        uint8, size x size x 3.
    """
    return middle_square(as_picture(picture), size, MIDDLE)


class PhotoTower(nn.Module):
    """A frozen image network: pictures in, features out."""

    scale: Tensor
    shift: Tensor

    def __init__(
        self,
        network: nn.Module,
        size: int,
        mean: list[float],
        std: list[float],
        hash: str,
        generic: nn.Linear | None = None,
    ):
        """
        Args:
            network: from pictures to features (B x dim) or to a map of them (B x dim x h x w).
            size: of the pictures.
            mean: of each colour channel (of pictures from 0 to 1), as the network's pictures are normalised.
            std: likewise, the standard deviation.
            hash: of weights and preparation, 16 hexadecimal digits; kept wherever features are kept.
            generic: the last layer that the network was trained with.
        """
        super().__init__()
        self.network, self.size, self.hash, self.generic = network, size, hash, generic
        means, stds = (torch.tensor(value)[:, None, None] for value in (mean, std))
        self.register_buffer("scale", 0.5 / stds)  # ((x + 1) / 2 - mean) / std = scale * x + shift
        self.register_buffer("shift", (0.5 - means) / stds)

    @cached_property
    def width(self) -> int:
        """How many numbers a feature vector has."""
        with torch.inference_mode():
            return self(self.scale.new_zeros(1, 3, self.size, self.size))[0].shape[1]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """
        Args:
            x: B x 3 x size x size, from -1 to 1.

        Returns:
            f: B x dim, fp32, the mean over all places of the network's last map.
            g: B x dim, fp32, the mean over its places that do not touch the border (5 x 5 of 7 x 7): the border's have
                seen padding. The same as f where the network gives no map.
        """
        x = (self.scale * x + self.shift).contiguous(memory_format=torch.channels_last)
        out = self.network(x).float()  # (B, dim, h, w) or (B, dim)
        if out.dim() == 2:
            return out, out
        return out.mean((2, 3)), out[:, :, 1:-1, 1:-1].mean((2, 3))


@lru_cache(maxsize=2)
def open_tower(id: str = "everyday", device: str = "cpu") -> PhotoTower:
    """An image tower with its trained weights; the last ones stay in memory.

    Args:
        id: everyday or everyday-large (weights from a package), timm:NAME (any network of timm's that has trained
            weights), or any encoder's id (ViT-B-32/openai, local-dir:FOLDER, embedded), of which it is the image side.
        device: where it computes.

    Returns:
        The tower, frozen and in eval mode. A UserError where there is none.
    """
    if id in PACKAGES:
        tower = _of_package(id)
    elif id.startswith("timm:"):
        tower = _of_timm(id.removeprefix("timm:"))
    else:
        tower = tower_of(load(id, torch.device("cpu")).model.visual)
    return tower.eval().requires_grad_(False).to(device)


def _of_package(id: str) -> PhotoTower:
    package = PACKAGES[id]
    network = _folded_network(package)
    generic = network.classifier
    network.reset_classifier(0, "")  # the last map as it is
    preparation: dict[str, Any] = {"size": package.size, "mean": [MEAN] * 3, "std": [STD] * 3}
    hash = _hash(preparation | {"network": package.network, "sha256": package.sha256}, {})
    return PhotoTower(network, hash=hash, generic=generic, **preparation)


def _folded_network(package: Package) -> Any:
    """A packaged network with its norms folded: from the cache folder where it was before, in half the time."""
    kept = cache_folder() / "towers" / f"{package.sha256[:16]}-folded.safetensors"
    network = fold(package.build())
    try:
        network.load_state_dict(load_file(kept), assign=True)
    except (OSError, RuntimeError, SafetensorError):  # it is not there yet, or damaged
        network = fold(package.load())
        with suppress(OSError):  # a cache that cannot be written to is none
            save_tensors(network.state_dict(), kept)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _of_timm(name: str) -> PhotoTower:
    compat.prepare()
    import timm

    try:
        network: Any = timm.create_model(name, pretrained=True, num_classes=0).eval()
    except (RuntimeError, OSError, ValueError, SafetensorError) as error:
        raise UserError(
            f"The network {name!r} cannot be had from timm (is its name right, and this machine online?): "
            f"{str(error).splitlines()[0]}"
        ) from error
    data = network.pretrained_cfg
    preparation: dict[str, Any] = {"size": data["input_size"][-1], "mean": list(data["mean"]), "std": list(data["std"])}
    hash = _hash(preparation, network.state_dict())
    return PhotoTower(fold(network) if is_efficient_net(network) else network, hash=hash, **preparation)


class UnitVectors(nn.Module):
    """An encoder's image side: its vectors are compared by their direction, and so is what is made of them."""

    def __init__(self, visual: nn.Module):
        super().__init__()
        self.visual = visual

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.visual(x).float(), dim=1)


def tower_of(visual: Any) -> PhotoTower:
    """The image side of an open_clip model, on the CPU."""
    prepared = visual.preprocess_cfg
    preparation: dict[str, Any] = {
        "size": to_pair(prepared["size"])[-1],
        "mean": list(prepared["mean"]),
        "std": list(prepared["std"]),
    }
    hash = _hash(preparation | {"unit": True}, visual.state_dict())
    return PhotoTower(UnitVectors(visual), hash=hash, **preparation)


def _hash(about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    return tensor_digest(tensors, json.dumps(about, sort_keys=True))
