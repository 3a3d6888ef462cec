"""Sets of photographs: what is in them, their groups and splits, their features, and the tasks on them."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.research.judge.photos import (
    CALTECH,
    COARSE,
    GROCERY,
    THOUSAND,
    Averages,
    bench,
    make_archives,
    picture,
    square,
)
from tina.errors import MissingData, UserError
from tina.research.judge.photo_archives import LIMIT, SHOWN, TESTED
from tina.research.judge.photo_features import features_of
from tina.research.judge.photo_sets import GROUPS, NINE, SETS, fifths, photo_set, thousand
from tina.research.judge.photo_tasks import PROMPTS, WAYS, draw, has, most_shown, texts_of, ways_of
from tina.worlds.photos import Caltech101


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archives")
    make_archives(folder)
    return folder


@pytest.fixture
def data(archives: Path, cache: Path) -> Path:
    shutil.copytree(archives, cache / "data", dirs_exist_ok=True)
    return cache / "data"


def test_the_nine_sets_are_in_four_groups(data: Path) -> None:
    assert Counter(photo_set(id).group for id in NINE) == GROUPS
    assert {photo_set(id).group for id in SETS} == {*GROUPS, "imagenet"}


@pytest.mark.parametrize("id", SETS)
def test_each_class_has_a_name_and_pictures(data: Path, id: str) -> None:
    photos = photo_set(id)
    counts = Counter(picture.label for picture in photos.pictures)
    assert set(counts) == set(photos.names)
    assert len({picture.file for picture in photos.pictures}) == len(photos.pictures)
    assert photo_set(id).pictures == photos.pictures


def test_caltech_is_split_as_the_world_is(data: Path) -> None:
    photos = photo_set("caltech")
    assert set(photos.names) == set(CALTECH)
    assert photos.names["Faces_easy"] == Caltech101().labels["Faces_easy"]
    for one in photos.pictures:
        is_test = Caltech101.split_of(one.label, Path(one.file).stem) == "test"
        assert one.part == (TESTED if is_test else SHOWN)


def test_the_two_halves_of_caltech_are_its_classes(data: Path) -> None:
    inside, outside = (set(photo_set(f"caltech-{side}").names) for side in ("inside", "outside"))
    assert inside == {"ant", "barrel"}
    assert inside | outside == set(CALTECH)
    assert not inside & outside


def test_coarse_and_fine_groceries_are_the_same_pictures(data: Path) -> None:
    fine, coarse = photo_set("grocery"), photo_set("grocery-coarse")
    assert [p.file for p in fine.pictures] == [p.file for p in coarse.pictures]
    assert set(fine.names) == {*GROCERY[:3], "Vegetables/Mushroom/Brown-Cap-Mushroom"}
    assert set(coarse.names.values()) == COARSE
    assert fine.descriptions == {"Fruit/Banana": "Long, bent and yellow."}
    assert Counter(p.label for p in fine.pictures)["Fruit/Banana"] == LIMIT
    order = [fine.labels.index("Fruit/Banana"), fine.labels.index(GROCERY[0])]
    assert texts_of(fine, order, "descriptions") == ["Long, bent and yellow.", "golden delicious"]
    assert texts_of(fine, order, "") is None


def test_small_sets_have_names_that_can_be_read(data: Path) -> None:
    assert set(photo_set("coins").names.values()) == {"one cent coin", "two euro coin", "fifty cent coin"}
    assert set(photo_set("scans").names.values()) == {"no tumor", "glioma tumor"}
    assert photo_set("art").descriptions.keys() == {"dog", "house", "person"}
    assert not photo_set("coins").descriptions


def test_of_two_classes_with_one_name_neither_is_asked_for(data: Path) -> None:
    assert thousand() == {wnid: name.replace("_", " ") for wnid, name in sorted(THOUSAND.items())}
    assert set(photo_set("imagenet-1000").names) == {wnid for wnid, name in THOUSAND.items() if name != "crane"}
    assert Counter(fifths(THOUSAND).values()) == {f"fifth {k}": 2 for k in range(5)}
    assert Counter(picture.part for picture in photo_set("tiny-imagenet").pictures) == {TESTED: 12, SHOWN: 1}


def test_what_is_not_there_is_one_sentence(data: Path) -> None:
    (data / "pacs.zip").unlink()
    with pytest.raises(MissingData, match=r"pacs\.zip is not on this machine .*set TINA_DATA"):
        photo_set("art")
    with pytest.raises(UserError, match=r"no set 'cats': it is one of caltech, .*, or folder:PATH"):
        photo_set("cats")
    with pytest.raises(UserError, match="there is no such folder"):
        photo_set("folder:/nowhere")


# -- anyone's own -----------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("Left_shelf", "right shelf"):
        (tmp_path / "own" / label).mkdir(parents=True)
        for n in range(9):
            (tmp_path / "own" / label / f"{n}.png").write_bytes(picture(label, n))
    (tmp_path / "own" / "Left_shelf" / "copy.png").write_bytes(picture("Left_shelf", 0))
    (tmp_path / "own" / "Left_shelf" / "broken.png").write_bytes(b"no picture")
    return tmp_path / "own"


def test_a_folder_takes_part(data: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Copies count once, what cannot be read is said and left out, and fewer pictures are shown where there are few."""
    id = f"folder:{folder}"
    assert Counter(p.label for p in photo_set(id).pictures) == {"Left shelf": 10, "right shelf": 9}
    photos, features = bench().load(id)
    assert "left out: Left_shelf/broken.png: this is not a picture" in capsys.readouterr().err
    assert Counter(p.label for p in photos.pictures) == {"Left shelf": 9, "right shelf": 9}
    assert len(features) == 18
    assert photos.group == id
    assert most_shown(photos) == 5
    assert not has(photos, PROMPTS["16 pictures"])
    assert draw(photos, "10", 0).shown.shape == (2, 5)
    shutil.make_archive(str(folder), "zip", folder)
    zipped = photo_set(f"{id}.zip")
    assert {p.file for p in zipped.pictures} == {p.file for p in photo_set(id).pictures}


