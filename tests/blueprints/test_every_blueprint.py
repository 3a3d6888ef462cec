"""Every blueprint goes all the way: from a zoo to a trained Tina to a classifier in a file that needs neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tina import Classifier, Tina
from tina.blueprints import BLUEPRINTS, get_blueprint
from tina.blueprints.heads import EncoderHeads
from tina.classifier.webpage import as_model
from tina.encoder.encoder import Encoder
from tina.research import chunks  # noqa: F401 (registers the papers' layout)
from tina.training import train
from tina.training.zoo.build import main as build
from tina.training.zoo.store import Zoo
from tina.worlds import World

PICTURES = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)


@pytest.mark.parametrize(
    ("id", "layout"),
    [
        *((id, "sets") for id in [*BLUEPRINTS, "encoder-head:embedded", "encoder-adapter:embedded"]),
        ("tiny-20k", "chunks"),
        ("resnet20-head", "chunks"),
        ("encoder-adapter:embedded", "chunks"),
    ],
)
def test_from_a_zoo_to_a_classifier_in_a_file(
    id: str, layout: str, world: World, encoder: Encoder, tmp_path: Path
) -> None:
    few = ["--classifiers", "4", "--steps", "2", "--generic-steps", "2"]
    build(["--world", world.id, "--blueprint", id, "--out", str(tmp_path / "zoo"), *few])
    zoo = Zoo(tmp_path / "zoo")
    blueprint = get_blueprint(id)
    own = {*blueprint.shapes, "head.weight", "head.bias"}
    assert zoo.missing == []
    assert set(zoo.weights()) == own
    assert set(zoo.generic) == set(blueprint.whole.init(2, torch.Generator()))
    assert all(weight.isfinite().all() for weight in zoo.weights().values())

    small = ["--size", "tiny", "--batch", "4", "--tasks", "2", "--pictures", "8", "--steps", "2", "--layout", layout]
    train.main(["--zoo", str(zoo.folder), "--out", str(tmp_path / "trained"), *small])
    tina = Tina.from_pretrained(tmp_path / "trained")
    tina.encoder = encoder
    classifier = tina.generate("apple, kite, umbrella", steps=2)
    assert classifier.blueprint.id == id
    assert set(classifier.weights) == own
    assert all(weight.isfinite().all() for weight in classifier.weights.values())
    if blueprint.rows_by:
        said = encoder.scale * encoder.encode_prompt(classifier.prompt)
        torch.testing.assert_close(classifier.weights["head.weight"], said)
    if not isinstance(blueprint, EncoderHeads):
        assert set(as_model(classifier)["weights"]) == set(zoo.generic)

    again = Classifier.load(classifier.save(tmp_path / "mine.zip"))
    assert set(again.weights) == own
    assert again.predict(list(PICTURES)) == classifier.predict(list(PICTURES))
