"""The wheel works alone: built without the network, installed in an empty environment beside what it says it needs and
nothing else, and used there. The source distribution builds the same wheel."""

from __future__ import annotations

import importlib.metadata as metadata
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tina.paths import shipped
from tina.research.installed import closure

ROOT = Path(__file__).parents[2]
LARGEST = 43_000_000  # bytes of the wheel
LEFT_OUT = "photos-tiny"  # of the wheel, and not of the source


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheel and source distribution, as a build front end has them made."""
    folder = tmp_path_factory.mktemp("dist")
    program = (
        "import sys; from hatchling import build; "
        "print(build.build_wheel(sys.argv[1])); print(build.build_sdist(sys.argv[1]))"
    )
    made = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return dict(zip(("wheel", "source"), (folder / name for name in made), strict=True))


def needed(wheel: Path) -> set[str]:
    """All that the wheel asks for, and all that this asks for in turn."""
    with zipfile.ZipFile(wheel) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = re.findall(r"^Requires-Dist: (.*)$", archive.read(about).decode(), re.MULTILINE)
    return closure(lines)


@pytest.fixture(scope="module")
def clean(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel and, by links, what it asks for."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip())
    for name in needed(built["wheel"]):
        distribution = metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            target = Path(str(distribution.locate_file(top)))
            if target.exists() and not (site / top).exists():
                (site / top).symlink_to(target)
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(built["wheel"])]
    subprocess.run([sys.executable, *install], check=True)
    return python


def run(python: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """In an empty folder, with nothing of ours in the environment."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), "HF_HUB_OFFLINE": "1"}
    return subprocess.run([python, *words], cwd=folder, env=variables, capture_output=True, text=True, check=False)


def test_each_checkpoint_is_in_the_wheel_once_and_it_is_small(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as archive:
        names = archive.namelist()
    models = [name for name in names if name.endswith("model.safetensors") and "encoder" not in name]
    assert sorted(models) == [
        f"tina/checkpoints/{name}/model.safetensors" for name in sorted(shipped()) if name != LEFT_OUT
    ]
    assert len(names) == len(set(names))
    assert {name.split("/")[0] for name in names} == {"tina", built["wheel"].name.rsplit("-", 3)[0] + ".dist-info"}
    assert built["wheel"].stat().st_size < LARGEST


@pytest.mark.slow
def test_the_source_builds_the_same(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["source"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    assert {"README.md", "LICENSE", "pyproject.toml", "tests", "docs", "examples"} <= {
        file.name for file in folder.iterdir()
    }
    program = "import sys; from hatchling import build; print(build.build_wheel(sys.argv[1]))"
    name = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()
    with zipfile.ZipFile(tmp_path / name) as again, zipfile.ZipFile(built["wheel"]) as first:
        assert {one.filename: one.CRC for one in again.infolist()} == {
            one.filename: one.CRC for one in first.infolist()
        }


@pytest.mark.slow
def test_it_is_used_where_nothing_else_is_installed(clean: Path, tmp_path: Path) -> None:
    words = ["-m", "tina", "generate", "apple, sailboat, snail", "--out", "my.zip", "--json"]
    made = run(clean, tmp_path, *words)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["accuracy"] > 0.5
    with zipfile.ZipFile(tmp_path / "my.zip") as archive:
        assert "classifier.onnx" in archive.namelist()
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "dark.png")
    answer = run(clean, tmp_path, "-m", "tina", "classify", "my.zip", "dark.png", "--json")
    assert set(json.loads(answer.stdout)["dark.png"]) == {"apple", "sailboat", "snail"}
    listed = json.loads(run(clean, tmp_path, "-m", "tina", "checkpoints", "--json").stdout)["checkpoints"]
    assert [row["checkpoint"] for row in listed] == [name for name in shipped() if name != LEFT_OUT]
    absent = run(clean, tmp_path, "-m", "tina", "generate", "a, b", "--checkpoint", LEFT_OUT, "--out", "x.zip")
    assert absent.returncode == 2
    assert "comes with the source" in absent.stderr
    page = run(clean, tmp_path, "-c", "import tina.ui.page, tina.estimator; print(tina.__file__)")
    assert page.returncode == 0, page.stderr
    assert str(clean.parents[1]) in page.stdout
    published = run(clean, tmp_path, "-m", "tina", "publish", "space", "me/tina", "--dry-run")
    assert "checkpoints/everyday/model.safetensors" in published.stdout


def test_the_command_and_the_pythons_are_declared(built: dict[str, Path]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"tina": "tina.cli:main"}
    declared = [line.rsplit(" ", 1)[1] for line in project["classifiers"] if "Python :: 3." in line]
    matrix = re.search(r"python: (\[.*\])", (ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert declared == json.loads(matrix[1]) == ["3.11", "3.12", "3.13"]
    assert project["requires-python"] == f">={declared[0]}"
