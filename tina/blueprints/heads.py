"""Classifiers of which only the end is generated, on a frozen backbone that all of them share: rows, or an adapter.

A backbone is no part of a classifier's weights, tokens or zoo. An encoder's image tower is known by the encoder's id. A
network of our own is trained once, as the generic network of a zoo, and travels with that: in the zoo's folder, in a
checkpoint's generic network, in a classifier's zip. A blueprint from the table has none yet; `on` gives it one:

    blueprint = get_blueprint("resnet20-head")
    generic = blueprint.whole.module(weights)       # a whole trained network
    blueprint = blueprint.on(generic)               # its rows can be anything from here on

What a backbone sees of a picture never changes, so what stands on it is trained on that: `top` is the blueprint of the
end alone, whose "pictures" are features.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections import OrderedDict
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints.base import Blueprint, Weights
from tina.blueprints.network import Network
from tina.encoder.encoder import Encoder

TOGETHER = 500  # pictures a backbone looks at


class Rows(Blueprint):
    """A last layer alone: it looks at features, B x width or M x B x width."""

    def __init__(self, id: str, width: int, shapes: dict[str, tuple[int, ...]] | None = None):
        super().__init__(id, width, shapes or {})

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
    """What stands on features (`top`), and has all the weights: a subclass says where those features come from."""

    def __init__(self, top: Rows, size: int):
        super().__init__(top.id, top.width, top.shapes, size)
        self.top, self.rows_by = top, top.rows_by

    def init(self, classes: int, generator: torch.Generator) -> Weights:
        return self.top.init(classes, generator)

    @abstractmethod
    def look(self, x: Tensor) -> Tensor:
        """Prepared pictures (n x 3 x size x size) -> n x width, in fp32, with no way back for gradients."""

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        found = self.look(x.flatten(0, -4)).unflatten(0, x.shape[:-3])
        return self.top.features_many(weights, found)


class NetworkHeads(Heads):
    """Rows on a network of our own."""

    def __init__(self, id: str, network: Network):
        super().__init__(Rows(id, network.width), network.size)
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
    """What stands on an encoder's image tower, which looks at pictures of its own size."""

    def __init__(self, top: Rows, encoder: Encoder):
        size = encoder.model.visual.image_size
        super().__init__(top, size if isinstance(size, int) else size[0])
        self.encoder, self.tower = encoder, Tower(encoder)

    @property
    def backbone_hash(self) -> str:
        return self.encoder.hash

    @property
    def whole(self) -> Rows:
        return self.top

    @torch.no_grad()
    def look(self, x: Tensor) -> Tensor:
        device = self.encoder.device
        return torch.cat([self.tower(part.float().to(device)) for part in x.split(TOGETHER)]).to(x.device)

    def module(self, weights: Weights) -> nn.Module:
        top = dict(self.top.module(weights).named_children())
        return nn.Sequential(OrderedDict(tower=self._tower_here, **top)).eval()

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
