"""The two ways in, side by side: drawings and photographs. Whatever else is on the shelf is under "more"."""

from __future__ import annotations

from markupsafe import Markup

from tina.ui.server.registry import CheckpointRegistry
from tina.ui.templates import render

WAYS = {"sketchbook": "Drawings", "everyday": "Photographs"}  # world -> what a visitor calls it


def ways(registry: CheckpointRegistry, chosen: str) -> Markup:
    """A button for each way, to the first checkpoint of its world; `chosen` is the checkpoint that is there."""
    names: dict[str, str] = {}
    for name in registry.names:
        names.setdefault(registry.world_id(name), name)
    shown = [(title, world, names[world]) for world, title in WAYS.items() if world in names]
    return render("ways.html", ways=shown, chosen=chosen, other=chosen not in [name for _, _, name in shown])
