"""The lists of what is needed agree with each other."""

import re
import tomllib
from pathlib import Path

from tina import publishing

ROOT = Path(__file__).parents[1]
PINNED = {"torch": "==2.13.0", "torchvision": "==0.28.0"}


def read(lines: list[str]) -> dict[str, str]:
    matches = [re.match(r"([\w.-]+)(.*)", line.split("#")[0].strip()) for line in lines]
    return {m[1]: m[2].strip() for m in matches if m}


def test_requirements_are_the_packages_own_with_torch_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = read(project["dependencies"])
    assert read((ROOT / "requirements.txt").read_text().splitlines()) == needed | PINNED
    assert needed["onnx"]  # without it no classifier of a small network could be saved


def test_a_space_takes_the_torch_its_gpus_offer() -> None:
    pinned = read((ROOT / "requirements.txt").read_text().splitlines())
    space = read(publishing.requirements(zero_gpu=True))
    assert space.pop("spaces") == ""
    assert space["gradio"].removeprefix("[mcp]") == pinned["gradio"]
    assert space.keys() == pinned.keys()
    assert {name for name in pinned if space[name].removeprefix("[mcp]") != pinned[name]} == set(PINNED)
    assert "<2.12" in space["torch"]
    assert ">=2.8" in space["torch"]
