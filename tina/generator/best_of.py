"""The best of several samples, chosen by the example pictures that came with a prompt: never by test pictures.

    shares = leave_one_out(tina, prompt, seeds=range(8))      # how well each seed's classifiers know the pictures
    classifier = tina.generate(prompt, seed=int(shares.argmax()))

A picture that a classifier was written from proves nothing about it. So each is shown to one that was written without
it: as many classifiers a seed as there are pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tina.classifier.classifier import as_array
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.prompt import Prompt

TOGETHER = 32  # classifiers written at once


def leave_one_out(tina: Tina, prompt: Prompt, seeds: Sequence[int], **chosen: Any) -> Tensor:
    """For each seed, the share of probability that example pictures' own classes get from classifiers that were
    written without them: the mean over all pictures of the prompt."""
    texts, pictures_of = tina.encoder.encode_parts(prompt)
    combine = tina.encoder.combine
    whole = [combine(text, pictures) for text, pictures in zip(texts, pictures_of, strict=True)]
    shown = [float(len(part) > 0) for part in pictures_of]
    vectors, labels, from_pictures = [], [], []
    for k, pictures in enumerate(pictures_of):
        for i in range(len(pictures)):
            others = torch.cat([pictures[:i], pictures[i + 1 :]])
            vectors.append(torch.stack([*whole[:k], combine(texts[k], others), *whole[k + 1 :]]))
            labels.append(k)
            from_pictures.append([*shown[:k], float(len(others) > 0), *shown[k + 1 :]])
    if not len(seeds):
        raise UserError("There has to be at least one sample to choose from.")
    if not labels:
        raise UserError("To choose between samples, at least one class needs an example picture.")
    arrays = [as_array(picture, tina.blueprint) for wanted in prompt.classes for picture in wanted.pictures]
    x, right = tina.blueprint.prepare(np.stack(arrays)), torch.tensor(labels)
    shares = []
    for seed in seeds:
        found = []
        chunks = (
            everything.split(TOGETHER) for everything in (torch.stack(vectors), torch.tensor(from_pictures), x, right)
        )
        for part, pictured, own, k in zip(*chunks, strict=True):
            weights = tina.write(
                part, torch.ones(part.shape[:2], dtype=torch.bool), [seed] * len(part), pictured, **chosen
            )
            logits = tina.blueprint.forward_many(weights, own[:, None].to(tina.device))[:, 0]
            found.append(logits.softmax(1).cpu()[torch.arange(len(k)), k])
        shares.append(torch.cat(found).mean())
    return torch.stack(shares)
