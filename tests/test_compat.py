"""torchvision imports beside any torch: where its compiled library loads, and where it does not."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

LOADABLE = importlib.util.find_spec("_ctypes").origin  # any shared library the system can load will do
ASK = """
from tina import compat
declared = compat.prepare()
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


def test_starting_loads_nothing_for_later_and_it_is_there_when_it_is_wanted() -> None:
    """torch._dynamo takes a second to import, scipy.stats and transformers others; diffusers, torchvision and open_clip
    would load them at every start."""
    ask = """
import sys, torch, tina.ui.page
from tina.encoder import Encoder
Encoder().encode_texts(["apple"])
print(any(name in sys.modules for name in ("torch._dynamo", "torch._dynamo.utils", "scipy.stats", "transformers")))
from torchvision.ops import roi_align
print(roi_align(torch.ones(1, 1, 4, 4), [torch.tensor([[0., 0., 2., 2.]])], 1).shape == (1, 1, 1, 1))
from diffusers import DPMSolverMultistepScheduler
scheduler = DPMSolverMultistepScheduler(use_beta_sigmas=True)
scheduler.set_timesteps(4)
print(scheduler.timesteps.shape == (4,), "scipy.stats" in sys.modules)
print(torch.compile(lambda x: x + 1, backend="eager")(torch.zeros(1)).item(), "torch._dynamo" in sys.modules)
from importlib.metadata import packages_distributions
print("torch" in packages_distributions())
"""
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["False", "True", "True", "True", "1.0", "True", "True"], run.stderr


def test_torchvisions_models_are_there_after_open_clip_came_without_them() -> None:
    ask = """
import sys
from tina.encoder import Encoder
Encoder()
print(any(name.startswith("torchvision.models") for name in sys.modules))
import timm
features = timm.create_model("resnet18", features_only=True, feature_cls="fx", out_indices=(1,))
from torchvision import models
print(features.feature_info.channels() == [64], callable(models.resnet18))
"""
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["False", "True", "True"], run.stderr


def test_open_clips_towers_from_transformers_are_there_for_who_needs_them() -> None:
    """Also after the embedded encoder was loaded without them, which goes on as it was."""
    ask = """
import sys
from tina import compat
from tina.encoder import Encoder
encoder = Encoder()
before = encoder.encode_texts(["apple"])
print(compat.open_clip(with_transformers=True).hf_model.transformers is sys.modules["transformers"])
print(compat.open_clip(with_transformers=False) is compat.open_clip(with_transformers=True))
print(bool((encoder.encode_texts(["apple"]) == before).all()), Encoder().hash == encoder.hash)
"""
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["True"] * 4, run.stderr


def test_where_transformers_is_not_installed_there_is_but_one_open_clip() -> None:
    ask = """
import sys
sys.modules["transformers"] = None  # as if it were not there
from tina import compat
print(compat.open_clip(with_transformers=True) is compat.open_clip(with_transformers=False))
print(compat.open_clip(with_transformers=True) is compat.open_clip(with_transformers=True))
"""
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["True"] * 2, run.stderr
