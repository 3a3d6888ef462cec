"""The page beside the papers says what was measured, and what was not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tina.paths import CHECKPOINTS
from tina.research import results
from tina.research.judge.table import save_table
from tina.research.recipes.checkpoint import Recipe

PAGE = CHECKPOINTS.parent / "docs" / "results.md"


def row(accuracy: float, **about) -> dict:
    return {"accuracy": accuracy, "interval": [accuracy - 0.01, accuracy + 0.01], "tasks": 9, **about}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint with a table, a curve and a trial."""
    folder = tmp_path / "toy-cnn"
    folder.mkdir()
    rows = [row(0.5, method=name, split=split) for name in ("slice", "tina") for split in ("id", "ood")]
    rows[-1] = row(0.8123, method="tina", split="ood")
    (folder / "table.json").write_text(json.dumps({"rows": rows}))
    starts = [
        row(0.11, setting="seen", method="generic", steps=0),
        row(0.42, setting="unseen, 5 pictures", method="tina", steps=30),
    ]
    seeds = [{"method": "tina", "split": "ood", "accuracies": [0.811, 0.8049, 0.82], "tasks": 200}]
    (folder / "curves.json").write_text(json.dumps({"starts": starts, "seeds": seeds}))
    trial = {"question": "size", "trial": "L", "size": "L", "classifiers": 2048, "minutes": 4.0}
    trial |= {"steps": 1234, "1 step": row(0.61), "3 steps": row(0.62), "5 pictures": row(0.33)}
    (folder / "trials.json").write_text(json.dumps({"rows": [trial]}))
    return folder


def test_each_question_is_answered_from_the_files(folder: Path) -> None:
    page = results.page([folder])
    part = {text.split("\n")[0]: text for text in page.split("## ")}
    assert "| 50.0 ± 1.0 | 81.2 ± 1.0 |" in part["Does a class set that was not in the zoo get a classifier as good?"]
    assert "| tina | 30 | 42.0 ± 1.0 |" in part["Are generated weights a good place to begin training?"]
    assert "11.0" not in part["Are generated weights a good place to begin training?"]  # of seen classes
    assert "| tina | ood | 81.1, 80.5, 82.0 | 200 |" in part["How much hangs on the seed?"]
    assert "| L | 2,048 | 4 | 1,234 | 61.0 ± 1.0 | 62.0 ± 1.0 | 33.0 ± 1.0 |" in part["Does a larger generator help?"]


def test_what_being_made_for_its_classes_is_worth_is_computed_task_by_task(folder: Path) -> None:
    """On the tasks that were fine-tuned for, beside the slice of the same network; no share of a gain that is none."""
    accuracies = {"slice": [0.5, 0.6, 0.5, 0.6], "tina": [0.53, 0.62, 0.56, 0.65], "tuned": [0.6, 0.7]}
    accuracies |= {"label-only": [0.4, 0.8, 0.4, 0.8], "tuned label-only": [0.5, 0.6]}
    rows = [row(0.5, method=name, split="ood", accuracies=values) for name, values in accuracies.items()]
    (folder / "table.json").write_text(json.dumps({"rows": rows}))
    answer = results.page([folder]).split("## What is it worth to be made for its classes?")[1].split("## ")[0]
    assert "rows sliced | 4.0 ± 1.8 | 2 | 2.5 ± 1.0 | 10.0 | 25% |" in answer
    assert "labels alone, its rows sliced | -1.0 ± 17.6 | 2 | -2.5 ± 30.4 | -5.0 ± 29.4 | - |" in answer


def test_a_part_that_was_switched_off_is_set_beside_tina_on_the_same_tasks(folder: Path) -> None:
    rows = [
        row(0.7, method="tina", split="ood", accuracies=[0.6, 0.8, 0.9, 0.5]),
        row(0.6, method="guidance 2", split="ood", accuracies=[0.5, 0.8]),
        row(0.8, method="tina 5 pictures", split="unseen", accuracies=[0.5, 0.5]),
        row(0.8, method="no feedback 5 pictures", split="unseen", accuracies=[0.5, 0.6]),
    ]
    save_table({"rows": rows}, folder / "table.json")
    answer = results.page([folder]).split("## Which part of Tina is it?")[1].split("## ")[0]
    assert "| points beside Tina | ood | unseen |" in answer
    assert "| Tina, guidance 2 | -5.0 ± 9.8 (2) | - |" in answer
    assert "prompted with 5 pictures a class | - | +5.0 ± 9.8 (2) |" in answer


def test_what_was_not_measured_is_said_to_be_missing(folder: Path) -> None:
    page = results.page([folder])
    missing = page.split("## Not measured yet")[1]
    assert "Are its classifiers copies of the zoo's?" in missing
    assert "Does a larger generator help?" not in missing
    assert page.count("Are its classifiers copies of the zoo's?") == 1


def test_curves_of_an_earlier_version_are_said_to_be_that(folder: Path) -> None:
    assert results.EARLIER not in results.page([folder])
    for file, checkpoint in (("table.json", "new"), ("curves.json", "old")):
        content = json.loads((folder / file).read_text()) | {"checkpoint": checkpoint}
        (folder / file).write_text(json.dumps(content))
    page = results.page([folder])
    assert page.count(results.EARLIER) == 2  # of starts and of seeds


@pytest.mark.parametrize("folder", sorted(results.ONE_WORLD.iterdir()), ids=lambda folder: folder.name)
def test_what_was_measured_of_a_single_world_can_be_made_again(folder: Path) -> None:
    table = json.loads((folder / "table.json").read_text("utf-8"))
    assert Recipe.of(folder).world == table["world"] == folder.name


def test_the_page_that_is_kept_is_made_of_the_files_that_are(capsys: pytest.CaptureFixture) -> None:
    results.main()
    assert capsys.readouterr().out == PAGE.read_text("utf-8")
