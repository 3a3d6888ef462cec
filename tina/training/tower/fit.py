"""What a Tina on a tower knows before any task: the whitening, what words look like, the axes that tell classes apart.

features = fit_features(sets, reference)
own = own_rows(head, features(reference.whole, reference.middle)[0])
weights, basis = TextRegression(vectors, shares, ridges, radius).fit(own, rank)
axes = fit_axes(own, class means of the sets)
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints.tower import AXES, TowerFeatures, feature_shapes
from tina.encoder.appearance import likeness
from tina.training.tower.data import FeatureSet, class_means

OWN_SHARE = 0.7  # of the sets' covariance in the whitening; the rest is the identity
POWER = 0.7  # of the middle features, before they are whitened
WHITENING = -0.25  # the power of the covariance
MAP_RIDGE = 30.0  # of the map from the tower's own rows to z, in units of the rows' mean square


def fit_features(sets: Sequence[FeatureSet], reference: FeatureSet) -> TowerFeatures:
    """Means over the reference's pictures, and a whitening by how the sets' pictures differ within classes: every group
    of sets weighs the same.

    Args:
        sets: with several pictures a class.
        reference: many things, one picture of each.
    """
    whole, middle = reference.whole.float(), reference.middle.float().clamp_min(0) ** POWER
    whole_mean, middle_mean = whole.mean(0), middle.mean(0)
    groups: dict[str, list[Tensor]] = {}
    for data in sets:
        x = data.middle.float().clamp_min(0) ** POWER - middle_mean
        rest = x - class_means(x, data.labels)[data.labels]
        covariance = rest.mT @ rest
        groups.setdefault(data.group, []).append(covariance / covariance.trace())
    covariance = torch.stack([torch.stack(part).mean(0) for part in groups.values()]).mean(0)
    values, vectors = torch.linalg.eigh(covariance.double())
    gains = (OWN_SHARE * values.clamp_min(0) + (1 - OWN_SHARE) / len(values)) ** WHITENING
    gains = gains / gains[0]  # the direction in which pictures differ least is left as it is
    features = TowerFeatures(len(whole_mean))
    tensors = whole_mean, middle_mean, vectors[:, -AXES:].float(), (1 - gains[-AXES:]).float(), torch.tensor([POWER])
    features.load_state_dict(dict(zip(feature_shapes(features.width), tensors, strict=True)))
    return features


def own_rows(head: Tensor, z: Tensor, labels: Tensor) -> Tensor:
    """Rows of the tower's own classes on u (its last layer's, C x F) and on z: (C, 2 F). Those on u have a length of
    one on the average; those on z are unit vectors.

    The latter are what ridge regression over the classes that there are pictures of makes of the former: a class's own
    picture is one picture.
    """
    pictured = labels.unique()
    centred = head - head[pictured].mean(0)
    plain = F.normalize(centred, dim=1)  # (C, F)
    lengths = centred.norm(dim=1, keepdim=True) / centred.norm(dim=1).mean()
    rows, means = plain[pictured], class_means(z, labels)[pictured]
    gram = rows.mT @ rows
    ridge = MAP_RIDGE * gram.trace() / len(gram) * torch.eye(len(gram))
    on_z = F.normalize(plain @ torch.linalg.solve(gram + ridge, rows.mT @ means), dim=1)
    return torch.cat([lengths * plain, on_z], dim=1)


class TextRegression:
    """Kernel ridge regression from texts to the tower's classes; which rows these have comes in afterwards."""

    def __init__(self, vectors: Tensor, shares: Tensor, ridges: Tensor, radius: float):
        """
        Args:
            vectors: T x E, unit vectors of the known texts.
            shares: T x C, which of the tower's classes a text is about.
            ridges: T, how little each text is trusted.
            radius: of the kernel.
        """
        self.asked, self.ridges = shares.any(0), ridges[:, None]
        self.shares = shares / shares.sum(1, keepdim=True)
        kernel = likeness(vectors, vectors, radius) + torch.diag(ridges)
        self.solved = torch.cholesky_solve(self.shares, torch.linalg.cholesky(kernel))  # (T, C)

    def fit(self, own: Tensor, rank: int | None = None) -> tuple[Tensor, Tensor]:
        """Coefficients and a basis of what is predicted.

        Args:
            own: C x 2 F, rows of the classes.
            rank: how many directions of the predictions are kept; None for all.

        Returns:
            T x rank and rank x 2 F.
        """
        centred = own - own[self.asked].mean(0)
        weights = self.solved @ centred  # (T, 2 F)
        if rank is None:
            return weights, torch.eye(weights.shape[1])
        predicted = self.shares @ centred - self.ridges * weights  # kernel @ weights
        _, directions = torch.linalg.eigh(predicted.mT @ predicted)
        basis = directions[:, -rank:].mT.contiguous()
        return weights @ basis.mT, basis


def fit_axes(own: Tensor, sets: Sequence[tuple[Tensor, Tensor]], axes: int, weight: float = 3.0) -> Tensor:
    """(axes, F): directions of z in which classes differ, over the tower's own rows and the sets' (z, labels)."""
    row = own.chunk(2, dim=1)[1]
    parts = [row - row.mean(0)]
    for z, labels in sets:
        means = class_means(z, labels)
        parts.append(weight * (means - means.mean(0)))
    return torch.linalg.svd(torch.cat(parts), full_matrices=False)[2][:axes].contiguous()
