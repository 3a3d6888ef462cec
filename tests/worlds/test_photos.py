"""The photo worlds: official archives, read as they come."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import picture_bytes
from tests.worlds.test_archives import tarred, zipped
from tina.errors import MissingData
from tina.worlds import SPLITS, load_world


def tiny_files(per_class: int = 12) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for k, wnid in enumerate(("n02099601", "n07753592")):  # golden retriever, banana
        for i in range(per_class):
            name = f"tiny-imagenet-200/train/{wnid}/images/{wnid}_{i}.JPEG"
            files[name] = picture_bytes(100 * k + i, (64, 64), "JPEG")
        files[f"tiny-imagenet-200/val/images/val_{k}.JPEG"] = picture_bytes(900 + k, (64, 64), "JPEG")
    files["tiny-imagenet-200/val/val_annotations.txt"] = (
        b"val_0.JPEG\tn02099601\t0\t0\t62\t62\nval_1.JPEG\tn07753592\t0\t0\t62\t62\n"
    )
    return files


def test_tiny_imagenet_is_read_from_its_official_zip(cache) -> None:
    zipped(cache / "data" / "tiny-imagenet-200.zip", tiny_files())
    world = load_world("tiny-imagenet")
    assert world.present
    assert world.pictures("test", "banana").shape == (1, 32, 32, 3)
    assert len(world.pictures("train", "banana")) + len(world.pictures("zoo", "banana")) == 12
    assert sum(world.counts().values()) == 26


def test_who_wants_held_out_pictures_does_not_wait_for_the_others(cache) -> None:
    zipped(cache / "data" / "tiny-imagenet-200.zip", tiny_files())
    world = load_world("tiny-imagenet")
    test = world.pictures("test", "banana").copy()
    assert [file.name for file in cache.rglob("*.npy")] == ["test.npy"]
    assert len(world.pictures("train", "banana")) + len(world.pictures("zoo", "banana")) == 12
    assert np.array_equal(load_world("tiny-imagenet").pictures("test", "banana"), test)


def test_what_is_decoded_once_needs_no_archive_any_more(cache) -> None:
    path = zipped(cache / "data" / "tiny-imagenet-200.zip", tiny_files())
    before = load_world("tiny-imagenet").pictures("train", "golden retriever")
    path.unlink()
    assert np.array_equal(load_world("tiny-imagenet").pictures("train", "golden retriever"), before)


def test_caltech_is_read_from_a_tar_inside_a_zip_without_its_background(cache) -> None:
    files = {f"101_ObjectCategories/lotus/image_{i:04}.jpg": picture_bytes(i, (90, 60), "JPEG") for i in range(20)}
    files["101_ObjectCategories/BACKGROUND_Google/image_0001.jpg"] = picture_bytes(77, kind="JPEG")
    zipped(cache / "data" / "caltech-101.zip", {"caltech-101/101_ObjectCategories.tar.gz": tarred(files)})
    world = load_world("caltech-101", size=64)
    assert [world.pictures(split, "lotus flower").shape[1:] for split in SPLITS] == [(64, 64, 3)] * 3
    assert sum(world.counts().values()) == 20


def test_one_photograph_in_both_face_classes_stays_on_one_side(cache) -> None:
    pictures = {f"image_{i:04}.jpg": picture_bytes(i, kind="JPEG") for i in range(30)}
    folders = {
        f"caltech-101/101_ObjectCategories/{c}/{n}": p for c in ("Faces", "Faces_easy") for n, p in pictures.items()
    }
    zipped(cache / "data" / "caltech-101.zip", folders)
    world = load_world("caltech-101")
    for split in SPLITS:
        sides = [{p.tobytes() for p in world.pictures(split, name)} for name in ("face", "face, close up")]
        assert sides[0] == sides[1]


def test_cifar_is_read_from_its_binary_tar(cache) -> None:
    def rows(count: int, seed: int) -> bytes:
        random = np.random.default_rng(seed)
        data = random.integers(0, 256, (count, 3074)).astype(np.uint8)
        data[:, 1] = np.arange(count) % 100
        data[0, 2:] = np.repeat([255, 0, 0], 1024)  # all red
        return data.tobytes()

    content = {"cifar-100-binary/train.bin": rows(500, 0), "cifar-100-binary/test.bin": rows(100, 1)}
    (cache / "data" / "cifar-100-binary.tar.gz").write_bytes(tarred(content))
    world = load_world("cifar-100")
    assert world.names[0] == "apple"
    assert np.array_equal(world.pictures("test", "apple")[0, 0, 0], [255, 0, 0])
    assert world.counts()["test"] == 100
    assert world.counts()["train"] + world.counts()["zoo"] == 500


def test_mini_imagenet_is_read_from_folders_by_wnid(cache) -> None:
    files = {f"anything/train/n02099601/{i}.jpg": picture_bytes(i, (84, 84), "JPEG") for i in range(40)}
    zipped(cache / "data" / "mini-imagenet.zip", files)
    world = load_world("mini-imagenet")
    assert sum(len(world.pictures(s, "golden retriever")) for s in SPLITS) == 40
    assert "golden retriever" in world.unseen


def test_mini_imagenet_is_read_from_the_hubs_parquet_files(cache, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow
    from pyarrow import parquet

    (cache / "hub" / "data").mkdir(parents=True)
    pictures = [{"bytes": picture_bytes(i, (84, 84), "JPEG"), "path": None} for i in range(300)]
    table = pyarrow.table({"image": pictures, "label": [i % 100 for i in range(300)]})
    parquet.write_table(table, cache / "hub" / "data" / "train-00000-of-00001.parquet")
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(cache / "hub"))
    world = load_world("mini-imagenet")
    assert sum(len(world.pictures(s, "house finch")) for s in SPLITS) == 3  # the first wnid
    assert sum(world.counts().values()) == 300


@pytest.mark.parametrize("id", ["tiny-imagenet", "caltech-101", "cifar-100", "mini-imagenet"])
def test_offline_one_sentence_says_what_is_missing(id: str, cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_, **__):
        raise ConnectionError("no network here")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    world = load_world(id)
    assert not world.present
    with pytest.raises(MissingData, match="put ") as error:
        world.pictures("test", world.names[0])
    assert "\n" not in str(error.value)


def test_an_archive_of_something_else_is_named(cache) -> None:
    with zipfile.ZipFile(cache / "data" / "caltech-101.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(MissingData, match=r"caltech-101.zip: there are no pictures of Caltech 101"):
        load_world("caltech-101").counts()


@pytest.mark.data
def test_real_photographs_are_split_without_overlap() -> None:
    for id, least in (("tiny-imagenet", 45), ("caltech-101", 3)):
        world = load_world(id)
        for name in world.names[::25]:
            prints = [{p.tobytes() for p in world.pictures(split, name)} for split in SPLITS]
            assert len(prints[2]) >= least, name
            assert not prints[0] & prints[2], name
            assert not prints[1] & prints[2], name
            assert not prints[0] & prints[1], name


@pytest.mark.data
def test_photos_gives_a_shared_thing_the_pictures_of_both() -> None:
    parts = [load_world(id).pictures("test", "umbrella") for id in ("tiny-imagenet", "caltech-101")]
    assert np.array_equal(load_world("photos").pictures("test", "umbrella"), np.concatenate(parts))


def test_pictures_keep_their_size_when_asked_for_another(cache) -> None:
    zipped(cache / "data" / "tiny-imagenet-200.zip", tiny_files())
    assert load_world("tiny-imagenet", size=64).pictures("test", "banana").shape == (1, 64, 64, 3)


def test_what_is_not_here_says_in_one_sentence_how_to_get_it(cache: Path) -> None:
    photos, one = load_world("photos"), load_world("caltech-101")
    assert not photos.present
    for name in ("tiny-imagenet-200.zip", "caltech-101.zip", "TINA_DATA", str(cache)):
        assert name in photos.advice
    assert "tiny-imagenet" not in one.advice
    assert load_world("sketchbook").advice == ""
