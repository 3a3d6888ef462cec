"""torchvision imports beside any torch, whether its compiled library loads or not; and who imports what."""

import importlib.util
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import torch

from tina import compat

LOADABLE = importlib.util.find_spec("_ctypes").origin  # any shared library the system can load will do
LIBRARY = f"_C{sysconfig.get_config_var('EXT_SUFFIX')}"


def test_a_library_that_loads_is_found_to_load(tmp_path: Path) -> None:
    (tmp_path / LIBRARY).write_bytes(Path(LOADABLE).read_bytes())
    assert compat.library_loads(tmp_path)


@pytest.mark.parametrize("content", [None, b"built for another machine"])
def test_a_library_that_is_missing_or_cannot_load_is_found_out(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / LIBRARY).write_bytes(content)
    assert not compat.library_loads(tmp_path)


def test_operators_are_declared_once_and_only_where_the_library_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = []

    class Library:
        def __init__(self, *which: str):
            declared.append(which)

        def define(self, schema: str) -> None:
            declared.append(schema.partition("(")[0])

    monkeypatch.setattr(compat, "_declared", None)
    monkeypatch.setattr(torch.library, "Library", Library)
    monkeypatch.setattr(compat, "library_loads", lambda: True)
    assert not compat.prepare()
    assert declared == []
    monkeypatch.setattr(compat, "library_loads", lambda: False)
    assert compat.prepare()
    assert compat.prepare()
    assert declared == [("torchvision", "DEF"), "nms", "qnms"]


def test_the_torchvision_installed_here_imports() -> None:
    ask = """
from tina import compat
declared = compat.prepare()
import torch, torchvision
print(compat.library_loads() != declared, hasattr(torch.ops.torchvision, "nms"))
"""
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=600)
    assert run.stdout.split() == ["True", "True"], run.stderr


def modules_after(program: str) -> set[str]:
    """The packages that a fresh interpreter has imported at the end of a program."""
    ask = program + "\nimport sys\nprint(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=600)
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
