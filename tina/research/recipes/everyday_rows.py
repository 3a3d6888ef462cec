"""Rows of words for `everyday`, in three versions: as they ship, and as if some words were not known, for training.

vocabulary = Vocabulary(encoder, settings, hidden=(), set_names=names, strangers=())
words = vocabulary.rows(own, "all")
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.generator.tower.settings import TowerSettings
from tina.generator.tower.words import WordRows
from tina.research.judge.photo_sets import thousand
from tina.research.recipes.everyday_words import KnownWords, known_words, make_lexicon
from tina.training.tower.fit import TextRegression

RANK = 320  # directions of what words predict, in a checkpoint
Version = Literal["all", "unlisted", "strange"]


class Vocabulary:
    """The known words, what they are about, and the regression from them, each version solved when it is first wanted.

    all         as it ships
    unlisted    without what likes.txt says of the sets' own classes
    strange     without that, and without the strangers among the tower's classes
    """

    def __init__(
        self,
        encoder: Encoder,
        settings: TowerSettings,
        hidden: Collection[int],
        set_names: Collection[str],
        strangers: Collection[str],
    ):
        """
        Args:
            encoder: of texts.
            settings: of the rows.
            hidden: classes of the tower that count as unknown in all versions.
            set_names: of the sets' classes.
            strangers: names of classes of the tower.
        """
        self.encoder, self.settings = encoder, settings
        wnids, names = zip(*thousand().items(), strict=True)
        known = known_words(wnids, names).without_classes(hidden)
        unlisted = known.without(frozenset(name.casefold() for name in set_names))
        unknown = [k for k, name in enumerate(names) if name in strangers]
        lexicon = make_lexicon(wnids, names).without_classes(hidden)
        self.versions: dict[str, tuple[KnownWords, Tensor]] = {
            "all": (known, lexicon.to_bytes()),
            "unlisted": (unlisted, lexicon.to_bytes()),
            "strange": (unlisted.without_classes(unknown), lexicon.without_classes(unknown).to_bytes()),
        }
        self._solved = cache(self._solve)

    def rows(self, own: Tensor, version: Version, rank: int | None = None) -> WordRows:
        """Of a version, where the tower's classes have the rows `own` (C, 2 F)."""
        vectors, regression = self._solved(version)
        unit = F.normalize(own.unflatten(1, (2, -1)), dim=2).flatten(1)  # what texts predict is a direction
        weights, basis = regression.fit(unit, rank)
        size = weights.std(0, keepdim=True).clamp(min=1e-12)  # coefficients of about one keep their digits
        return WordRows(
            vectors * vectors.shape[1] ** 0.5,
            weights / size,
            basis * size.T,
            own * (own.shape[1] // 2) ** 0.5,
            self.versions[version][1],
            self.settings.radius,
            self.settings.kin,
        )

    def _solve(self, version: Version) -> tuple[Tensor, TextRegression]:
        words = self.versions[version][0]
        vectors = self.encoder.encode_texts_cached(words.texts)
        classes = 1 + max(max(of) for of in words.classes)
        shares = words.shares(max(classes, len(thousand())))
        return vectors, TextRegression(vectors, shares, words.ridges, self.settings.radius)
