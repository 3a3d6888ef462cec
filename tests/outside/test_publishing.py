"""`tina publish`: exactly what belongs there, with the user's own token, against a stand-in for the Hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.outside.hub import TOKEN, Hub, running
from tina import publishing
from tina.paths import CHECKPOINTS, shipped
from tina.verbs.result import Result

ROOT = Path(__file__).parents[2]
README = yaml.safe_load((ROOT / "README.md").read_text("utf-8").split("---")[1])


def publish(url: str, home: Path, *words: str, token: str | None = TOKEN) -> subprocess.CompletedProcess[str]:
    """The verb in a process of its own, whose Hub is at `url`; that has one of the Hub's two ways for large files."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    variables |= {"HF_ENDPOINT": url, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(home), "PYTHONPATH": str(ROOT)}
    variables |= {"HF_TOKEN": token} if token else {}
    command = [sys.executable, "-m", "tina", "publish", *words]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> tuple[Hub, Result]:
    """A hub after a Space was published there, over one that had an older version; and what the verb said."""
    home = tmp_path_factory.mktemp("home")
    with running() as hub:
        hub.repos["spaces/me/tina"] = {"tina/gone.py": b"", "notes.md": b"the owner's own"}
        done = publish(hub.url, home, "space", "me/tina", "--zero-gpu", "--json")
        assert done.returncode == 0, done.stderr
        assert TOKEN not in done.stdout + done.stderr
        return hub, json.loads(done.stdout)


def test_a_space_gets_exactly_what_belongs_there(space: tuple[Hub, Result]) -> None:
    hub, said = space
    there = hub.repos["spaces/me/tina"]
    assert {row["path"]: row["bytes"] for row in said["files"]} == {
        path: len(content) for path, content in there.items() if path != "notes.md"
    }
    assert there["notes.md"] == b"the owner's own"
    assert "tina/gone.py" not in there  # of an older version
    assert hub.hardware == ["zero-a10g"]
    assert {"app.py", "README.md", "requirements.txt", "LICENSE", "tina/ui/page.py"} <= there.keys()
    tops = {path.split("/")[0] for path in there}
    assert tops == {"app.py", "README.md", "requirements.txt", "LICENSE", "assets", "tina", "checkpoints", "notes.md"}
    assert not [path for path in there if path.startswith("tina/research/") or "__pycache__" in path]
    for name in shipped():
        model = (CHECKPOINTS / name / "model.safetensors").read_bytes()
        assert there[f"checkpoints/{name}/model.safetensors"] == model
    assert there["app.py"].decode().count("main(") == (ROOT / "app.py").read_text().count("main(") == 1


def test_the_front_matter_is_the_readmes_for_that_hardware(space: tuple[Hub, Result]) -> None:
    head = yaml.safe_load(space[0].repos["spaces/me/tina"]["README.md"].decode().split("---")[1])
    same = ("title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "app_file", "short_description", "license")
    assert {key: head[key] for key in (*same, "preload_from_hub")} == {
        key: README[key] for key in (*same, "preload_from_hub")
    }
    assert head["python_version"] in ("3.12.12", "3.10.13")  # those of ZeroGPU
    assert head["suggested_hardware"] == "zero-a10g"
    assert head["models"] == [one.split()[0] for one in head["preload_from_hub"]]
    assert "hf_oauth" not in head  # nobody has to log in
    assert head["thumbnail"].endswith("/spaces/me/tina/resolve/main/assets/page-wide-light.png")
    assert space[0].front_matter  # the Hub was asked whether it is valid


def test_nothing_is_uploaded_by_a_dry_run_and_no_token_is_needed(tmp_path: Path) -> None:
    with running() as hub:
        done = publish(hub.url, tmp_path, "space", "me/tina", "--dry-run", token=None)
        assert done.returncode == 0, done.stderr
        assert not hub.asked
    assert "tina/ui/page.py" in done.stdout
    assert "uploaded" not in done.stdout


def test_a_checkpoint_is_published_and_answers_from_there(tmp_path: Path) -> None:
    with running() as hub:
        done = publish(hub.url, tmp_path, "checkpoint", "me/mine", "--checkpoint", "photos-tiny", "--private")
        assert done.returncode == 0, done.stderr
        assert hub.made[0]["visibility"] == "private"
        folder = CHECKPOINTS / "photos-tiny"
        there = {path: content for path, content in hub.repos["models/me/mine"].items() if path != ".gitattributes"}
        assert there == {file.name: file.read_bytes() for file in folder.iterdir()}
        assert f"{hub.url}/me/mine" in done.stdout


@pytest.mark.parametrize(
    ("words", "token", "sentence"),
    [
        (("space", "tina"), TOKEN, "OWNER/NAME, and not 'tina'"),
        (("space", "me/a b"), TOKEN, "OWNER/NAME"),
        (("space", "me/tina", "--checkpoint", "x"), TOKEN, "Tinas that ship"),
        (("checkpoint", "me/tina", "--zero-gpu"), TOKEN, "--zero-gpu is for `publish space`"),
        (("checkpoint", "me/tina", "--checkpoint", "/no/such"), TOKEN, "There is no checkpoint '/no/such'"),
        (("checkpoint", "me/tina"), None, "hf auth login"),
        (("checkpoint", "me/tina"), "hf_wrong", "your token was not accepted"),
    ],
)
def test_what_cannot_be_published_is_a_sentence(
    words: tuple[str, ...], token: str | None, sentence: str, tmp_path: Path
) -> None:
    with running() as hub:
        done = publish(hub.url, tmp_path, *words, token=token)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not token or token not in done.stderr


def test_hardware_that_is_not_given_is_no_failure(tmp_path: Path) -> None:
    with running() as hub:
        hub.gives_hardware = False
        done = publish(hub.url, tmp_path, "space", "me/tina", "--zero-gpu")
        assert done.returncode == 0, done.stderr
        assert "choose ZeroGPU in the Space's settings" in done.stderr
        assert "app.py" in hub.repos["spaces/me/tina"]


def test_what_is_installed_there_is_what_the_hardware_has() -> None:
    plain, lent = publishing.requirements(), publishing.requirements(zero_gpu=True)
    assert "torch>=2.8,<2.12" in lent
    assert "torchvision>=0.23,<0.27" in lent
    assert [line for line in lent if not line.startswith(("torch>", "torchvision>"))] == [
        *(line for line in plain if not line.startswith(("torch>", "torchvision>"))),
        "spaces",
    ]
    assert any(line.startswith("gradio[mcp]") for line in plain)
