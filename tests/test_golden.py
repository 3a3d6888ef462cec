"""The same prompt, checkpoint and seed give the same weights, from one version of the code to the next."""

import pytest
import torch
from safetensors.torch import load_file

from tina import Tina

from .golden import cases

TOLERANCE = 1e-5  # of the largest weight of a classifier: other processors and thread counts round otherwise


@pytest.mark.parametrize("checkpoint", cases.CHECKPOINTS)
def test_weights_are_the_ones_that_were_written_before(checkpoint):
    before = load_file(cases.FOLDER / f"{checkpoint}.safetensors")
    now = dict(cases.written(Tina.from_pretrained(checkpoint)))
    assert now.keys() == before.keys() == cases.CASES.keys()
    far = {name: float((now[name] - before[name]).abs().max() / before[name].abs().max()) for name in now}
    assert max(far.values()) <= TOLERANCE, far
    assert all(bool(torch.isfinite(weights).all()) for weights in now.values())
