"""The last step of the image tower: its final projection, set so that classes outside its training set do better.

Training against class names teaches the projection to discriminate between the seen classes only, and every image
embedding gets a component along the mean embedding; an unseen name that lies in that direction is then predicted too
often. So features are centred, and the projection is moved half of the way to the closed form of Romera-Paredes & Torr
("An embarrassingly simple approach to zero-shot learning", 2015), which is regularised on both sides, in features and
in text vectors. On held-out seen classes it was more accurate than ridge regressions from features to text vectors, or
from text vectors to features.

Chosen on seen classes and `zoo` pictures alone: the two regularisers by leaving classes out, the share as the largest
of a few that costs the seen classes no accuracy.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.research.recipes.image_tower import EDGES, SIZES
from tina.training.fit.linear import covariance
from tina.worlds import load_world

PICTURES = 60  # at most, of each class
FEATURE_RIDGE, TEXT_RIDGE = 1.0, 1.0  # regularisers of the closed form, on either side
CLOSED_FORM_SHARE = 0.5  # of the projection; the rest is the trained one


def align(
    tower: nn.Module, encode: Callable[[list[str]], Tensor], mean: list[float], std: list[float]
) -> dict[str, Tensor]:
    """Fit the projection to training pictures of every seen class.

    Args:
        tower: the trained image tower, with a `trunk` and a projection `head.proj`.
        encode: from N texts to their unit vectors (N x dim).
        mean: of each colour channel, as the tower's pictures are normalised.
        std: likewise, the standard deviation.

    Returns:
        "weight" (dim x F) and "bias" (dim) of the projection.
    """
    features, texts = [], []
    mean_pixel, std_pixel = (torch.tensor(v).view(1, 3, 1, 1) for v in (mean, std))
    for id, size in SIZES.items():
        world = load_world(id, size)
        for name, text in zip(world.seen, encode(world.seen), strict=True):
            x = torch.from_numpy(world.pictures("train", name, PICTURES).copy()).permute(0, 3, 1, 2).float() / 255
            x = F.interpolate(x, size=EDGES[-1], mode="bicubic", antialias=True).clamp(0, 1)  # (N, 3, edge, edge)
            with torch.no_grad():
                features.append(tower.trunk((x - mean_pixel) / std_pixel))  # (N, F)
            texts.append(text)
    return solve(features, torch.stack(texts), tower.head.proj.weight.detach())


def solve(features: list[Tensor], texts: Tensor, trained: Tensor) -> dict[str, Tensor]:
    """Blend the trained projection with the closed form, about the mean of all features.

    Args:
        features: for each of C classes N x F; a class counts by its N in the closed form, but not in the mean.
        texts: C x dim, the unit vectors of the classes' names.
        trained: dim x F, the projection as it was trained.

    Returns:
        "weight" (dim x F) and "bias" (dim); the mean of the features is projected to zero.
    """
    mean = torch.stack([part.mean(0) for part in features]).mean(0)  # (F)
    centred = torch.cat(features) - mean  # (all N, F)
    gram = covariance(centred)  # (F, F)
    gram = gram + FEATURE_RIDGE * gram.diagonal().mean() * torch.eye(len(gram))
    sums = torch.stack([(part - mean).sum(0) for part in features], 1) / len(centred)  # (F, C)
    sums = 2 * (sums - sums.mean(1, keepdim=True))
    centred_texts = texts - texts.mean(0)  # (C, dim)
    text_gram = centred_texts.T @ centred_texts + TEXT_RIDGE * torch.eye(centred_texts.shape[1])  # (dim, dim)
    closed_form = torch.linalg.solve(gram, sums @ centred_texts @ torch.linalg.inv(text_gram)).T  # (dim, F)
    weight = sum(
        share * matrix / (centred @ matrix.T).norm(dim=1).mean()
        for share, matrix in ((1 - CLOSED_FORM_SHARE, trained), (CLOSED_FORM_SHARE, closed_form))
    )
    return {"weight": weight, "bias": -weight @ mean}
