"""What a prompt's own example pictures say of the classifiers written from it: never test pictures.

    shares = leave_one_out(tina, prompt, seeds=range(8))      # how well each seed's classifiers know the pictures
    classifier = tina.generate(prompt, seed=int(shares.argmax()))
    answers(tina, prompt)                                     # {"my cup": ["my cup", "its fork", ...], ...}

A picture that a classifier was written from proves nothing about it. So each is shown to one that was written without
it: as many classifiers a seed as there are pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tina.errors import UserError
from tina.generator.base import BaseTina
from tina.prompts.prompt import Prompt

TO_CHOOSE = "choose between samples"
PICTURE_NEEDED = "To {purpose}, at least one class needs an example picture."


def leave_one_out(tina: BaseTina, prompt: Prompt, seeds: Sequence[int], **chosen: Any) -> Tensor:
    """For each seed, the share of probability that example pictures' own classes get from classifiers that were
    written without them: the mean over all pictures of the prompt."""
    if not len(seeds):
        raise UserError("There has to be at least one sample to choose from.")
    labels = _labels(prompt, TO_CHOOSE)
    found = tina.leave_one_out(prompt, seeds, **chosen)  # (S, N, K)
    return torch.stack([one[torch.arange(len(labels)), labels].mean() for one in found])


def answers(tina: BaseTina, prompt: Prompt, seed: int = 0, **chosen: Any) -> dict[str, list[str]]:
    """For each class that has example pictures, the label that each of them gets from a classifier written without it.

    Args:
        tina: of any kind.
        prompt: with pictures.
        seed: of the noise.
        chosen: of sampling, as for `generate`.
    """
    labels = _labels(prompt, "say what is made of them")
    (found,) = tina.leave_one_out(prompt, [seed], **chosen)
    told: dict[str, list[str]] = {one.label: [] for one in prompt.classes if one.pictures}
    for own, answer in zip(labels.tolist(), found.argmax(1).tolist(), strict=True):
        told[prompt.labels[own]].append(prompt.labels[answer])
    return told


def _labels(prompt: Prompt, purpose: str) -> Tensor:
    """(N,): the number of each picture's class."""
    counts = torch.tensor([len(one.pictures) for one in prompt.classes])
    if not counts.any():
        raise UserError(PICTURE_NEEDED.format(purpose=purpose))
    return torch.arange(len(counts)).repeat_interleave(counts)
