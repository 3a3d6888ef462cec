"""A web page holds a network of any layers: what they are, and every weight of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from tina.blueprints import ON_ENCODERS, get_blueprint
from tina.blueprints.layers import describe
from tina.classifier.classifier import Classifier
from tina.classifier.webpage import as_model, runs_in_a_page, to_webpage
from tina.errors import UserError
from tina.prompts.parsing import parse


@pytest.mark.parametrize(("id", "bytes"), [("tiny-5k", 150_000), ("tiny-20k", 2_000_000)])
def test_a_residual_network_is_small_too_and_says_how_it_is_built(id: str, bytes: int) -> None:
    blueprint = get_blueprint(id)
    weights = blueprint.init(20, torch.Generator().manual_seed(0))
    classifier = Classifier(blueprint, weights, parse("\n".join(f"class {i}" for i in range(20))))
    assert len(to_webpage(classifier).encode()) <= bytes
    model = as_model(classifier)
    assert model["layers"] == describe(blueprint.layers)
    assert set(model["weights"]) == set(weights)


@pytest.mark.parametrize("kind", ON_ENCODERS)
def test_what_stands_on_an_encoder_is_too_large_for_a_page(kind: str) -> None:
    blueprint = get_blueprint(f"{kind}:embedded")
    classifier = Classifier(blueprint, blueprint.init(2, torch.Generator().manual_seed(0)), parse("apple, snail"))
    assert not runs_in_a_page(blueprint)
    with pytest.raises(UserError, match=f"not {kind}:embedded: take the zip instead"):
        as_model(classifier)


def test_what_a_page_cannot_run_is_refused_by_its_name() -> None:
    blueprint = get_blueprint("tiny-5k")
    classifier = Classifier(blueprint, blueprint.init(2, torch.Generator().manual_seed(0)), parse("apple, snail"))
    classifier.blueprint = SimpleNamespace(id="resnet-20", whole=None)
    with pytest.raises(UserError, match="resnet-20"):
        as_model(classifier)
