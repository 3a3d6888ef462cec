"""Rows for classes that nothing was trained on, from what the encoder knows of pictures.

    transfer = Transfer.fit(features, vectors, labels)    # of pictures: by the generic network, and by the encoder
    rows, biases = transfer(prompts)
    weights = transfer.into(weights, prompts, mask, known, shown, keys)  # in place of what was written

A generator that has only ever written rows for some classes writes one of theirs for any other. But the encoder has
looked at pictures: a linear map from its vector of a picture to the generic network's features of it says what the
features of a class would be on average, and a linear discriminant (Fisher, 1936) makes the row of that mean. The map
is fitted picture by picture, so it reaches further than the classes it was fitted with. Words lie apart from pictures:
what they name is expected halfway between where the map puts it, and where seen classes are whose words are like these
(kernel ridge regression). On the encoder's own tower, which learnt to see what words say, the map alone is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.blueprints import HEAD, Blueprint, Weights
from tina.blueprints.heads import EncoderHeads
from tina.encoder.appearance import likeness
from tina.training.fit.linear import covariance, ridge, ridge_by_likeness
from tina.training.zoo.prompt_sampler import PICTURES, PromptSampler, example_pictures
from tina.worlds import World

RIDGE = 3.0  # of the map, in units of what vectors vary by; the best where seen classes were left out
TOGETHER = 500  # pictures that are looked at
SMOOTH = 0.3  # of the features' spread within a class, in units of itself
EACH = 4  # strangers that are kept of a class
DOUBT = 1.0  # that seen classes are where their words are
NEVER = -1e9  # a logit that wins nothing
HEATS = (10.0,) * 10 + (3.0,) * 10 + (1.0,) * 20  # temperatures at which rows are moved: in large steps first


@dataclass(frozen=True)
class Transfer:
    middle: Tensor  # E: the usual vector of a picture
    usual: Tensor  # F: and its usual features
    lift: Tensor  # E x F: from vectors to features
    inverse: Tensor  # F x F: of how features vary within a class
    reach: Tensor  # one number: how far a class's mean usually is from the middle, in units of how a class varies
    means: Tensor  # R x F: the features of each class, less the usual ones; none on the encoder's own tower
    strangers: Tensor  # S x F: those of a few pictures of every class

    @classmethod
    def empty(cls, width: int, features: int) -> Transfer:
        """Rows of zeros."""
        shapes = ((width,), (features,), (width, features), (features, features), (), (0, features), (0, features))
        return cls(*map(torch.zeros, shapes))

    @classmethod
    def fit(cls, features: Tensor, vectors: Tensor, labels: Tensor) -> Transfer:
        """From N x F, N x E, and what each picture shows (N whole numbers)."""
        strangers = _few(features, labels)
        features, vectors = features.double(), vectors.double()
        usual, middle = features.mean(0), vectors.mean(0)
        away, lift = features - usual, ridge(vectors, features, RIDGE)
        counts = labels.bincount().clamp(min=1)
        means = away.new_zeros(len(counts), away.shape[1]).index_add(0, labels, away) / counts[:, None]
        within = covariance(away - means[labels])
        within.diagonal().add_(SMOOTH * within.diagonal().mean())
        inverse = torch.linalg.inv(within)
        reach = ((means @ inverse) * means).sum(1).mean().sqrt()
        return cls(*(part.float() for part in (middle, usual, lift, inverse, reach, means, strangers)))

    @classmethod
    @torch.no_grad()
    def of(cls, blueprint: Blueprint, generic: Weights, world: World, prompt_sampler: PromptSampler) -> Transfer:
        """Of the pictures that seen classes are shown by."""
        parts = [example_pictures(world, name, PICTURES) for name in prompt_sampler.names]
        labels = torch.arange(len(parts)).repeat_interleave(torch.tensor([len(part) for part in parts]))
        if on_own_tower(blueprint, prompt_sampler.encoder.hash):
            return cls._on_own_tower(prompt_sampler, labels)
        pictures = torch.from_numpy(np.concatenate(parts)).to(generic["head.bias"].device)
        found = [blueprint.features(generic, blueprint.scale(part)).cpu() for part in pictures.split(TOGETHER)]
        return cls.fit(torch.cat(found), prompt_sampler.picture_vectors, labels)

    @classmethod
    def _on_own_tower(cls, prompt_sampler: PromptSampler, labels: Tensor) -> Transfer:
        """Where features are the encoder's own vectors, there is nothing to carry over: a class's row is its prompt's
        vector, as loud as the encoder learnt to take it. A discriminant would lean on how pictures of seen classes
        vary, which a tower that was trained on these holds too small."""
        dim = prompt_sampler.width
        reach = torch.tensor(prompt_sampler.encoder.scale / dim**0.5)
        strangers = _few(prompt_sampler.picture_vectors * dim**0.5, labels)
        nothing, none, same = torch.zeros(2, dim), torch.zeros(0, dim), torch.eye(dim)
        return cls(*nothing.clone(), same, same.clone(), reach, none, strangers)

    def __call__(
        self, prompts: Tensor, shown: Tensor | None = None, keys: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rows (... x F) and biases (...) for prompt vectors (... x E), as of pictures; or as far as they are of words
        (`shown`, 0 to 1, is how much they are of pictures), also by what seen classes are told by (`keys`, R x E)."""
        away = self._at_reach((prompts - self.middle) @ self.lift)
        rows = away @ self.inverse
        biases = -(rows * (away / 2 + self.usual)).sum(-1)
        if keys is not None and len(self.means):
            told = likeness(prompts, keys) @ ridge_by_likeness(likeness(keys, keys), self.means, DOUBT)
            length = (self._at_reach(self.means) @ self.inverse).norm(dim=1).mean()  # of a row, usually
            told = length * F.normalize((away + self._at_reach(told)) @ self.inverse, dim=-1)
            rows, biases = torch.lerp(told, rows, shown[..., None]), torch.lerp(-(told @ self.usual), biases, shown)
        return rows, biases

    def _at_reach(self, away: Tensor) -> Tensor:
        """How far away a class is said to be tells more of how it was asked for (a text or pictures, one or many) than
        of the class: all are taken to be equally far."""
        return away * (self.reach / ((away @ self.inverse) * away).sum(-1, keepdim=True).clamp(min=1e-12).sqrt())

    def into(
        self, weights: Weights, prompts: Tensor, mask: Tensor, known: Tensor, shown: Tensor, keys: Tensor
    ) -> Weights:
        """Each class as much of the row that was written for it as it is known (M x K, from 0 to 1).

        Rows of two kinds have no common height. Those that are not known are moved up or down until strangers, pictures
        of all classes that there were, are taken for one of them as often as for any other class of the prompt. Rows
        from pictures stand beside each other as pictures do: the fewer classes are known, the more they move together.
        """
        rows, biases = self(prompts, shown, keys)
        rows = torch.lerp(rows, weights["head.weight"], known[..., None])
        biases = torch.lerp(biases, weights["head.bias"], known)
        logits = (self.strangers @ rows.mT + biases[:, None]).masked_fill(~mask[:, None], NEVER)
        height = torch.zeros_like(biases)
        fair = 1 / mask.sum(1, keepdim=True).clamp(min=1)
        unknown = (1 - known) * mask
        group = unknown * shown / (unknown * shown).sum(1, keepdim=True).clamp(min=1e-6)
        bound = shown * unknown.sum(1, keepdim=True) * fair
        for heat in HEATS if len(self.strangers) else ():
            share = ((logits + height[:, None]) / heat).softmax(2).mean(1)
            higher = heat * (fair / share.clamp(min=1e-4)).log()
            height = height + unknown * torch.lerp(higher, (group * higher).sum(1, keepdim=True), bound)
        return weights | dict(zip(HEAD, (part * _real(part, mask) for part in (rows, biases + height)), strict=True))


