"""A Tina of one's own photographs: from a folder to classes that are known by name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tina.cli import main
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.training.own import course, make
from tina.training.own.course import Course, Stage, State, duration
from tina.training.own.make import plan_for
from tina.training.own.photos import OwnSet
from tina.training.own.plan import STAGES
from tina.training.own.work import FOLDS, Work
from tina.training.own.zoo import HELD_OUT, LARGEST_ZOO, subsets
from tina.training.threads import cores
from tina.training.zoo.store import Zoo
from tina.worlds.folder import GoneWorld
from tina.worlds.own_photos import OwnPhotos, list_photos

STEPS, EACH = 6, 14
COLOURS = {"my cup": (200, 40, 40), "Daisy": (30, 160, 60), "left shelf": (40, 60, 200)}


def write_pictures(folder: Path, each: int = EACH, colours: dict[str, tuple[int, int, int]] = COLOURS) -> Path:
    """Noise around a colour for each class, in files of odd names."""
    rng = np.random.default_rng(0)
    for name, colour in colours.items():
        (folder / name).mkdir(parents=True)
        for number in range(each):
            noise = rng.normal(0, 40, (40, 48, 3)) + np.array(colour)
            Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(folder / name / f"{number} x.png")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = write_pictures(tmp_path_factory.mktemp("own") / "my pictures")
    (place / "my cup" / "broken.jpg").write_bytes(b"no picture")
    shutil.copy(place / "my cup" / "1 x.png", place / "my cup" / "a copy.png")
    return place


@pytest.fixture(scope="module")
def out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the command, with a path that is only right where it is called."""
    place, before = tmp_path_factory.mktemp("made") / "mine", Path.cwd()
    os.chdir(folder.parent)
    try:
        main(["train", folder.name, "--out", str(place), "--steps", str(STEPS), "--json"])
    finally:
        os.chdir(before)
    return place


@pytest.fixture(scope="module")
def tina(out: Path) -> TowerTina:
    return Tina.from_pretrained(out)


def test_any_of_the_classes_are_told_apart_by_name(tina: TowerTina) -> None:
    assert tina.names == ["Daisy", "left shelf", "my cup"]
    for prompt in ("my cup, daisy, left shelf", "left shelf, my cup", "daisies, my cup"):
        classifier = tina.generate(prompt)
        score = classifier.score_on(tina.world)
        assert score is None or score.accuracy == 1.0, prompt
    assert score is None  # "daisies" is none of the world's names, and all the same known
    everyday = Tina.from_pretrained("everyday").generate("my cup, daisy, left shelf").score_on(tina.world)
    assert everyday.accuracy < 0.9  # names alone say nothing of coloured noise


def test_what_is_no_class_of_hers_is_written_as_before(tina: TowerTina) -> None:
    everyday = Tina.from_pretrained("everyday")
    prompts = [tina.understand("teapot, bicycle"), everyday.understand("teapot, bicycle")]
    shown = tina.encode([prompts[0]]), everyday.encode([prompts[1]])
    torch.testing.assert_close(shown[0].said.row, shown[1].said.row)
    assert not shown[0].learnt.any()
    torch.testing.assert_close(tina.heat(shown[0], _read(tina, shown[0])), tina.heat(shown[1], _read(tina, shown[1])))


def _read(tina: TowerTina, shown):
    from tina.generator.tower.reading import read

    return read(shown, tina.settings)


def test_pictures_can_be_shown_beside_learnt_names(tina: TowerTina, folder: Path) -> None:
    grey = [np.full((40, 40, 3), value, np.uint8) for value in (120, 125, 130)]
    classifier = tina.generate(tina.understand("my cup, fog", {"fog": grey}))
    answer = classifier.predict([folder / "my cup" / "3 x.png", np.full((40, 40, 3), 127, np.uint8)])
    assert [max(one, key=one.get) for one in answer] == ["my cup", "fog"]


