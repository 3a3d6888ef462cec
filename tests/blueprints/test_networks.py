"""The networks written out by hand, and the same read from their list of layers: nothing else is in them."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.blueprints.test_blueprints import pictures, stack_of
from tina.blueprints import Weights, get_blueprint
from tina.blueprints.layers import describe


def cnn(w: Weights, x: Tensor) -> Tensor:
    x = F.relu(F.max_pool2d(F.conv2d(x, w["conv1.weight"], w["conv1.bias"], padding=1), 2))
    return F.relu(F.max_pool2d(F.conv2d(x, w["conv2.weight"], w["conv2.bias"], padding=1), 8))


def residual(w: Weights, x: Tensor) -> Tensor:
    def normed(name: str, x: Tensor, stride: int = 1) -> Tensor:
        y = F.conv2d(x, w[f"{name}.weight"], stride=stride, padding=1)
        return F.group_norm(y, y.shape[1] // 4, w[f"{name}.scale"], w[f"{name}.shift"])

    x = F.relu(normed("stem", x))
    for block in dict.fromkeys(name.partition(".")[0] for name in w if name.startswith("block")):
        shorter = w.get(f"{block}.short.conv.weight")
        stride = 1 if shorter is None else 2
        y = normed(f"{block}.long.conv2", F.relu(normed(f"{block}.long.conv1", x, stride)))
        x = F.relu(y + (x if shorter is None else F.conv2d(x, shorter, stride=2)))
    return x


BY_HAND = {"cnn-5k": cnn, "cnn-14k": cnn, "tiny-5k": residual, "tiny-20k": residual, "resnet20-head": residual}
networks = pytest.mark.parametrize("id", BY_HAND)


@networks
def test_a_network_is_what_its_description_says(id: str) -> None:
    blueprint, x = get_blueprint(id).whole, pictures(3)
    weights = stack_of(blueprint, 5)
    expected = F.linear(BY_HAND[id](weights, x).mean((2, 3)), weights["head.weight"], weights["head.bias"])
    torch.testing.assert_close(blueprint.forward(weights, x), expected, atol=1e-5, rtol=1e-5)


@networks
def test_in_half_precision_many_are_about_the_same_and_their_features_are_fp32(id: str) -> None:
    blueprint, x = get_blueprint(id).whole, pictures(3, 4)
    weights = stack_of(blueprint, 5, 3)
    found, expected = blueprint.features_many(weights, x.bfloat16()), blueprint.features_many(weights, x)
    assert found.dtype == torch.float32
    assert (found - expected).abs().max() < 0.05 * expected.abs().max()


@pytest.mark.parametrize("id", ["tiny-5k", "tiny-20k"])
def test_the_tiny_networks_are_their_weights_and_nothing_else(id: str) -> None:
    """No running statistics: a picture's answer does not depend on those beside it, and every number is generated."""
    blueprint, x = get_blueprint(id), pictures(4)
    weights = blueprint.init(3, torch.Generator().manual_seed(0))
    module = blueprint.module(weights)
    assert list(module.buffers()) == []
    torch.testing.assert_close(module.train()(x)[:1], module.eval()(x[:1]), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("id", ["tiny-5k", "tiny-20k"])
def test_norms_start_as_plain_norms(id: str) -> None:
    weights = get_blueprint(id).init(3, torch.Generator().manual_seed(0))
    scales = [name for name in weights if name.endswith(".scale")]
    assert len(scales) == 7
    assert all((weights[name] == 1).all() for name in scales)
    assert all((weights[name.replace("scale", "shift")] == 0).all() for name in scales)


def test_the_description_is_data() -> None:
    steps = describe(get_blueprint("tiny-20k").layers)
    assert [step["do"] for step in steps] == ["conv", "relu", "sum", "relu", "sum", "relu", "sum", "relu"]
    assert [[layer["do"] for layer in way] for way in steps[2]["ways"]] == [["conv", "relu", "conv"], []]
    assert steps[4]["ways"][1] == [
        {
            "do": "conv",
            "name": "block2.short.conv",
            "into": 8,
            "out": 16,
            "kernel": 1,
            "stride": 2,
            "bias": False,
            "groups": 0,
        }
    ]
