"""From a visitor's fields to what the page shows, step by step. The handlers only pass it on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tina.errors import UserError
from tina.ui.panes import describe, strip, take, try_it, watch
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.server.tuning import FineTuning
from tina.ui.state import Brought, Generation, SamplingOptions

SHOWN_IF_BUSY = 4  # steps of which one is shown, while others wait for something to be computed
STEP_SECONDS = 0.14  # that a step is shown for: computing it takes a tenth of that


@dataclass(frozen=True)
class Update:
    """What there is to show after a step; what is None stays as it is."""

    generation: Generation | None = None
    chips: dict | None = None
    headline: str | None = None
    strip: str | None = None
    fine_tuned_bar: str | None = None
    rival: str | None = None
    head: str | None = None
    view: str | None = None
    held_out: dict | None = None
    model: dict | None = None
    take: dict | None = None


def generate(
    registry: CheckpointRegistry, name: str | None, text: str, brought: Brought, options: SamplingOptions
) -> Iterator[Update]:
    """A whole generation, at a pace that can be watched. What cannot be done is a sentence under the text field."""
    checkpoint = registry.get(name)
    try:
        prompt = describe.read(checkpoint, text, brought)
    except UserError as error:
        yield Update(chips=describe.wrong(checkpoint, None, error, brought))
        return
    chips = describe.chips(checkpoint, prompt, brought)
    cached = None
    for generation in registry.runs.run(checkpoint, prompt, options, brought):
        begin = time.monotonic()
        if generation.steps[-1].number % SHOWN_IF_BUSY and registry.slots.wanted and not generation.finished:
            continue
        if len(generation.steps) == 1 and generation.held_out and checkpoint.can_train_on(generation.held_out):
            cached = registry.fine_tuner(name).cached(generation.held_out)
            _remember(generation, cached)
        yield Update(
            generation=generation,
            chips=chips,
            headline=strip.headline(checkpoint, generation),
            strip=strip.strip(checkpoint, generation),
            fine_tuned_bar=strip.fine_tuned_bar(checkpoint, generation, cached),
            head=watch.head(checkpoint, generation),
            view=watch.view(checkpoint, generation, "Weights"),
            held_out=try_it.held_out(generation),
            model=try_it.model(checkpoint, generation) if generation.finished else None,
            take=take.offer(
                checkpoint,
                generation,
                name or registry.default,
                registry.source(name),
                ready=len(generation.steps) > 1,
            ),
        )
        if not generation.finished:
            time.sleep(max(0.0, STEP_SECONDS - (time.monotonic() - begin)))


def reopen(registry: CheckpointRegistry, name: str, file: str) -> Update:
    """A classifier from a zip, as the page shows it; a `UserError` where it cannot be read."""
    checkpoint = registry.get(name)
    generation = take.reopened(checkpoint, file)
    return Update(
        generation=generation,
        chips=describe.chips(checkpoint, generation.prompt, Brought()),
        headline=strip.headline(checkpoint, generation),
        strip=strip.strip(checkpoint, generation),
        fine_tuned_bar=strip.fine_tuned_bar(checkpoint, generation),
        head=watch.head(checkpoint, generation),
        view=watch.view(checkpoint, generation, "Weights"),
        held_out=try_it.held_out(generation),
        model=try_it.model(checkpoint, generation),
        take=take.offer(checkpoint, generation, name, registry.source(name)),
    )


def fine_tune(registry: CheckpointRegistry, name: str | None, generation: Generation | None) -> Iterator[Update]:
    """How far the classifier fine-tuned for the same classes is, until it is there to be compared with."""
    if not generation or not generation.held_out or not generation.finished or generation.fine_tuned is not None:
        return
    checkpoint = registry.get(name)
    if not checkpoint.can_train_on(generation.held_out):
        return
    for tuning in registry.fine_tuner(name).watch(generation.held_out):
        _remember(generation, tuning)
        bar = strip.fine_tuned_bar(checkpoint, generation, tuning)
        headline = strip.headline(checkpoint, generation, tuning)
        yield Update(headline=headline, fine_tuned_bar=bar, rival=watch.rival(generation, tuning))


def understood(registry: CheckpointRegistry, name: str | None, text: str, brought: Brought, chips: dict) -> dict:
    """The chips while somebody is still typing: where it is no prompt yet, those of before and a sentence, and no chips
    where there is no text."""
    checkpoint = registry.get(name)
    try:
        return describe.chips(checkpoint, describe.read(checkpoint, text, brought), brought)
    except UserError as error:
        return describe.wrong(checkpoint, chips if (text or "").strip() else None, error, brought)


def _remember(generation: Generation, tuning: FineTuning | None) -> None:
    if tuning and tuning.finished:
        generation.fine_tuned, generation.baselines["fine-tuned"] = tuning.weights, tuning.score
        generation.trained_seconds = tuning.seconds
