"""A classifier as an ONNX file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch
from torch import nn

_EXPORTING = Lock()  # torch's exporter has global state, and refuses a second export at the same time


def to_onnx(module: nn.Module, size: int) -> bytes:
    """Of a module from pictures to logits: prepared pictures (n x 3 x size x size, -1 to 1) in, probabilities (n x K)
    out."""
    network = nn.Sequential(module, nn.Softmax(dim=1)).eval()
    file = io.BytesIO()
    with _EXPORTING, _plain_attention(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer exporter needs another package, and takes seconds
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, size, size),),
            file,  # type: ignore[arg-type]  # the older exporter takes open files
            input_names=["pictures"],
            output_names=["probabilities"],
            dynamic_axes={"pictures": {0: "n"}, "probabilities": {0: "n"}},
            dynamo=False,
        )
    return file.getvalue()


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Attention in single operations: the one that torch has for it in inference is not known to the exporter."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
