"""The README tells the truth: its figures are the measured ones, its commands exist."""

import json
import re
import shlex
from pathlib import Path

from tina.cli import parser
from tina.encoder.encoder import EMBEDDED_FOLDER
from tina.training import train

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_encoders_figures_are_the_measured_ones() -> None:
    figures = json.loads((EMBEDDED_FOLDER / "figures.json").read_text())
    for table in ("zero-shot", "5-shot"):
        for kind, row in figures[table].items():
            line = next(line for line in README.splitlines() if line.startswith(f"| {kind} |"))
            assert f"{row['accuracy']} ± {row['interval']}" in line, (table, kind)
    for what in ("gloss", "synonym"):
        line = next(line for line in README.splitlines() if line.startswith(f"| {what} -> name |"))
        for who in ("tower", "teacher"):
            assert f"{figures['words'][f'{who} {what}']}%" in line


def test_the_commands_it_shows_are_understood() -> None:
    shown = re.findall(r"^(?:accelerate launch|python) -m (tina[.\w]*) ([^#\n]*)", README, re.MULTILINE)
    shown += re.findall(r"`(?:accelerate launch|python) -m (tina[.\w]*) ?([^`]*)`", README)
    parsers = {"tina": parser(), "tina.train": train.parser()}
    understood = [parsers[module].parse_args(shlex.split(words)) for module, words in shown if module in parsers]
    assert {"generate", "classify", "score", "table", "recipe"} <= {args.verb for args in understood if "verb" in args}


def test_the_pictures_it_shows_are_there() -> None:
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert shown
    assert all((ROOT / path).is_file() for path in shown)


def test_the_front_matter_starts_the_app_on_a_space() -> None:
    front = dict(line.split(": ", 1) for line in README.split("---")[1].strip().splitlines())
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    pinned = re.search(r"gradio>=(\d+)\.(\d+)", (ROOT / "requirements.txt").read_text())
    assert front["sdk_version"].split(".")[:2] == [pinned[1], pinned[2]]


def test_the_repository_is_lean_and_free_of_pickles() -> None:
    import subprocess

    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert sum((ROOT / f).stat().st_size for f in files if (ROOT / f).is_file()) < 60_000_000
    assert not [f for f in files if f.endswith((".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt"))]
