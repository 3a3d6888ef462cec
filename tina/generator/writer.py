"""What writes weights: the transformer, the parts in closed form, and the generic network; each step of it by itself.

`tina/generator/tina.py` takes the steps one after the other. M prompts of up to K classes are written together; E is
the width of a prompt vector, S x D are the shared tokens, K x C the class tokens (one row of the last layer each).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights, get_blueprint
from tina.blueprints import Tokens as BlueprintTokens
from tina.blueprints.slicing import slice_rows
from tina.classifier.classifier import opened
from tina.classifier.others import Others
from tina.errors import UserError
from tina.generator.base import BaseTina
from tina.generator.closed_form.closed_form import ClosedForm
from tina.generator.closed_form.familiarity import Familiarity
from tina.generator.closed_form.none_of_these import covered
from tina.generator.closed_form.other_class import described_mask, other_class_row, rows_of
from tina.generator.closed_form.prior import Prior
from tina.generator.closed_form.transfer import Transfer, blend_kernels
from tina.generator.diffusion import NoiseSchedule, SampleStep, SamplingSettings, Tokens, sample_steps
from tina.generator.normalise import Normaliser
from tina.generator.provenance import PARTS, contribution_shares
from tina.generator.settings import Settings
from tina.generator.transformer import GeneratorNetwork, SetTransformer, TransformerConfig
from tina.prompts.prompt import Prompt
from tina.prompts.something_else import is_something_else
from tina.worlds.task import Task

FAMILIAR = 0.5  # of a class, for it to be known what it is not
LAYOUTS: dict[str, type[GeneratorNetwork]] = {"sets": SetTransformer}  # tina/research/chunks.py adds the papers'


class WeightWriter(BaseTina):
    """The transformer, the parts in closed form beside it, and the generic network that the zoo began with.

    Args:
        blueprint: id of the kind of classifier that is written
        world: id of the world whose classes it was trained on
        names: the seen classes, in the order of the generic network's rows
        encoder: id of the encoder that prompts go through
        encoder_hash: that encoder's version; with another one, vectors would mean something else
        network: the transformer's `TransformerConfig`, as a dictionary
        layout: "sets", or one that research has registered
        settings: constants chosen by experiment, as a dictionary; by default the usual ones
        preparation: of drawings, that its classifiers are written for
        eight_bits: whether the transformer's matrices are saved in eight bits
    """

    def __init__(
        self,
        blueprint: str,
        world: str,
        names: list[str],
        encoder: str,
        encoder_hash: str,
        network: dict[str, int],
        layout: str = "sets",
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        preparation: str = "",
        eight_bits: bool = False,
    ):
        super().__init__()
        if layout == "chunks" and layout not in LAYOUTS:
            raise UserError("The layout 'chunks' is research's: `import tina.research.chunks` makes it known.")
        if layout not in LAYOUTS:
            raise UserError(f"There is no layout {layout!r}: it is one of {', '.join(LAYOUTS)}.")
        self.world_id, self.names, self.layout, self.eight_bits = world, names, layout, eight_bits
        self.encoder_id, self.encoder_hash = encoder, encoder_hash
        self.settings = Settings.from_dict(settings or {})
        self.usual_sampling = self.settings.sampling
        self.schedule = NoiseSchedule()
        config = TransformerConfig(**network)
        self.network: GeneratorNetwork = LAYOUTS[layout](config)
        whole = get_blueprint(blueprint).whole
        self.generic = whole.module(whole.init(len(names), torch.Generator().manual_seed(0)))
        self.generic.requires_grad_(False)
        self.blueprint: Blueprint = get_blueprint(blueprint).on(self.generic).prepared_by(preparation)
        width, size = config.prompt_width, config.shared * config.shared_width
        self.closed_form = ClosedForm(
            Normaliser.empty(config.shared, config.shared_width, config.class_width),
            Prior.empty(len(names), width, size, config.class_width, self.settings.prior),
            Transfer.empty(width, self.blueprint.width, self.settings.transfer),
            Familiarity.empty(width, self.settings.familiarity),
        )
        self.eval()

    def encode(self, prompt: Prompt) -> Tensor:
        """Step 1: a vector for each class of a prompt, (K, E); drawings that are shown are prepared."""
        return self.encoder.encode_prompt(self.prepared(prompt))

    def prepared(self, prompt: Prompt) -> Prompt:
        """A prompt whose pictures have been through the preparation that its classifiers are written for."""
        if not self.blueprint.preparation:
            return prompt
        classes = [
            replace(one, pictures=tuple(self.blueprint.prepared(opened(picture)) for picture in one.pictures))
            for one in prompt.classes
        ]
        return replace(prompt, classes=tuple(classes))

    # -- the steps ----------------------------------------------------------------------------------------------------
    def denoise(self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], sampling: SamplingSettings) -> Tokens:
        """Step 2: normalised tokens, the difference from the prior, for M x K x E prompt vectors."""
        *_, last = self.sample_steps(vectors, mask, seeds, sampling)
        return last.estimate

    @torch.no_grad()
    def sample_steps(
        self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], sampling: SamplingSettings
    ) -> Iterator[SampleStep]:
        """`denoise` step by step, from the noise that it starts with."""
        vectors, config = vectors.to(self.device), self.network.config
        described = described_mask(vectors, mask.to(self.device))

        def predict(noisy: Tokens, t: Tensor) -> Tokens:
            return self.network(*noisy, t, vectors, described)

        sizes = (config.shared, config.shared_width), (described.shape[1], config.class_width)
        yield from sample_steps(
            predict,
            self.schedule,
            *sizes,
            seeds,
            mask=described,
            device=self.device,
            **vars(sampling),
        )

    def add_prior(self, difference: Tokens, vectors: Tensor, described: Tensor) -> Weights:
        """What the transformer wrote, plus what ridge regression over the zoo and the generic network's rows say."""
        shared, classes = difference
        prior_shared, prior_classes = self.closed_form.prior(vectors, described)
        tokens = self.closed_form.normaliser.invert(shared + prior_shared.view_as(shared), classes + prior_classes)
        return self.blueprint.from_tokens(BlueprintTokens(*tokens), vectors)

    def transfer_unfamiliar(
        self, weights: Weights, vectors: Tensor, described: Tensor, from_pictures: Tensor
    ) -> Weights:
        """Rows of unfamiliar classes from the encoder, and kernels nearer to the generic network's."""
        familiar = self._familiar(vectors, described)
        weights = blend_kernels(weights, dict(self.generic.state_dict()), familiar, described)
        transfer, text_keys = self.closed_form.transfer, self.closed_form.prior.keys[0]
        return transfer.replace_unfamiliar(weights, vectors, described, familiar, from_pictures, text_keys)

    def add_other_class(self, weights: Weights, vectors: Tensor, described: Tensor, mask: Tensor) -> Weights:
        """A row of their own for classes that are not described, by what the generic network knows of the others: its
        rows of the seen classes whose names are nearest."""
        if torch.equal(described, mask):
            return weights
        nearest = (vectors @ self.name_vectors.T).argmax(-1)  # (M, K)
        generic_rows = self._generic_rows
        return other_class_row(weights, described, mask, generic_rows[nearest], generic_rows, self.settings.other_class)

    # -- beside them ---------------------------------------------------------------------------------------------------
    def provenance(self, difference: Tokens, weights: Weights, vectors: Tensor, mask: Tensor) -> list[dict[str, float]]:
        """For each of M classifiers, which share of it the generator, the prior and the transfer wrote (provenance.py).

        Args:
            difference: what the transformer wrote
            weights: the finished stack that `assemble_weights` made of it
            vectors: (M, K, E)
            mask: (M, K)
        """
        vectors, described = vectors.to(self.device), described_mask(vectors.to(self.device), mask.to(self.device))
        final = self.blueprint.to_tokens(weights)
        shares = contribution_shares(
            difference,
            (final.shared, final.classes),
            self.closed_form.normaliser,
            self._familiar(vectors, described),
            described,
            self.closed_form.prior(vectors, described)[1],
            self.blueprint.shared_mask.to(self.device),
        )
        return [dict(zip(PARTS, row, strict=True)) for row in shares.tolist()]

    def none_of_these(self, vectors: Tensor, mask: Tensor) -> list[tuple[Others | None, float | None]]:
        """For each of M prompts (M, K, E) what else a picture could be of, and the log odds below which it is none of
        the classes; None twice where that cannot be told: of unfamiliar classes, or with "something else" among them.
        """
        vectors, mask = vectors.to(self.device), mask.to(self.device)
        described = described_mask(vectors, mask)
        shares = covered(self.closed_form.prior.class_shares(vectors), described)  # (M, R)
        strange = (self.closed_form.familiarity(vectors, described) < FAMILIAR) & described
        can = (described == mask).all(1) & ~strange.any(1)
        found: list[tuple[Others | None, float | None]] = []
        for covers, told in zip(shares.cpu(), can.tolist(), strict=True):
            level = self.settings.none_of_these.at(covers) if told else None
            found.append((None if level is None else Others(self._generic_rows.cpu(), covers), level))
        return found

    def _familiar(self, vectors: Tensor, described: Tensor) -> Tensor:
        """(M, K): how much of each row is the written one."""
        if not self.blueprint.class_width:  # no rows are written: the prompt's own vectors are the rows
            return described.to(vectors.dtype)
        familiarity = self.closed_form.familiarity
        return familiarity.discount_by_share(familiarity(vectors, described), described)

    def generic_slice(self, tasks: Sequence[Task]) -> Weights:
        """The generic network's own rows of the tasks' classes as a stack, and by step 5 that of "something else"."""
        weights = slice_rows(self.blueprint, dict(self.generic.state_dict()), self.names, tasks)
        described, mask = torch.zeros(2, *weights["head.bias"].shape, dtype=torch.bool, device=self.device)
        for m, task in enumerate(tasks):
            mask[m, : len(task)] = True
            described[m, : len(task)] = torch.tensor([not is_something_else(label) for label in task])
        return other_class_row(
            weights, described, mask, rows_of(weights), self._generic_rows, self.settings.other_class
        )

    @cached_property
    def name_vectors(self) -> Tensor:
        """(R, E): the seen classes' names."""
        return self.encoder.encode_texts(self.names).to(self.device)

    @property
    def _generic_rows(self) -> Tensor:
        """(R, F + 1)."""
        return rows_of(dict(self.generic.state_dict()))

    @property
    def device(self) -> torch.device:
        return self.network.place.device

    @property
    def parameter_count(self) -> int:
        """Of the transformer."""
        return sum(parameter.numel() for parameter in self.network.parameters())

    @property
    def row_scale(self) -> float:
        """How large a weight of a row usually is."""
        return float(self.closed_form.normaliser.class_scale.mean())
