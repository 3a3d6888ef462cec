"""The last step of the image tower: its final projection, set so that classes it never saw fare well too.

Training against names teaches the projection to tell the seen classes apart, and lets every picture lean towards what
pictures are on average; an unseen name that lies in that direction then wins too often. So the average picture is
taken out, and the projection is moved half of the way to the ridge regression from features to the words' vectors,
which says what a feature means rather than what tells the seen classes apart.

Chosen on seen classes and `zoo` pictures alone: the ridge by leaving classes out of the regression, the share as the
largest of a few that costs the seen classes nothing.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.worlds import load_world

from .image_tower import EDGES, SIZES

PICTURES, RIDGE, SHARE = 60, 0.5, 0.5


def align(tower: nn.Module, encode, mean: list[float], std: list[float]) -> dict[str, Tensor]:
    """weight and bias of the projection, from at most PICTURES training pictures of every seen class."""
    features, words = [], []
    middle, spread = (torch.tensor(v).view(1, 3, 1, 1) for v in (mean, std))
    for id, size in SIZES.items():
        world = load_world(id, size)
        for name, word in zip(world.seen, encode(world.seen), strict=True):
            x = torch.from_numpy(world.pictures("train", name, PICTURES).copy()).permute(0, 3, 1, 2).float() / 255
            x = F.interpolate(x, size=EDGES[-1], mode="bicubic", antialias=True).clamp(0, 1)
            with torch.no_grad():
                features.append(tower.trunk((x - middle) / spread))
            words.append(word.expand(len(x), -1))
    return solve(torch.cat(features), torch.cat(words), tower.head.proj.weight.detach())


def solve(features: Tensor, words: Tensor, trained: Tensor) -> dict[str, Tensor]:
    """The blend of the trained projection and the ridge regression, about the average picture."""
    average = features.mean(0)
    centred = features - average
    spread = centred.T @ centred / len(centred)
    spread = spread + RIDGE * spread.diagonal().mean() * torch.eye(len(spread))
    ridge = torch.linalg.solve(spread, centred.T @ (words - words.mean(0)) / len(centred)).T
    weight = sum(
        share * matrix / (centred @ matrix.T).norm(dim=1).mean()
        for share, matrix in ((1 - SHARE, trained), (SHARE, ridge))
    )
    return {"weight": weight, "bias": -weight @ average}
