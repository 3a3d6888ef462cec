"""Everything that a world knows, to pick classes from: names by families, each with a picture where there is one."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image

from tina.ui.markup import data_url
from tina.worlds import World
from tina.worlds.sketchbook import Sketchbook, catalogue, draw

SIDE = 56  # pixels of a tile
LARGEST = 24  # names of a family that is shown together: of larger ones, smaller ones are
ACROSS = 20  # tiles of the sheet's rows


@cache
def palette(world: World) -> dict:
    """What the picker shows: `groups` has every name once, `families` all broad classes; both by places in `names`.

    `tiles` says for each name where its picture is in the sheet, -1 where there is none.
    """
    names = sorted(world.names, key=str.lower)
    place = {name: i for i, name in enumerate(names)}
    pictures = {name: one for name in names if (one := _picture(world, name)) is not None}
    tiles = {name: i for i, name in enumerate(pictures)}
    families = {family: members for family, members in world.families.items() if family not in place}
    return {
        "world": world.id,
        "title": world.title,
        "names": names,
        "words": ["|".join(world.things[name].synonyms).lower() for name in names],
        "tiles": [tiles.get(name, -1) for name in names],
        "sheet": data_url(_sheet(list(pictures.values()))) if pictures else "",
        "across": ACROSS,
        "groups": [(family, [place[name] for name in some]) for family, some in _groups(names, families)],
        "families": [(family, sorted(place[name] for name in families[family])) for family in sorted(families)],
    }


def _picture(world: World, name: str) -> np.ndarray | None:
    """A test photograph or a drawing, `SIDE` pixels square: where there is no photograph, what the Sketchbook draws."""
    if not isinstance(world, Sketchbook) and world.present and world.has_pictures(name):
        found = world.pictures("test", name, 1)
        if len(found):
            return np.asarray(Image.fromarray(found[0]).resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    return draw(name, "test", 0, SIDE) if name in catalogue() else None


def _sheet(tiles: list[np.ndarray]) -> np.ndarray:
    """All tiles as one picture, row by row."""
    sheet = np.full((-(-len(tiles) // ACROSS) * SIDE, ACROSS * SIDE, 3), 255, np.uint8)
    for i, tile in enumerate(tiles):
        row, column = divmod(i, ACROSS)
        sheet[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE] = tile
    return sheet


def _groups(names: list[str], families: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Every name once: again and again the family that has most of what is left, and at last what is in none ("")."""
    left, groups = set(names), []
    fitting = {family: set(members) for family, members in families.items() if len(members) <= LARGEST}
    while fitting:
        family = max(fitting, key=lambda one: (len(fitting[one] & left), one))
        members = fitting.pop(family) & left
        if len(members) < 2:
            break
        groups.append((family, sorted(members, key=str.lower)))
        left -= members
    groups.sort()
    return [*groups, ("", sorted(left, key=str.lower))] if left else groups
