"""The command line: fast help, one JSON object, one line for a user's error."""

import json
import subprocess
import sys
import time

import pytest
from PIL import Image

from tina.cli import main


def test_help_is_there_at_once() -> None:
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        run = subprocess.run([sys.executable, "-m", "tina", "--help"], capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - begin)
    assert "worlds" in run.stdout
    assert min(seconds) < 0.5


def test_worlds_json_is_one_object_on_stdout(capsys: pytest.CaptureFixture) -> None:
    main(["worlds", "sketchbook", "--json"])
    (row,) = json.loads(capsys.readouterr().out)["worlds"]
    assert row["id"] == "sketchbook"
    assert row["present"] is True
    assert row["unseen"] == 16
    assert row["classes"] == row["seen"] + row["unseen"]
    assert row["pictures"] == {
        split: n * row["classes"] for split, n in {"train": 500, "zoo": 200, "test": 100}.items()
    }


def test_every_world_is_listed_with_its_home(capsys: pytest.CaptureFixture, cache) -> None:
    main(["worlds", "--json"])
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)["worlds"]}
    assert list(rows) == ["sketchbook", "tiny-imagenet", "caltech-101", "photos", "cifar-100", "mini-imagenet"]
    assert not rows["photos"]["present"]  # the cache is empty and there is no archive
    assert all(row["home"] and row["licence"] for row in rows.values())


def test_a_sheet_shows_every_class(tmp_path) -> None:
    main(["worlds", "sketchbook", "--sheet", str(tmp_path / "sheet.png")])
    assert min(Image.open(tmp_path / "sheet.png").size) > 800


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["worlds", "atlantis"], "There is no world 'atlantis'"),
        (["worlds", "folder:/no/such/place"], "/no/such/place: there is no such folder"),
        (["worlds", "--sheet", "out.png"], "Which world?"),
    ],
)
def test_a_users_error_is_one_line_and_exit_code_2(arguments, sentence, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
