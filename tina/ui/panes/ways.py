"""The two ways in, side by side: drawings and photographs. Whatever else is on the shelf is under "more"."""

from __future__ import annotations

from markupsafe import Markup

from tina.ui.server.registry import CheckpointRegistry
from tina.ui.templates import render

WAYS = {"sketchbook": "Drawings", "everyday": "Photographs"}  # world -> what a visitor calls it


def names(registry: CheckpointRegistry) -> dict[str, str]:
    """World -> the first checkpoint of it, of the worlds that are a way in."""
    first: dict[str, str] = {}
    for name in registry.names:
        first.setdefault(registry.world_id(name), name)
    return {world: first[world] for world in WAYS if world in first}


def ways(registry: CheckpointRegistry, chosen: str) -> Markup:
    """A button for each way; `chosen` is the checkpoint that is there."""
    offered = names(registry)
    shown = [(WAYS[world], world, name) for world, name in offered.items()]
    return render("ways.html", ways=shown, chosen=chosen, other=chosen not in offered.values())
