"""How likely each class of a prompt was in training, by its vector alone.

    shares = familiarity(prompts, mask)         # (M, K), from 0 (nothing like it was in training) to 1

A vector is compared with the texts and pictures that the generator was trained with, and with texts about other things.
A logistic regression on these likenesses and their products (`gate`) was fitted by leaving classes out
(tina/training/fit/familiarity.py): a class with all that belongs to it left out is unfamiliar.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

EVIDENCE = 5  # a one, the nearest texts, the nearest other texts, and the two nearest pictures
FEATURES = EVIDENCE * (EVIDENCE + 1) // 2  # their products


@dataclass(frozen=True)
class FamiliaritySettings:
    """Chosen by `python -m tina table` in a rehearsal, split `mixed-val` (docs/training.md)."""

    sharpness: float = 30.0  # of the soft maximum over texts
    rounds: int = 10  # of feeding the share of familiar classes in a prompt back into each class's odds
    edge: float = 0.02  # that share is kept between edge and 1 - edge
    share_weight: float = 0.5  # of its log odds
    least_share: float = 0.5  # where less of a prompt is familiar, no class counts as familiar
    full_share: float = 0.9  # where more is, every class counts as much as it is


class Familiarity(nn.Module):
    """The logistic regression and what it compares with."""

    texts: Tensor  # (T, E): all texts of the seen classes
    image_means: Tensor  # (R, E): the mean of each seen class's pictures
    other_texts: Tensor  # (O, E): texts about other things
    gate: Tensor  # (FEATURES,): weights of the logistic regression

    def __init__(
        self,
        texts: Tensor,
        image_means: Tensor,
        other_texts: Tensor,
        gate: Tensor,
        settings: FamiliaritySettings | None = None,
    ):
        super().__init__()
        self.settings = settings or FamiliaritySettings()
        self.register_buffer("texts", texts)
        self.register_buffer("image_means", image_means)
        self.register_buffer("other_texts", other_texts)
        self.register_buffer("gate", gate)

    @classmethod
    def empty(cls, width: int, settings: FamiliaritySettings | None = None) -> Familiarity:
        """Takes every class for familiar; for prompt vectors of this width."""
        texts, image_means, other_texts = (torch.zeros(0, width) for _ in range(3))
        return cls(texts, image_means, other_texts, torch.zeros(FEATURES), settings)

    def forward(self, prompts: Tensor, mask: Tensor) -> Tensor:
        """(M, K) for prompt vectors (M, K, E). Classes of one prompt are often of one kind, so the share of them that
        turns out to be familiar goes into the prior odds of each, for a few rounds."""
        if not len(self.texts):
            return prompts.new_ones(mask.shape)
        settings = self.settings
        log_odds = self.features(prompts @ self.texts.T, prompts @ self.image_means.T, prompts) @ self.gate  # (M, K)
        real = mask.to(log_odds.dtype)
        familiar = log_odds.sigmoid()
        for _ in range(settings.rounds):
            share = (familiar * real).sum(1, keepdim=True) / real.sum(1, keepdim=True)  # (M, 1)
            prior_odds = share.clamp(settings.edge, 1 - settings.edge).logit()
            familiar = (log_odds + settings.share_weight * prior_odds).sigmoid()
        return familiar

    def discount_by_share(self, familiar: Tensor, mask: Tensor) -> Tensor:
        """(M, K): written rows beside transferred ones are louder, so where less of a prompt is familiar, what is
        familiar is treated less as such."""
        least, full = self.settings.least_share, self.settings.full_share
        share = (familiar * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp(min=1)
        return familiar * ((share - least) / (full - least)).clamp(0, 1)

    def features(self, text_cosines: Tensor, picture_cosines: Tensor, prompts: Tensor) -> Tensor:
        """What the gate looks at: cosines (..., T), (..., R) and vectors (..., E) -> (..., FEATURES)."""
        sharpness = self.settings.sharpness
        near = [
            (sharpness * cosines).logsumexp(-1) / sharpness for cosines in (text_cosines, prompts @ self.other_texts.T)
        ]
        evidence = torch.stack([torch.ones_like(near[0]), *near, *picture_cosines.topk(2).values.unbind(-1)], -1)
        a, b = torch.triu_indices(EVIDENCE, EVIDENCE)
        return evidence[..., a] * evidence[..., b]
