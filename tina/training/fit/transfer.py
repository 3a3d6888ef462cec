"""The transfer: from an encoder's vector of a picture to the generic network's features, picture by picture.

It is fitted with pictures rather than classes, so it reaches further than the classes it was fitted with.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.blueprints.heads import EncoderHeads
from tina.generator.closed_form.transfer import Transfer
from tina.training.fit.linear import covariance, ridge
from tina.training.zoo.prompt_sampler import PICTURES, PromptSampler, example_pictures
from tina.worlds import World

RIDGE = 3.0  # of the map, in units of what vectors vary by; the best where seen classes were left out
SHRINKAGE = 0.3  # of the covariance within classes towards its mean variance
BATCH = 500  # pictures that are looked at together
REFERENCE = 4  # pictures that are kept of a class


def fit_transfer(features: Tensor, vectors: Tensor, labels: Tensor) -> Transfer:
    """From N pictures: features (N, F) of the generic network, vectors (N, E) of the encoder, labels (N,)."""
    reference = _first_of_each(features, labels)
    features, vectors = features.double(), vectors.double()
    feature_mean, vector_mean = features.mean(0), vectors.mean(0)
    centred, projection = features - feature_mean, ridge(vectors, features, RIDGE)
    counts = labels.bincount().clamp(min=1)
    means = centred.new_zeros(len(counts), centred.shape[1]).index_add(0, labels, centred) / counts[:, None]
    within = covariance(centred - means[labels])
    within.diagonal().add_(SHRINKAGE * within.diagonal().mean())
    precision = torch.linalg.inv(within)
    radius = ((means @ precision) * means).sum(1).mean().sqrt()
    return Transfer(
        vector_mean.float(),
        feature_mean.float(),
        projection.float(),
        precision.float(),
        radius.float(),
        means.float(),
        reference,
    )


@torch.no_grad()
def transfer_of(blueprint: Blueprint, generic: Weights, world: World, prompt_sampler: PromptSampler) -> Transfer:
    """From the pictures that seen classes are shown by."""
    parts = [example_pictures(world, name, PICTURES) for name in prompt_sampler.names]
    labels = torch.arange(len(parts)).repeat_interleave(torch.tensor([len(part) for part in parts]))
    if on_own_tower(blueprint, prompt_sampler.encoder.hash):
        return _identity(prompt_sampler, labels)
    pictures = torch.from_numpy(np.concatenate(parts)).to(generic["head.bias"].device)
    features = [blueprint.features(generic, blueprint.scale(part)).cpu() for part in pictures.split(BATCH)]
    return fit_transfer(torch.cat(features), prompt_sampler.picture_vectors, labels)


def _identity(prompt_sampler: PromptSampler, labels: Tensor) -> Transfer:
    """Where features are the encoder's own vectors there is nothing to carry over: a class's row is its prompt's
    vector, as long as the encoder's logit scale makes it. A discriminant would lean on how pictures of seen classes
    vary, which a tower that was trained on these holds too small."""
    dim = prompt_sampler.width
    radius = torch.tensor(prompt_sampler.encoder.scale / dim**0.5)
    reference = _first_of_each(prompt_sampler.picture_vectors * dim**0.5, labels)
    zeros, no_means = torch.zeros(dim), torch.zeros(0, dim)
    return Transfer(zeros, zeros.clone(), torch.eye(dim), torch.eye(dim), radius, no_means, reference)


def on_own_tower(blueprint: Blueprint, encoder_hash: str) -> bool:
    """Whether classifiers stand on the image tower of the encoder that their prompts go through."""
    return isinstance(blueprint, EncoderHeads) and blueprint.encoder.hash == encoder_hash


def _first_of_each(features: Tensor, labels: Tensor) -> Tensor:
    """The first few pictures' features of every class."""
    firsts = [torch.nonzero(labels == label)[:REFERENCE, 0] for label in labels.unique()]
    return features[torch.cat(firsts)].float()
