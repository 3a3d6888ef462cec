"""A residual network goes all the way: from a zoo to a trained Tina to a classifier in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tina import Classifier, Tina, train
from tina.encoder import Encoder
from tina.webpage import as_model
from tina.worlds import World
from tina.zoo.build import main as build
from tina.zoo.store import Zoo


@pytest.mark.parametrize("id", ["tiny-5k", "tiny-20k"])
def test_from_a_zoo_to_a_classifier_in_a_file(id: str, world: World, encoder: Encoder, tmp_path: Path) -> None:
    few = ["--classifiers", "4", "--steps", "2", "--generic-steps", "2"]
    build(["--world", world.id, "--blueprint", id, "--out", str(tmp_path / "zoo"), *few])
    zoo = Zoo(tmp_path / "zoo")
    assert zoo.missing == []
    assert zoo.weights()["stem.scale"].isfinite().all()

    small = ["--size", "tiny", "--batch", "4", "--tasks", "2", "--pictures", "8", "--steps", "2"]
    train.main(["--zoo", str(zoo.folder), "--out", str(tmp_path / "trained"), *small])
    tina = Tina.from_pretrained(tmp_path / "trained")
    tina.encoder = encoder
    classifier = tina.generate("apple, kite, umbrella", steps=2)
    assert classifier.blueprint.id == id
    assert set(as_model(classifier)["weights"]) == set(zoo.generic)

    pictures = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    again = Classifier.load(classifier.save(tmp_path / "mine.zip"))
    assert again.predict(list(pictures)) == classifier.predict(list(pictures))
