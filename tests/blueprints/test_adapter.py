"""An adapter before an encoder's own vectors: what is generated is how to look, and never what a class is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blueprints.test_blueprints import same, stack_of
from tests.tiny import FRUIT
from tina.blueprints import Blueprint, Weights, get_blueprint
from tina.blueprints.slicing import slice_rows
from tina.encoder.encoder import Encoder
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import Schedule, train_many
from tina.worlds import World
from tina.worlds.task import Task, plain_task

WORDS = ["apple", "kite", "tractor", "a thing without a name"]


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    return get_blueprint("encoder-adapter:embedded")


@pytest.fixture(scope="module")
def pictures(blueprint: Blueprint) -> torch.Tensor:
    shape = (6, blueprint.size, blueprint.size, 3)
    return blueprint.prepare(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def asked(blueprint: Blueprint, vectors: torch.Tensor, *lead: int, seed: int = 0) -> Weights:
    """Random adapters for classes with these prompt vectors."""
    return stack_of(blueprint, vectors.shape[-2], *lead, seed=seed) | blueprint.given_rows(vectors)


def test_its_weights_are_a_small_residuals_for_any_number_of_classes(blueprint: Blueprint, encoder: Encoder) -> None:
    assert blueprint.width == encoder.dim
    assert blueprint.parameters(2) == blueprint.parameters(100) == 2 * 16 * encoder.dim + 16 + encoder.dim
    assert get_blueprint("encoder-adapter") is blueprint


@settings(max_examples=30, deadline=None)
@given(classes=st.integers(2, 100), lead=st.sampled_from([(), (1,), (3,), (2, 2)]), seed=st.integers(0, 2**31))
def test_with_the_prompts_vectors_there_and_back_is_exact(blueprint, classes, lead, seed) -> None:
    draw = torch.Generator().manual_seed(seed)
    vectors = F.normalize(torch.randn(*lead, classes, blueprint.width, generator=draw), dim=-1)
    weights = asked(blueprint, vectors, *lead, seed=seed)
    tokens = blueprint.to_tokens(weights)
    assert tokens.shared.shape == (*lead, blueprint.shared_tokens, blueprint.token_length)
    assert tokens.classes.shape == (*lead, classes, 0)  # no token tells what a class is
    assert same(blueprint.from_tokens(tokens, vectors), weights)


def test_without_a_residual_it_is_the_encoder(blueprint: Blueprint, encoder: Encoder, pictures: torch.Tensor) -> None:
    words = encoder.encode_texts(WORDS)
    weights = blueprint.top.init(4, torch.Generator().manual_seed(0)) | blueprint.given_rows(words)
    cosines = F.normalize(blueprint.look(pictures), dim=1) @ words.T
    expected = (encoder.model.logit_scale.exp() * cosines).softmax(1)
    torch.testing.assert_close(blueprint.forward(weights, pictures).softmax(1), expected, atol=1e-5, rtol=1e-4)


def test_it_moves_a_pictures_vector_and_scores_it_by_cosine(blueprint: Blueprint, encoder: Encoder, pictures) -> None:
    words = encoder.encode_texts(WORDS)
    w = asked(blueprint, words)
    x = blueprint.look(pictures)
    hidden = F.relu(F.linear(x, w["adapter.down.weight"], w["adapter.down.bias"]))
    moved = x + F.linear(hidden, w["adapter.up.weight"], w["adapter.up.bias"])
    expected = encoder.scale * F.cosine_similarity(moved[:, None], words[None], dim=2)
    torch.testing.assert_close(blueprint.forward(w, pictures), expected, atol=1e-3, rtol=1e-4)
    assert F.cosine_similarity(moved, x).max() < 0.99


@pytest.mark.parametrize("own", [False, True], ids=["same pictures", "own pictures"])
def test_many_are_as_one_by_one(blueprint: Blueprint, pictures: torch.Tensor, own: bool) -> None:
    vectors = F.normalize(torch.randn(2, 5, blueprint.width, generator=torch.Generator().manual_seed(1)), dim=-1)
    weights, x = asked(blueprint, vectors, 2), pictures.unflatten(0, (2, 3)) if own else pictures[:3]
    many = blueprint.forward_many(weights, x)
    seen = blueprint.look(x.flatten(0, -4)).unflatten(0, x.shape[:-3])
    torch.testing.assert_close(blueprint.top.forward_many(weights, seen), many, atol=1e-3, rtol=1e-4)
    for i in range(2):
        one, shown = {name: weight[i] for name, weight in weights.items()}, x[i] if own else x
        module = blueprint.module(one)
        torch.testing.assert_close(many[i], blueprint.forward(one, shown), atol=1e-3, rtol=1e-4)
        torch.testing.assert_close(many[i], module(shown), atol=1e-3, rtol=1e-4)
        assert {name: tuple(w.shape) for name, w in module[1:].state_dict().items()} == {
            name: tuple(w.shape) for name, w in one.items()
        }


def test_slices_have_the_vectors_of_their_labels_also_of_unseen_and_broad_ones(
    blueprint: Blueprint, encoder: Encoder
) -> None:
    tasks: list[Task] = [plain_task(["kite", "umbrella"]), {"fruit": FRUIT, "kite": ("kite",), "clock": ("clock",)}]
    names = ["kite", "clock", *FRUIT]
    generic = stack_of(blueprint, len(names))
    found = slice_rows(blueprint, generic, names, tasks)
    expected = encoder.scale * encoder.encode_texts(["kite", "umbrella", "fruit", "kite", "clock"])
    torch.testing.assert_close(torch.cat([found["head.weight"][0, :2], found["head.weight"][1]]), expected)
    assert not found["head.weight"][0, 2].any()
    assert not found["head.bias"].any()
    for name in blueprint.shapes:
        assert torch.equal(found[name], generic[name].expand_as(found[name]))


def test_training_moves_the_adapter_and_no_row(blueprint: Blueprint, world: World) -> None:
    top, bank = finetuning_data(blueprint, world, world.seen, "cpu")
    tasks = [plain_task(["kite", "apple", "clock"]), plain_task(["pear", "tractor"])]
    generic = top.init(len(world.seen), torch.Generator().manual_seed(0))
    start = slice_rows(top, generic, world.seen, tasks)
    trained = train_many(top, start, tasks, bank, Schedule(3, 8), seed=0)
    assert torch.equal(trained["head.weight"], start["head.weight"])
    assert not trained["head.bias"].any()
    assert all((trained[name] != start[name]).flatten(1).any(1).all() for name in blueprint.shapes)
