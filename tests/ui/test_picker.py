"""What there is to pick from: every name once, families whole, and pictures that are a world's own."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from tina.ui.panes import picker
from tina.ui.panes.picker import ACROSS, SIDE
from tina.worlds import World
from tina.worlds.everyday import Everyday
from tina.worlds.sketchbook import draw


def sheet(palette: dict) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(palette["sheet"].partition(",")[2]))))


def test_every_name_is_there_once_and_every_family_whole(world: World) -> None:
    palette = picker.palette(world)
    assert sorted(palette["names"]) == sorted(world.names)
    places = [i for _, some in palette["groups"] for i in some]
    assert sorted(places) == list(range(len(world.names)))
    found = {family: {palette["names"][i] for i in some} for family, some in palette["families"]}
    assert found == {family: set(some) for family, some in world.families.items() if family not in world.names}
    for family, some in palette["groups"][:-1]:
        assert len(some) >= 2
        assert {palette["names"][i] for i in some} <= found[family]
    json.dumps(palette)  # it is sent to a browser


def test_a_tile_is_a_drawing_of_its_class(world: World) -> None:
    palette = picker.palette(world)
    whole = sheet(palette).astype(int)
    for name in ("snail", "owl", "zebra"):
        if name not in world.names:
            continue
        row, column = divmod(palette["tiles"][palette["names"].index(name)], ACROSS)
        tile = whole[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]
        assert np.abs(tile - draw(name, "test", 0, SIDE)).mean() < 8  # the sheet is a JPEG


def test_what_has_no_picture_is_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Everyday, "present", False)
    palette = picker.palette(Everyday())
    by_name = dict(zip(palette["names"], palette["tiles"], strict=True))
    assert by_name["helicopter"] >= 0  # the Sketchbook draws one
    assert by_name["abacus"] == -1
    assert 0 < sum(place >= 0 for place in by_name.values()) < len(by_name)