def blend_kernels(weights: Weights, generic: Weights, known: Tensor, mask: Tensor) -> Weights:
    """Kernels as much the written ones as a prompt's classes are known (M x K), for the rest the generic network's:
    what others need nobody knows, and it is these that transferred rows were made for."""
    share = (known * mask).sum(1) / mask.sum(1).clamp(min=1)
    kernels = {name: weight for name, weight in weights.items() if name not in HEAD}
    return weights | {
        name: torch.lerp(generic[name].expand_as(weight), weight, share.view(-1, *[1] * (weight.ndim - 1)))
        for name, weight in kernels.items()
    }


def on_own_tower(blueprint: Blueprint, encoder_hash: str) -> bool:
    """Whether classifiers stand on the image tower of the encoder that their prompts go through."""
    return isinstance(blueprint, EncoderHeads) and blueprint.encoder.hash == encoder_hash


def _few(features: Tensor, labels: Tensor) -> Tensor:
    """The first of every class."""
    firsts = [torch.nonzero(labels == label)[:EACH, 0] for label in labels.unique()]
    return features[torch.cat(firsts)].float()


def _real(part: Tensor, mask: Tensor) -> Tensor:
    return mask.view(*mask.shape, *[1] * (part.ndim - mask.ndim)).to(part.dtype)
