"""Of somebody's own pictures a part is kept aside: the same one every time, and none of it is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import picture_bytes
from tina.classifier.own_pictures import FEW, MOST, fingerprint, held_out_flags, hold_out
from tina.prompts.prompt import PICTURES
from tina.worlds.pictures import open_picture


def photos(count: int, seed: int = 0) -> list[np.ndarray]:
    return [np.asarray(open_picture(picture_bytes(seed + i))) for i in range(count)]


@pytest.mark.parametrize(
    ("count", "kept"), [(0, 0), (1, 0), (6, 0), (7, 2), (8, 2), (9, 3), (16, 5), (24, 8), (30, 14)]
)
def test_a_third_is_kept_aside_where_there_are_more_than_six(count: int, kept: int) -> None:
    some = photos(count)
    shown, aside = hold_out({"cup": some})
    assert len(aside.get("cup", ())) == kept
    assert len(shown["cup"]) == count - kept <= PICTURES
    assert MOST == 24
    assert FEW == 6
    both = {id(picture) for picture in (*shown["cup"], *aside.get("cup", ()))}
    assert both == {id(picture) for picture in some}


def test_which_ones_hangs_on_the_pictures_and_not_on_their_order() -> None:
    some = photos(12)
    flags = held_out_flags(some)
    assert held_out_flags(some[::-1]) == flags[::-1]
    assert held_out_flags([picture.copy() for picture in some]) == flags
    more = held_out_flags([*some, *photos(3, 50)])
    assert sum(now != before for now, before in zip(more, flags, strict=False)) <= 2


def test_copies_of_a_picture_are_on_the_same_side() -> None:
    one, other = photos(2)
    assert held_out_flags([one] * 8) == [False] * 8
    flags = held_out_flags([one, one.copy()] * 4 + [other])
    assert len(set(flags[:8])) == 1
    assert len(set(flags)) == 2


def test_each_class_by_itself(tmp_path: Path) -> None:
    files = []
    for i in range(9):
        files.append(tmp_path / f"{i}.png")
        files[-1].write_bytes(picture_bytes(i))
    shown, kept = hold_out({"few": photos(3), "many": files})
    assert list(kept) == ["many"]
    assert len(shown["few"]) == 3
    assert [name for name in files if name in kept["many"]] == kept["many"]  # in the order they came in
    image = open_picture(picture_bytes(0))
    assert fingerprint(image) == fingerprint(np.asarray(image))
