"""Pictures and class names as HTML: every text escaped, every picture inside the page."""

from __future__ import annotations

from html import escape

from tina.ui.markup import data_url, is_photo
from tina.worlds import World


def class_card(world: World, name: str, pictures: int = 6, likeness: float | None = None) -> str:
    """A class: its name, some held-out pictures, and how near it is to what was asked, if anything was."""
    tiles = "".join(
        f'<img class="{"photo" if is_photo(p) else "pix"}" src="{data_url(p)}" width="48" height="48" '
        f'alt="{escape(name)}, picture {i + 1}">'
        for i, p in enumerate(world.pictures("test", name, pictures))
    )
    unseen = '<span class="unseen">never in training</span>' if name in world.unseen else ""
    bar = ""
    if likeness is not None:
        percent = max(0, min(100, round(100 * likeness)))
        bar = f'<meter min="0" max="100" value="{percent}" aria-label="likeness">{percent}</meter>'
    return f'<article class="card"><h3>{escape(name)} {unseen}</h3>{bar}<div class="tiles">{tiles}</div></article>'


def cards(world: World, names: list[str], likeness: list[float] | None = None) -> str:
    values = likeness or [None] * len(names)
    inside = "".join(class_card(world, n, likeness=v) for n, v in zip(names, values, strict=True))
    return f'<div class="cards">{inside}</div>'
