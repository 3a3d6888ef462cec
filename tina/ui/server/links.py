"""Settings in the address: ?classes=apple,snail&seed=3&world=sketchbook-cnn. Whatever stands there is only text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from tina.errors import UserError
from tina.ui.panes import describe
from tina.ui.state import How, Run

MODES = ("", "present")
SETTINGS = ("classes", "seed", "steps", "sampler", "guidance", "world")


@dataclass(frozen=True)
class Visit:
    """What an address asks for."""

    classes: str  # nothing: what the world begins with
    how: How
    checkpoint: str | None = None
    mode: str = ""


def read(query: Mapping[str, str]) -> Visit:
    """Of what is missing or cannot be meant, the usual."""
    try:
        usual = How()
        values = [query.get(name, getattr(usual, name)) for name in ("steps", "sampler", "guidance", "seed")]
        how = How.of(*values)
    except UserError:
        how = How()
    mode = query.get("mode", "")
    return Visit(query.get("classes", ""), how, query.get("world"), mode if mode in MODES else "")


def write(run: Run, checkpoint: str) -> str:
    """The query that asks for a run again; its example pictures do not fit in."""
    settings = {"classes": describe.as_text(run.prompt), "seed": run.how.seed, "world": checkpoint}
    usual = How()
    settings |= {
        name: getattr(run.how, name)
        for name in ("steps", "sampler", "guidance")
        if getattr(run.how, name) != getattr(usual, name)
    }
    return urlencode(settings)
