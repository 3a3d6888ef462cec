"""What writes rows on a tower: the transformer, what closed form knows of words and pictures; each step by itself.

`tina/generator/tower/tina.py` takes the steps one after the other. M prompts of up to K classes are written together; F
is the width of the tower's features, Q that of a class token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints import TOWER_ROWS, Weights, get_blueprint
from tina.blueprints.tower import CentredRows, TowerFeatures, TowerHeads
from tina.errors import UserError
from tina.generator.base import BaseTina
from tina.generator.diffusion import NoiseSchedule, SamplingSettings, sample_steps
from tina.generator.provenance import PARTS
from tina.generator.tower.description import ClassReader
from tina.generator.tower.learnt import LearntClasses
from tina.generator.tower.logistic import fit_rows
from tina.generator.tower.reading import Reading, Shown, level_of_names
from tina.generator.tower.settings import TowerSettings
from tina.generator.tower.temperature import EVIDENCE, LEVEL_EVIDENCE, OfPrompt, evidence, level_evidence
from tina.generator.tower.words import TextRows, WordRows
from tina.generator.transformer import SetTransformer, TransformerConfig


class TowerWriter(BaseTina):
    """The transformer, what closed form knows of words and pictures, and the tower that classifiers stand on."""

    def __init__(
        self,
        tower: str,
        tower_hash: str,
        world: str,
        encoder: str,
        encoder_hash: str,
        network: Mapping[str, int],
        sizes: Mapping[str, int],
        settings: Mapping[str, Any] | None = None,
        sampling: Mapping[str, Any] | None = None,
        learnt: Sequence[str] = (),
    ):
        """
        Args:
            tower: id of the image tower.
            tower_hash: its version; on another one, rows would mean something else.
            world: id of the world whose names sentences are matched with.
            encoder: id of the encoder of texts.
            encoder_hash: that encoder's version.
            network: the transformer's `TransformerConfig`.
            sizes: how many axes, texts and classes there are: the shapes of what closed form knows. "known", "rank" and
                "classes" are of a regression from texts to rows; without them rows are texts' own vectors.
            settings: `TowerSettings`.
            sampling: `SamplingSettings`.
            learnt: names of the classes that it was taught with pictures.
        """
        super().__init__()
        self.tower_id, self.tower_hash, self.world_id = tower, tower_hash, world
        self.encoder_id, self.encoder_hash = encoder, encoder_hash
        self.settings = TowerSettings(**(settings or {}))
        self.usual_sampling = SamplingSettings(**(sampling or {}))
        self.sizes = dict(sizes)
        width, texts = sizes["features"], sizes["texts"]
        self.network = SetTransformer(TransformerConfig(**network))
        config = self.network.config
        self.reader = ClassReader(config.prompt_width, width, texts, config.class_width, sizes["text_axes"])
        self.features = TowerFeatures(width)
        self.words: WordRows | TextRows = self._word_rows(sizes)
        self.temperature = OfPrompt(3.0, EVIDENCE, evidence)  # a logarithm
        self.other_level = OfPrompt(1.0, LEVEL_EVIDENCE, level_evidence)  # a cosine, or two
        self.learnt = LearntClasses(learnt, width) if learnt else None
        self.schedule = NoiseSchedule()
        self.eval()

    def _word_rows(self, sizes: Mapping[str, int]) -> WordRows | TextRows:
        """Without known texts, rows are texts' own vectors: an encoder of both was adopted."""
        width, texts = sizes["features"], sizes["texts"]
        words = torch.zeros(sizes["bytes"], dtype=torch.uint8)
        if "known" not in sizes:
            return TextRows(torch.zeros(texts), words, torch.ones(()))
        return WordRows(
            texts=torch.zeros(sizes["known"], texts),
            weights=torch.zeros(sizes["known"], sizes["rank"]),
            basis=torch.zeros(sizes["rank"], 2 * width),
            own=torch.zeros(sizes["classes"], 2 * width),
            words=words,
            radius=self.settings.radius,
            kin=self.settings.kin,
        )

    # -- the steps ----------------------------------------------------------------------------------------------------
    def denoise(self, shown: Shown, reading: Reading, seeds: Sequence[int], sampling: SamplingSettings) -> Tensor:
        """Step 2: the difference of each row, on Q axes: (M, K, Q)."""
        *_, last = self._sample(shown, reading, seeds, sampling)
        return last.estimate[1]

    @torch.no_grad()
    def _sample(
        self, shown: Shown, reading: Reading, seeds: Sequence[int], sampling: SamplingSettings
    ) -> Iterator[Any]:
        vectors, described = self.reader(shown, reading), shown.described  # (M, K, width)
        loud = torch.ones(len(described), 1, 1, device=self.device)
        if self.learnt is not None:
            loud = torch.where(shown.by_memory[:, None, None], self.learnt.loudness, loud)

        def estimate(noisy: tuple[Tensor, Tensor], t: Tensor) -> tuple[Tensor, Tensor]:
            shared, classes = self.network(*noisy, t, vectors, described)
            return shared, loud * classes

        yield from sample_steps(
            estimate,
            self.schedule,
            (0, 0),
            (described.shape[1], self.network.config.class_width),
            seeds,
            mask=described,
            device=self.device,
            **vars(sampling),
        )

    def add_difference(self, difference: Tensor, shown: Shown, reading: Reading) -> Tensor:
        """(M, K, F): the rows on z; where pictures are shown they are unit vectors."""
        rows = (reading.rows + self.written(difference, reading)) * shown.described[..., None]
        return torch.where(shown.pictured[:, None, None], F.normalize(rows, dim=2), rows)

    def written(self, difference: Tensor, reading: Reading) -> Tensor:
        """The transformer's tokens (M, K, Q) as a difference of rows (M, K, F)."""
        loud = reading.row_weight[:, None, None] / self.settings.difference_scale
        return loud * difference @ self.reader.axes

    def fit_shown(self, rows: Tensor, shown: Shown, reading: Reading) -> Tensor:
        """Rows after logistic regression on the shown pictures (logistic.py)."""
        if not bool(shown.pictured.any()):
            return rows
        how = self.settings
        return fit_rows(rows, reading.pictures, shown.shown, shown.described, how.heat, how.decay, how.rate, how.rounds)

    def scale(self, rows: Tensor, shown: Shown, reading: Reading) -> Weights:
        """Rows on z and on u, as loud as the prompt lets them be."""
        plain = reading.plain * reading.plain_weight[..., None]
        heat = self.heat(shown, reading)[:, None]  # (M, 1)
        head = heat[..., None] * torch.cat([rows, plain], dim=2)  # (M, K, 2 F)
        bias = heat * level_of_names(shown, self.settings)
        return {"centre.weight": reading.centre, "head.weight": head, "head.bias": bias}

    def heat(self, shown: Shown, reading: Reading) -> Tensor:
        """(M,): what a product of unit vectors is multiplied by to be a logit."""
        louder = torch.where(shown.pictured, self.settings.picture_heat, 1.0)
        several = shown.described.sum(1) > 1  # one class alone is never mistaken for another
        log_heat = self.temperature(shown, reading)
        if self.learnt is not None:
            log_heat = torch.where(shown.by_memory, self.learnt.log_heat(shown.described.sum(1)), log_heat)
        return self.settings.heat * louder * (log_heat * several).exp()

    def none_level(self, shown: Shown, reading: Reading) -> Tensor:
        """(M,): where no logit is that large, a picture is of none of the classes."""
        level = self.other_level(shown, reading)
        if self.learnt is not None:
            level = torch.where(shown.by_memory, self.learnt.level, level)
        return self.heat(shown, reading) * level

    def add_other_class(self, weights: Weights, shown: Shown, reading: Reading) -> Weights:
        """A row of zeros for classes of which nothing is known, with a bias: it wins where no other class is as near as
        pictures of a class usually are."""
        other = shown.mask & ~shown.described
        if not bool(other.any()):
            return weights
        bias = self.none_level(shown, reading)[:, None]
        return weights | {"head.bias": torch.where(other, bias, weights["head.bias"])}

    def provenance(
        self, difference: Tensor, shown: Shown, reading: Reading, fitted: Tensor | None = None
    ) -> list[dict[str, float]]:
        """For each of M classifiers, which share of its rows the transformer wrote, which closed form (what names
        predict, means of pictures), and which the regression on the shown pictures: shares of their absolute sizes.

        Args:
            fitted: the rows after the regression, if they are there already.
        """
        written = self.written(difference, reading) * shown.described[..., None]
        begun = self.add_difference(difference, shown, reading)
        fitted = self.fit_shown(begun, shown, reading) if fitted is None else fitted
        plain = reading.plain * reading.plain_weight[..., None]
        parts = written, torch.cat([begun - written, plain], dim=2), fitted - begun
        sizes = torch.stack([part.abs().sum((1, 2)) for part in parts], 1)  # (M, 3)
        shares = sizes / sizes.sum(1, keepdim=True).clamp(min=1e-9)
        return [dict(zip(PARTS, row, strict=True)) for row in shares.tolist()]

    # -- beside them ---------------------------------------------------------------------------------------------------
    @cached_property
    def top(self) -> CentredRows:
        """A classifier's weights on the tower's features."""
        return CentredRows(f"{TOWER_ROWS}:{self.tower_id}", self.features.width)

    @cached_property
    def blueprint(self) -> TowerHeads:  # type: ignore[override]  # made when first wanted: it opens the tower
        blueprint = get_blueprint(f"{TOWER_ROWS}:{self.tower_id}")
        assert isinstance(blueprint, TowerHeads)
        if blueprint.backbone_hash != self.tower_hash:
            raise UserError(
                f"This Tina was made on another version of the tower {self.tower_id!r} "
                f"({self.tower_hash}, and here is {blueprint.backbone_hash}): its rows would mean something else."
            )
        return blueprint.on(nn.ModuleDict({"features": self.features}))

    @property
    def device(self) -> torch.device:
        return self.network.place.device
