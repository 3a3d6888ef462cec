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
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tina.blueprints import Weights
from tina.classifier.classifier import Classifier, as_array
from tina.classifier.record import Origin
from tina.generator import checkpoint
from tina.generator.base import unstack
from tina.generator.closed_form.other_class import described_mask
from tina.generator.diffusion import Tokens
from tina.generator.writer import LAYOUTS, WeightWriter
from tina.prompts.prompt import Prompt
from tina.storage import tensor_digest

__all__ = ["LAYOUTS", "SamplingStep", "Tina", "shown_by_pictures", "stack_prompts", "unstack"]

TOGETHER = 32  # classifiers written at once for pictures that are left out


@dataclass(frozen=True)
class SamplingStep:
    """A step on the way, as stacks of weights with an axis for the prompts in front."""

    number: int  # 0 is the start: noise around what closed form says
    t: int
    estimate: Weights  # what the transformer takes for the end of the way
    current: Weights  # where the sampler is, with the noise that is left; at the end that is the estimate
    difference: Tokens  # the same as normalised tokens, before closed form is added


class Tina(WeightWriter):
    """A `WeightWriter` that gives classifiers and is a checkpoint."""

    kind = "zoo"

    # -- a prompt's way ------------------------------------------------------------------------------------------------
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
        encoded = [self.encode(prompt) for prompt in understood]
        vectors, mask = stack_prompts(encoded)  # (M, K, E), (M, K)
        from_pictures = shown_by_pictures(understood, mask)  # (M, K)
        # 2. The transformer removes noise from a set of tokens; what it writes is the difference from a prior
        difference = self.denoise(vectors, mask, seeds, sampling)  # (M, S, D), (M, K, C)
        # 3. to 5. Prior, transfer and "something else"
        weights = self.assemble_weights(difference, vectors, mask, from_pictures)
        shares = self.provenance(difference, weights, vectors, mask)
        none = self.none_of_these(vectors, mask)
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
                others=none[m][0],
                none_level=none[m][1],
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

    def leave_one_out(self, prompt: Prompt, seeds: Sequence[int], **chosen: Any) -> Tensor:
        """S x N x K: what classifiers make of example pictures that they were written without."""
        texts, pictures_of = self.encoder.encode_parts(self.prepared(prompt))
        combine = self.encoder.combine
        whole = [combine(text, pictures) for text, pictures in zip(texts, pictures_of, strict=True)]
        shown = [float(len(part) > 0) for part in pictures_of]
        vectors, from_pictures = [], []
        for k, pictures in enumerate(pictures_of):
            for i in range(len(pictures)):
                others = torch.cat([pictures[:i], pictures[i + 1 :]])
                vectors.append(torch.stack([*whole[:k], combine(texts[k], others), *whole[k + 1 :]]))
                from_pictures.append([*shown[:k], float(len(others) > 0), *shown[k + 1 :]])
        arrays = [as_array(picture, self.blueprint) for one in prompt.classes for picture in one.pictures]
        x = self.blueprint.prepare(np.stack(arrays))
        each_seed = []
        for seed in seeds:
            found = []
            chunks = (
                everything.split(TOGETHER) for everything in (torch.stack(vectors), torch.tensor(from_pictures), x)
            )
            for part, pictured, own in zip(*chunks, strict=True):
                mask = torch.ones(part.shape[:2], dtype=torch.bool)
                weights = self.write(part, mask, [seed] * len(part), pictured, **chosen)
                logits = self.blueprint.forward_many(weights, own[:, None].to(self.device))[:, 0]
                found.append(logits.softmax(1).cpu())
            each_seed.append(torch.cat(found))
        return torch.stack(each_seed)

    def steps(
        self,
        vectors: Tensor,
        mask: Tensor,
        seeds: Sequence[int],
        from_pictures: Tensor | None = None,
        *,
        estimates: bool = True,
        **chosen: Any,
    ) -> Iterator[SamplingStep]:
        """`write` step by step, from the noise it starts with to the answer: for showing how it comes about. Without
        `estimates` only where the sampler is, which is half the work."""
        for step in self.sample_steps(vectors, mask, seeds, self.sampling(**chosen)):
            current = estimate = self.assemble_weights(step.current, vectors, mask, from_pictures)
            if estimates and step.estimate is not step.current:
                estimate = self.assemble_weights(step.estimate, vectors, mask, from_pictures)
            yield SamplingStep(step.number, step.t, estimate, current, step.current)

    # -- what it is made of --------------------------------------------------------------------------------------------
    @property
    def generic_hash(self) -> str:
        """Of the network that classifiers are written and fine-tuned from; another version may have the same one."""
        return tensor_digest(self.generic.state_dict())

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
            **({"preparation": self.blueprint.preparation} if self.blueprint.preparation else {}),
            **({"eight_bits": True} if self.eight_bits else {}),
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        checkpoint.load_tensors(self, tensors)


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
