"""Anyone's own pictures: one sub-folder per class, whatever is in it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import picture_bytes
from tests.worlds.test_archives import zipped
from tina.errors import UserError
from tina.worlds import SPLITS, load_world


def fill(folder: Path, count: int, first: int = 0) -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        (folder / f"{i}.png").write_bytes(picture_bytes(first + i))


def counts(world, name: str) -> list[int]:
    return [len(world.pictures(split, name)) for split in SPLITS]


def test_sub_folders_are_classes(tmp_path: Path) -> None:
    fill(tmp_path / "my cat", 30)
    fill(tmp_path / "Golden_Retriever", 30, first=100)
    world = load_world(f"folder:{tmp_path}")
    assert world.names == ["golden retriever", "my cat"]
    assert world.things["golden retriever"].synonyms  # a thing we know brings its words along
    assert sum(counts(world, "my cat")) == 30
    assert all(counts(world, "my cat"))


def test_a_zip_of_folders_is_the_same_world(tmp_path: Path) -> None:
    fill(tmp_path / "pets" / "cat", 12)
    files = {f"pets/cat/{p.name}": p.read_bytes() for p in (tmp_path / "pets" / "cat").iterdir()}
    files["__MACOSX/pets/cat/._0.png"] = b"resource fork"
    a = load_world(f"folder:{tmp_path / 'pets'}")
    b = load_world(f"folder:{zipped(tmp_path / 'pets.zip', files)}")
    assert a.names == b.names == ["cat"]
    for split in SPLITS:
        assert np.array_equal(a.pictures(split, "cat"), b.pictures(split, "cat"))


def test_a_picture_keeps_its_split_when_others_come(tmp_path: Path) -> None:
    fill(tmp_path / "w" / "cat", 20)
    before = {
        split: {p.tobytes() for p in load_world(f"folder:{tmp_path / 'w'}").pictures(split, "cat")} for split in SPLITS
    }
    for i in range(20, 60):
        (tmp_path / "w" / "cat" / f"{i}.png").write_bytes(picture_bytes(i))
    after = load_world(f"folder:{tmp_path / 'w'}")
    for split in SPLITS:
        assert before[split] <= {p.tobytes() for p in after.pictures(split, "cat")}


def test_a_copied_picture_cannot_stand_in_two_splits(tmp_path: Path) -> None:
    fill(tmp_path / "cat", 10)
    for file in list((tmp_path / "cat").iterdir()):
        (tmp_path / "cat" / f"copy of {file.name}").write_bytes(file.read_bytes())
    assert sum(counts(load_world(f"folder:{tmp_path}"), "cat")) == 10


def test_one_picture_is_learnt_from_and_two_are_shared_out(tmp_path: Path) -> None:
    fill(tmp_path / "one", 1)
    fill(tmp_path / "two", 2, first=50)
    world = load_world(f"folder:{tmp_path}")
    assert counts(world, "one") == [1, 0, 0]
    assert counts(world, "two")[0] == counts(world, "two")[2] == 1


@pytest.mark.parametrize("name", ["猫", "חתול", "😀 smiley", "café au lait", "a'b\"c<script>", "per cent % {x}"])
def test_a_class_may_have_any_name(tmp_path: Path, name: str) -> None:
    fill(tmp_path / name, 2)
    assert load_world(f"folder:{tmp_path}").names == [name]


def test_folders_that_differ_in_spelling_only_are_one_class(tmp_path: Path) -> None:
    fill(tmp_path / "golden retriever", 3)
    fill(tmp_path / "Golden_Retriever ", 3, first=10)
    world = load_world(f"folder:{tmp_path}")
    assert world.names == ["golden retriever"]
    assert sum(counts(world, "golden retriever")) == 6


def test_what_cannot_be_read_is_left_out_and_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    fill(tmp_path / "cat", 3)
    (tmp_path / "cat" / "broken.png").write_bytes(picture_bytes(1, (300, 300))[:4000])
    (tmp_path / "cat" / "empty.jpg").write_bytes(b"")
    (tmp_path / "cat" / "notes.txt").write_text("not a picture, not spoken of")
    world = load_world(f"folder:{tmp_path}")
    assert sum(counts(world, "cat")) == 3
    said = capsys.readouterr().err
    assert "cat/broken.png: the picture is damaged" in said
    assert "cat/empty.jpg: the file is empty" in said
    assert "notes" not in said


def test_links_are_not_followed(tmp_path: Path) -> None:
    fill(tmp_path / "elsewhere", 3)
    fill(tmp_path / "world" / "cat", 2, first=9)
    (tmp_path / "world" / "cat" / "link.png").symlink_to(tmp_path / "elsewhere" / "0.png")
    (tmp_path / "world" / "dog").symlink_to(tmp_path / "elsewhere")
    world = load_world(f"folder:{tmp_path / 'world'}")
    assert world.names == ["cat"]
    assert sum(counts(world, "cat")) == 2


def test_odd_pictures_become_ordinary_ones(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    Image.new("CMYK", (50, 70)).save(tmp_path / "cat" / "cmyk.jpg")
    Image.fromarray(np.full((9, 200), 40_000, np.uint16)).save(tmp_path / "cat" / "deep.png")
    Image.new("LA", (1, 1)).save(tmp_path / "cat" / "dot.png")
    world = load_world(f"folder:{tmp_path}")
    assert sum(counts(world, "cat")) == 3
    assert world.pictures("train", "cat").shape[1:] == (32, 32, 3)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: p.mkdir(), "there are no pictures in it"),
        (lambda p: p.write_bytes(b"hello"), "neither a folder nor a zip or tar archive"),
        (lambda p: None, "there is no such folder or archive"),
    ],
)
def test_what_is_no_world_is_refused_in_one_sentence(tmp_path: Path, make, sentence: str) -> None:
    make(tmp_path / "w")
    with pytest.raises(UserError, match=sentence):
        load_world(f"folder:{tmp_path / 'w'}")


def test_a_world_is_found_from_any_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "home" / "my pets" / "cat", 6)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "home")
    id = load_world("folder:my pets").id
    assert id == "folder:~/my pets"  # and names nobody
    monkeypatch.chdir(tmp_path)
    assert load_world(id).names == ["cat"]
    assert load_world("folder:home/../home/my pets").names == ["cat"]
    monkeypatch.setenv("HOME", "/nowhere")
    assert load_world("folder:home/my pets").id == f"folder:{tmp_path / 'home' / 'my pets'}"
