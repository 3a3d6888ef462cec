"""A Tina that has learnt nothing: enough for everything the page does but being right."""

from __future__ import annotations

import pytest
import torch

from tina.blueprints import get_blueprint
from tina.encoder.encoder import Encoder
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.ui.state import Generation, SamplingOptions

SEEN = ["apple", "sailboat", "snail", "lighthouse", "penguin", "banana"]
LABELS = ["apple", "sailboat", "snail"]
STEPS = 3


@pytest.fixture(scope="session")
def checkpoint() -> LoadedCheckpoint:
    encoder, blueprint = Encoder(), get_blueprint("cnn-5k")
    network = {
        "shared": blueprint.shared_tokens,
        "shared_width": blueprint.token_length,
        "class_width": blueprint.width + 1,
        "prompt_width": encoder.dim,
        "width": 32,
        "depth": 1,
        "heads": 2,
    }
    tina, draw = Tina("cnn-5k", "sketchbook", SEEN, "embedded", encoder.hash, network), torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in tina.network.parameters():  # an untrained one ends in zeros
            parameter += 0.02 * torch.randn(parameter.shape, generator=draw)
        tina.closed_form.normaliser.shared_scale.fill_(0.1)
        tina.closed_form.normaliser.class_scale.fill_(0.1)
    return ZooCheckpoint(tina)


@pytest.fixture(scope="session")
def generation(checkpoint: LoadedCheckpoint) -> Generation:
    *_, last = checkpoint.generate(parse(", ".join(LABELS)), SamplingOptions(steps=STEPS))
    return last


@pytest.fixture(scope="session")
def checkpoint_folder(checkpoint: LoadedCheckpoint, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same Tina, saved."""
    folder = tmp_path_factory.mktemp("tina")
    checkpoint.tina.save_pretrained(folder)
    return str(folder)
