"""Which classes count as familiar: a logistic regression, fitted by leaving classes out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.generator.closed_form.familiarity import Familiarity, FamiliaritySettings
from tina.training.fit.linear import logistic
from tina.training.zoo.prompt_sampler import SHOTS, TEXTS, PromptSampler
from tina.worlds import World
from tina.worlds.base import vocabulary
from tina.worlds.task import plain_task

SAME = 0.999  # cosine of a text with itself


def fit_familiarity(
    texts: Sequence[Tensor],
    image_means: Tensor,
    other_texts: Tensor,
    prompts: Tensor,
    from_pictures: Tensor,
    own_tower: bool = False,
    settings: FamiliaritySettings | None = None,
) -> Familiarity:
    """From the R seen classes.

    Args:
        texts: of each class (T_r, E)
        image_means: (R, E)
        other_texts: (O, E), about things that the generator is not trained on
        prompts: (R, A, E), each class asked for in A ways
        from_pictures: (A,), which of these ways are pictures
        own_tower: classifiers stand on the encoder's own tower, where no picture makes a class familiar
    """
    width = prompts.shape[2]
    empty = Familiarity.empty(width, settings)
    nothing = Familiarity(torch.cat(list(texts)), image_means, other_texts, empty.gate, settings)
    flat, classes = prompts.flatten(0, 1), torch.arange(len(prompts))
    owner = classes.repeat_interleave(prompts.shape[1])[:, None]  # (R A, 1)
    text_cosines, picture_cosines = flat @ nothing.texts.T, flat @ image_means.T
    itself = text_cosines > SAME
    own_texts = owner == classes.repeat_interleave(torch.tensor([len(part) for part in texts]))
    none, own_pictures = torch.zeros_like(picture_cosines, dtype=torch.bool), owner == classes
    cases = (  # which texts and pictures are left out, and whether the class is then familiar
        (torch.zeros_like(own_texts), none, 1.0),
        (itself, none, 1.0),  # in words of the visitor's own
        (own_texts, own_pictures, 0.0),
    )
    x = [
        nothing.features(text_cosines.masked_fill(texts_out, -1), picture_cosines.masked_fill(pictures_out, -1), flat)
        for texts_out, pictures_out, _ in cases
    ]
    counts = 1 - from_pictures.float() * own_tower
    y = [answer * counts.repeat(len(prompts)) for *_, answer in cases]
    x, y = [*x, x[-1]], [*y, y[-1]]  # as many unfamiliar ones as familiar ones
    gate = logistic(torch.cat(x).double(), torch.cat(y).double()).float()
    return Familiarity(nothing.texts, image_means, other_texts, gate, settings)


def familiarity_of(
    world: World, prompt_sampler: PromptSampler, encoder: Encoder, own_tower: bool = False
) -> Familiarity:
    """Of what a generator is trained with. The other things are those that there are texts for and the world has not:
    what is unseen in it takes no part."""
    others = [thing for name, thing in vocabulary().items() if name not in world.things]
    texts = [text for thing in others for text in (thing.name, *thing.synonyms, *thing.descriptions[:1])]
    draw = torch.Generator().manual_seed(0)
    ways = [(kind, 1) for kind in TEXTS] + [(kind, shots) for kind in ("pictures", "both") for shots in SHOTS]
    tasks = [plain_task([label]) for label in prompt_sampler.labels]
    prompts = torch.cat([prompt_sampler.sample(tasks, kind, draw, shots) for kind, shots in ways], 1)
    from_pictures = torch.tensor([kind not in TEXTS for kind, _ in ways])
    other_texts = encoder.encode_texts_cached(list(dict.fromkeys(texts)))
    parts = prompt_sampler.class_texts(), prompt_sampler.image_means(), other_texts
    return fit_familiarity(*parts, prompts, from_pictures, own_tower)
