"""Runs on the page: each step in a slot of its own, so that others get theirs between; what repeats is shown again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tina.prompts.prompt import Prompt
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.together import Kept
from tina.ui.server.turns import Slots
from tina.ui.state import Brought, Generation, SamplingOptions


class Runs:
    """Of all checkpoints."""

    def __init__(self, slots: Slots, kept: Kept):
        """
        Args:
            slots: of computing.
            kept: runs of before, beside other answers.
        """
        self.slots, self.kept = slots, kept

    def run(
        self, checkpoint: LoadedCheckpoint, prompt: Prompt, options: SamplingOptions, brought: Brought
    ) -> Iterator[Generation]:
        """As `LoadedCheckpoint.generate`."""
        key = None
        if not (brought.pictures or brought.tests):  # nothing of a visitor's pictures is kept
            key = "run", checkpoint.hash, prompt.to_json(), options
            before: Generation | None = self.kept.get(key)
            if before is not None and before.held_out is checkpoint.held_out(prompt.labels):
                yield from _again(before)
                return
        steps = checkpoint.generate(prompt, options, brought)
        while True:
            with self.slots.taken():
                generation = next(steps, None)
                if generation is None:
                    return
                if generation.finished and key:
                    kept = replace(generation, steps=list(generation.steps), baselines=dict(generation.baselines))
                    self.kept.put(key, kept, _size(kept))
            yield generation


def _again(before: Generation) -> Iterator[Generation]:
    """The same steps as a generation of its own."""
    origin = replace(before.origin, provenance=None)
    again = replace(before, origin=origin, steps=[], baselines=dict(before.baselines), none_level=None, others=None)
    for step in before.steps:
        again.steps.append(step)
        if again.finished:
            again.origin, again.none_level, again.others = before.origin, before.none_level, before.others
        yield again


def _size(generation: Generation) -> float:
    """Bytes, nearly."""
    tensors: list[Any] = [weight for step in generation.steps for weight in step.weights.values()]
    tensors += [step.predictions for step in generation.steps if step.predictions is not None]
    return 50_000.0 + sum(one.numel() * one.element_size() for one in tensors)
