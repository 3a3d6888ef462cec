"""A classifier as an ONNX file."""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import torch
from torch import Tensor, nn

from tina.classifier.others import Others, WithLogOdds

OPSET = 20
MOST_FORMS = 64  # that stay in memory: tens of kilobytes each
_FORMS: dict[Hashable, Form | None] = {}
_EXPORTING = Lock()  # torch's exporter has global state, and refuses a second export at the same time


class WithLogits(nn.Module):
    """Probabilities, and beside them the logits that they are made of."""

    def __init__(self, module: nn.Module):
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits: Tensor = self.module(x)
        return logits.softmax(1), logits


def to_onnx(
    module: nn.Module, size: int, with_logits: bool = False, others: Others | None = None, kind: str = ""
) -> bytes:
    """Of a module from pictures to logits: prepared pictures (n x 3 x size x size, -1 to 1) in, probabilities (n x K)
    out, and the logits after them if wanted; or where there are others, the log odds against them (n x 1).

    Modules of one `kind` differ in numbers and their shapes alone: then files are filled in, and exported once.
    """
    network: nn.Module = nn.Sequential(module, nn.Softmax(dim=1))
    outputs = ["probabilities"]
    if others is not None:
        network, outputs = WithLogOdds(module, others), ["probabilities", "log_odds"]
    elif with_logits:
        network, outputs = WithLogits(module), ["probabilities", "logits"]
    network.eval()
    if not kind or others is not None:  # whose numbers are no tensors of the module
        return _export(network, size, outputs)
    shapes = tuple((name, tuple(tensor.shape)) for name, tensor in network.state_dict().items())
    return _filled((kind, size, *outputs, *shapes), network, size, outputs)


def _filled(key: Hashable, network: nn.Module, size: int, outputs: list[str]) -> bytes:
    """The file of a network: one of before, with this one's numbers; exported where that is not possible."""
    with _EXPORTING:
        known, form = key in _FORMS, _FORMS.get(key)
    if known:
        return form.fill(network) if form else _export(network, size, outputs)
    content = _export(network, size, outputs)
    form = _form(network, size, outputs)
    with _EXPORTING:
        _FORMS[key] = form if form and form.fill(network) == content else None
        if len(_FORMS) > MOST_FORMS:
            del _FORMS[next(iter(_FORMS))]
    return content


@dataclass(frozen=True)
class Form:
    """A file, and where in it the numbers of each tensor are."""

    content: bytes
    places: dict[str, int]

    def fill(self, network: nn.Module) -> bytes:
        """The same file with a network's numbers."""
        content, state = bytearray(self.content), network.state_dict()
        for name, at in self.places.items():
            numbers = _numbers(state[name])
            content[at : at + len(numbers)] = numbers
        return bytes(content)


def _form(network: nn.Module, size: int, outputs: list[str]) -> Form | None:
    """Found with random numbers, which stand nowhere else; None where the exporter made something of them."""
    drawn = copy.deepcopy(network)
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in drawn.state_dict().values():
            if tensor.dtype != torch.float32 or not tensor.numel():
                return None
            tensor.copy_(torch.rand(tensor.shape, generator=draw) + 0.5)  # some are divided by, or logarithms
    content = _export(drawn, size, outputs)
    numbers = {name: _numbers(tensor) for name, tensor in drawn.state_dict().items()}
    if any(content.count(one) != 1 for one in numbers.values()):
        return None
    return Form(content, {name: content.index(one) for name, one in numbers.items()})


def _numbers(tensor: Tensor) -> bytes:
    return tensor.detach().contiguous().cpu().numpy().astype("<f4").tobytes()


def _export(network: nn.Module, size: int, outputs: list[str]) -> bytes:
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
