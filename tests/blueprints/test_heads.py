"""Rows on a frozen backbone: what the whole network says, whichever way one comes to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.blueprints.test_blueprints import pictures, stack_of
from tests.encoder.test_encoder import folder  # noqa: F401 (a fixture)
from tina.blueprints import get_blueprint
from tina.blueprints.layers import Sum
from tina.encoder.encoder import Encoder

UNPLACED = get_blueprint("resnet20-head")
HEAD = ("head.weight", "head.bias")


def generic(seed: int = 0) -> tuple[dict, torch.nn.Module]:
    weights = UNPLACED.whole.init(4, torch.Generator().manual_seed(seed))
    return weights, UNPLACED.whole.module(weights)


def test_resnet_20_has_twenty_layers() -> None:
    blocks = [layer for layer in UNPLACED.whole.layers.values() if isinstance(layer, Sum)]
    assert 1 + 2 * len(blocks) + 1 == 20
    assert UNPLACED.whole.width == 64


def test_rows_on_the_backbone_are_the_whole_network() -> None:
    weights, module = generic()
    x, rows = pictures(3), {name: weights[name] for name in HEAD}
    blueprint = UNPLACED.on(module)
    torch.testing.assert_close(blueprint.forward(rows, x), UNPLACED.whole.forward(weights, x), atol=1e-5, rtol=1e-5)
    assert blueprint.complete(rows).keys() == weights.keys()
    assert all(torch.equal(weight, weights[name]) for name, weight in blueprint.complete(rows).items())


def test_rows_on_features_say_what_rows_on_pictures_say() -> None:
    blueprint, x, stack = UNPLACED.on(generic()[1]), pictures(2, 3), stack_of(UNPLACED, 5, 2)
    seen = blueprint.look(x.flatten(0, 1)).unflatten(0, (2, 3))
    torch.testing.assert_close(blueprint.top.forward_many(stack, seen), blueprint.forward_many(stack, x))
    torch.testing.assert_close(blueprint.top.forward_many(stack, seen[0]), blueprint.forward_many(stack, x[0]))


def test_the_backbone_follows_its_generic_network_and_is_never_trained() -> None:
    module, others = generic()[1], generic(seed=1)[0]
    blueprint, x = UNPLACED.on(module), pictures(3)
    rows = {name: others[name].clone().requires_grad_() for name in HEAD}
    module.load_state_dict(others)
    found = blueprint.forward(rows, x)
    torch.testing.assert_close(found, UNPLACED.whole.forward(others, x), atol=1e-5, rtol=1e-5)
    found.sum().backward()
    assert rows["head.weight"].grad.any()
    assert all(parameter.grad is None for parameter in module.parameters())


@pytest.mark.parametrize("id", ["embedded", "local-dir:FOLDER"])
def test_an_encoders_rows_look_at_the_vectors_that_it_gives(id: str, encoder: Encoder, folder: Path) -> None:  # noqa: F811
    id = id.replace("FOLDER", str(folder))
    encoder = encoder if id == encoder.id else Encoder(id, device="cpu")
    blueprint = get_blueprint(f"encoder-head:{id}")
    assert blueprint.width == encoder.dim
    shown = np.random.default_rng(0).integers(0, 256, (3, blueprint.size, blueprint.size, 3), np.uint8)
    x, weights = blueprint.prepare(shown), stack_of(blueprint, 5)
    found = blueprint.look(x)
    torch.testing.assert_close(found.square().mean(1), torch.ones(3))
    assert F.cosine_similarity(found, encoder.encode_images(shown)).min() > 0.9999
    torch.testing.assert_close(blueprint.module(weights)(x), blueprint.forward(weights, x))
