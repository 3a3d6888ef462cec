"""The command line: fast help, one JSON object, one line for a user's error."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tina.classifier.classifier import Classifier
from tina.classifier.score import wilson
from tina.cli import main
from tina.errors import exit_on_user_error
from tina.paths import DEFAULT
from tina.worlds import load_world


def test_help_names_the_verbs() -> None:
    """What it imports is in test_compat.py, and that is what it takes long for or not."""
    run = subprocess.run([sys.executable, "-m", "tina", "--help"], capture_output=True, text=True, check=True)
    assert "worlds" in run.stdout


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
    photos = ["tiny-imagenet", "caltech-101", "photos", "cifar-100", "mini-imagenet", "caltech-256", "imagenet"]
    assert list(rows) == ["sketchbook", "everyday", *photos]
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
        (["generate", "apple", "--out", "x.zip"], "at least two classes"),
        (["generate", "", "--out", "x.zip"], "nothing to recognise"),
        (["generate", "a, b", "--checkpoint", "no-such", "--out", "x.zip"], "There is no checkpoint 'no-such'"),
        (["generate", "a, b", "--image", "a", "--out", "x.zip"], "LABEL=PATH"),
        (["generate", "a, b", "--image", "a=/no/such.png", "--out", "x.zip"], "/no/such.png"),
        (["generate", "a, b", "--steps", "0", "--out", "x.zip"], "from 1 to 1000 steps"),
        (["generate", "a, b", "--best-of", "4", "--out", "x.zip"], "at least one class needs an example picture"),
        (["classify", "/no/such.zip", "x.png"], "there is no such file"),
        (["score", "/no/such.zip"], "there is no such file"),
        (["table", "sketchbook-cnn", "--methods", "luck"], "no method 'luck'"),
        (["table", "sketchbook-cnn", "--splits", "mars"], "no split 'mars'"),
        (["table", "sketchbook-cnn", "--zoo", "/no/such"], "no zoo in /no/such"),
        (["recipe", "no-such"], "no recipe of 'no-such'"),
        (["generate", "a, b", "--steps", "1001", "--out", "x.zip"], "from 1 to 1000 steps"),
        (["generate", "a, b", "--steps", "x", "--out", "x.zip"], "from 1 to 1000 steps, and not 'x'"),
        (["generate", "a, b", "--steps", "1.5", "--out", "x.zip"], "from 1 to 1000 steps, and not '1.5'"),
        (["generate", "a, b", "--seed", "-1", "--out", "x.zip"], "--seed takes a whole number from 0"),
        (["generate", "a, b", "--seed", "9" * 5000, "--out", "x.zip"], "--seed takes a whole number from 0"),
        (["generate", "a, b", "--best-of", "0", "--out", "x.zip"], "--best-of takes a whole number from 1"),
        (["export", "x.zip", "--to", "html", "--bits", "0", "--out", "x"], "--bits takes a whole number from 8 to 16"),
        (["recipe", DEFAULT, "--minutes", "-5"], "--minutes takes a number above 0, and not '-5'"),
        (["recipe", DEFAULT, "--minutes", "0"], "--minutes takes a number above 0, and not '0'"),
        (["recipe", DEFAULT, "--minutes", "nan"], "--minutes takes a number above 0, and not 'nan'"),
        (["recipe", DEFAULT, "--minutes", "inf"], "--minutes takes a number above 0, and not 'inf'"),
        (["adopt", "x", "--minutes", "-1", "--out", "x"], "--minutes takes a number above 0, and not '-1'"),
        (["bench", "--rounds", "0"], "--rounds takes a whole number from 1 to 1000, and not '0'"),
        (["table", DEFAULT, "--tasks", "0"], "--tasks takes a whole number from 1 on, and not '0'"),
        (["table", DEFAULT, "--ways", "1"], "--ways takes a whole number from 2 on, and not '1'"),
        (["table", DEFAULT, "--ways", "-3"], "--ways takes a whole number from 2 on, and not '-3'"),
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


@pytest.mark.parametrize(
    ("program", "arguments", "sentence"),
    [
        ("tina.train", ["--minutes", "-1"], "--minutes takes a number of 0 or more, and not '-1'"),
        ("tina.train", ["--minutes", "nan"], "--minutes takes a number of 0 or more, and not 'nan'"),
        ("tina.train", ["--steps", "0"], "--steps takes a whole number from 1 on, and not '0'"),
        ("tina.train", ["--batch", "0"], "--batch takes a whole number from 1 on, and not '0'"),
        ("tina.train", ["--drop", "2"], "--drop takes a number of 0 or more and up to 1, and not '2'"),
        ("tina.train", ["--rate", "inf"], "--rate takes a number above 0, and not 'inf'"),
        ("tina.train", [], "How long? Say --steps or --minutes."),
        ("tina.zoo", ["--classifiers", "-1"], "--classifiers takes a whole number from 0 on, and not '-1'"),
        ("tina.zoo", ["--sharpen", "-1"], "--sharpen takes a number of 0 or more, and not '-1'"),
        (
            "tina.sample",
            ["--prompts", "x", "--batch", "0"],
            "--batch takes a whole number from 1 to 10000, and not '0'",
        ),
    ],
)
def test_the_numbers_of_every_program_are_checked(program, arguments, sentence, capsys, tmp_path) -> None:
    program = importlib.import_module(program)
    with pytest.raises(SystemExit) as stop:
        exit_on_user_error(program.main, [*arguments, "--out", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"tina: {sentence.removesuffix('.')}.\n"
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_one_line_before_anything_is_computed(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("tina.generator.tina.Tina.from_pretrained", lambda *_: pytest.fail("it has begun"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    for words in (
        ["generate", "a, b", "--out", str(tmp_path / "folder")],
        ["generate", "a, b", "--out", str(tmp_path / "file" / "a.zip")],
        ["worlds", "sketchbook", "--sheet", str(tmp_path / "folder")],
        ["worlds", "sketchbook", "--sheet", str(tmp_path / "sheet.xyz")],
        ["table", DEFAULT, "--out", str(tmp_path / "folder")],
        ["figures", DEFAULT, "--out", str(tmp_path / "file")],
        ["adopt", "x/y", "--out", str(tmp_path / "file")],
        ["classify", str(tmp_path / ("x" * 300)), "a.png"],
    ):
        with pytest.raises(SystemExit) as stop:
            main(words)
        assert stop.value.code == 2
        assert re.fullmatch(r"tina: .*(cannot be written|A sheet is|too long).*\n", capsys.readouterr().err), words
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("tina.train", ["--steps", "1"]),
        ("tina.zoo", ["--classifiers", "1"]),
        ("tina.sample", ["--prompts", "{prompts}"]),
    ],
)
def test_a_program_says_so_too(program, arguments, tmp_path, capsys) -> None:
    (tmp_path / "prompts.txt").write_text("apple, snail")
    (tmp_path / "file").write_text("")
    arguments = [one.format(prompts=tmp_path / "prompts.txt") for one in arguments]
    with pytest.raises(SystemExit) as stop:
        exit_on_user_error(importlib.import_module(program).main, [*arguments, "--out", str(tmp_path / "file")])
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"tina: {tmp_path / 'file'} cannot be written: a part of its path is a file.\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "prompts.txt"]


def test_a_name_in_no_encoding_can_be_told(tmp_path) -> None:
    command = [sys.executable, "-m", "tina", "classify", "/no/such.zip", b"\xff.png", "--json"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (2, "tina: /no/such.zip: there is no such file.\n")
    run = subprocess.run([sys.executable, "-m", "tina", "worlds", b"\xff"], capture_output=True, text=True)
    assert (run.returncode, run.stderr[:25]) == (2, "tina: There is no world '")


def test_no_number_is_read_unchecked() -> None:
    """`type=int` takes any, and `type=float` takes NaN."""
    root = Path(__file__).parents[1]
    files = [root / "app.py", *(root / "tina").rglob("*.py")]
    unchecked = [file.name for file in files if re.search(r"type=(int|float)\b", file.read_text("utf-8"))]
    assert not unchecked


# -- from a prompt to an answer ---------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A zip, and what `generate` said about it; as a process of its own, as a person would."""
    out = tmp_path_factory.mktemp("made") / "mine.zip"
    command = [sys.executable, "-m", "tina", "generate", "apple, sailboat and snail", "--out", str(out), "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return out, json.loads(run.stdout)


def test_generate_writes_a_zip_and_says_how_good_it_is(made: tuple[Path, dict]) -> None:
    out, told = made
    assert out.is_file()
    assert list(told) == [
        "labels", "classes", "checkpoint", "blueprint", "parameters", "steps", "seed", "seconds", "accuracy",
        "interval", "pictures", "out",
    ]  # fmt: skip
    assert told["labels"] == ["apple", "sailboat", "snail"]
    assert told["classes"] == [{"label": label, "heard": True, "pictures": 0} for label in told["labels"]]
    assert told["checkpoint"] == DEFAULT
    assert told["accuracy"] > 0.7
    assert told["pictures"] == 150
    assert told["interval"] == list(wilson(round(150 * told["accuracy"]), 150))
    assert told["interval"][0] < told["accuracy"] <= told["interval"][1]


def test_classify_says_what_is_on_pictures(made: tuple[Path, dict], tmp_path: Path, capsys) -> None:
    world = load_world("sketchbook")
    for name in ("apple", "snail"):
        for i, picture in enumerate(world.pictures("test", name, 5)):
            Image.fromarray(picture).save(tmp_path / f"{name}-{i}.png")
    files = sorted(map(str, tmp_path.glob("*.png")))
    main(["classify", str(made[0]), *files, "--json"])
    answers = json.loads(capsys.readouterr().out)
    assert list(answers) == files
    right = [max(answer, key=answer.get) in Path(file).name for file, answer in answers.items()]
    assert sum(right) >= 7
    assert all(sum(answer.values()) == pytest.approx(1, abs=1e-5) for answer in answers.values())


def test_score_gives_what_generate_said_and_takes_ones_own_pictures(made, tmp_path: Path, capsys) -> None:
    main(["score", str(made[0]), "--json"])
    scored = json.loads(capsys.readouterr().out)
    assert list(scored) == ["accuracy", "interval", "pictures", "per_class", "confusion"]
    assert (scored["accuracy"], scored["pictures"]) == (made[1]["accuracy"], 150)
    (tmp_path / "snail").mkdir()
    for i, picture in enumerate(load_world("sketchbook").pictures("test", "snail", 4)):
        Image.fromarray(picture).save(tmp_path / "snail" / f"{i}.png")
    main(["score", str(made[0]), "--images", str(tmp_path), "--json"])
    own = json.loads(capsys.readouterr().out)
    assert (own["pictures"], own["per_class"]["apple"]) == (4, None)


def test_classes_without_test_pictures_have_no_accuracy(tmp_path: Path, capsys) -> None:
    main(["generate", "apple, my left shoe", "--out", str(tmp_path / "mine.zip"), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["accuracy"], told["interval"], told["pictures"]) == (None, None, 0)
    with pytest.raises(SystemExit):
        main(["score", str(tmp_path / "mine.zip")])
    assert "--images" in capsys.readouterr().err


def test_pictures_and_sentences_are_prompts_too(tmp_path: Path, capsys) -> None:
    Image.fromarray(load_world("sketchbook").pictures("zoo", "snail", 1)[0]).save(tmp_path / "s.png")
    main(["generate", "apple, it", "--image", f"it={tmp_path / 's.png'}", "--out", str(tmp_path / "a.zip"), "--json"])
    assert json.loads(capsys.readouterr().out)["labels"] == ["apple", "it"]
    main(["generate", "musical instruments", "--out", str(tmp_path / "b.zip"), "--json"])
    said = capsys.readouterr()
    assert "guitar" in json.loads(said.out)["labels"]
    assert "musical instruments" in said.err


def test_a_label_may_be_only_a_label(tmp_path: Path, capsys) -> None:
    """Then its pictures alone say what it is, and the label does not matter."""
    for name in ("snail", "kite"):
        Image.fromarray(load_world("sketchbook").pictures("zoo", name, 1)[0]).save(tmp_path / f"{name}.png")
    rows = []
    for label, how in (("apple", ["--name-tag", "apple"]), ("bus", ["--name-tag", "bus"]), ("bus", ["--word", "bus"])):
        images = ["--image", f"{label}={tmp_path / 'snail.png'}", "--image", f"kite={tmp_path / 'kite.png'}"]
        main(["generate", f"{label}, kite", *images, *how, "--out", str(tmp_path / "a.zip"), "--json"])
        told = json.loads(capsys.readouterr().out)["classes"]
        assert told == [
            {"label": label, "heard": how[0] == "--word", "pictures": 1},
            {"label": "kite", "heard": True, "pictures": 1},
        ]
        rows.append(Classifier.load(tmp_path / "a.zip").weights["head.weight"])
    assert rows[0].equal(rows[1])
    assert not rows[1].equal(rows[2])
    command = ["generate", "bus, kite", *images, "--name-tag", "bus", "--out", str(tmp_path / "b.zip")]
    main(command)
    assert "only labels, of which the pictures say what they are: bus\n" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*command, "--word", "bus"])
    assert "'bus' is said to be only a label, and to say what is seen: which of them?" in capsys.readouterr().err


def test_the_checkpoints_that_ship_are_listed(capsys) -> None:
    main(["checkpoints", "--json"])
    rows = json.loads(capsys.readouterr().out)["checkpoints"]
    assert rows[0]["checkpoint"] == DEFAULT
    assert all(row["bytes"] <= 16e6 for row in rows)


def test_the_table_has_a_row_for_each_method_and_split(capsys) -> None:
    words = ["--tasks", "3", "--ways", "3", "--splits", "ood", "unseen", "--methods", "slice", "tina 1 step"]
    main(["table", DEFAULT, *words, "--json"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {(row["method"], row["split"]) for row in rows} == {
        ("chance", "ood"), ("slice", "ood"), ("tina 1 step", "ood"), ("chance", "unseen"), ("tina 1 step", "unseen"),
    }  # fmt: skip
    assert set(rows[0]) == {"method", "split", "accuracy", "interval", "tasks"}


def test_a_recipe_can_be_looked_at_before_it_is_run(capsys, tmp_path: Path) -> None:
    main(["recipe", DEFAULT, "--minutes", "30", "--out", str(tmp_path / "run"), "--dry-run", "--json"])
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert sum(step["minutes"] for step in steps) == pytest.approx(30)
    assert not (tmp_path / "run").exists()
