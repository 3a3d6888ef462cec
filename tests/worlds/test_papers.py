"""Caltech-256 and ImageNet, from archives of the official layout with a few pictures in them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import picture_bytes
from tina.errors import MissingData, UserError
from tina.worlds import load_world
from tina.worlds.papers import Caltech256, ImageNet


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


@pytest.fixture
def data(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TINA_DATA", str(tmp_path))
    with tarfile.open(tmp_path / "256_ObjectCategories.tar", "w") as archive:
        for label in ("001.ak47", "056.dog", "257.clutter"):
            for number in range(40):
                add(archive, f"256_ObjectCategories/{label}/{label[:3]}_{number:04}.jpg", picture_bytes(number))
    with tarfile.open(tmp_path / "ILSVRC2012_img_train.tar", "w") as archive:
        for wnid in ("n01440764", "n02099601", "n00000000"):
            inner = io.BytesIO()
            with tarfile.open(fileobj=inner, mode="w") as of_class:
                for number in range(40):
                    add(of_class, f"{wnid}_{number}.JPEG", picture_bytes(number))
            add(archive, f"{wnid}.tar", inner.getvalue())
    return tmp_path


@pytest.mark.parametrize(
    ("id", "names"), [("caltech-256", ("AK-47", "dog")), ("imagenet", ("tench", "golden retriever"))]
)
def test_an_archive_is_read_in_place(id: str, names: tuple[str, str], data: Path) -> None:
    world = load_world(id)
    assert world.present
    assert sum(world.counts().values()) == 80  # neither the clutter nor what is none of the thousand
    for name in names:
        counts = [len(world.pictures(split, name)) for split in ("train", "zoo", "test")]
        assert sum(counts) == 40
        assert counts[0] > counts[2] > 0
    again = load_world(id)
    assert np.array_equal(again.pictures("test", names[0]), world.pictures("test", names[0]))


def test_only_the_first_pictures_of_a_class_are_read(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageNet, "most", 10)
    assert sum(load_world("imagenet").counts().values()) == 20


@pytest.mark.parametrize(("id", "classes"), [("caltech-256", 256), ("imagenet", 1000)])
def test_some_classes_are_held_out(id: str, classes: int) -> None:
    world, known = load_world(id), {*load_world("photos").seen, *load_world("sketchbook").seen}
    assert len(world.names) == classes
    assert classes / 10 < len(world.unseen) < classes / 4
    assert not known & {*world.unseen}
    assert world.unseen == load_world(id).unseen


def test_without_the_archive_a_sentence_says_where_it_belongs(cache: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tina.worlds.archives.places", lambda: [tmp_path])
    world = load_world("imagenet")
    assert world.counts() == {}
    with pytest.raises(MissingData, match=r"ILSVRC2012_img_train\.tar .*image-net\.org.* into .*TINA_DATA"):
        world.pictures("test", "tench")
    assert Caltech256.source.md5
    assert "256_ObjectCategories.tar" in load_world("caltech-256").advice


def test_a_link_in_an_inner_archive_is_refused(data: Path) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w") as of_class:
        link = tarfile.TarInfo("n01440764_1.JPEG")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        of_class.addfile(link)
    with tarfile.open(data / "ILSVRC2012_img_train.tar", "w") as archive:
        add(archive, "n01440764.tar", inner.getvalue())
    with pytest.raises(UserError, match="is a link"):
        load_world("imagenet").pictures("test", "tench")
