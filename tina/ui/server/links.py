"""Settings in the address: ?classes=apple,snail&seed=3&world=sketchbook-cnn. Whatever stands there is only text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from tina.errors import UserError
from tina.ui.prompt_text import as_text
from tina.ui.state import WATCHED_STEPS, Generation, SamplingOptions

MODES = ("", "present")
SETTINGS = ("classes", "seed", "steps", "world")


@dataclass(frozen=True)
class LinkSettings:
    """What an address asks for."""

    classes: str  # empty: the world's first example
    options: SamplingOptions
    checkpoint: str | None = None
    mode: str = ""


def read(query: Mapping[str, str], steps: int = WATCHED_STEPS) -> LinkSettings:
    """The settings in a query; the default for what is missing or not possible. `steps` is the checkpoint's number."""
    defaults = SamplingOptions(steps)
    try:
        options = SamplingOptions.from_fields(query.get("steps", steps), query.get("seed", defaults.seed))
    except UserError:
        options = defaults
    mode = query.get("mode", "")
    return LinkSettings(query.get("classes", ""), options, query.get("world"), mode if mode in MODES else "")


def write(generation: Generation, checkpoint: str, steps: int = WATCHED_STEPS) -> str:
    """The query that asks for a generation again; its example pictures do not fit in. `steps` as for `read`."""
    options = generation.options
    settings = {"classes": as_text(generation.prompt), "seed": options.seed, "world": checkpoint}
    if options.steps != steps:
        settings["steps"] = options.steps
    return urlencode(settings)