def test_the_plan_is_said_before_anything_is_done(folder: Path, tmp_path: Path, capsys) -> None:
    main(["train", f"folder:{folder}", "--out", str(tmp_path / "new"), "--dry-run", "--json"])
    said = capsys.readouterr()
    assert not (tmp_path / "new").exists()
    assert json.loads(said.out)["pictures"] == 3 * EACH + 1  # the copy counts once, the broken one is not opened yet
    for words in ("3 classes", "held out", "look at 43 pictures", "a zoo of", "steps", "MB in", "on this machine"):
        assert words in said.err


def test_table_card_and_recipe_say_what_was_made(out: Path, tina: TowerTina, folder: Path) -> None:
    table, recipe = (json.loads((out / name).read_text("utf-8")) for name in ("table.json", "recipe.json"))
    card = (out / "README.md").read_text("utf-8")
    cells = {(row["method"], row["split"]): row for row in table["rows"]}
    assert cells["tina", "all"]["accuracy"] == 1.0
    assert {"prior", "shown", "trained", "named"} <= {method for method, _ in cells}
    tested = sum(photo.split == "test" for photo in list_photos(folder)[0])
    assert cells["tina", "all"]["pictures"] == tested
    assert f"{tested} more were held out" in card
    assert "Left out: 1 that" in card
    assert f"{len(Zoo(out / 'zoo').tasks)} classifiers" in card
    assert recipe["steps"] == STEPS
    assert tina.table["rows"] == table["rows"]


def test_held_out_pictures_are_never_learnt_from(out: Path, folder: Path) -> None:
    """Closed form, zoo and tasks are the same where the held-out pictures are something else altogether."""
    plan = plan_for(folder, out, steps=STEPS)
    base = make.open_base("everyday")
    draw = torch.Generator().manual_seed(0)
    labels = torch.arange(3).repeat_interleave(12)
    tested = torch.arange(36) % 4 == 0
    whole, middle = (torch.rand(36, base.features.width, generator=draw) for _ in range(2))
    works = []
    for other in (0.0, torch.nan):
        x, y = whole.clone(), middle.clone()
        x[tested], y[tested] = x[tested] + other, y[tested] + other
        work = Work(plan, base, OwnSet(("a", "b", "c"), labels, tested, x, y))
        work.fit(lambda units: None)
        works.append(work)
    assert torch.equal(works[0].learnt.rows, works[1].learnt.rows)
    assert torch.isfinite(works[1].learnt.rows).all()
    assert all(torch.equal(*(work.sources[k].z for work in works)) for k in range(FOLDS))


