"""A Tina that has learnt nothing: enough for everything the page does but being right."""

from __future__ import annotations

import pytest

from tina.blueprints import get_blueprint
from tina.encoder.encoder import Encoder
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui.server.studio import Studio
from tina.ui.state import How, Run

SEEN = ["apple", "sailboat", "snail", "lighthouse", "penguin", "banana"]
LABELS = ["apple", "sailboat", "snail"]
STEPS = 3


@pytest.fixture(scope="session")
def studio() -> Studio:
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
    return Studio(Tina("cnn-5k", "sketchbook", SEEN, "embedded", encoder.hash, network))


@pytest.fixture(scope="session")
def run(studio: Studio) -> Run:
    *_, run = studio.run(parse(", ".join(LABELS)), How(steps=STEPS))
    return run
