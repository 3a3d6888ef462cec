"""The same prompt, checkpoint and seed give the same weights, from one version of the code to the next."""

import pytest
from safetensors.torch import load_file

from .golden import cases

TOLERANCE = 1e-6  # of the largest weight of a classifier


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The weights that this version of the code writes."""
    folder = tmp_path_factory.mktemp("golden")
    cases.write(folder)
    return folder


@pytest.mark.parametrize("checkpoint", cases.CHECKPOINTS)
def test_weights_are_the_ones_that_were_written_before(checkpoint, folder):
    before = load_file(cases.FOLDER / f"{checkpoint}.safetensors")
    now = load_file(folder / f"{checkpoint}.safetensors")
    assert now.keys() == before.keys() == cases.CASES.keys()
    far = {name: float((now[name] - before[name]).abs().max() / before[name].abs().max()) for name in now}
    assert max(far.values()) <= TOLERANCE, far
    assert all(bool(weights.isfinite().all()) for weights in now.values())
