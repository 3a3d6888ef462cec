"""Tina: a prompt in, a classifier out.

    tina = Tina.from_pretrained("sketchbook-cnn")            # one that ships, a folder, or OWNER/NAME on the Hub
    classifier = tina.generate("apple, sailboat, snail")
    classifier.predict("boat.png")                           # {"sailboat": 0.97, "apple": 0.02, "snail": 0.01}
    tina.push_to_hub("me/my-tina")

It is the generator's network, the normalisation that makes its numbers weights, and the generic network its zoo began
with. Which encoder its prompts go through is part of it: with another one, vectors would mean something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from huggingface_hub import PyTorchModelHubMixin, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tina.blueprints import HEAD, Blueprint, Weights, get_blueprint
from tina.blueprints import Tokens as BlueprintTokens
from tina.classifier.classifier import Classifier
from tina.encoder.encoder import Encoder
from tina.errors import UserError
from tina.generator.closed_form.closed_form import UNSAID, ClosedForm
from tina.generator.closed_form.familiarity import Familiarity, discount_by_share
from tina.generator.closed_form.other_class import THRESHOLD, described_mask, with_other_class
from tina.generator.closed_form.prior import Prior
from tina.generator.closed_form.transfer import Transfer, blend_kernels
from tina.generator.diffusion import Noise, Step, Tokens, guided, sample_steps
from tina.generator.normalise import Normaliser
from tina.generator.transformer import Config, SetTransformer
from tina.paths import CHECKPOINTS, DEFAULT, shipped
from tina.prompts.parsing import parse
from tina.prompts.prompt import Prompt
from tina.prompts.sentences import looks_like_sentence, match
from tina.prompts.something_else import is_something_else
from tina.research.chunks import ChunkTransformer
from tina.worlds import World, load_world

LAYOUTS = {"sets": SetTransformer, "chunks": ChunkTransformer}
STEPS, SAMPLER, GUIDANCE = 3, "dpm", 1.0  # more steps gain nothing, judged by `zoo` pictures
OF_KNOWLEDGE = ("prior_", "transfer_lift", "transfer_means", "transfer_strangers", "known_shown")
HALVED = ("network.", *(f"closed_form.{name}" for name in OF_KNOWLEDGE))  # when saved
TEMPERATURE = 0.3  # of the noise: at 1 classifiers vary as the zoo's do, also in what fine-tuning left to chance


@dataclass(frozen=True)
class Draft:
    """A step on the way. Weights are stacks: an axis for the prompts in front."""

    number: int  # from 1
    t: int
    guess: Weights  # what the generator takes for the end of the way
    standing: Weights  # where the sampler is, with the noise that is left; at the end that is the guess


class Tina(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="tina",
    license="apache-2.0",
    tags=["hypernetwork", "weight-generation", "image-classification"],
):
    def __init__(
        self,
        blueprint: str,
        world: str,
        names: list[str],
        encoder: str,
        encoder_hash: str,
        network: dict,
        layout: str = "sets",
        threshold: float = THRESHOLD,  # from where on a picture is of "something else"
    ):
        super().__init__()
        if layout not in LAYOUTS:
            raise UserError(f"There is no layout {layout!r}: it is one of {', '.join(LAYOUTS)}.")
        self.world_id, self.names, self.layout, self.threshold = world, names, layout, threshold
        self.encoder_id, self.encoder_hash = encoder, encoder_hash
        self.noise = Noise()
        config = Config(**network)
        self.network = LAYOUTS[layout](config)
        whole = get_blueprint(blueprint).whole
        self.generic = whole.module(whole.init(len(names), torch.Generator().manual_seed(0)))
        self.generic.requires_grad_(False)
        self.blueprint: Blueprint = get_blueprint(blueprint).on(self.generic)
        width, features = config.prompt_width, self.blueprint.width
        self.closed_form = ClosedForm(
            Normaliser.empty(config.shared, config.shared_width, config.class_width),
            Prior.empty(len(names), width, config.shared * config.shared_width, config.class_width),
            Transfer.empty(width, features),
            Familiarity.empty(width),
        )
        self.eval()

    def remember(self, generic: Weights, knowledge: ClosedForm) -> None:
        """What there is before training."""
        self.generic.load_state_dict(generic)
        self.closed_form = knowledge.to(self.device)

    @property
    def device(self) -> torch.device:
        return self.network.place.device

    @property
    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.network.parameters())

    @cached_property
    def hash(self) -> str:
        """Of all numbers as they are saved: the same before saving and after loading. Taken when first asked for."""
        return _digest({name: _saved(name, tensor) for name, tensor in self.state_dict().items()})

    @property
    def generic_hash(self) -> str:
        """Of the network that classifiers are written and fine-tuned from; another version may have the same one."""
        return _digest(self.generic.state_dict())

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

    # -- writing classifiers ------------------------------------------------------------------------------------------
    def understand(self, text: str, pictures: dict[str, Sequence] | None = None) -> Prompt:
        """A list of classes as it is; of a sentence ("things that fly") the classes of the world that it means."""
        one_class = " ".join(text.casefold().split()) in (name.casefold() for name in self.world.names)
        if pictures or one_class or is_something_else(text) or not looks_like_sentence(text):
            return parse(text, pictures)
        found = match(text, self.world.names, self.encoder.encode_texts, self.world.families)
        prompt = parse("\n".join(f'"{name}"' for name, _ in found))
        return Prompt(prompt.classes, (f"“{' '.join(text.split())}” was taken to mean {len(found)} classes.",))

    def generate(
        self,
        prompt: Prompt | str,
        *,
        steps: int = STEPS,
        sampler: str = SAMPLER,
        guidance: float = GUIDANCE,
        seed: int = 0,
    ) -> Classifier:
        """The classifier for a prompt."""
        return self.generate_many([prompt], steps=steps, sampler=sampler, guidance=guidance, seeds=[seed])[0]

    def generate_many(
        self,
        prompts: Sequence[Prompt | str],
        *,
        steps: int = STEPS,
        sampler: str = SAMPLER,
        guidance: float = GUIDANCE,
        seeds: Sequence[int] | None = None,
    ) -> list[Classifier]:
        """Classifiers for prompts of any sizes, written together; each is the same as alone, to float tolerance."""
        seeds = list(seeds or [0] * len(prompts))
        prompts = [self.understand(prompt) if isinstance(prompt, str) else prompt for prompt in prompts]
        vectors, mask = stack([self.encoder.encode_prompt(prompt) for prompt in prompts])
        weights = self.write(vectors, mask, seeds, steps=steps, sampler=sampler, guidance=guidance)
        about = {
            "steps": steps,
            "sampler": sampler,
            "guidance": guidance,
            "world": self.world_id,
            "checkpoint": self.hash,
        }
        return [
            Classifier(self.blueprint, self.of(weights, i, len(prompt.classes)), prompt, seed=seed, **about)
            for i, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True))
        ]

    def write(self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], **how) -> Weights:
        """A stack of weights for M x K x E prompt vectors; `mask` (M x K) is False for padding, and zeros are for
        "something else": the other classes are written as if it were not there."""
        for step in self._steps(vectors, mask, seeds, **how):
            last = step
        return self.read(last.estimate, vectors, mask)

    def drafts(self, vectors: Tensor, mask: Tensor, seeds: Sequence[int], **how) -> Iterator[Draft]:
        """The same step by step, the last of which is the answer: for showing how it comes about."""
        for step in self._steps(vectors, mask, seeds, **how):
            guess, standing = (self.read(tokens, vectors, mask) for tokens in (step.estimate, step.standing))
            yield Draft(step.number, step.t, guess, standing)

    def read(self, tokens: Tokens, vectors: Tensor, mask: Tensor) -> Weights:
        """The generator's numbers for prompt vectors, as weights."""
        shared, classes = tokens
        vectors, mask = vectors.to(self.device), mask.to(self.device)
        named, knowledge = described_mask(vectors, mask), self.closed_form
        usual = knowledge.prior(vectors, named)
        tokens = knowledge.normaliser.invert(shared + usual[0].view_as(shared), classes + usual[1])
        weights = self.blueprint.from_tokens(BlueprintTokens(*tokens), vectors)
        if self.blueprint.class_width:  # rows were written
            known = discount_by_share(knowledge.familiarity(vectors, named), named)
            shown = knowledge.familiarity.picture_share(vectors)
            weights = blend_kernels(weights, dict(self.generic.state_dict()), known, named)
            weights = knowledge.transfer.into(weights, vectors, named, known, shown, knowledge.prior.keys[0])
        return with_other_class(self, weights, vectors, mask)

    @cached_property
    def name_vectors(self) -> Tensor:
        return self.encoder.encode_texts(self.names).to(self.device)

    @torch.no_grad()
    def _steps(
        self,
        vectors: Tensor,
        mask: Tensor,
        seeds: Sequence[int],
        *,
        steps: int = STEPS,
        sampler: str = SAMPLER,
        guidance: float = GUIDANCE,
        temperature: float = TEMPERATURE,
    ) -> Iterator[Step]:
        vectors, config = vectors.to(self.device), self.network.config
        mask = described_mask(vectors, mask.to(self.device))
        asked, unasked = (
            lambda noisy, t, drop=drop: self.network(*noisy, t, vectors, mask, mask.new_full((len(mask),), drop))
            for drop in (False, True)
        )
        sizes = (config.shared, config.shared_width), (mask.shape[1], config.class_width)
        predict = guided(asked, unasked, guidance)
        options = {"mask": mask, "steps": steps, "sampler": sampler, "temperature": temperature, "device": self.device}
        yield from sample_steps(predict, self.noise, *sizes, seeds, **options)

    @staticmethod
    def of(weights: Weights, i: int, ways: int) -> Weights:
        """One classifier out of a stack, without the padding."""
        one = {name: weight[i].cpu() for name, weight in weights.items()}
        return one | {name: one[name][:ways].clone() for name in HEAD}

    # -- files --------------------------------------------------------------------------------------------------------
    @classmethod
    def from_pretrained(cls, name: str | Path = DEFAULT, **kwargs) -> Tina:
        """A Tina that ships, one in a folder, or one on the Hub (OWNER/NAME)."""
        place = CHECKPOINTS / name if str(name) in shipped() else Path(name)
        if place.is_dir():
            missing = [file for file in ("config.json", "model.safetensors") if not (place / file).is_file()]
            if missing:
                raise UserError(f"{name} is no checkpoint of Tina: it has no {' and no '.join(missing)}.")
        elif str(name).count("/") != 1:
            raise UserError(
                f"There is no checkpoint {str(name)!r}: it is one of {', '.join(shipped())}, a folder, or OWNER/NAME."
            )
        try:
            return super().from_pretrained(str(place), **kwargs)
        except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
            raise UserError(f"{str(name)!r} cannot be fetched from the Hub (is this machine online?).") from error
        except (TypeError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise UserError(f"{name} is no checkpoint that this version of Tina can read.") from error

    @classmethod
    def _from_pretrained(
        cls, *, model_id: str, map_location: str = "cpu", strict: bool = True, token=None, **kwargs
    ) -> Tina:
        """What the mixin calls once it has read config.json; its own version prints to stdout."""
        hub = {key: kwargs.pop(key) for key in ("revision", "cache_dir", "force_download", "local_files_only")}
        local = Path(model_id) / "model.safetensors"
        file = local if local.is_file() else hf_hub_download(model_id, local.name, token=token, **hub)
        tina = cls(**kwargs)
        state = {name.replace("knowledge.", "closed_form."): tensor for name, tensor in load_file(file).items()}
        tina.load_state_dict(state, strict=strict)
        return tina.to(map_location)

    def _save_pretrained(self, save_directory: Path) -> None:
        """Numbers of the network in half precision, which changes no classifier visibly and halves the download."""
        unsaid = {f"closed_form.{name}" for name in UNSAID}
        kept = {name: tensor for name, tensor in self.state_dict().items() if name not in unsaid or tensor.any()}
        tensors = {name: _saved(name, tensor) for name, tensor in kept.items()}
        partial = save_directory / "model.partial"
        save_file(tensors, partial, metadata={"format": "pt"})
        partial.replace(save_directory / "model.safetensors")


def stack(vectors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Prompts of several sizes as one batch: M x K x E padded with zeros, and M x K, True for a class."""
    padded = nn.utils.rnn.pad_sequence(list(vectors), batch_first=True)
    return padded, torch.arange(padded.shape[1]) < torch.tensor([[len(part)] for part in vectors])


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:16]


def _saved(name: str, tensor: Tensor) -> Tensor:
    """The modulations of the blocks, a third of the network, as eight-bit floats: shifts and scales need no more, and
    likenesses neither."""
    tensor = tensor.detach().cpu().contiguous()
    modulates = name.startswith("network.blocks.") and ".condition." in name and tensor.ndim == 2
    if modulates or name in ("closed_form.known_said", "closed_form.known_shown", "closed_form.known_others"):
        return tensor.to(torch.float8_e4m3fn)
    return tensor.half() if name.startswith(HALVED) else tensor
