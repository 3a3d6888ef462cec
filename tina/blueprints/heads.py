"""Classifiers of which only the last layer is generated: rows on a frozen backbone that all of them share.

A backbone is no part of a classifier's weights, tokens or zoo. An encoder's image tower is known by the encoder's id. A
network of our own is trained once, as the generic network of a zoo, and travels with that: in the zoo's folder, in a
checkpoint's generic network, in a classifier's zip. A blueprint from the table has none yet; `on` gives it one:

    blueprint = get_blueprint("resnet20-head")
    generic = blueprint.whole.module(weights)       # a whole trained network
    blueprint = blueprint.on(generic)               # its rows can be anything from here on

What a backbone sees of a picture never changes, so rows are trained on that: `rows` is the blueprint of a last layer
alone, whose "pictures" are features.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections import OrderedDict
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.encoder import Encoder

from .base import Blueprint, Weights
from .network import Network

ENCODER_HEAD = "encoder-head:"  # and the encoder's id
TOGETHER = 500  # pictures a backbone looks at


class Rows(Blueprint):
    """A last layer alone: it looks at features, B x width or M x B x width."""

    def __init__(self, id: str, width: int):
        super().__init__(id, width, shapes={})

    def scale(self, pictures: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        return pictures

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        return x if x.ndim == 3 else x.expand(len(weights["head.bias"]), -1, -1)

    def module(self, weights: Weights) -> nn.Module:
        module = nn.Sequential()
        module.add_module("head", nn.Linear(self.width, len(weights["head.bias"])))
        module.load_state_dict(weights)
        return module.eval()


class Heads(Blueprint):
    """Rows on features: a subclass says where those come from."""

    def __init__(self, id: str, width: int, size: int = 32):
        super().__init__(id, width, shapes={}, size=size)
        self.rows = Rows(id, width)

    @abstractmethod
    def look(self, x: Tensor) -> Tensor:
        """Prepared pictures (n x 3 x size x size) -> n x width, in fp32, with no way back for gradients."""

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        found = self.look(x.flatten(0, -4)).unflatten(0, x.shape[:-3])
        return self.rows.features_many(weights, found)


class NetworkHeads(Heads):
    """Rows on a network of our own."""

    def __init__(self, id: str, network: Network):
        super().__init__(id, network.width, network.size)
        self.network = network

    @property
    def whole(self) -> Network:
        return self.network

    def on(self, generic: nn.Module) -> NetworkHeads:
        """`generic` stays whose it is: where it is loaded anew or moved to a GPU, the backbone is."""
        placed = copy.copy(self)
        placed.backbone = generic[:-1]
        return placed

    @torch.no_grad()
    def look(self, x: Tensor) -> Tensor:
        return torch.cat([self.backbone(part.float()) for part in x.split(TOGETHER)])

    def complete(self, weights: Weights) -> Weights:
        return {name: tensor.detach().clone().cpu() for name, tensor in self.backbone.state_dict().items()} | weights

    def module(self, weights: Weights) -> nn.Module:
        return self.network.module(self.complete(weights))


class EncoderHeads(Heads):
    """Rows on an encoder's image tower, which looks at pictures of its own size."""

    def __init__(self, encoder: Encoder):
        self.encoder, self.tower = encoder, Tower(encoder)
        size = encoder.model.visual.image_size
        super().__init__(f"{ENCODER_HEAD}{encoder.id}", encoder.dim, size if isinstance(size, int) else size[0])

    @property
    def backbone_hash(self) -> str:
        return self.encoder.hash

    @property
    def whole(self) -> Rows:
        return self.rows

    @torch.no_grad()
    def look(self, x: Tensor) -> Tensor:
        device = self.encoder.device
        return torch.cat([self.tower(part.float().to(device)) for part in x.split(TOGETHER)]).to(x.device)

    def module(self, weights: Weights) -> nn.Module:
        return nn.Sequential(OrderedDict(tower=self._tower_here, head=self.rows.module(weights).head)).eval()

    @cached_property
    def _tower_here(self) -> Tower:
        """Where classifiers are, which is not on a GPU."""
        return self.tower if self.encoder.device.type == "cpu" else copy.deepcopy(self.tower).cpu()


class Tower(nn.Module):
    """An encoder's vectors of prepared pictures, of a length that makes a vector's numbers about one."""

    def __init__(self, encoder: Encoder):
        super().__init__()
        self.visual, self.dim = encoder.model.visual, encoder.dim
        device = encoder.device
        for name in ("mean", "std"):
            numbers = torch.tensor(encoder.model.visual.preprocess_cfg[name], device=device)
            self.register_buffer(name, numbers[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        vectors = self.visual(((x + 1) / 2 - self.mean) / self.std)
        return F.normalize(vectors.float(), dim=1) * self.dim**0.5
