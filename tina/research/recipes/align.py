"""The last step of the image tower: its final projection, set so that classes it never saw fare well too.

Training against names teaches the projection to tell the seen classes apart, and lets every picture lean towards what
pictures are on average; an unseen name that lies in that direction then wins too often. So the average picture is
taken out, and the projection is moved half of the way to the closed form of Romera-Paredes & Torr ("An embarrassingly
simple approach to zero-shot learning", 2015), which is held back on both sides, in features and in words. Of seen
classes left out of it, it knew more than ridge regressions from features to words, or from words to features, did.

Chosen on seen classes and `zoo` pictures alone: how much to hold back by leaving classes out, the share as the largest
of a few that costs the seen classes nothing.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.research.recipes.image_tower import EDGES, SIZES
from tina.training.fit.linear import covariance
from tina.worlds import load_world

PICTURES, HELD_FEATURES, HELD_WORDS, SHARE = 60, 1.0, 1.0, 0.5


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
            words.append(word)
    return solve(features, torch.stack(words), tower.head.proj.weight.detach())


def solve(features: list[Tensor], words: Tensor, trained: Tensor) -> dict[str, Tensor]:
    """The blend of the trained projection and the closed form, about the average picture; every class weighs as much
    as it has pictures, the average as if all had as many."""
    average = torch.stack([part.mean(0) for part in features]).mean(0)
    centred = torch.cat(features) - average
    spread = covariance(centred)
    spread = spread + HELD_FEATURES * spread.diagonal().mean() * torch.eye(len(spread))
    sums = torch.stack([(part - average).sum(0) for part in features], 1) / len(centred)  # features x classes
    sums = 2 * (sums - sums.mean(1, keepdim=True))
    about = words - words.mean(0)
    held = about.T @ about + HELD_WORDS * torch.eye(about.shape[1])
    closed = torch.linalg.solve(spread, sums @ about @ torch.linalg.inv(held)).T
    weight = sum(
        share * matrix / (centred @ matrix.T).norm(dim=1).mean()
        for share, matrix in ((1 - SHARE, trained), (SHARE, closed))
    )
    return {"weight": weight, "bias": -weight @ average}
