"""torchvision imports beside any torch: where its compiled library loads, and where it does not."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

LOADABLE = importlib.util.find_spec("_ctypes").origin  # any shared library the system can load will do
ROOT = Path(__file__).parents[1]
ASK = """
from tina import compat
declared = compat.prepare()
import torch, torchvision
print(compat.library_loads(), declared, hasattr(torch.ops.torchvision, "nms"))
"""


def prepared_beside(folder: Path | None) -> str:
    environment = os.environ | ({"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"} if folder else {})
    run = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment, timeout=300)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.fixture
def torchvision(tmp_path: Path) -> Path:
    """A stand-in for torchvision's package folder, without a compiled library yet."""
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("")
    return tmp_path / "torchvision"


def test_a_library_that_loads_is_left_alone(torchvision: Path) -> None:
    (torchvision / f"_C{sysconfig.get_config_var('EXT_SUFFIX')}").write_bytes(Path(LOADABLE).read_bytes())
    assert prepared_beside(torchvision.parent) == "True False False"


def test_operators_are_declared_where_the_library_cannot_load(torchvision: Path) -> None:
    (torchvision / f"_C{sysconfig.get_config_var('EXT_SUFFIX')}").write_bytes(b"built for another machine")
    assert prepared_beside(torchvision.parent) == "False True True"


def test_operators_are_declared_where_there_is_no_library(torchvision: Path) -> None:
    assert prepared_beside(torchvision.parent) == "False True True"


def test_the_torchvision_installed_here_imports() -> None:
    loads, declared, has_operator = prepared_beside(None).split()
    assert has_operator == "True"
    assert loads != declared  # exactly one of the two happens


def modules_after(program: str) -> set[str]:
    """The packages that a fresh interpreter has imported at the end of a program."""
    ask = program + "\nimport sys\nprint(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.splitlines()[-1].split())


def test_help_imports_nothing_large() -> None:
    program = "from tina.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert not modules_after(program) & {"torch", "numpy", "PIL", "open_clip", "diffusers", "gradio", "huggingface_hub"}


def test_a_tina_is_imported_without_what_only_encoding_or_sampling_needs() -> None:
    assert not modules_after("import tina.generator.tina") & {"open_clip", "timm", "torchvision", "diffusers", "scipy"}


def test_a_prompt_is_understood_without_torch() -> None:
    program = "from tina.prompts.parsing import parse\nassert parse('apple, snail').labels == ['apple', 'snail']"
    assert not modules_after(program) & {"torch", "open_clip", "tqdm"}
