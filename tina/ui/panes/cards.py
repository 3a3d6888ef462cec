"""Classes as cards: a name, some held-out pictures, and whether the class was ever in training."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tina.ui.markup import data_url, is_photo, thumbnail
from tina.ui.templates import render
from tina.worlds import World

SIDE = 64  # pixels of a picture on a card


def class_card(world: World, name: str, pictures: int = 6) -> Markup:
    """One class with up to so many pictures."""
    shown = [thumbnail(one, SIDE) for one in world.pictures("test", name, pictures)]
    tiles = [(data_url(one), "photo" if is_photo(one) else "pix") for one in shown]
    return render("class_card.html", name=name, tiles=tiles, unseen=name in world.unseen)


def cards(world: World, names: Sequence[str]) -> Markup:
    """The cards of several classes."""
    return render("cards.html", cards=[class_card(world, name) for name in names])
