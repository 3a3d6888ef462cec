"""A GPU for what takes a CPU seconds: one that is here, or one that is lent for the length of a call, as Hugging Face's
ZeroGPU does. Everything else stays on the CPU, which has finished before a GPU is given.

    steps = gpu.sample(tina, vectors, mask, seeds, from_pictures, steps=100)     # as `tina.steps`
    results = gpu.anywhere(worth, lambda: body(...), lambda: the_same_on_the_cpu(...))

Where GPUs are lent, the package `spaces` is installed. It is imported before anything that touches CUDA. A body that it
decorates runs in a fork of this process: that has no threads but its own, so a body takes no locks, computes in one
thread, and what it gives is on the CPU.
"""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_found = find_spec("spaces")
# First, and only where it is installed; a folder of that name is none
spaces = import_module("spaces") if _found and _found.origin else None

import gradio as gr  # noqa: E402
import torch  # noqa: E402
from gradio.context import LocalContext  # noqa: E402
from torch import Tensor  # noqa: E402

from tina.blueprints import Weights  # noqa: E402
from tina.generator.tina import SamplingStep, Tina  # noqa: E402

WORTH_SECONDS = 2.0  # of a CPU: to be given a GPU, and to start on it, takes about as long
STEP_SECONDS = 0.005  # of a CPU, for a step of sampling one classifier (python -m tina bench sketchbook-cnn)
START_SECONDS = 5  # of a GPU: CUDA's own beginning
TOLD = 1000  # visitors who are remembered to have been told
SPENT = "Your free GPU time for now is used up, so this is computed on the CPU: the same, only slower."
NONE_FREE = "No GPU is free, so this is computed on the CPU: the same, only slower."

_main = os.getpid()
_tinas: dict[str, Tina] = {}  # by hash: what a fork has from its parent
_copies: dict[str, Tina] = {}  # the same on the GPU
_told: OrderedDict[str, None] = OrderedDict()  # visitors


def sample(
    tina: Tina,
    vectors: Tensor,
    mask: Tensor,
    seeds: Sequence[int],
    from_pictures: Tensor,
    *,
    steps: int,
    estimates: bool = True,
) -> Iterator[SamplingStep]:
    """`tina.steps`, where it is faster."""
    _tinas[tina.hash] = tina
    seconds = STEP_SECONDS * steps * len(seeds)
    arguments = (vectors, mask, list(seeds), from_pictures)
    return anywhere(
        seconds > WORTH_SECONDS,
        lambda: _sample(duration(seconds), tina.hash, *arguments, steps, estimates),
        lambda: tina.steps(*arguments, steps=steps, estimates=estimates),
    )


def write(
    tina: Tina, vectors: Tensor, mask: Tensor, seeds: Sequence[int], from_pictures: Tensor, *, steps: int
) -> Weights:
    """`tina.write`, where it is faster."""
    if STEP_SECONDS * steps * len(seeds) <= WORTH_SECONDS:
        return tina.write(vectors, mask, list(seeds), from_pictures, steps=steps)
    *_, last = sample(tina, vectors, mask, seeds, from_pictures, steps=steps)
    return last.estimate


def anywhere(worth: bool, on_gpu: Callable[[], Iterator], on_cpu: Callable[[], Iterator]) -> Iterator:
    """The results of a body on a GPU, where one is to be had and worth it. If it is refused, or fails on the way, the
    visitor is told, and the CPU computes the same from the beginning; what was given already is not given twice."""
    given = 0
    if worth and torch.cuda.is_available():
        try:
            with closing(on_gpu()) as results:
                for result in results:
                    yield result
                    given += 1
            return
        except gr.Error as error:  # what lends GPUs says so in this way
            _tell(SPENT if "quota" in f"{error.title} {error.message}".lower() else NONE_FREE)
    with closing(on_cpu()) as results:
        for number, result in enumerate(results):
            if number >= given:
                yield result


def lent(body: Callable) -> Callable:
    """A generator function that runs on the GPU that is lent, for as many seconds as its first argument says."""
    return spaces.GPU(duration=_asked)(body) if spaces else body


def duration(seconds: float) -> int:
    """What to ask for; the shorter that is, the sooner it is given."""
    return START_SECONDS + math.ceil(seconds)


def device() -> torch.device:
    """Of a body. In a fork it computes in one thread: the others are not there."""
    if os.getpid() != _main:
        torch.set_num_threads(1)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def on_cpu(content: Any) -> Any:
    """Tensors in dicts and tuples, on the CPU and free of gradients."""
    if isinstance(content, dict):
        return {name: on_cpu(part) for name, part in content.items()}
    if isinstance(content, tuple):
        return tuple(map(on_cpu, content))
    return content.detach().cpu()


def _asked(seconds: int, *_: Any) -> int:
    return seconds


@lent
def _sample(
    seconds: int,
    name: str,
    vectors: Tensor,
    mask: Tensor,
    seeds: list[int],
    from_pictures: Tensor,
    steps: int,
    estimates: bool,
) -> Iterator[SamplingStep]:
    for step in _here(name, device()).steps(vectors, mask, seeds, from_pictures, steps=steps, estimates=estimates):
        yield SamplingStep(step.number, step.t, *map(on_cpu, (step.estimate, step.current, step.difference)))


def _here(name: str, where: torch.device) -> Tina:
    """A Tina where the body computes; its names are not encoded anew. A fork moves what it has from its parent: whoever
    builds another one draws random numbers, and a thread that is not there may hold the lock of these."""
    tina = _tinas[name]
    if os.getpid() != _main:
        tina.name_vectors = tina.name_vectors.to(where)
        return tina.to(where)
    if name not in _copies:
        copy = type(tina)(**tina.config())
        copy.load(tina.state_dict())
        copy.name_vectors = tina.name_vectors.to(where)
        _copies[name] = copy.to(where)
    return _copies[name]


def _tell(sentence: str) -> None:
    """To the visitor for whom this is computed, once."""
    visitor = getattr(LocalContext.request.get(None), "session_hash", None)
    if visitor is not None and visitor not in _told:
        _told[visitor] = None
        while len(_told) > TOLD:
            _told.popitem(last=False)
        gr.Info(sentence)
