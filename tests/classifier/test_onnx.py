"""A classifier as an ONNX file, also for several visitors at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from torch import nn

from tina.classifier.onnx import to_onnx


def test_several_threads_export_at_the_same_time() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 2))
    expected = to_onnx(module, 8)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: to_onnx(module, 8), range(12))) == [expected] * 12
