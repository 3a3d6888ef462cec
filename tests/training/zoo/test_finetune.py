"""Many classifiers are trained at once, and none of them notices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.tiny import FRUIT
from tina.blueprints import Weights, get_blueprint
from tina.blueprints.slicing import slice_rows
from tina.training.schedule import TrainSchedule
from tina.training.zoo.bank import Bank
from tina.training.zoo.finetune import correct_many, finetune_schedule, losses_many, train_many
from tina.worlds import World
from tina.worlds.task import Task, plain_task

BLUEPRINT = get_blueprint("cnn-5k")
TASKS: list[Task] = [
    plain_task(["kite", "clock"]),
    {"tractor": ("tractor",), "fruit": FRUIT, "clock": ("clock",)},
    plain_task(["pear", "grapes", "bicycle", "apple", "kite"]),
]
HEAD = ("head.weight", "head.bias")


@pytest.fixture(autouse=True)
def in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tina.training.zoo.finetune.compute_dtype", lambda device: torch.float32)


@pytest.fixture(scope="module")
def generic(world: World) -> Weights:
    """Nothing learnt, and no number zero."""
    draw = torch.Generator().manual_seed(0)
    weights = BLUEPRINT.init(len(world.seen), draw)
    return {name: weight + 0.05 * torch.randn(weight.shape, generator=draw) for name, weight in weights.items()}


@pytest.fixture(scope="module")
def start(world: World, generic: Weights) -> Weights:
    return slice_rows(BLUEPRINT, generic, world.seen, TASKS)


@pytest.fixture(scope="module")
def batch(bank: Bank) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures, labels and mask for TASKS."""
    targets = bank.targets(TASKS)
    return *bank.draw(targets, 24, torch.Generator().manual_seed(0)), targets.mask


def one_of(stack: Weights, i: int, ways: int) -> Weights:
    """A stack of one, without the padding."""
    return {name: weight[i : i + 1, :ways] if name in HEAD else weight[i : i + 1] for name, weight in stack.items()}


def gradients(weights: Weights, pictures: Tensor, labels: Tensor, mask: Tensor) -> Weights:
    weights = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    losses_many(BLUEPRINT, weights, pictures, labels, mask).sum().backward()
    return {name: weight.grad for name, weight in weights.items()}


# -- slices of the generic network ------------------------------------------------------------------------------------
def test_a_slice_says_what_the_generic_network_says_of_its_classes(
    world: World, generic: Weights, start: Weights, batch: tuple[Tensor, Tensor, Tensor]
) -> None:
    x = BLUEPRINT.scale(batch[0])
    for m in (0, 2):
        everything = BLUEPRINT.forward(generic, x[m])
        places = [world.seen.index(name) for name in TASKS[m]]
        found = BLUEPRINT.forward_many(start, x)[m, :, : len(places)]
        torch.testing.assert_close(found, everything[:, places], atol=1e-5, rtol=1e-5)


def test_a_broad_class_has_the_mean_of_its_members_rows(world: World, generic: Weights, start: Weights) -> None:
    at = [world.seen.index(name) for name in FRUIT]
    for name in HEAD:
        torch.testing.assert_close(start[name][1, 1], generic[name][at].mean(0))


def test_a_class_that_the_network_does_not_know_has_zeros(world: World, generic: Weights) -> None:
    found = slice_rows(BLUEPRINT, generic, world.seen, [plain_task(["kite", "bus"]), {"ride": ("bus", "kite")}])
    assert found["head.weight"].any(2).tolist() == [[True, False], [True, False]]
    assert (found["head.bias"] != 0).tolist() == [[True, False], [True, False]]
    assert torch.equal(found["head.weight"][1, 0], found["head.weight"][0, 0])  # of a broad one what is known


def test_slices_are_copies_and_their_padding_is_zero(generic: Weights, start: Weights) -> None:
    assert all(not start[name][m, len(task) :].any() for m, task in enumerate(TASKS) for name in HEAD)
    for name in BLUEPRINT.shapes:
        assert start[name].untyped_storage().data_ptr() != generic[name].untyped_storage().data_ptr()
        assert torch.equal(start[name], generic[name].expand_as(start[name]))


