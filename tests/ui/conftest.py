"""A Tina that has learnt nothing: enough for everything the page does but being right."""

from __future__ import annotations

import pytest

from tina.blueprints import get_blueprint
from tina.encoder.encoder import Encoder
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
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
    return LoadedCheckpoint(Tina("cnn-5k", "sketchbook", SEEN, "embedded", encoder.hash, network))


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
