"""Every blueprint: weights to tokens and back without a loss, many classifiers as one by one. And their sizes."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tina.blueprints import BLUEPRINTS, Blueprint, Tokens, Weights, get_blueprint
from tina.blueprints.slicing import pad_rows
from tina.errors import UserError

EXTREMES = (0.0, -0.0, 65504.0, -65504.0, 2.0**-24, -(2.0**-24), 2.0**-14, 1.0 + 2.0**-10)  # the edges of float16


def standing(id: str) -> Blueprint:
    """On a backbone of random numbers, where it wants one."""
    whole = get_blueprint(id).whole
    return get_blueprint(id).on(whole.module(whole.init(2, torch.Generator().manual_seed(0))))


every = pytest.mark.parametrize("blueprint", [standing(id) for id in BLUEPRINTS], ids=list(BLUEPRINTS))


def stack_of(blueprint: Blueprint, classes: int, *lead: int, seed: int = 0) -> Weights:
    """Random weights, biases too."""
    generator = torch.Generator().manual_seed(seed)
    one = blueprint.init(classes, generator)
    return {name: 0.3 * torch.randn(*lead, *w.shape, generator=generator) for name, w in one.items()}


def pictures(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, 3, 32, 32, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def same(a: Weights, b: Weights) -> bool:
    """Bit for bit: a zero keeps its sign."""
    return a.keys() == b.keys() and all(
        a[name].dtype == b[name].dtype
        and torch.equal(a[name], b[name])
        and torch.equal(a[name].signbit(), b[name].signbit())
        for name in a
    )


@settings(max_examples=40, deadline=None)
@given(
    id=st.sampled_from(list(BLUEPRINTS)),
    classes=st.integers(2, 100),
    lead=st.sampled_from([(), (1,), (3,), (2, 2)]),
    dtype=st.sampled_from([torch.float32, torch.float16, torch.bfloat16]),
    extremes=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_there_and_back_is_exact(id, classes, lead, dtype, extremes, seed) -> None:
    blueprint = get_blueprint(id)
    weights = stack_of(blueprint, classes, *lead, seed=seed)
    if extremes:
        generator = torch.Generator().manual_seed(seed)
        choice = torch.tensor(EXTREMES)
        weights = {n: choice[torch.randint(len(choice), w.shape, generator=generator)] for n, w in weights.items()}
    weights = {name: weight.to(dtype) for name, weight in weights.items()}
    tokens = blueprint.to_tokens(weights)
    assert tokens.shared.shape == (*lead, blueprint.shared_tokens, blueprint.token_length)
    assert tokens.classes.shape == (*lead, classes, blueprint.width + 1)
    assert tokens.shared.isfinite().all()
    assert same(blueprint.from_tokens(tokens), weights)


@every
def test_a_stack_has_the_tokens_of_its_classifiers(blueprint: Blueprint) -> None:
    weights = stack_of(blueprint, 4, 3)
    tokens = blueprint.to_tokens(weights)
    for i in range(3):
        one = blueprint.to_tokens({name: weight[i] for name, weight in weights.items()})
        assert torch.equal(one.shared, tokens.shared[i])
        assert torch.equal(one.classes, tokens.classes[i])


@every
def test_permuting_classes_permutes_their_tokens_and_nothing_else(blueprint: Blueprint) -> None:
    weights = stack_of(blueprint, 7)
    order = torch.randperm(7, generator=torch.Generator().manual_seed(1))
    moved = weights | {name: weights[name][order] for name in ("head.weight", "head.bias")}
    before, after = blueprint.to_tokens(weights), blueprint.to_tokens(moved)
    assert torch.equal(after.classes, before.classes[order])
    assert torch.equal(after.shared, before.shared)


@every
def test_the_padding_is_known_and_says_nothing(blueprint: Blueprint) -> None:
    weights, mask = stack_of(blueprint, 5), blueprint.shared_mask
    tokens = blueprint.to_tokens(weights)
    assert mask.sum() == blueprint.parameters(0)
    assert (tokens.shared[~mask] == 0).all()
    assert (tokens.shared[mask] != 0).all()
    filled = Tokens(tokens.shared.masked_fill(~mask, 9.0), tokens.classes)
    assert same(blueprint.from_tokens(filled), weights)


@every
def test_a_shared_token_holds_what_its_name_says(blueprint: Blueprint) -> None:
    assert len(blueprint.token_names) == blueprint.shared_tokens == len(set(blueprint.token_names))
    weights = stack_of(blueprint, 2)
    for name in blueprint.token_names:
        layer, _, channels = re.fullmatch(r"(.*) (channels?) (.*)", name).groups()
        first, _, last = channels.partition("-")
        changed = {n: w.clone() for n, w in weights.items()}
        for part in (n for n in changed if n.rpartition(".")[0] == layer):
            changed[part][int(first) : int(last or first) + 1] += 1
        differ = (blueprint.to_tokens(changed).shared != blueprint.to_tokens(weights).shared).any(1)
        assert [blueprint.token_names[i] for i in differ.nonzero()[:, 0]] == [name]


class Drawn(Blueprint):
    """Some layout of weights, to try the tokens of; it never sees a picture."""

    features_many = module = NotImplemented


@settings(max_examples=60, deadline=None)
@given(
    layers=st.lists(st.tuples(st.integers(1, 9), st.lists(st.integers(1, 12), min_size=1, max_size=3)), max_size=4),
    lead=st.sampled_from([(), (2,), (0,)]),
)
def test_any_layout_goes_there_and_back(layers, lead) -> None:
    shapes = {f"{i}.{j}": (rows, n) for i, (rows, sizes) in enumerate(layers) for j, n in enumerate(sizes)}
    blueprint = Drawn("drawn", 4, shapes)
    weights = stack_of(blueprint, 3, *lead)
    tokens = blueprint.to_tokens(weights)
    assert tokens.shared.shape == (*lead, *blueprint.shared_mask.shape)
    assert blueprint.shared_mask.shape == (len(blueprint.token_names), blueprint.token_length)
    assert blueprint.shared_mask.sum() == blueprint.parameters(0)
    assert blueprint.shared_mask.any(1).all()  # no token of nothing but padding
    assert same(blueprint.from_tokens(tokens), weights)


@pytest.mark.parametrize(
    ("id", "shared", "width", "tokens"),
    [
        ("cnn-5k", 5_088, 32, (18, 290)),
        ("cnn-14k", 13_940, 52, (28, 506)),
        ("tiny-5k", 4_996, 16, (20, 304)),
        ("tiny-20k", 19_528, 32, (35, 592)),
        ("resnet20-head", 0, 64, (0, 0)),
    ],
)
def test_the_sizes(id: str, shared: int, width: int, tokens: tuple[int, int]) -> None:
    blueprint = get_blueprint(id)
    assert (blueprint.parameters(0), blueprint.width) == (shared, width)
    assert blueprint.parameters(10) == shared + 10 * (width + 1)
    assert blueprint.shared_mask.shape == tokens


def test_tokens_grow_a_little_where_that_makes_them_fewer() -> None:
    """Eight rows of 74 are one token of 592, and would be two of 580."""
    assert "block1.long.conv1 channels 0-7" in get_blueprint("tiny-20k").token_names
    assert get_blueprint("cnn-5k").token_names[:3] == [
        "conv1 channels 0-9",
        "conv1 channels 10-15",
        "conv2 channels 0-1",
    ]


@every
def test_a_start_is_repeatable_and_keeps_signals_alive(blueprint: Blueprint) -> None:
    weights = blueprint.init(10, torch.Generator().manual_seed(3))
    assert sum(weight.numel() for weight in weights.values()) == blueprint.parameters(10)
    assert {name: tuple(weights[name].shape) for name in blueprint.shapes} == blueprint.shapes
    assert same(weights, blueprint.init(10, torch.Generator().manual_seed(3)))
    assert not same(weights, blueprint.init(10, torch.Generator().manual_seed(4)))
    assert 0.01 < blueprint.forward(weights, pictures(8)).std() < 10


@every
@pytest.mark.parametrize("own", [False, True], ids=["same pictures", "own pictures"])
def test_many_are_as_one_by_one(blueprint: Blueprint, own: bool) -> None:
    weights = stack_of(blueprint, 5, 3)
    x = pictures(3, 4) if own else pictures(4)
    many, features = blueprint.forward_many(weights, x), blueprint.features_many(weights, x)
    assert many.shape == (3, 4, 5)
    assert features.shape == (3, 4, blueprint.width)
    for i in range(3):
        one, seen = {name: weight[i] for name, weight in weights.items()}, x[i] if own else x
        torch.testing.assert_close(many[i], blueprint.forward(one, seen), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(many[i], blueprint.module(one)(seen), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(features[i], blueprint.features(one, seen), atol=1e-5, rtol=1e-5)


@every
@pytest.mark.parametrize("own", [False, True], ids=["same pictures", "own pictures"])
def test_gradients_reach_every_classifiers_tokens_and_only_its_own(blueprint: Blueprint, own: bool) -> None:
    found = blueprint.to_tokens(stack_of(blueprint, 3, 2))
    tokens = Tokens(found.shared.requires_grad_(), found.classes.requires_grad_())
    x = pictures(2, 4) if own else pictures(4)
    loss = blueprint.forward_many(blueprint.from_tokens(tokens), x)[0].square().sum()
    shared, classes = torch.autograd.grad(loss, (tokens.shared, tokens.classes), materialize_grads=True)
    assert shared[0].count_nonzero() >= 0.5 * blueprint.parameters(0)
    assert (shared[0][~blueprint.shared_mask] == 0).all()
    assert classes[0].count_nonzero() > 0
    assert (shared[1] == 0).all()
    assert (classes[1] == 0).all()


@every
def test_a_module_gives_the_same_logits_and_keeps_its_own_copy(blueprint: Blueprint) -> None:
    weights, x = stack_of(blueprint, 6), pictures(4)
    module = blueprint.module(weights)
    assert not module.training
    assert same(dict(module.state_dict()), blueprint.complete(weights))
    logits = blueprint.forward(weights, x)
    for weight in weights.values():
        weight.zero_()
    torch.testing.assert_close(module(x), logits, atol=1e-5, rtol=1e-5)


@every
def test_pictures_are_prepared(blueprint: Blueprint) -> None:
    array = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    array[0, 0, 1] = (0, 255, 51)
    array.setflags(write=False)
    x = blueprint.prepare(array)
    assert x.shape == (2, 3, 32, 32)
    assert x.dtype == torch.float32
    assert x[0, :, 0, 1].tolist() == pytest.approx([-1, 1, -0.6])
    assert blueprint.prepare(array[:0]).shape == (0, 3, 32, 32)


@every
@pytest.mark.parametrize("wrong", [np.zeros((2, 32, 32, 3)), np.zeros((2, 64, 32, 3), np.uint8)], ids=["dtype", "size"])
def test_other_pictures_are_refused(blueprint: Blueprint, wrong: np.ndarray) -> None:
    with pytest.raises(UserError, match="uint8, n x 32 x 32 x 3"):
        blueprint.prepare(wrong)


def test_an_unknown_blueprint_is_one_sentence() -> None:
    known = f"{', '.join(BLUEPRINTS)}, encoder-head:ENCODER, encoder-adapter:ENCODER, tower-rows:TOWER"
    with pytest.raises(UserError, match=f"no blueprint 'cnn-6k': it is one of {known}\\."):
        get_blueprint("cnn-6k")


def test_the_table_goes_by_the_blueprints_own_ids() -> None:
    assert all(blueprint.id == id for id, blueprint in BLUEPRINTS.items())


@pytest.mark.parametrize("rest", [(), (3,), (3, 2)])
def test_rows_are_padded_with_zeros(rest: tuple[int, ...]) -> None:
    rows = torch.randn(2, 4, *rest, generator=torch.Generator().manual_seed(0))
    padded = pad_rows(rows, 6)
    assert padded.shape == (2, 6, *rest)
    assert torch.equal(padded[:, :4], rows)
    assert not padded[:, 4:].any()
    assert torch.equal(pad_rows(rows, 4), rows)
