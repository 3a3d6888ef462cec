"""Classes as cards: a name, some held-out pictures, and whether the class was ever in training."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tina.ui.markup import data_url, is_photo
from tina.ui.templates import render
from tina.worlds import World


def class_card(world: World, name: str, pictures: int = 6) -> Markup:
    """One class with up to so many pictures."""
    tiles = [(data_url(p), "photo" if is_photo(p) else "pix") for p in world.pictures("test", name, pictures)]
    return render("class_card.html", name=name, tiles=tiles, unseen=name in world.unseen)


def cards(world: World, names: Sequence[str]) -> Markup:
    """The cards of several classes."""
    return render("cards.html", cards=[class_card(world, name) for name in names])