# -- a stack is its classifiers ---------------------------------------------------------------------------------------
def test_losses_and_gradients_are_those_of_each_alone(start: Weights, batch: tuple[Tensor, Tensor, Tensor]) -> None:
    pictures, labels, mask = batch
    together, losses = gradients(start, *batch), losses_many(BLUEPRINT, start, *batch)
    for m, task in enumerate(TASKS):
        alone = one_of(start, m, len(task)), pictures[[m]], labels[[m]], mask[[m], : len(task)]
        torch.testing.assert_close(losses[[m]], losses_many(BLUEPRINT, *alone), atol=1e-5, rtol=1e-5)
        for name, gradient in gradients(*alone).items():
            torch.testing.assert_close(one_of(together, m, len(task))[name], gradient, atol=1e-5, rtol=1e-4)
            assert gradient.any()


def test_padding_has_no_say(start: Weights, batch: tuple[Tensor, Tensor, Tensor]) -> None:
    """Whatever stands in it: the loss, the answers and the gradients of real classes do not change."""
    pictures, labels, mask = batch
    filled = start | {
        "head.weight": start["head.weight"].masked_fill(~mask[..., None], 9.0),
        "head.bias": start["head.bias"].masked_fill(~mask, 9.0),
    }
    assert torch.equal(losses_many(BLUEPRINT, filled, *batch), losses_many(BLUEPRINT, start, *batch))
    assert torch.equal(correct_many(BLUEPRINT, filled, *batch), correct_many(BLUEPRINT, start, *batch))
    assert not torch.equal(correct_many(BLUEPRINT, filled, pictures, labels), correct_many(BLUEPRINT, start, *batch))
    for name, gradient in gradients(filled, *batch).items():
        torch.testing.assert_close(gradient, gradients(start, *batch)[name])
        if name in HEAD:
            assert not gradient[~mask].any()


def test_padded_rows_are_zero_after_training_too(bank: Bank, start: Weights) -> None:
    trained = train_many(BLUEPRINT, start, TASKS, bank, TrainSchedule(5, 8), seed=0)
    for m, task in enumerate(TASKS):
        for name in HEAD:
            assert not trained[name][m, len(task) :].any()
            assert (trained[name][m, : len(task)] != start[name][m, : len(task)]).all()


# -- training ---------------------------------------------------------------------------------------------------------
def test_training_lowers_every_loss_and_teaches(
    bank: Bank, start: Weights, batch: tuple[Tensor, Tensor, Tensor]
) -> None:
    trained = train_many(BLUEPRINT, start, TASKS, bank, TrainSchedule(40, 16), seed=1)
    before, after = (losses_many(BLUEPRINT, weights, *batch) for weights in (start, trained))
    assert (after < 0.5 * before).all()
    assert (correct_many(BLUEPRINT, trained, *batch).float().mean(1) > 0.8).all()
    assert not any(weight.requires_grad for weight in trained.values())


def test_a_seed_is_a_result_and_the_start_is_left_alone(bank: Bank, start: Weights) -> None:
    before = {name: weight.clone() for name, weight in start.items()}
    first, again, other = (train_many(BLUEPRINT, start, TASKS, bank, TrainSchedule(3, 8), seed) for seed in (1, 1, 2))
    for name in start:
        assert torch.equal(first[name], again[name])
        assert not torch.equal(first[name], other[name])
        assert torch.equal(start[name], before[name])


def test_whoever_watches_sees_every_step(bank: Bank, start: Weights) -> None:
    seen = []
    watch = lambda step, weights: seen.append((step, float(weights["conv1.bias"].detach().sum())))  # noqa: E731
    train_many(BLUEPRINT, start, TASKS, bank, TrainSchedule(4, 8), seed=0, watch=watch)
    assert [step for step, _ in seen] == [1, 2, 3, 4]
    assert len({total for _, total in seen}) == 4


@pytest.mark.parametrize(("blueprint", "rate"), [("cnn-5k", 1e-2), ("tiny-20k", 3e-3), ("resnet20-head", 1e-3)])
def test_each_kind_of_classifier_has_a_schedule_of_fine_tuning(blueprint: str, rate: float) -> None:
    assert finetune_schedule(get_blueprint(blueprint)).rate == rate
