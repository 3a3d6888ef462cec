"""What can be named in photographs: names of every photo world, test photographs of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import picture_bytes
from tests.worlds.test_archives import tarred, zipped
from tina.classifier.score import classes_meant, held_out_of, members_of
from tina.encoder.everyday import everyday_square
from tina.worlds import WORLDS, load_world
from tina.worlds.everyday import MOST
from tina.worlds.pictures import open_picture

PARTS = ("caltech-101", "tiny-imagenet", "cifar-100", "mini-imagenet")


def archive(cache: Path, per_class: int = 100) -> dict[str, bytes]:
    files = {
        f"101_ObjectCategories/{folder}/image_{i:04}.jpg": picture_bytes(1000 * k + i, (300, 260), "JPEG")
        for k, folder in enumerate(("lotus", "umbrella"))
        for i in range(per_class)
    }
    zipped(cache / "data" / "caltech-101.zip", {"caltech-101/101_ObjectCategories.tar.gz": tarred(files)})
    return files


def test_it_has_the_names_of_every_photo_world_and_caltechs_unseen_ones() -> None:
    world = load_world("everyday")
    assert set(world.names) == {name for id in PARTS for name in WORLDS[id]().names}
    assert set(world.unseen) == set(WORLDS["caltech-101"]().unseen)
    assert {"fruit", "vehicle", "dog", "bird"} <= set(world.families)
    assert len(classes_meant(world, ["dog", "vehicle", "fruit"])["dog"]) > 10


def test_it_has_caltechs_test_pictures_cut_as_the_tower_wants_them_and_no_others(cache: Path) -> None:
    files = archive(cache)
    world = load_world("everyday", size=224)
    assert world.present
    assert world.missing is None
    found = world.pictures("test", "umbrella")
    assert found.shape == (MOST, 224, 224, 3)
    test = load_world("caltech-101").split_of
    first = next(name for name in files if "umbrella" in name and test("umbrella", Path(name).stem) == "test")
    assert np.array_equal(found[0], everyday_square(open_picture(files[first])))
    for split in ("train", "zoo"):
        assert world.pictures(split, "umbrella").shape == (0, 224, 224, 3)
    assert world.pictures("test", "abacus").shape == (0, 224, 224, 3)
    assert world.counts() == {"train": 0, "zoo": 0, "test": 2 * MOST}
    assert len(world.pictures("test", "umbrella", 3)) == 3


def test_what_is_cached_needs_no_archive_any_more(cache: Path) -> None:
    archive(cache, 20)
    before = load_world("everyday", size=64).pictures("test", "lotus flower").copy()
    (cache / "data" / "caltech-101.zip").unlink()
    world = load_world("everyday", size=64)
    assert world.present
    assert np.array_equal(world.pictures("test", "lotus flower"), before)


def test_a_class_without_pictures_makes_a_prompt_untested_and_a_broad_one_has_those_of_its_members(cache: Path) -> None:
    archive(cache)
    world = load_world("everyday", size=32)
    assert members_of(world, ["lotus flower", "umbrella"]) == {
        "lotus flower": ("lotus flower",),
        "umbrella": ("umbrella",),
    }
    assert members_of(world, ["lotus flower", "abacus"]) is None
    assert members_of(world, ["lotus flower", "no such thing"]) is None
    broad = members_of(world, ["umbrella", "plant"])
    assert all(map(world.has_pictures, broad["plant"]))
    assert len(held_out_of(world, {"plant": broad["plant"], "umbrella": ("umbrella",)}, 6)["umbrella"][0]) == 6


def test_without_the_archive_it_says_so_and_which_one_it_is(cache: Path) -> None:
    world = load_world("everyday")
    assert not world.present
    assert world.counts() == {}
    assert world.missing.names == ("caltech-101.zip",)
    assert "caltech-101.zip" in world.advice
    assert "written without" in world.advice
    assert members_of(world, ["lotus flower", "umbrella"]) is None


@pytest.mark.data
def test_the_real_photographs_are_those_of_caltechs_test_split() -> None:
    world = load_world("everyday", size=224)
    shown = [name for name in world.names if world.has_pictures(name)]
    assert len(shown) == 101
    counts = [len(world.pictures("test", name)) for name in shown]
    assert min(counts) >= 5
    assert max(counts) == MOST