def test_a_folder_without_pictures_is_one_sentence(data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no pictures in it; wanted is one sub-folder for each class"):
        photo_set(f"folder:{tmp_path / 'empty'}")
    (tmp_path / "broken" / "left").mkdir(parents=True)
    (tmp_path / "broken" / "left" / "1.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="none of its pictures can be read"):
        bench().load(f"folder:{tmp_path / 'broken'}")


# -- features ---------------------------------------------------------------------------------------------------------
def test_features_are_computed_once(data: Path) -> None:
    tower, photos = Averages(), photo_set("photo")
    files = [picture.file for picture in photos.pictures]
    first = features_of(photos.archive, files, tower, square)
    assert tower.seen == len(files)
    again = features_of(photos.archive, files[::-1], tower, square)
    assert tower.seen == len(files)
    assert torch.equal(first.f, again.f.flip(0))
    assert first.f.dtype == first.g.dtype == torch.half
    art = [picture.file for picture in photo_set("art").pictures]
    features_of(photos.archive, art, tower, square)
    assert tower.seen == len(files) + len(art)
    other = Averages()
    other.hash = "another"
    features_of(photos.archive, files, other, square)
    assert other.seen == len(files)


def test_features_that_were_interrupted_go_on(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tina.research.judge.photo_features.SAVED", 16)
    photos = photo_set("photo")
    files = [picture.file for picture in photos.pictures]

    class Interrupted(Averages):
        def __call__(self, x):
            if self.seen >= 32:
                raise KeyboardInterrupt
            return super().__call__(x)

    with pytest.raises(KeyboardInterrupt):
        features_of(photos.archive, files, Interrupted(), square)
    tower = Averages()
    found = features_of(photos.archive, files, tower, square)
    assert tower.seen == len(files) - 32
    tower.hash = "whole"
    assert torch.equal(found.g, features_of(photos.archive, files, tower, square).g)


def test_features_of_another_archive_of_that_name_are_not_used(data: Path) -> None:
    tower, photos = Averages(), photo_set("photo")
    files = [picture.file for picture in photos.pictures]
    features_of(photos.archive, files, tower, square)
    with open(data / "pacs.zip", "ab") as file:
        file.write(b"\0")
    features_of(photos.archive, files, tower, square)
    assert tower.seen == 2 * len(files)


# -- tasks ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ways", WAYS)
@pytest.mark.parametrize("id", SETS)
def test_what_is_shown_is_never_tested(data: Path, id: str, ways: str) -> None:
    photos = photo_set(id)
    if photos.fifths and ways == "all":
        ways = "10"
    for number in range(6):
        task = draw(photos, ways, number)
        shown, tested, others = ({*part.flatten().tolist()} for part in (task.shown, task.tested, task.others))
        assert len(shown) + len(tested) + len(others) == sum(map(torch.numel, (task.shown, task.tested, task.others)))
        assert not shown & tested
        assert not others & (shown | tested)
        label = [photos.labels.index(picture.label) for picture in photos.pictures]
        assert [label[i] for i in task.tested.tolist()] == [task.classes[k] for k in task.labels.tolist()]
        for c, row in zip(task.classes, task.shown.tolist(), strict=True):
            assert {label[i] for i in row} <= {c}
        assert not {label[i] for i in others} & set(task.classes)
        parts = [photos.pictures[i].part for i in shown], [photos.pictures[i].part for i in tested | others]
        assert {*parts[0]} <= {"", SHOWN}
        assert {*parts[1]} <= {"", TESTED}


def test_a_task_is_the_same_whatever_else_is_measured(data: Path) -> None:
    photos = photo_set("caltech")
    first = [draw(photos, "10", number) for number in range(3)]
    photo_set("art")
    again = [draw(photo_set("caltech"), "10", number) for number in (2, 1, 0)][::-1]
    for one, other in zip(first, again, strict=True):
        assert one.classes == other.classes
        assert torch.equal(one.shown, other.shown)
        assert torch.equal(one.tested, other.tested)
    assert not torch.equal(first[0].shown, first[1].shown)
    assert not torch.equal(first[0].shown, draw(photos, "10", 0, seed=1).shown)


def test_tasks_have_as_many_classes_as_is_said(data: Path) -> None:
    assert {ways: ways_of(photo_set("caltech"), ways) for ways in WAYS} == {"10": 6, "half": 3, "all": 6}
    assert {ways: ways_of(photo_set("scans"), ways) for ways in WAYS} == {"10": 2, "half": 2, "all": 2}
    assert len(draw(photo_set("caltech"), "half", 0).classes) == 3
    assert len(draw(photo_set("caltech"), "half", 0).others) > 0


def test_classes_of_a_task_are_of_one_left_out_fifth(data: Path) -> None:
    photos = photo_set("imagenet-fifths")
    for number in range(5):
        task = draw(photos, "10", number)
        groups = {fifths(THOUSAND)[photos.labels[c]] for c in task.classes}
        assert groups == {task.left_out} == {f"fifth {number}"}
    assert draw(photo_set("art"), "10", 0).left_out == "pacs"


@pytest.mark.data
@pytest.mark.parametrize(
    ("id", "classes", "least"),
    [
        *(("caltech", 101, 25), ("grocery", 81, 35), ("grocery-coarse", 43, 35), ("photo", 7, 40), ("art", 7, 40)),
        *(("cartoon", 7, 40), ("coins", 8, 40), ("tiles", 6, 32), ("scans", 4, 40), ("caltech-inside", 51, 25)),
        *(("caltech-outside", 50, 25), ("imagenet-1000", 996, 1), ("tiny-imagenet", 199, LIMIT)),
    ],
)
def test_the_real_sets_are_what_is_said_of_them(id: str, classes: int, least: int) -> None:
    photos = photo_set(id)
    counts = Counter(picture.label for picture in photos.pictures)
    assert len(photos.names) == len(set(photos.names.values())) == classes
    assert min(counts.values()) >= least
    assert most_shown(photos) == (0 if least == 1 else 16)
    assert ways_of(photos, "all") == classes
    assert np.all(np.diff(draw(photos, "10", 0).labels.numpy()) >= 0)
