"""Contact sheets: every class of a world with its name and a few pictures, unseen classes marked."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tina.worlds.base import World

PAPER, INK, SOFT, ACCENT = "#ffffff", "#1c2330", "#667085", "#c2410c"


def contact_sheet(
    world: World, split: str = "test", pictures: int = 5, columns: int = 4, scale: int = 2
) -> Image.Image:
    """A picture of a world.

    Args:
        world: all of its classes are shown.
        split: which pictures.
        pictures: of each class.
        columns: classes side by side.
        scale: pixels of the sheet for a pixel of a picture.

    Returns:
        The sheet; the names of unseen classes are in the accent colour.
    """
    edge, gap, label = world.size * scale, 4, 22
    cell_width, cell_height = pictures * (edge + gap) + 20, edge + label + 10
    rows = -(-len(world.names) // columns)
    sheet = Image.new("RGB", (columns * cell_width + 20, rows * cell_height + 70), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((20, 14), world.title, INK, ImageFont.load_default(26))
    note = f"{len(world.seen)} seen classes, {len(world.unseen)} unseen; {split} pictures. {world.licence}"
    pen.text((20, 46), note, SOFT, ImageFont.load_default(12))
    unseen = set(world.unseen)
    for i, name in enumerate(world.names):
        x, y = 20 + (i % columns) * cell_width, 74 + (i // columns) * cell_height
        pen.text((x, y), name, ACCENT if name in unseen else INK, ImageFont.load_default(14))
        for k, picture in enumerate(world.pictures(split, name, pictures)):
            tile = Image.fromarray(np.asarray(picture)).resize((edge, edge), Image.Resampling.NEAREST)
            sheet.paste(tile, (x + k * (edge + gap), y + label))
    return sheet
