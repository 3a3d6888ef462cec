"""The first part: pupils' own pictures become a classifier, which they then test. Nothing of it outlives the visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tina.errors import UserError
from tina.prompts.prompt import LABEL, ClassPrompt, Prompt
from tina.prompts.text import clean
from tina.ui.panes import describe
from tina.ui.prompt_text import as_text
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.registry import OWN_TOWER, CheckpointRegistry
from tina.ui.state import Brought, Generation, SamplingOptions

THINGS, PICTURES, LEAST = 4, 10, 3  # most things, most pictures of each, and fewest


@dataclass(frozen=True)
class Taught:
    """A classifier of somebody's own things."""

    checkpoint: str | None  # which Tina wrote it
    generation: Generation
    right: int | None  # pictures that were recognised by a classifier which had not been shown that one
    count: int


def teach(registry: CheckpointRegistry, things: object, photos: bool) -> Taught:
    """Writes it.

    Args:
        things: what the browser sent: a list of names, each with pictures as data: addresses.
        photos: whether they are from a webcam: another Tina writes of these, where there is one.
    """
    name = OWN_TOWER if photos and OWN_TOWER in registry.names else None
    checkpoint = registry.get(name)
    prompt = _prompt(checkpoint, _received(things, checkpoint.picture_side))
    *_, generation = checkpoint.generate(prompt, SamplingOptions(checkpoint.watched_steps))
    score = generation.left_out or checkpoint.left_out_score(prompt, generation.options.seed)
    right = sum(row[k] for k, row in enumerate(score.confusion))
    return Taught(name, generation, right, sum(map(sum, score.confusion)))


def _received(things: object, side: int) -> dict[str, list[np.ndarray]]:
    """In which anything may stand."""
    if not isinstance(things, Sequence) or not 2 <= len(things) <= THINGS:
        raise UserError("few")
    found: dict[str, list[np.ndarray]] = {}
    for thing in things:
        if not isinstance(thing, Mapping) or not isinstance(thing.get("pictures"), Sequence):
            raise UserError("few")
        label, pictures = clean(str(thing.get("name", "")))[:LABEL], thing["pictures"]
        if not label or not LEAST <= len(pictures) <= PICTURES:
            raise UserError("few")
        found[label] = [describe.received(str(url), side) for url in pictures]
    return found


def _prompt(checkpoint: LoadedCheckpoint, pictures: Mapping[str, list[np.ndarray]]) -> Prompt:
    """The names as they are understood elsewhere on the page; a name that would be read as several stays one."""
    plain = Prompt(tuple(ClassPrompt(label, (), tuple(some)) for label, some in pictures.items()))
    try:
        read = checkpoint.understand(as_text(plain), Brought())
    except UserError:
        return plain
    if read.labels != plain.labels:
        return plain
    rows: list[Any] = list(zip(read.classes, plain.classes, strict=True))
    return Prompt(tuple(replace(one, pictures=shown.pictures) for one, shown in rows))
