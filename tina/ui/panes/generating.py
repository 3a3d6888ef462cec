"""From a visitor's fields to what the page shows, step by step. The handlers of `page.py` only pass things on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tina.errors import UserError
from tina.ui.panes import describe, take, watch
from tina.ui.panes import try_it as trial
from tina.ui.server.shelf import Shelf
from tina.ui.state import How, Run

PACE = 0.14  # seconds a step is shown for: the computing takes a tenth of it


@dataclass(frozen=True)
class Shown:
    """What there is to show after a step; what is None stays as it is."""

    run: Run | None = None
    chips: dict | None = None
    strip: str | None = None
    rival: str | None = None
    head: str | None = None
    view: str | None = None
    held: dict | None = None
    model: dict | None = None
    take: dict | None = None


def generate(shelf: Shelf, name: str | None, typed: str, pictures: describe.Pictures, how: How) -> Iterator[Shown]:
    """The whole way, shown at a pace that can be watched. What cannot be done is a sentence under the text."""
    studio = shelf.studio(name)
    try:
        prompt = describe.read(studio, typed, pictures)
    except UserError as error:
        yield Shown(chips=describe.trouble({"classes": [], "notes": []}, error))
        return
    chips = describe.chips(studio, prompt)
    known = None
    for run in studio.run(prompt, how):
        begin = time.monotonic()
        if known is None:
            known = shelf.trainer(name).known(run.exam) if run.exam else None
            _remember(run, known)
        number = len(run.frames) - 1
        yield Shown(
            run=run,
            chips=chips,
            strip=watch.strip(studio, run, number),
            rival=watch.rival(run, known),
            head=watch.head(run),
            view=watch.weights(studio, run),
            held=trial.held(run),
            model=trial.model(studio, run) if run.finished else None,
            take=take.offer(studio, run, name or shelf.default, number > 0),
        )
        if not run.finished:
            time.sleep(max(0.0, PACE - (time.monotonic() - begin)))


def tune(shelf: Shelf, name: str | None, run: Run | None) -> Iterator[str]:
    """How far the classifier trained for the same classes is, until it is there to be compared with."""
    if run is None or run.exam is None or not run.finished or run.tuned is not None:
        return
    for tuning in shelf.trainer(name).watch(run.exam):
        _remember(run, tuning)
        yield watch.rival(run, tuning)


def _remember(run: Run, tuning) -> None:
    if tuning and tuning.finished:
        run.tuned, run.rivals["tuned"] = tuning.weights, tuning.score


def understood(shelf: Shelf, name: str | None, typed: str, pictures: describe.Pictures, before: dict) -> dict:
    """The chips while somebody is still typing; a sentence where it is none yet."""
    studio = shelf.studio(name)
    try:
        return describe.chips(studio, describe.read(studio, typed, pictures))
    except UserError as error:
        return describe.trouble(before or {"classes": [], "notes": []}, error)
