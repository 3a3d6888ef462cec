"""A classifier as an ONNX file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch
from torch import Tensor, nn

from tina.classifier.others import Others, WithLogOdds

OPSET = 20
_EXPORTING = Lock()  # torch's exporter has global state, and refuses a second export at the same time


class WithLogits(nn.Module):
    """Probabilities, and beside them the logits that they are made of."""

    def __init__(self, module: nn.Module):
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits: Tensor = self.module(x)
        return logits.softmax(1), logits


def to_onnx(module: nn.Module, size: int, with_logits: bool = False, others: Others | None = None) -> bytes:
    """Of a module from pictures to logits: prepared pictures (n x 3 x size x size, -1 to 1) in, probabilities (n x K)
    out, and the logits after them if wanted; or where there are others, the log odds against them (n x 1)."""
    network: nn.Module = nn.Sequential(module, nn.Softmax(dim=1))
    outputs = ["probabilities"]
    if others is not None:
        network, outputs = WithLogOdds(module, others), ["probabilities", "log_odds"]
    elif with_logits:
        network, outputs = WithLogits(module), ["probabilities", "logits"]
    network.eval()
    file = io.BytesIO()
    with _EXPORTING, _plain_attention(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer exporter needs another package, and takes seconds
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, size, size),),
            file,  # type: ignore[arg-type]  # the older exporter takes open files
            input_names=["pictures"],
            output_names=outputs,
            dynamic_axes={name: {0: "n"} for name in ("pictures", *outputs)},
            opset_version=OPSET,
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
