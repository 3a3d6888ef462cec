"""Rows on a pretrained image tower: a linear layer on two unit vectors of a picture, one of them centred for the task.

Tower and features are shared by all classifiers of a checkpoint. A classifier has a centre, which is taken away from a
picture's first vector before it is made a unit vector again, and a row and a bias for each class. The tower is
identified by its id and hash; the features (means and a whitening, `TowerFeatures`) are in a checkpoint and in a
classifier's zip. A blueprint from the table has none yet; `on` gives it some:

    blueprint = get_blueprint("tower-rows:everyday").on(nn.Sequential(OrderedDict(features=features)))
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from tina.blueprints.heads import Heads, Rows
from tina.blueprints.tokens import Weights
from tina.encoder.everyday import MIDDLE, everyday_square, open_tower

AXES = 256  # along which features are whitened
TOGETHER = 16  # pictures that a tower looks at: more take longer each


class TowerFeatures(nn.Module):
    """What a linear classifier on the tower looks at: z and u, two unit vectors of a picture.

    `whole` and `middle` are the means of the tower's last map over all places and over the middle ones: what stands at
    the border of a map has seen the padding. u is the whole, less its mean over many pictures: on it the tower's own
    last layer and rows predicted from names are at home. z is a power of the middle, less its mean, whitened a little
    by how pictures of one class differ (their covariance within classes over several sets, to the power -1/4): on it
    few pictures suffice.
    """

    whole_mean: Tensor  # (F,)
    middle_mean: Tensor  # (F,): of the powers
    axes: Tensor  # (F, AXES), orthonormal: along which pictures of one class differ most
    shrink: Tensor  # (AXES,): the share that is taken away along each
    power: Tensor  # (1,)

    def __init__(self, width: int):
        """
        Args:
            width: F, of the tower's features.
        """
        super().__init__()
        for name, tensor in feature_shapes(width).items():
            self.register_buffer(name, torch.zeros(tensor))
        self.power.fill_(1)

    @property
    def width(self) -> int:
        return len(self.whole_mean)

    def forward(self, whole: Tensor, middle: Tensor) -> Tensor:
        """(..., F) twice -> z and u side by side, (..., 2 F)."""
        return torch.cat([self.whiten(middle), F.normalize(whole - self.whole_mean, dim=-1)], dim=-1)

    def whiten(self, middle: Tensor) -> Tensor:
        """(..., F) -> z."""
        x = middle.sign() * middle.abs() ** self.power - self.middle_mean
        return F.normalize(x - F.linear((x @ self.axes) * self.shrink, self.axes), dim=-1)


def feature_shapes(width: int) -> dict[str, tuple[int, ...]]:
    """Of the tensors of `TowerFeatures`."""
    return {
        "whole_mean": (width,),
        "middle_mean": (width,),
        "axes": (width, AXES),
        "shrink": (AXES,),
        "power": (1,),
    }


class CentredRows(Rows):
    """The centre and the rows, on features: z and u side by side."""

    def __init__(self, id: str, width: int, shapes: dict[str, tuple[int, ...]] | None = None):
        """
        Args:
            id: the blueprint's name.
            width: F; features are 2 F wide.
            shapes: of other weights (none by default).
        """
        super().__init__(id, 2 * width, {**(shapes or {}), "centre.weight": (width,)})

    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        z, u = super().features_many(weights, x).chunk(2, dim=2)  # (M, B, F)
        return torch.cat([F.normalize(z - weights["centre.weight"][:, None], dim=2), u], dim=2)

    def module(self, weights: Weights) -> nn.Module:
        head = nn.Linear(self.width, len(weights["head.bias"]))
        module = nn.Sequential(OrderedDict(centre=Centre(self.width // 2), head=head))
        module.load_state_dict(weights)
        return module.eval()


class WithFeatures(CentredRows):
    """All that a zip keeps: the features' tensors, the centre and the rows."""

    def __init__(self, id: str, width: int):
        super().__init__(id, width, {f"features.{name}": shape for name, shape in feature_shapes(width).items()})

    def module(self, weights: Weights) -> nn.Module:
        width = self.width // 2
        head = nn.Linear(self.width, len(weights["head.bias"]))
        module = nn.Sequential(OrderedDict(features=TowerFeatures(width), centre=Centre(width), head=head))
        module.load_state_dict(weights)
        return module.eval()


class Centre(nn.Module):
    """One classifier's centre: B x 2 F -> B x 2 F."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        z, u = x.chunk(2, dim=1)
        return torch.cat([F.normalize(z - self.weight, dim=1), u], dim=1)


class TowerHeads(Heads):
    """Centred rows on a tower; of a checkpoint's or a zip's features once it is `on` them."""

    middle = MIDDLE
    layout = torch.channels_last  # as the tower reads them
    backbone: nn.Module  # set by `on`: prepared pictures -> z and u side by side

    def __init__(self, id: str, tower: str):
        """
        Args:
            id: the blueprint's name.
            tower: the tower's id.
        """
        self.tower_id, opened = tower, open_tower(tower)
        super().__init__(CentredRows(id, opened.width), opened.size)
        self._whole, self._hash = WithFeatures(id, opened.width), opened.hash

    @property
    def backbone_hash(self) -> str:
        return self._hash

    @property
    def whole(self) -> Rows:
        return self._whole

    def on(self, generic: nn.Module) -> TowerHeads:
        """With the features of a module of `whole`, and the tower where they are. They are shared, not copied."""
        placed, features = copy.copy(self), generic.get_submodule("features")
        device = features.get_buffer("power").device
        placed.backbone = Backbone(open_tower(self.tower_id, str(device)), features)
        return placed

    def square(self, picture: Image.Image) -> np.ndarray:
        return everyday_square(picture, self.size)

    @torch.no_grad()
    def look(self, x: Tensor) -> Tensor:
        device = self.backbone.get_buffer("features.power").device
        return torch.cat([self.backbone(part.float().to(device)) for part in x.split(TOGETHER)]).to(x.device)

    @torch.no_grad()
    def see(self, pictures: Sequence[np.ndarray]) -> Tensor:
        """Features of pictures (uint8, size x size x 3), B x 2 F: prepared and looked at a few at a time."""
        batches = (pictures[at : at + TOGETHER] for at in range(0, len(pictures), TOGETHER))
        return torch.cat([self.look(self.prepare(np.stack(batch))) for batch in batches])

    def complete(self, weights: Weights) -> Weights:
        features = self.backbone.get_submodule("features").state_dict()
        return {f"features.{name}": tensor.detach().clone().cpu() for name, tensor in features.items()} | weights

    def module(self, weights: Weights) -> nn.Module:
        """On the CPU, where classifiers are."""
        top = dict(self.top.module(weights).named_children())
        features = copy.deepcopy(self.backbone.get_submodule("features")).cpu()
        return nn.Sequential(OrderedDict(backbone=Backbone(open_tower(self.tower_id), features), **top)).eval()


class Backbone(nn.Module):
    """Prepared pictures -> z and u side by side, B x 2 F."""

    def __init__(self, tower: nn.Module, features: nn.Module):
        super().__init__()
        self.tower, self.features = tower, features

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.features(*self.tower(x))
        return features
