"""A Tina on a pretrained image tower: rows for any class, from its name, a description, the pictures shown, or all.

    tina = Tina.from_pretrained("everyday")
    classifier = tina.generate(parse("", {"my cup": [...], "my sister's cup": [...]}))

`TowerTina.generate_many` is the whole way of a prompt in five steps. M prompts of up to K classes are written together;
F is the width of the tower's features, Q that of a class token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints import TOWER_ROWS, Weights, get_blueprint
from tina.blueprints.tower import CentredRows, TowerFeatures, TowerHeads
from tina.classifier.archive import Origin
from tina.classifier.classifier import Classifier, as_array
from tina.errors import UserError
from tina.generator.base import BaseTina, unstack
from tina.generator.diffusion import NoiseSchedule, SamplingSettings, sample_steps
from tina.generator.tower.description import ClassReader
from tina.generator.tower.logistic import fit_rows
from tina.generator.tower.reading import Reading, Shown, read, stack_said
from tina.generator.tower.settings import TowerSettings
from tina.generator.tower.temperature import OfPrompt
from tina.generator.tower.words import WordRows
from tina.generator.transformer import SetTransformer, TransformerConfig
from tina.prompts.name_tags import says_something
from tina.prompts.prompt import ClassPrompt, Prompt
from tina.prompts.something_else import is_something_else

PARTS = ("generator", "prior", "transfer")


@dataclass(frozen=True)
class TowerStep:
    """A step on the way, as stacks of weights with an axis for the prompts in front."""

    number: int  # 0 is the start: noise around what closed form says
    t: int
    estimate: Weights
    current: Weights
    difference: Tensor  # (M, K, Q)


class TowerTina(BaseTina):
    """The transformer, what closed form knows of words and pictures, and the tower that classifiers stand on."""

    kind = "tower"

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
    ):
        """
        Args:
            tower: id of the image tower.
            tower_hash: its version; on another one, rows would mean something else.
            world: id of the world whose names sentences are matched with.
            encoder: id of the encoder of texts.
            encoder_hash: that encoder's version.
            network: the transformer's `TransformerConfig`.
            sizes: how many axes, texts and classes there are: the shapes of what closed form knows.
            settings: `TowerSettings`.
            sampling: `SamplingSettings`.
        """
        super().__init__()
        self.tower_id, self.tower_hash, self.world_id = tower, tower_hash, world
        self.encoder_id, self.encoder_hash = encoder, encoder_hash
        self.settings = TowerSettings(**(settings or {}))
        self.sampling_settings = SamplingSettings(**(sampling or {}))
        self.sizes = dict(sizes)
        width, texts = sizes["features"], sizes["texts"]
        self.network = SetTransformer(TransformerConfig(**network))
        config = self.network.config
        self.reader = ClassReader(config.prompt_width, width, texts, config.class_width, sizes["text_axes"])
        self.features = TowerFeatures(width)
        self.words = WordRows(
            texts=torch.zeros(sizes["known"], texts),
            weights=torch.zeros(sizes["known"], sizes["rank"]),
            basis=torch.zeros(sizes["rank"], 2 * width),
            own=torch.zeros(sizes["classes"], 2 * width),
            words=torch.zeros(sizes["bytes"], dtype=torch.uint8),
            radius=self.settings.radius,
            kin=self.settings.kin,
        )
        self.temperature = OfPrompt(limit=2.0)  # a logarithm
        self.other_level = OfPrompt(limit=1.0)  # a cosine, or two
        self.schedule = NoiseSchedule()
        self.eval()

    # -- a prompt's way ------------------------------------------------------------------------------------------------
    def generate_many(
        self, prompts: Sequence[Prompt | str], *, steps: int | None = None, seeds: Sequence[int] | None = None
    ) -> list[Classifier]:
        """Classifiers for prompts of any sizes, written together. The arguments are those of `generate`, with a seed
        for each prompt."""
        sampling = self.sampling(steps=steps)
        seeds = list(seeds or [0] * len(prompts))
        understood = [self.understand(prompt) if isinstance(prompt, str) else prompt for prompt in prompts]
        # 1. Words become rows that they predict, pictures become features; both are kept as sets
        shown = self.encode(understood)
        reading = read(shown, self.settings)
        # 2. The transformer removes noise from a set of tokens; what it writes is the difference from closed form
        difference = self.denoise(shown, reading, seeds, sampling)  # (M, K, Q)
        # 3. to 5. Rows, the regression on the shown pictures, "something else"
        weights = self.assemble_weights(difference, shown, reading)
        shares = self.provenance(difference, shown, reading)
        return [
            Classifier(
                self.blueprint,
                unstack(weights, m, len(prompt.classes)),
                prompt,
                origin=Origin(self.world_id, self.hash, seed, sampling.steps, sampling.sampler, shares[m]),
            )
            for m, (prompt, seed) in enumerate(zip(understood, seeds, strict=True))
        ]

    def assemble_weights(self, difference: Tensor, shown: Shown, reading: Reading) -> Weights:
        """Steps 3 to 5, from what the transformer wrote to a stack of weights."""
        # 3. The difference is added to what closed form says
        rows = self.add_difference(difference, shown, reading)  # (M, K, F)
        # 4. Logistic regression on the shown pictures begins there
        rows = self.fit_shown(rows, shown, reading)
        # 5. Probabilities are made to be what they say; "something else" gets a row of its own
        weights = self.scale(rows, shown, reading)
        return self.add_other_class(weights, shown, reading)

    # -- pieces of it --------------------------------------------------------------------------------------------------
    def encode(self, prompts: Sequence[Prompt]) -> Shown:
        """What M prompts say and show, as tensors."""
        ways = max(len(prompt.classes) for prompt in prompts)
        most = max(1, *(len(one.pictures) for prompt in prompts for one in prompt.classes))
        mask = torch.zeros(len(prompts), ways, dtype=torch.bool)
        named, shown = mask.clone(), torch.zeros(len(prompts), ways, most, dtype=torch.bool)
        pictures = torch.zeros(len(prompts), ways, most, self.features.width)
        said = []
        for m, prompt in enumerate(prompts):
            texts = [self.texts_of(one) for one in prompt.classes]
            heard = [part or ("",) for part in texts]  # what nothing is said of has a place all the same
            vectors = self.encoder.encode_texts([text for part in heard for text in part])
            said.append(self.words(heard, vectors.to(self.device).split([len(part) for part in heard])))
            z = self.look([picture for one in prompt.classes for picture in one.pictures]).cpu()
            for k, part in enumerate(z.split([len(one.pictures) for one in prompt.classes])):
                mask[m, k] = True
                named[m, k] = bool(texts[k]) and not is_something_else(prompt.classes[k].label)
                pictures[m, k, : len(part)], shown[m, k, : len(part)] = part, True
        return Shown(mask, named, pictures, shown, stack_said(said, ways)).to(self.device)

    def texts_of(self, one: ClassPrompt) -> tuple[str, ...]:
        """What is said of a class; a label is only a label where pictures are shown of it and it names nothing that can
        be seen ("class 1", "Lisa")."""
        if not one.pictures or says_something(one.label, self.words.lexicon.has):
            return one.texts
        return tuple(text for text in one.texts if text != one.label)

    @torch.no_grad()
    def look(self, pictures: Sequence[Any]) -> Tensor:
        """z of pictures: paths, PIL pictures or uint8 arrays of any size -> (N, F)."""
        if not pictures:
            return torch.zeros(0, self.features.width)
        x = self.blueprint.prepare(np.stack([as_array(picture, self.blueprint) for picture in pictures]))
        return self.blueprint.look(x)[:, : self.features.width]

    def sampling(self, **chosen: Any) -> SamplingSettings:
        """The checkpoint's way of sampling, with what is chosen otherwise (None: as it is)."""
        return replace(self.sampling_settings, **{key: value for key, value in chosen.items() if value is not None})

    def denoise(self, shown: Shown, reading: Reading, seeds: Sequence[int], sampling: SamplingSettings) -> Tensor:
        """Step 2: the difference of each row, on Q axes: (M, K, Q)."""
        *_, last = self._sample(shown, reading, seeds, sampling)
        return last.estimate[1]

    @torch.no_grad()
    def _sample(
        self, shown: Shown, reading: Reading, seeds: Sequence[int], sampling: SamplingSettings
    ) -> Iterator[Any]:
        vectors, described = self.reader(shown, reading), shown.described  # (M, K, width)
        yield from sample_steps(
            lambda noisy, t: self.network(*noisy, t, vectors, described),
            self.schedule,
            (0, 0),
            (described.shape[1], self.network.config.class_width),
            seeds,
            mask=described,
            steps=sampling.steps,
            sampler=sampling.sampler,
            temperature=sampling.temperature,
            device=self.device,
        )

    def write(self, shown: Shown, seeds: Sequence[int], **chosen: Any) -> Weights:
        """Steps 2 to 5: a stack of weights.

        Args:
            shown: what M prompts say and show.
            seeds: one for each of the M.
            chosen: steps, sampler, temperature.
        """
        reading = read(shown, self.settings)
        return self.assemble_weights(self.denoise(shown, reading, seeds, self.sampling(**chosen)), shown, reading)

    def steps(self, shown: Shown, seeds: Sequence[int], **chosen: Any) -> Iterator[TowerStep]:
        """`write` step by step, from the noise it starts with to the answer: for showing how it comes about."""
        reading = read(shown, self.settings)
        for step in self._sample(shown, reading, seeds, self.sampling(**chosen)):
            current = estimate = self.assemble_weights(step.current[1], shown, reading)
            if step.estimate is not step.current:
                estimate = self.assemble_weights(step.estimate[1], shown, reading)
            yield TowerStep(step.number, step.t, estimate, current, step.current[1])

    def add_difference(self, difference: Tensor, shown: Shown, reading: Reading) -> Tensor:
        """(M, K, F): the rows on z; where pictures are shown they are unit vectors."""
        rows = (reading.rows + self.written(difference)) * shown.described[..., None]
        return torch.where(shown.pictured[:, None, None], F.normalize(rows, dim=2), rows)

    def written(self, difference: Tensor) -> Tensor:
        """The transformer's tokens (M, K, Q) as a difference of rows (M, K, F)."""
        return difference / self.settings.difference_scale @ self.reader.axes

    def fit_shown(self, rows: Tensor, shown: Shown, reading: Reading) -> Tensor:
        """Rows after logistic regression on the shown pictures (logistic.py)."""
        if not bool(shown.pictured.any()):
            return rows
        how = self.settings
        return fit_rows(rows, reading.pictures, shown.shown, shown.described, how.heat, how.decay, how.rate, how.rounds)

    def scale(self, rows: Tensor, shown: Shown, reading: Reading) -> Weights:
        """Rows on z and on u, as loud as the prompt lets them be."""
        plain = reading.plain * reading.plain_weight[..., None]
        head = self.heat(shown, reading)[:, None, None] * torch.cat([rows, plain], dim=2)  # (M, K, 2 F)
        return {"centre.weight": reading.centre, "head.weight": head, "head.bias": head.new_zeros(head.shape[:2])}

    def heat(self, shown: Shown, reading: Reading) -> Tensor:
        """(M,): what a product of unit vectors is multiplied by to be a logit."""
        louder = torch.where(shown.pictured, self.settings.picture_heat, 1.0)
        return self.settings.heat * louder * self.temperature(shown, reading).exp()

    def add_other_class(self, weights: Weights, shown: Shown, reading: Reading) -> Weights:
        """A row of zeros for classes of which nothing is known, with a bias: it wins where no other class is as near as
        pictures of a class usually are."""
        other = shown.mask & ~shown.described
        if not bool(other.any()):
            return weights
        bias = (self.heat(shown, reading) * self.other_level(shown, reading))[:, None]
        return weights | {"head.bias": torch.where(other, bias, weights["head.bias"])}

    def provenance(self, difference: Tensor, shown: Shown, reading: Reading) -> list[dict[str, float]]:
        """For each of M classifiers, which share of its rows the transformer wrote, which closed form (what names
        predict, means of pictures), and which the regression on the shown pictures: shares of their absolute sizes."""
        written = self.written(difference) * shown.described[..., None]
        begun = self.add_difference(difference, shown, reading)
        fitted = self.fit_shown(begun, shown, reading)
        plain = reading.plain * reading.plain_weight[..., None]
        parts = written, torch.cat([begun - written, plain], dim=2), fitted - begun
        sizes = torch.stack([part.abs().sum((1, 2)) for part in parts], 1)  # (M, 3)
        shares = sizes / sizes.sum(1, keepdim=True).clamp(min=1e-9)
        return [dict(zip(PARTS, row, strict=True)) for row in shares.tolist()]

    # -- what it is made of --------------------------------------------------------------------------------------------
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

    @property
    def parameter_count(self) -> int:
        """Of the transformer and of what reads for it."""
        return sum(part.numel() for module in (self.network, self.reader) for part in module.parameters())

    def config(self) -> dict[str, Any]:
        """What `__init__` takes, for config.json."""
        return {
            "kind": self.kind,
            "tower": self.tower_id,
            "tower_hash": self.tower_hash,
            "world": self.world_id,
            "encoder": self.encoder_id,
            "encoder_hash": self.encoder_hash,
            "network": asdict(self.network.config),
            "sizes": self.sizes,
            "settings": asdict(self.settings),
            "sampling": asdict(self.sampling_settings),
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        self.load_state_dict(dict(tensors))
