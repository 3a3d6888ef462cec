"""Every rival answers any task with a stack of weights, and is what its sentence in the table says."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor

from tests.tiny import FRUIT
from tina.blueprints import Weights
from tina.errors import UserError
from tina.generator.normalise import centre
from tina.generator.tina import Tina
from tina.judge.methods import METHODS, Bench, Method, _ridge, slice_generic, tuned, zoo_average, zoo_nearest, zoo_noisy
from tina.judge.table import accuracies
from tina.worlds import World
from tina.zoo.finetune import Schedule
from tina.zoo.store import Zoo
from tina.zoo.tasks import Task, plain_task

SEEN: list[Task] = [
    plain_task(["kite", "apple", "bicycle"]),
    plain_task(["tractor", "clock"]),
    {"clock": ("clock",), "fruit": FRUIT, "kite": ("kite",)},
]
UNSEEN: list[Task] = [plain_task(["cherry", "umbrella"]), plain_task(["bus", "umbrella", "cherry"])]
HEAD = ("head.weight", "head.bias")


@pytest.fixture(scope="module")
def bench(tina: Tina, world: World, zoo: Zoo) -> Bench:
    return Bench(tina, world, zoo)


def answer(bench: Bench, name: str, tasks: list[Task]) -> Weights:
    method = METHODS[name]
    make = partial(tuned, schedule=Schedule(steps=2)) if name == "tuned" else method.make
    return make(bench, tasks)


@pytest.mark.parametrize("name", METHODS)
def test_every_rival_gives_a_stack_of_weights(bench: Bench, name: str) -> None:
    blueprint = bench.tina.blueprint
    for split, tasks in (("ood", SEEN), ("unseen", UNSEEN)):
        if split not in METHODS[name].splits:
            continue
        tasks = tasks[-1:] if name == "tina ddpm 1000" else tasks  # a thousand steps
        weights, many = answer(bench, name, tasks), len(tasks)
        found = {key: tuple(weight.shape) for key, weight in weights.items()}
        head = {"head.weight": (many, 3, blueprint.width), "head.bias": (many, 3)}
        assert found == {key: (many, *shape) for key, shape in blueprint.shapes.items()} | head
        assert all(weight.isfinite().all() for weight in weights.values())
        assert not any(weight.requires_grad for weight in weights.values())


@pytest.mark.parametrize("name", ["slice", "nearest row", "zoo class average", "ridge", "zoo nearest"])
def test_classes_in_another_order_have_their_rows_in_that_order(bench: Bench, name: str) -> None:
    order = [2, 0, 1]
    task = SEEN[2] if name != "nearest row" else SEEN[0]
    moved = {list(task)[i]: list(task.values())[i] for i in order}
    before, after = answer(bench, name, [task]), answer(bench, name, [moved])
    for key, weight in before.items():
        expected = weight[:, order] if key in HEAD else weight
        torch.testing.assert_close(after[key], expected, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(before["head.weight"][:, order], before["head.weight"])


@pytest.mark.parametrize("name", [name for name in METHODS if not name.startswith(("tuned", "zoo noisy", "tina"))])
def test_a_task_is_answered_the_same_in_any_company(bench: Bench, name: str) -> None:
    together, alone = answer(bench, name, SEEN), answer(bench, name, SEEN[1:2])
    for key, weight in alone.items():
        part = together[key][1:2, :2] if key in HEAD else together[key][1:2]
        torch.testing.assert_close(weight, part, atol=1e-5, rtol=1e-4)


# -- the generic network ----------------------------------------------------------------------------------------------
def test_the_row_of_the_nearest_name_is_ones_own_where_there_is_one(bench: Bench) -> None:
    plain = SEEN[:2]
    found, expected = answer(bench, "nearest row", plain), slice_generic(bench, plain)
    assert all(torch.equal(found[key], expected[key]) for key in expected)


def test_an_unseen_class_borrows_the_row_of_a_seen_one(bench: Bench) -> None:
    rows, generic = answer(bench, "nearest row", UNSEEN)["head.weight"], bench.generic["head.weight"]
    for row in rows[1]:
        assert (row == generic).all(1).any()


# -- the zoo ----------------------------------------------------------------------------------------------------------
def test_the_average_is_of_all_kernels_and_of_the_rows_as_they_stand(bench: Bench, zoo: Zoo) -> None:
    found, weights = zoo_average(bench, SEEN), zoo.weights()
    torch.testing.assert_close(found["conv2.weight"][1], weights["conv2.weight"].mean(0))
    for k in range(3):
        standing = [n for n, task in enumerate(zoo.tasks) if len(task) > k]
        torch.testing.assert_close(found["head.weight"][0, k], weights["head.weight"][standing, k].mean(0))


def test_the_class_average_is_of_a_classs_own_rows(bench: Bench, zoo: Zoo) -> None:
    weights = zoo.weights()
    head = torch.cat([weights["head.weight"], weights["head.bias"][..., None]], -1)
    head = centre(head, zoo.mask)
    own = [head[n, list(task).index("kite")] for n, task in enumerate(zoo.tasks) if "kite" in task]
    found = answer(bench, "zoo class average", SEEN)
    torch.testing.assert_close(found["head.weight"][0, 0], torch.stack(own).mean(0)[:-1], atol=1e-6, rtol=1e-5)
    assert len(own) == 3


def test_the_nearest_to_a_zoo_task_is_its_own_classifier(bench: Bench, zoo: Zoo) -> None:
    found, weights = zoo_nearest(bench, zoo.tasks), zoo.weights()
    for n, task in enumerate(zoo.tasks):
        for key, weight in weights.items():
            own = slice(len(task)) if key in HEAD else slice(None)
            assert torch.equal(found[key][n][own], weight[n][own])


def test_noise_is_a_share_of_what_weights_vary_by(bench: Bench) -> None:
    near, noisy = zoo_nearest(bench, SEEN), zoo_noisy(bench, SEEN)
    again = zoo_noisy(bench, SEEN)
    assert all(torch.equal(noisy[key], again[key]) for key in noisy)
    change = (noisy["head.weight"] - near["head.weight"]) / bench.tina.normaliser.class_scale[:-1]
    assert change.std() == pytest.approx(0.3, abs=0.05)


def test_without_a_zoo_it_says_what_is_wanted(tina: Tina, world: World) -> None:
    with pytest.raises(UserError, match="--zoo FOLDER"):
        METHODS["ridge"].make(Bench(tina, world, None), SEEN)
    answer(Bench(tina, world, None), "slice", SEEN)


# -- ridge regression -------------------------------------------------------------------------------------------------
def linear(noise: float) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    slope, shift = torch.randn(6, 4, generator=draw), torch.tensor([1.0, -2.0, 3.0, 0.0])
    x = torch.randn(300, 6, generator=draw) + 5
    y = x @ slope + shift + noise * torch.randn(300, 4, generator=draw)
    return x[:200], y[:200], x[200:250], y[200:250], x[250:], (x @ slope + shift)[250:]


def test_ridge_finds_a_linear_relation() -> None:
    x, y, x_held, y_held, new, expected = linear(noise=0.0)
    torch.testing.assert_close(_ridge(x, y, x_held, y_held)(new), expected, atol=0.01, rtol=0)


def test_ridge_is_as_strong_as_the_noise_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three noisy examples in six dimensions, more than the least strength is chosen, and errs less."""
    x, y, x_held, y_held, new, expected = linear(noise=20.0)
    chosen = _ridge(x[:8], y[:8], x_held, y_held)(new)
    monkeypatch.setattr("tina.judge.methods.RIDGES", (0.01,))
    least = _ridge(x[:8], y[:8], x_held, y_held)(new)
    assert (chosen - expected).square().mean() < 0.5 * (least - expected).square().mean()


