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
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from tina.blueprints import HEAD, Weights
from tina.classifier.archive import Origin
from tina.classifier.classifier import Classifier
from tina.generator import checkpoint
from tina.generator.closed_form.other_class import described_mask
from tina.generator.diffusion import Tokens
from tina.generator.writer import LAYOUTS, WeightWriter
from tina.paths import DEFAULT
from tina.prompts.parsing import parse
from tina.prompts.prompt import Prompt
from tina.prompts.sentences import looks_like_sentence, match
from tina.prompts.something_else import is_something_else
from tina.storage import tensor_digest
from tina.worlds import World, load_world

__all__ = ["LAYOUTS", "SamplingStep", "Tina", "shown_by_pictures", "stack_prompts", "unstack"]


@dataclass(frozen=True)
class SamplingStep:
    """A step on the way, as stacks of weights with an axis for the prompts in front."""

    number: int  # 0 is the start: noise around what closed form says
    t: int
    estimate: Weights  # what the transformer takes for the end of the way
    current: Weights  # where the sampler is, with the noise that is left; at the end that is the estimate
    difference: Tokens  # the same as normalised tokens, before closed form is added


class Tina(
    WeightWriter,
    PyTorchModelHubMixin,
    library_name="tina",
    license="apache-2.0",
    tags=["hypernetwork", "weight-generation", "image-classification"],
):
    """A `WeightWriter` that understands prompts, gives classifiers, and is a checkpoint."""

    # -- a prompt's way ------------------------------------------------------------------------------------------------
    def generate(
        self,
        prompt: Prompt | str,
        *,
        steps: int | None = None,
        seed: int = 0,
    ) -> Classifier:
        """The classifier for a prompt.

        Args:
            prompt: what `understand` or `parse` gave, or a text for `understand`
            steps: of sampling, 1 to 1000
            seed: of the noise; the same prompt, checkpoint and seed give the same weights
        """
        return self.generate_many([prompt], steps=steps, seeds=[seed])[0]

    def generate_many(
        self,
        prompts: Sequence[Prompt | str],
        *,
        steps: int | None = None,
        seeds: Sequence[int] | None = None,
    ) -> list[Classifier]:
        """Classifiers for prompts of any sizes, written together; each is the same as alone, to float tolerance. The
        arguments are those of `generate`, with a seed for each prompt."""
        sampling = self.sampling(steps=steps)
        seeds = list(seeds or [0] * len(prompts))
        understood = [self.understand(prompt) if isinstance(prompt, str) else prompt for prompt in prompts]
        # 1. Every class becomes one unit vector: its texts, its pictures, or both
        encoded = [self.encoder.encode_prompt(prompt) for prompt in understood]
        vectors, mask = stack_prompts(encoded)  # (M, K, E), (M, K)
        from_pictures = shown_by_pictures(understood, mask)  # (M, K)
        # 2. The transformer removes noise from a set of tokens; what it writes is the difference from a prior
        difference = self.denoise(vectors, mask, seeds, sampling)  # (M, S, D), (M, K, C)
        # 3. to 5. Prior, transfer and "something else"
        weights = self.assemble_weights(difference, vectors, mask, from_pictures)
        shares = self.provenance(difference, weights, vectors, mask)
        return [
            Classifier(
                self.blueprint,
                unstack(weights, m, len(prompt.classes)),
                prompt,
                origin=Origin(
                    self.world_id,
                    self.hash,
                    seed,
                    sampling.steps,
                    sampling.sampler,
                    shares[m],
                ),
            )
            for m, (prompt, seed) in enumerate(zip(understood, seeds, strict=True))
        ]

    def assemble_weights(
        self, difference: Tokens, vectors: Tensor, mask: Tensor, from_pictures: Tensor | None = None
    ) -> Weights:
        """Steps 3 to 5, from what the transformer wrote (normalised tokens) to a stack of weights; the other arguments
        are those of `write`."""
        vectors, mask = vectors.to(self.device), mask.to(self.device)
        from_pictures = torch.zeros_like(vectors[..., 0]) if from_pictures is None else from_pictures.to(vectors)
        described = described_mask(vectors, mask)
        # 3. The prior, in closed form, is added
        weights = self.add_prior(difference, vectors, described)
        # 4. The less familiar a class is, the more its row comes from the encoder
        if self.blueprint.class_width:
            weights = self.transfer_unfamiliar(weights, vectors, described, from_pictures)
        # 5. "Something else" gets a row of its own
        return self.add_other_class(weights, vectors, described, mask)

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

    def write(
        self,
        vectors: Tensor,
        mask: Tensor,
        seeds: Sequence[int],
        from_pictures: Tensor | None = None,
        **chosen: Any,
    ) -> Weights:
        """Steps 2 to 5: a stack of weights for M x K x E prompt vectors.

        Args:
            vectors: zeros are for "something else": the other classes are written as if it were not there
            mask: M x K, False for padding
            seeds: one for each of the M
            from_pictures: M x K, how much of each vector is pictures: 1 where there are any, 0 (by default) for words
            chosen: steps, sampler, temperature
        """
        difference = self.denoise(vectors, mask, seeds, self.sampling(**chosen))
        return self.assemble_weights(difference, vectors, mask, from_pictures)

    def steps(
        self,
        vectors: Tensor,
        mask: Tensor,
        seeds: Sequence[int],
        from_pictures: Tensor | None = None,
        **chosen: Any,
    ) -> Iterator[SamplingStep]:
        """`write` step by step, from the noise it starts with to the answer: for showing how it comes about."""
        for step in self.sample_steps(vectors, mask, seeds, self.sampling(**chosen)):
            current = estimate = self.assemble_weights(step.current, vectors, mask, from_pictures)
            if step.estimate is not step.current:
                estimate = self.assemble_weights(step.estimate, vectors, mask, from_pictures)
            yield SamplingStep(step.number, step.t, estimate, current, step.current)

    # -- what it is made of --------------------------------------------------------------------------------------------
    @cached_property
    def hash(self) -> str:
        """Of all numbers as they are saved and of every setting: the same before saving and after loading."""
        return checkpoint.digest(self)

    @property
    def generic_hash(self) -> str:
        """Of the network that classifiers are written and fine-tuned from; another version may have the same one."""
        return tensor_digest(self.generic.state_dict())

    @cached_property
    def world(self) -> World:
        return load_world(self.world_id, self.blueprint.size)

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


def shown_by_pictures(prompts: Sequence[Prompt], mask: Tensor) -> Tensor:
    """M x K: 1 for the classes that have example pictures, 0 for those that are only words, and for padding."""
    flags = torch.zeros(mask.shape)
    for m, prompt in enumerate(prompts):
        flags[m, : len(prompt.classes)] = torch.tensor([float(len(one.pictures) > 0) for one in prompt.classes])
    return flags


def stack_prompts(vectors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Prompts of several sizes (K x E each) as one batch: M x K x E padded with zeros, and M x K (True: a class)."""
    padded = nn.utils.rnn.pad_sequence(list(vectors), batch_first=True)
    return padded, torch.arange(padded.shape[1]) < torch.tensor([[len(part)] for part in vectors])
