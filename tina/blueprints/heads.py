"""Classifiers of which only the last layers are generated, on a frozen backbone that all of them share.

A backbone is no part of a classifier's weights, tokens or zoo. An encoder's image tower is identified by the encoder's
id. A network of our own is trained once, as the generic network of a zoo, and is saved with that: in the zoo's folder,
in a checkpoint's generic network, in a classifier's zip. A blueprint from the table has none yet; `on` gives it one:

    blueprint = get_blueprint("resnet20-head")
    generic = blueprint.whole.module(weights)       # a whole trained network
    blueprint = blueprint.on(generic)               # the same backbone, any rows

A picture's features never change, so the layers above the backbone are trained on features: `top` is the blueprint of
these layers alone, whose "pictures" are features.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections import OrderedDict
from functools import cached_property
from typing import cast

import torch
from torch import Tensor, nn

from tina.blueprints.base import Blueprint
from tina.blueprints.network import Network
from tina.blueprints.tokens import Weights
from tina.encoder.encoder import Encoder
from tina.encoder.towers import ImageTower

BATCH = 500  # pictures that a backbone is run on at once


class Rows(Blueprint):
    """A last layer alone, on features: B x width, or M x B x width."""

    def __init__(self, id: str, width: int, shapes: dict[str, tuple[int, ...]] | None = None):
        """
        Args:
            id: the blueprint's name.
            width: numbers of a feature vector.
            shapes: weights before the last layer (none by default).
        """
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
    """Layers on a frozen backbone: `top` has all the weights, a subclass computes the features."""

    def __init__(self, top: Rows, size: int):
        """
        Args:
            top: the layers above the backbone.
            size: pictures are size x size.
        """
        super().__init__(top.id, top.width, top.shapes, size)
        self.top, self.rows_by = top, top.rows_by

    def init(self, classes: int, generator: torch.Generator) -> Weights:
        return self.top.init(classes, generator)

    @abstractmethod
    def look(self, x: Tensor) -> Tensor:
        """Features by the backbone, without gradients.

        Args:
            x: prepared pictures, B x 3 x size x size.

        Returns:
            B x width, fp32.
        """

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        features = self.look(x.flatten(0, -4)).unflatten(0, x.shape[:-3])  # (B, width) or (M, B, width)
        return self.top.features_many(weights, features)


class NetworkHeads(Heads):
    """Rows on a network of our own."""

    backbone: nn.Sequential  # set by `on`

    def __init__(self, id: str, network: Network):
        """
        Args:
            id: the blueprint's name.
            network: the blueprint of the whole network.
        """
        super().__init__(Rows(id, network.width), network.size)
        self.network = network

    @property
    def whole(self) -> Network:
        return self.network

    def on(self, generic: nn.Module) -> NetworkHeads:
        """With all layers but the last of `generic` as the backbone. They are shared: whatever is loaded into `generic`
        or moved to a GPU later is so in the backbone, too."""
        if not isinstance(generic, nn.Sequential):
            raise TypeError("The generic network has to be a module of `whole`.")
        placed = copy.copy(self)
        placed.backbone = cast(nn.Sequential, generic[:-1])
        return placed

    @torch.no_grad()
    def look(self, x: Tensor) -> Tensor:
        return torch.cat([self.backbone(part.float()) for part in x.split(BATCH)])

    def complete(self, weights: Weights) -> Weights:
        return {name: tensor.detach().clone().cpu() for name, tensor in self.backbone.state_dict().items()} | weights

    def module(self, weights: Weights) -> nn.Module:
        return self.network.module(self.complete(weights))


class EncoderHeads(Heads):
    """Layers on an encoder's image tower, which takes pictures of its own size."""

    def __init__(self, top: Rows, encoder: Encoder):
        """
        Args:
            top: the layers above the tower, on features of the encoder's dim.
            encoder: whose image tower is the backbone.
        """
        size = encoder.model.visual.image_size
        super().__init__(top, size if isinstance(size, int) else size[0])
        self.encoder = encoder
        self.tower = ImageTower(encoder.model.visual, encoder.dim, encoder.device)

    @property
    def backbone_hash(self) -> str:
        return self.encoder.hash

    @property
    def whole(self) -> Rows:
        return self.top

    @torch.no_grad()
    def look(self, x: Tensor) -> Tensor:
        device = self.encoder.device
        return torch.cat([self.tower(part.float().to(device)) for part in x.split(BATCH)]).to(x.device)

    def module(self, weights: Weights) -> nn.Module:
        top = dict(self.top.module(weights).named_children())
        return nn.Sequential(OrderedDict(tower=self._tower_here, **top)).eval()

    @cached_property
    def _tower_here(self) -> ImageTower:
        """The tower on the CPU, where classifiers are."""
        return self.tower if self.encoder.device.type == "cpu" else copy.deepcopy(self.tower).cpu()
