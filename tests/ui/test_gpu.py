"""What is computed on a GPU, and what becomes of it where none is given. Forks are in tests/outside/test_space.py."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import gradio as gr
import pytest
import torch
from gradio.context import LocalContext

from tina.compat import usual_device
from tina.prompts.parsing import parse
from tina.ui.server import background, gpu
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import SamplingOptions


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A GPU is there, as far as one can see, and one visitor, who has heard this."""
    said: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(gr, "Info", said.append)
    monkeypatch.setattr(gpu, "_told", type(gpu._told)())
    token = LocalContext.request.set(SimpleNamespace(session_hash="one"))
    yield said
    LocalContext.request.reset(token)


def refused(title: str, after: int = 0) -> Iterator[int]:
    yield from range(after)
    raise gr.Error("no", title=title, print_exception=False)


def test_what_is_not_worth_it_stays_here(said: list[str]) -> None:
    assert list(gpu.anywhere(False, lambda: refused("ZeroGPU"), lambda: iter_of(3))) == [0, 1, 2]
    assert list(gpu.anywhere(True, lambda: iter_of(2), lambda: refused("never asked"))) == [0, 1]
    assert not said


@pytest.mark.parametrize("after", [0, 2])
def test_who_is_refused_is_served_by_the_cpu_and_told_once(said: list[str], after: int) -> None:
    for _ in range(2):
        on_gpu = gpu.anywhere(True, lambda: refused("ZeroGPU quota exceeded", after), lambda: iter_of(4))
        assert list(on_gpu) == [0, 1, 2, 3]  # nothing twice
    assert said == [gpu.SPENT]


def test_where_none_is_free_that_is_said(said: list[str]) -> None:
    assert list(gpu.anywhere(True, lambda: refused("ZeroGPU queue timeout"), lambda: iter_of(1))) == [0]
    assert said == [gpu.NONE_FREE]


def test_a_mistake_of_ours_is_no_refusal(said: list[str]) -> None:
    def wrong() -> Iterator[int]:
        yield 1 // 0

    with pytest.raises(ZeroDivisionError):
        list(gpu.anywhere(True, wrong, lambda: iter_of(1)))


def test_a_body_gives_the_same_classifier(checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt, options = parse("apple, sailboat, something else"), SamplingOptions(steps=3)
    *_, here = checkpoint.generate(prompt, options)
    threads, asked = torch.get_num_threads(), []
    body = gpu._sample
    monkeypatch.setattr(gpu, "_sample", lambda *arguments: asked.append(arguments[0]) or body(*arguments))
    monkeypatch.setattr(gpu, "WORTH_SECONDS", -1)
    monkeypatch.setattr(gpu, "device", lambda: torch.device("cpu"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    *_, there = checkpoint.generate(prompt, options)
    two = checkpoint.write_seeds(prompt, [0, 1], options)
    assert asked == [gpu.duration(gpu.STEP_SECONDS * 3), gpu.duration(gpu.STEP_SECONDS * 6)]
    for name, weight in here.steps[-1].weights.items():
        assert torch.allclose(weight, there.steps[-1].weights[name], atol=1e-6)
        assert torch.allclose(weight, two[0][name], atol=1e-5)
    assert len(here.steps) == len(there.steps) == 4
    assert torch.get_num_threads() == threads  # only a fork has one


def test_one_generation_is_not_worth_a_gpu_and_a_long_training_is() -> None:
    assert gpu.STEP_SECONDS * 20 < gpu.WORTH_SECONDS < gpu.STEP_SECONDS * 100 * 6
    assert background.WORTH_STEPS <= 2000
    assert gpu.duration(2000 / background.GPU_STEPS) < 60  # what is given without asking


def test_outside_of_a_call_a_lent_gpu_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert usual_device() == "cuda"
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert usual_device() == "cpu"


def iter_of(count: int) -> Iterator[int]:
    yield from range(count)
