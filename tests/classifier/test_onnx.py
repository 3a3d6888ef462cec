"""A classifier as an ONNX file, also for several visitors at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from tina.blueprints import BLUEPRINTS
from tina.blueprints.network import Network
from tina.classifier import onnx
from tina.classifier.onnx import to_onnx


def test_several_threads_export_at_the_same_time() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 2))
    expected = to_onnx(module, 8)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: to_onnx(module, 8), range(12))) == [expected] * 12


@pytest.mark.parametrize("name", [name for name, one in BLUEPRINTS.items() if isinstance(one, Network)])
@pytest.mark.parametrize("with_logits", [False, True])
def test_a_file_that_is_filled_in_is_the_one_that_is_exported(
    name: str, with_logits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of another number of classes, which has a form of its own."""
    monkeypatch.setattr(onnx, "_FORMS", {})
    blueprint = BLUEPRINTS[name]
    for seed, ways in enumerate((3, 3, 4, 3)):
        module = blueprint.module(blueprint.init(ways, torch.Generator().manual_seed(seed)))
        filled = to_onnx(module, blueprint.size, with_logits, kind=name)
        assert filled == to_onnx(module, blueprint.size, with_logits)
    assert len(onnx._FORMS) == 2


def test_a_module_whose_numbers_are_not_in_its_file_is_exported_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3 * 8 * 8, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1) @ (self.linear.weight.T * 2)

    monkeypatch.setattr(onnx, "_FORMS", {})
    for _ in range(3):
        module = Doubled()
        assert to_onnx(module, 8, kind="doubled") == to_onnx(module, 8)
