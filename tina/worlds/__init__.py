"""Worlds: named universes of classes with pictures.

    world = load_world("sketchbook")
    world.pictures("test", "apple", 5)      # uint8, 5 x 32 x 32 x 3

`WORLDS` is the table of them; `folder:PATH` makes one of anybody's pictures, and `rehearsal:ID` is a part of a world,
to choose settings in. A new world is a subclass of `World`, a `classes/<id>.json`, texts in `things/`, its unseen
classes in `classes/unseen.json`, and a line in the table.
"""

from __future__ import annotations

from collections.abc import Callable

from tina.errors import UserError
from tina.worlds.base import SPLITS, Thing, World, vocabulary
from tina.worlds.everyday import Everyday
from tina.worlds.folder import FolderWorld
from tina.worlds.papers import Caltech256, ImageNet
from tina.worlds.photos import Caltech101, Cifar100, MiniImageNet, Photos, TinyImageNet
from tina.worlds.rehearsal import Rehearsal
from tina.worlds.sketchbook import Sketchbook

WORLDS: dict[str, Callable[[int], World]] = {  # id -> from the size of its pictures to the world
    world.id: world
    for world in (Sketchbook, Everyday, TinyImageNet, Caltech101, Photos, Cifar100, MiniImageNet, Caltech256, ImageNet)
}


def load_world(id: str, size: int = 32) -> World:
    """A world.

    Args:
        id: a key of `WORLDS`, folder:PATH, or rehearsal: and either of them.
        size: pictures are size x size.

    Returns:
        The world; its pictures are not read yet.
    """
    if id.startswith("rehearsal:"):
        return Rehearsal(load_world(id.removeprefix("rehearsal:"), size))
    if id.startswith("folder:"):
        return FolderWorld(id.removeprefix("folder:"), size)
    if id not in WORLDS:
        raise UserError(f"There is no world {id!r}: it is one of {', '.join(WORLDS)}, or folder:PATH.")
    return WORLDS[id](size)


__all__ = ["SPLITS", "WORLDS", "Rehearsal", "Thing", "World", "load_world", "vocabulary"]
