"""Tina: a prompt in, a classifier out.

    tina = Tina.from_pretrained("sketchbook-cnn")            # one that ships, a folder, or OWNER/NAME on the Hub
    classifier = tina.generate("apple, sailboat, snail")
    classifier.predict("boat.png")                           # {"sailboat": 0.97, "apple": 0.02, "snail": 0.01}
    tina.push_to_hub("me/my-tina")

`Tina.generate_many` is the whole way of a prompt in five steps. M prompts of up to K classes are written together; E is
the width of a prompt vector, S x D are the shared tokens, K x C the class tokens (one row of the last layer each).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from tina.blueprints import HEAD, Blueprint, Weights, get_blueprint
from tina.blueprints import Tokens as BlueprintTokens
from tina.classifier.classifier import Classifier
from tina.encoder.encoder import Encoder
from tina.errors import UserError
from tina.generator import checkpoint
from tina.generator.closed_form.closed_form import ClosedForm
from tina.generator.closed_form.familiarity import Familiarity
from tina.generator.closed_form.other_class import described_mask, other_class_row, rows_of
from tina.generator.closed_form.prior import Prior
from tina.generator.closed_form.transfer import Transfer, blend_kernels
from tina.generator.diffusion import NoiseSchedule, SampleStep, SamplingSettings, Tokens, guided, sample_steps
from tina.generator.normalise import Normaliser
from tina.generator.provenance import PARTS, contribution_shares
from tina.generator.settings import Settings
from tina.generator.transformer import SetTransformer, TransformerConfig
from tina.paths import DEFAULT
from tina.prompts.prompt import Prompt, parse
from tina.prompts.sentences import looks_like_sentence, match
from tina.prompts.something_else import is_something_else
from tina.training.zoo.finetune import slice_rows
from tina.worlds import World, load_world
from tina.worlds.task import Task

LAYOUTS: dict[str, type[nn.Module]] = {"sets": SetTransformer}  # tina/research/chunks.py adds the papers'


@dataclass(frozen=True)
class SamplingStep:
    """A step on the way, as stacks of weights with an axis for the prompts in front."""

    number: int  # 0 is the start: noise around what closed form says
    t: int
    estimate: Weights  # what the transformer takes for the end of the way
    current: Weights  # where the sampler is, with the noise that is left; at the end that is the estimate


class Tina(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="tina",
    license="apache-2.0",
    tags=["hypernetwork", "weight-generation", "image-classification"],
):
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
    ):
        super().__init__()
        if layout not in LAYOUTS:
            raise UserError(f"There is no layout {layout!r}: it is one of {', '.join(LAYOUTS)}.")
        self.world_id, self.names, self.layout = world, names, layout
        self.encoder_id, self.encoder_hash = encoder, encoder_hash
        self.settings = Settings.from_dict(settings or {})
        self.schedule = NoiseSchedule()
        config = TransformerConfig(**network)
        self.network = LAYOUTS[layout](config)
        whole = get_blueprint(blueprint).whole
        self.generic = whole.module(whole.init(len(names), torch.Generator().manual_seed(0)))
        self.generic.requires_grad_(False)
        self.blueprint: Blueprint = get_blueprint(blueprint).on(self.generic)
        width, size = config.prompt_width, config.shared * config.shared_width
        self.closed_form = ClosedForm(
            Normaliser.empty(config.shared, config.shared_width, config.class_width),
            Prior.empty(len(names), width, size, config.class_width, self.settings.prior),
            Transfer.empty(width, self.blueprint.width, self.settings.transfer),
            Familiarity.empty(width, self.settings.familiarity),
        )
        self.eval()

    # -- a prompt's way ------------------------------------------------------------------------------------------------
    def generate(
        self,
        prompt: Prompt | str,
        *,
        steps: int | None = None,
        sampler: str | None = None,
        guidance: float | None = None,
        seed: int = 0,
    ) -> Classifier:
        """The classifier for a prompt.

        Args:
            prompt: what `understand` or `parse` gave, or a text for `understand`
            steps: of sampling, 1 to 1000
            sampler: dpm, ddim or ddpm
            guidance: above 1 the prompt counts for more (classifier-free guidance); 1 is none
            seed: of the noise; the same prompt, checkpoint and seed give the same weights
        """
        how = {"steps": steps, "sampler": sampler, "guidance": guidance}
        return self.generate_many([prompt], seeds=[seed], **how)[0]

    def generate_many(
        self,
        prompts: Sequence[Prompt | str],
        *,
        steps: int | None = None,
        sampler: str | None = None,
        guidance: float | None = None,
        seeds: Sequence[int] | None = None,
    ) -> list[Classifier]:
        """Classifiers for prompts of any sizes, written together; each is the same as alone, to float tolerance. The
        arguments are those of `generate`, with a seed for each prompt."""
        sampling = self.sampling(steps=steps, sampler=sampler, guidance=guidance)
        seeds = list(seeds or [0] * len(prompts))
        prompts = [self.understand(prompt) if isinstance(prompt, str) else prompt for prompt in prompts]
        # 1. Every class becomes one unit vector: its texts, its pictures, or both
        vectors, mask = stack_prompts([self.encoder.encode_prompt(prompt) for prompt in prompts])  # (M, K, E), (M, K)
        # 2. The transformer removes noise from a set of tokens; what it writes is the difference from a prior
        difference = self.denoise(vectors, mask, seeds, sampling)  # (M, S, D), (M, K, C)
        # 3. to 5. Prior, transfer and "something else"
        weights = self.assemble_weights(difference, vectors, mask)
        shares = self.provenance(difference, weights, vectors, mask)
        origin = {"world": self.world_id, "checkpoint": self.hash}
        how = {"steps": sampling.steps, "sampler": sampling.sampler, "guidance": sampling.guidance}
        return [
            Classifier(
                self.blueprint,
                unstack(weights, m, len(prompt.classes)),
                prompt,
                seed=seed,
                provenance=shares[m],
                **origin,
                **how,
            )
            for m, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True))
        ]

    def assemble_weights(self, difference: Tokens, vectors: Tensor, mask: Tensor) -> Weights:
        """Steps 3 to 5, from what the transformer wrote (normalised tokens) to a stack of weights."""
        vectors, mask = vectors.to(self.device), mask.to(self.device)
        described = described_mask(vectors, mask)
        # 3. The prior, in closed form, is added
        weights = self.add_prior(difference, vectors, described)
        # 4. The less familiar a class is, the more its row comes from the encoder
        if self.blueprint.class_width:
            weights = self.transfer_unfamiliar(weights, vectors, described)
        # 5. "Something else" gets a row of its own
        return self.add_other_class(weights, vectors, described, mask)

    def add_prior(self, difference: Tokens, vectors: Tensor, described: Tensor) -> Weights:
        """What the transformer wrote, plus what ridge regression over the zoo and the generic network's rows say."""
        shared, classes = difference
        prior_shared, prior_classes = self.closed_form.prior(vectors, described)
        tokens = self.closed_form.normaliser.invert(shared + prior_shared.view_as(shared), classes + prior_classes)
        return self.blueprint.from_tokens(BlueprintTokens(*tokens), vectors)

    def transfer_unfamiliar(self, weights: Weights, vectors: Tensor, described: Tensor) -> Weights:
        """Rows of unfamiliar classes from the encoder, and kernels nearer to the generic network's."""
        familiarity, prior = self.closed_form.familiarity, self.closed_form.prior
        familiar = self._familiar(vectors, described)
        weights = blend_kernels(weights, dict(self.generic.state_dict()), familiar, described)
        from_pictures = familiarity.picture_share(vectors)
        transfer = self.closed_form.transfer
        return transfer.replace_unfamiliar(weights, vectors, described, familiar, from_pictures, prior.keys[0])

    def add_other_class(self, weights: Weights, vectors: Tensor, described: Tensor, mask: Tensor) -> Weights:
        """A row of their own for classes that are not described, by what the generic network knows of the others: its
        rows of the seen classes whose names are nearest."""
        if torch.equal(described, mask):
            return weights
        nearest = (vectors @ self.name_vectors.T).argmax(-1)  # (M, K)
        generic_rows = self._generic_rows
        return other_class_row(weights, described, mask, generic_rows[nearest], generic_rows, self.settings.other_class)

    # -- pieces of it --------------------------------------------------------------------------------------------------
    def understand(self, text: str, pictures: Mapping[str, Sequence[Any]] | None = None) -> Prompt:
        """A list of classes as it is; of a sentence ("things that fly") the classes of the world that it means.

        Args:
            text: names, `name: description` lines, or a sentence
            pictures: example pictures by label (paths, PIL pictures or uint8 arrays)
        """
        one_class = " ".join(text.casefold().split()) in (name.casefold() for name in self.world.names)
        if pictures or one_class or is_something_else(text) or not looks_like_sentence(text):
            return parse(text, pictures)
        matches = match(text, self.world.names, self.encoder.encode_texts, self.world.families)
        prompt = parse("\n".join(f'"{name}"' for name, _ in matches))
        return Prompt(prompt.classes, (f"“{' '.join(text.split())}” was taken to mean {len(matches)} classes.",))

    def sampling(self, **chosen: Any) -> SamplingSettings:
        """The checkpoint's way of sampling, with what is chosen otherwise (None: as it is)."""
        return replace(self.settings.sampling, **{key: value for key, value in chosen.items() if value is not None})

    def denoise(self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], sampling: SamplingSettings) -> Tokens:
        """Step 2: normalised tokens, the difference from the prior, for M x K x E prompt vectors."""
        *_, last = self._sample(vectors, mask, seeds, sampling)
        return last.estimate

    def write(self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], **chosen: Any) -> Weights:
        """Steps 2 to 5: a stack of weights for M x K x E prompt vectors.

        Args:
            vectors: zeros are for "something else": the other classes are written as if it were not there
            mask: M x K, False for padding
            seeds: one for each of the M
            chosen: steps, sampler, guidance, temperature
        """
        return self.assemble_weights(self.denoise(vectors, mask, seeds, self.sampling(**chosen)), vectors, mask)

    def steps(self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], **chosen: Any) -> Iterator[SamplingStep]:
        """`write` step by step, from the noise it starts with to the answer: for showing how it comes about."""
        for step in self._sample(vectors, mask, seeds, self.sampling(**chosen)):
            current = self.assemble_weights(step.current, vectors, mask)
            estimate = current if step.estimate is step.current else self.assemble_weights(step.estimate, vectors, mask)
            yield SamplingStep(step.number, step.t, estimate, current)

    @torch.no_grad()
    def _sample(
        self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], sampling: SamplingSettings
    ) -> Iterator[SampleStep]:
        vectors, config = vectors.to(self.device), self.network.config
        described = described_mask(vectors, mask.to(self.device))

        def predict(noisy: Tokens, t: Tensor, drop: bool = False) -> Tokens:
            dropped = described.new_full((len(described),), drop)
            return self.network(*noisy, t, vectors, described, dropped)

        sizes = (config.shared, config.shared_width), (described.shape[1], config.class_width)
        predict_guided = guided(predict, lambda noisy, t: predict(noisy, t, drop=True), sampling.guidance)
        yield from sample_steps(
            predict_guided,
            self.schedule,
            *sizes,
            seeds,
            mask=described,
            steps=sampling.steps,
            sampler=sampling.sampler,
            temperature=sampling.temperature,
            device=self.device,
        )

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

    # -- what it is made of --------------------------------------------------------------------------------------------
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

    @cached_property
    def hash(self) -> str:
        """Of all numbers as they are saved and of every setting: the same before saving and after loading."""
        return checkpoint.digest(self)

    @property
    def generic_hash(self) -> str:
        """Of the network that classifiers are written and fine-tuned from; another version may have the same one."""
        return checkpoint.tensor_digest(self.generic.state_dict())

    @cached_property
    def encoder(self) -> Encoder:
        encoder = Encoder(self.encoder_id, self.device)
        if encoder.hash != self.encoder_hash:
            raise UserError(
                f"This Tina was trained with another version of the encoder {self.encoder_id!r} "
                f"({self.encoder_hash}, and here is {encoder.hash}): its prompts would mean something else."
            )
        return encoder

    @cached_property
    def world(self) -> World:
        return load_world(self.world_id, self.blueprint.size)

    @cached_property
    def name_vectors(self) -> Tensor:
        """(R, E): the seen classes' names."""
        return self.encoder.encode_texts(self.names).to(self.device)

    @property
    def _generic_rows(self) -> Tensor:
        """(R, F + 1)."""
        return rows_of(dict(self.generic.state_dict()))

    def config(self) -> dict[str, Any]:
        """What `__init__` takes, for config.json."""
        return {
            "blueprint": self.blueprint.id,
            "world": self.world_id,
            "names": self.names,
            "encoder": self.encoder_id,
            "encoder_hash": self.encoder_hash,
            "network": asdict(self.network.config),
            "layout": self.layout,
            "settings": self.settings.to_dict(),
        }

    # -- files (tina/generator/checkpoint.py) --------------------------------------------------------------------------
    @classmethod
    def from_pretrained(cls, name: str | Path = DEFAULT, **hub: Any) -> Tina:  # type: ignore[override]
        """A Tina that ships, one in a folder, or one on the Hub (OWNER/NAME).

        Args:
            name: which
            hub: options of `hf_hub_download`, such as token, revision, cache_dir, local_files_only
        """
        config, tensors = checkpoint.read(name, **hub)
        with checkpoint.readable(name):
            tina = cls(**config)
            checkpoint.load_tensors(tina, tensors)
        return tina

    def _save_pretrained(self, save_directory: Path) -> None:
        checkpoint.save(self, save_directory)


def unstack(weights: Weights, m: int, ways: int) -> Weights:
    """The m-th classifier out of a stack, with its first `ways` classes."""
    one = {name: weight[m].cpu() for name, weight in weights.items()}
    return one | {name: one[name][:ways].clone() for name in HEAD}


def stack_prompts(vectors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Prompts of several sizes (K x E each) as one batch: M x K x E padded with zeros, and M x K (True: a class)."""
    padded = nn.utils.rnn.pad_sequence(list(vectors), batch_first=True)
    return padded, torch.arange(padded.shape[1]) < torch.tensor([[len(part)] for part in vectors])