def test_who_is_stopped_goes_on_to_the_same_result(out: Path, folder: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tina.training.tower.train.KEPT_EVERY", 0.0)
    place = tmp_path / "mine"
    place.mkdir()
    shutil.copy(out / "features-0.safetensors", place)
    told: list[State] = []

    def stop(state: State) -> None:
        told.append(state)
        if state.doing == STAGES[3] and sum(one.doing == STAGES[3] for one in told) > 3:
            raise KeyboardInterrupt

    plan = plan_for(folder, place, steps=STEPS)
    assert plan.stages[0].units == 1  # only the broken one is looked at again
    with pytest.raises(KeyboardInterrupt):
        make.make(plan, stop)
    assert not (place / "model.safetensors").exists()
    again = plan_for(folder, place, steps=STEPS)
    assert again.stages[2].units == 0
    assert 0 < again.stages[3].units < STEPS  # what is left, and no more, is promised
    make.make(again, told.append)
    assert Tina.from_pretrained(place).hash == Tina.from_pretrained(out).hash


def test_the_pictures_are_found_from_anywhere_and_not_needed(out: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    tina = Tina.from_pretrained(out)
    assert isinstance(tina.world, OwnPhotos)
    assert tina.world.present
    config = json.loads((out / "config.json").read_text("utf-8"))
    gone = tmp_path / "gone"
    shutil.copytree(out, gone)
    (gone / "config.json").write_text(json.dumps(config | {"world": "folder:/nowhere/at all"}))
    assert isinstance(Tina.from_pretrained(gone).world, GoneWorld)
    main(["generate", "my cup, daisy", "--checkpoint", str(gone), "--out", str(tmp_path / "c.zip"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["accuracy"] is None
    assert found["labels"] == ["my cup", "daisy"]


def test_other_pictures_do_not_go_into_the_same_folder(out: Path, tmp_path: Path) -> None:
    other = write_pictures(tmp_path / "other", 5)
    with pytest.raises(UserError, match="holds a Tina of other pictures"):
        make.make(plan_for(other, out, steps=STEPS), lambda state: None)


@pytest.mark.parametrize(
    ("colours", "each", "sentence"),
    [({"one": (0, 0, 0)}, 9, "two classes or more"), (COLOURS, 3, "has 3 pictures, and it takes 4 or more")],
)
def test_too_little_is_said(colours: dict, each: int, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=sentence):
        plan_for(write_pictures(tmp_path / "few", each, colours), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_handful_of_pictures_is_closed_form(tmp_path: Path) -> None:
    place = tmp_path / "few"
    make.make(plan_for(write_pictures(tmp_path / "pictures", 4), place), lambda state: None)
    tina = Tina.from_pretrained(place)
    assert float(tina.learnt.loudness) == 0.0
    assert tina.generate("my cup, daisy, left shelf").score_on(tina.world).accuracy > 0.6
    assert tina.generate("my cup, daisy").provenance["generator"] == 0.0


# -- pieces ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("classes", [2, 3, 5, 20, 100])
def test_tasks_of_the_table_are_none_of_the_zoo(classes: int) -> None:
    kept, held_out = subsets(classes, 0)
    assert 1 <= len(kept) <= LARGEST_ZOO
    assert len(held_out) <= HELD_OUT
    assert not {*kept} & {*held_out}
    assert (kept, held_out) == subsets(classes, 0)
    assert all(list(one) == sorted(set(one)) and len(one) >= 2 for one in (*kept, *held_out))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [0.0]
    monkeypatch.setattr(course.time, "monotonic", lambda: now[0])
    return now


def test_how_long_there_is_to_go_is_known_from_the_first_minute(clock: list[float]) -> None:
    told: list[State] = []
    found = Course([Stage("looking", 100, 0.1), Stage("training", 50, 1.0)], told.append)
    found.begin(0)
    assert told[-1].left == pytest.approx(60)  # as measured, before anything is done
    clock[0] = 20.0  # it is twice as slow as that
    found.advance(100)
    assert told[-1].left == pytest.approx(50)
    found.begin(1)
    clock[0] = 40.0
    found.advance(10)
    assert told[-1].left == pytest.approx(80)  # its own pace
    assert told[-1].share == pytest.approx(40 / 120)
    assert [duration(s) for s in (0.2, 40, 200, 5000, 6000)] == ["1 s", "40 s", "3 min", "83 min", "1 h 40 min"]


@pytest.mark.slow
def test_two_processes_share_the_work(out: Path, folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "two"
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "-m", "tina", "train"]
    command += [str(folder), "--out", str(place), "--steps", "4"]
    threads = {"OMP_NUM_THREADS": str(cores())}  # as `out` has: with others, a feature may be rounded otherwise
    subprocess.run(command, check=True, capture_output=True, timeout=1200, env=threads | os.environ)
    assert {file.name for file in place.glob("features-*")} == {"features-0.safetensors", "features-1.safetensors"}
    one, two = Tina.from_pretrained(out), Tina.from_pretrained(place)
    torch.testing.assert_close(two.learnt.rows, one.learnt.rows)  # closed form is the same
    assert two.generate("my cup, daisy, left shelf").score_on(two.world).accuracy == 1.0
