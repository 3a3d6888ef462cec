"""What a class's row fires on: of the held-out or shown pictures those on which it adds up to most, and to least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from markupsafe import Markup
from torch import Tensor

from tina.classifier.classifier import as_array
from tina.ui.markup import note, picture, thumbnail
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation
from tina.ui.templates import render

STRIP = 10  # pictures of a strip
SIDE = 48  # pixels of one of them
NOTHING_TO_LOOK_AT = "There are no pictures here to see what it fires on: show some, or test pictures."


@dataclass(frozen=True)
class Fired:
    """A picture, and what the row adds up to on it."""

    picture: Markup
    sum: float
    own: bool  # whether it is a picture of the row's class


def fires(checkpoint: LoadedCheckpoint, generation: Generation, row: int, index: int = -1) -> Markup:
    """The pictures on which class `row` fires most and least after step `index`, and most among those of others."""
    pictures, labels, sums, of = _looked_at(checkpoint, generation, index)
    if not len(pictures):
        return note(NOTHING_TO_LOOK_AT)
    above = (sums - sums.mean(1, keepdim=True))[:, row]  # (N,): softmax does not see what all rows have in common
    label = generation.labels[row]
    order = above.argsort(descending=True).tolist()
    others = [i for i in order if labels[i] != row]

    def strip(chosen: Sequence[int]) -> list[Fired]:
        return [
            Fired(
                picture(thumbnail(pictures[i], SIDE), f"{generation.labels[labels[i]]}, {above[i]:+.1f}"),
                float(above[i]),
                labels[i] == row,
            )
            for i in chosen
        ]

    strips = [("Fires most on", strip(order[:STRIP])), ("least on", strip(order[: -STRIP - 1 : -1]))]
    if others[:STRIP] and set(order[:STRIP]) != set(others[:STRIP]):
        strips.insert(1, ("most, of other classes’ pictures", strip(others[:STRIP])))
    return render("fires.html", label=label, strips=strips, of=of)


def _looked_at(
    checkpoint: LoadedCheckpoint, generation: Generation, index: int
) -> tuple[Sequence[np.ndarray], list[int], Tensor, str]:
    """Pictures, their labels' positions, what every row adds up to on them (N, K), and which pictures these are."""
    held_out, weights = generation.held_out, generation.steps[index].weights
    if held_out is not None:
        with torch.inference_mode():
            sums = held_out.blueprint.forward(weights, held_out.x)
        which = held_out.on or f"{len(held_out.y)} held-out pictures"
        return held_out.pictures, held_out.y.tolist(), sums, f"Chosen from {which}."
    classes = generation.prompt.classes
    labels = [k for k, one in enumerate(classes) for _ in one.pictures]
    shown = [as_array(one, checkpoint.blueprint) for known in classes for one in known.pictures]
    if not shown:
        return [], [], torch.empty(0, len(classes)), ""
    sums = checkpoint.classifier(generation, index).logits(shown)
    return shown, labels, sums, f"Chosen from the {len(shown)} pictures that you showed: the row was written from them."
