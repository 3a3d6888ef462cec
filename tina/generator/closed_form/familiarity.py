"""Which classes of a prompt the generator was trained on, by their vectors alone: nobody has to say.

    known = Familiarity.fit(said, shown, others, asked)
    shares = known(prompts, mask)            # M x K, from 0 (nothing like it was ever in training) to 1

A vector is compared with everything that the generator was told of its classes, texts and pictures, and with texts
about other things, which it was told nothing of. How much each comparison tells is found by leaving out: a class with
all that belongs to it left out is one that is not known, and its answer is no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.training.fit.linear import logistic
from tina.training.zoo.prompt_sampler import SHOTS, TEXTS, PromptSampler
from tina.worlds import World
from tina.worlds.base import vocabulary

SHARP = 30.0  # how much nearer a text has to be to count as the nearest
SAME = 0.999  # likeness of a text to itself
ROUNDS, EDGE = 10, 0.02  # of asking how many of a prompt's classes are known, and the least that are or are not
TOGETHER = 0.5  # how much this counts: at 1 half of the strangers beside known classes pass for known
LEAST, MOST = 0.5, 0.9  # shares of a prompt: where less is known nothing counts as known, where more, all that is


@dataclass(frozen=True)
class Familiarity:
    said: Tensor  # T x E: all texts for the known classes
    shown: Tensor  # R x E: of each the mean of its pictures
    others: Tensor  # O x E: texts about other things
    gate: Tensor  # 15: what likenesses and their products tell
    pictured: Tensor  # E + 1: by what a prompt of pictures is told from one of words alone

    @classmethod
    def empty(cls, width: int) -> Familiarity:
        """Takes every class for known."""
        return cls(*(torch.zeros(0, width) for _ in range(3)), torch.zeros(15), torch.zeros(width + 1))

    @classmethod
    def fit(
        cls,
        said: Sequence[Tensor],
        shown: Tensor,
        others: Tensor,
        asked: Tensor,
        by_eye: Tensor,
        own_tower: bool = False,
    ) -> Familiarity:
        """From each known class's texts (T_r x E), the mean of its pictures, and prompt vectors for it (R x A x E), of
        which those `by_eye` (A) are made of pictures: on the encoder's own tower these make no class pass for known.
        """
        known = replace(cls.empty(asked.shape[2]), said=torch.cat(list(said)), shown=shown, others=others)
        prompts, classes = asked.flatten(0, 1), torch.arange(len(asked))
        whose = classes.repeat_interleave(asked.shape[1])[:, None]
        of_texts, of_pictures = prompts @ known.said.T, prompts @ shown.T
        itself = of_texts > SAME
        own = whose == classes.repeat_interleave(torch.tensor([len(texts) for texts in said]))
        nothing, pictures = torch.zeros_like(of_pictures, dtype=torch.bool), whose == classes
        cases = (  # which texts and pictures are left out, and whether the class is then known
            (torch.zeros_like(own), nothing, 1.0),
            (itself, nothing, 1.0),  # in words of the visitor's own
            (own, pictures, 0.0),
        )
        x = [
            known._compared(of_texts.masked_fill(texts, -1), of_pictures.masked_fill(shown, -1), prompts)
            for texts, shown, _ in cases
        ]
        heard = 1 - by_eye.float() * own_tower
        y = [answer * heard.repeat(len(asked)) for *_, answer in cases]
        x, y = [*x, x[-1]], [*y, y[-1]]  # as many that are not known as that are
        gate = logistic(torch.cat(x).double(), torch.cat(y).double()).float()
        pictured = logistic(_with_one(prompts).double(), by_eye.double().repeat(len(asked))).float()
        return replace(known, gate=gate, pictured=pictured)

    @classmethod
    def of(cls, world: World, prompt_sampler: PromptSampler, encoder: Encoder, own_tower: bool = False) -> Familiarity:
        """Of what a generator is trained with. The other things are those that we have texts for and the world has not:
        what is unseen in it takes no part. On the encoder's own tower pictures are rows as they are: whatever a visitor
        shows needs no other."""
        others = [thing for name, thing in vocabulary().items() if name not in world.things]
        texts = [text for thing in others for text in (thing.name, *thing.synonyms, *thing.descriptions[:1])]
        draw = torch.Generator().manual_seed(0)
        ways = [(kind, 1) for kind in TEXTS] + [(kind, shots) for kind in ("pictures", "both") for shots in SHOTS]
        alone = [{label: (label,)} for label in prompt_sampler.labels]
        asked = torch.cat([prompt_sampler.sample(alone, kind, draw, shots) for kind, shots in ways], 1)
        by_eye = torch.tensor([kind not in TEXTS for kind, _ in ways])
        others = encoder.encode_texts_cached(list(dict.fromkeys(texts)))
        return cls.fit(prompt_sampler.class_texts(), prompt_sampler.image_means(), others, asked, by_eye, own_tower)

    def __call__(self, prompts: Tensor, mask: Tensor) -> Tensor:
        """M x K for prompt vectors M x K x E. Classes of one prompt are often of one kind: the share of them that turns
        out to be known is a part of what each is expected to be before it is looked at."""
        if not len(self.said):
            return prompts.new_ones(mask.shape)
        evidence = self._compared(prompts @ self.said.T, prompts @ self.shown.T, prompts) @ self.gate
        real = mask.to(evidence.dtype)
        found = evidence.sigmoid()
        for _ in range(ROUNDS):
            share = (found * real).sum(1, keepdim=True) / real.sum(1, keepdim=True)
            found = (evidence + TOGETHER * share.clamp(EDGE, 1 - EDGE).logit()).sigmoid()
        return found

    def picture_share(self, prompts: Tensor) -> Tensor:
        """M x K for prompt vectors M x K x E, from 0 (words alone) to 1 (pictures, perhaps with words beside them)."""
        return (_with_one(prompts) @ self.pictured).sigmoid()

    def _compared(self, of_texts: Tensor, of_pictures: Tensor, prompts: Tensor) -> Tensor:
        """... x 15: how near the nearest texts, other texts and two pictures are, with products and a one."""
        near = [(SHARP * likeness).logsumexp(-1) / SHARP for likeness in (of_texts, prompts @ self.others.T)]
        near = torch.stack([torch.ones_like(near[0]), *near, *of_pictures.topk(2).values.unbind(-1)], -1)
        a, b = torch.triu_indices(5, 5)
        return near[..., a] * near[..., b]


def discount_by_share(known: Tensor, mask: Tensor) -> Tensor:
    """What is written for known classes stands well beside its like alone: the more of a prompt is not known, the less
    what is known is treated as such (M x K)."""
    share = (known * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp(min=1)
    return known * ((share - LEAST) / (MOST - LEAST)).clamp(0, 1)


def _with_one(x: Tensor) -> Tensor:
    return torch.cat([x, torch.ones_like(x[..., :1])], -1)