# -- fine-tuning, and Tina --------------------------------------------------------------------------------------------
def test_really_fine_tuned_classifiers_work_on_unseen_classes_too(bench: Bench, world: World) -> None:
    blueprint = bench.tina.blueprint
    for tasks in (SEEN, UNSEEN):
        weights = tuned(bench, tasks, Schedule(steps=60), together=2)
        assert (accuracies(blueprint, weights, world, tasks) > 0.85).all()


def test_tina_is_asked_as_the_table_says(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(Tina, "write", lambda self, vectors, mask, seeds, **how: asked.append((vectors, seeds, how)))
    for name in ("tina", "tina 5 steps", "tina ddpm 1000", "tina descriptions"):
        METHODS[name].make(bench, SEEN)
    hows = [how for _, _, how in asked]
    assert hows == [{}, {"steps": 5}, {"steps": 1000, "sampler": "ddpm", "temperature": 1.0}, {}]
    assert all(seeds == [0, 1, 2] for _, seeds, _ in asked)
    assert torch.equal(asked[0][0], bench.wordings.draw(SEEN, "names"))
    assert torch.equal(asked[1][0], asked[0][0])
    assert not torch.equal(asked[3][0], asked[0][0])


def test_a_method_is_for_all_splits_unless_it_needs_the_classes_rows() -> None:
    assert {name for name, method in METHODS.items() if "unseen" not in method.splits} == {"slice", "zoo class average"}
    assert all(isinstance(method, Method) and method.says for method in METHODS.values())
    assert len({method.says for method in METHODS.values()}) == len(METHODS)
