"""torchvision imports beside any torch, whether its compiled library loads or not; and who imports what."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

LOADABLE = importlib.util.find_spec("_ctypes").origin  # any shared library the system can load will do
LIBRARY = f"_C{sysconfig.get_config_var('EXT_SUFFIX')}"
ASK = """
from tina import compat
declared = compat.prepare()
assert compat.prepare() == declared  # they are declared once
import torch, torchvision
print(compat.library_loads(), declared, hasattr(torch.ops.torchvision, "nms"))
"""


def prepared_beside(folder: Path | None) -> str:
    environment = os.environ | ({"PYTHONPATH": f"{folder}{os.pathsep}{Path.cwd()}"} if folder else {})
    run = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.fixture
def torchvision(tmp_path: Path) -> Path:
    """A stand-in for torchvision's package folder, without a compiled library yet."""
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("")
    return tmp_path / "torchvision"


def test_a_library_that_loads_is_left_alone(torchvision: Path) -> None:
    (torchvision / LIBRARY).write_bytes(Path(LOADABLE).read_bytes())
    assert prepared_beside(torchvision.parent) == "True False False"


def test_operators_are_declared_where_the_library_cannot_load(torchvision: Path) -> None:
    (torchvision / LIBRARY).write_bytes(b"built for another machine")
    assert prepared_beside(torchvision.parent) == "False True True"


def test_operators_are_declared_where_there_is_no_library(torchvision: Path) -> None:
    assert prepared_beside(torchvision.parent) == "False True True"


def test_the_torchvision_installed_here_imports() -> None:
    loads, declared, has_operator = prepared_beside(None).split()
    assert has_operator == "True"
    assert loads != declared  # exactly one of the two happens


@pytest.mark.slow
def test_starting_loads_nothing_for_later() -> None:
    """torch._dynamo takes a second to import, scipy.stats and transformers others. open_clip imports transformers where
    that is installed, and torchvision torch._dynamo; neither is imported before something is encoded."""
    ask = """
import sys, tina.ui.page
late = ("torch._dynamo", "torch._dynamo.utils", "scipy.stats", "transformers", "open_clip", "torchvision", "diffusers")
print(any(name in sys.modules for name in late))
from tina.encoder.encoder import Encoder
Encoder().encode_texts(["apple"])
print(any(name in sys.modules for name in ("scipy.stats", "diffusers")))
"""
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["False", "False"], run.stderr


@pytest.mark.slow
def test_what_is_for_later_is_there_when_it_is_wanted() -> None:
    ask = """
import sys, torch
from tina.encoder.encoder import Encoder
Encoder().encode_texts(["apple"])
from torchvision import models
from torchvision.ops import roi_align
with torch.compiler.set_stance("force_eager"):  # inductor cannot compile in a folder with a space in its path
    print(roi_align(torch.ones(1, 1, 4, 4), [torch.tensor([[0., 0., 2., 2.]])], 1).shape == (1, 1, 1, 1))
print(callable(models.resnet18))
from diffusers import DPMSolverMultistepScheduler
scheduler = DPMSolverMultistepScheduler(use_beta_sigmas=True)
scheduler.set_timesteps(4)
print(scheduler.timesteps.shape == (4,), "scipy.stats" in sys.modules)
print(torch.compile(lambda x: x + 1, backend="eager")(torch.zeros(1)).item(), "torch._dynamo" in sys.modules)
import timm
features = timm.create_model("resnet18", features_only=True, feature_cls="fx", out_indices=(1,))
print(features.feature_info.channels() == [64])
from importlib.metadata import packages_distributions
print("torch" in packages_distributions())
"""
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["True", "True", "True", "True", "1.0", "True", "True", "True"], run.stderr


def modules_after(program: str) -> set[str]:
    """The packages that a fresh interpreter has imported at the end of a program."""
    ask = program + "\nimport sys\nprint(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
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
