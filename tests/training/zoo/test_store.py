"""A zoo on disk: planned whole, filled shard by shard, read back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tina.blueprints import Weights, get_blueprint
from tina.errors import UserError
from tina.training.zoo.store import Zoo
from tina.worlds.task import Task, plain_task

BLUEPRINT = get_blueprint("cnn-5k")
TASKS: list[Task] = [
    plain_task(["apple", "crème brûlée"]),
    {"fruit": ("pear", "cherry"), "snail": ("snail",), "kite": ("kite",)},
    plain_task(["a", "b", "c", "d", "e"]),
]
SHARDS = (range(2), range(2, 3))


def plan(folder: Path, tasks: list[Task] = TASKS, **about) -> Zoo:
    return Zoo.plan(folder, tasks, shard=2, **({"world": "somewhere", "seed": 0} | about))


def stack_of(ways: int, count: int, seed: int = 0) -> Weights:
    """Random weights, no longer those of a start."""
    draw = torch.Generator().manual_seed(seed)
    one = BLUEPRINT.init(ways, draw)
    return {name: torch.randn(count, *weight.shape, generator=draw) for name, weight in one.items()}


@pytest.fixture
def parts() -> list[Weights]:
    """What is in the shards: two classifiers of at most three classes, one of five."""
    parts = [stack_of(3, 2), stack_of(5, 1, seed=1)]
    for name in ("head.weight", "head.bias"):
        parts[0][name][0, 2:] = 0
    return parts


@pytest.fixture
def zoo(tmp_path: Path, parts: list[Weights]) -> Zoo:
    zoo = plan(tmp_path / "zoo")
    for number, part in enumerate(parts):
        zoo.save(number, part)
    return zoo


def test_the_plan_is_what_the_zoo_says_of_itself(zoo: Zoo) -> None:
    again = Zoo(str(zoo.folder))
    assert again.tasks == TASKS
    assert [list(task) for task in again.tasks] == [list(task) for task in TASKS]
    assert again.manifest["world"] == "somewhere"
    assert tuple(again.shards) == SHARDS


def test_weights_come_back_as_one_stack(zoo: Zoo, parts: list[Weights]) -> None:
    found = Zoo(zoo.folder).weights()
    for number, numbers in enumerate(SHARDS):
        for name, weight in parts[number].items():
            ways = weight.shape[1] if name.startswith("head.") else None
            assert torch.equal(found[name][numbers.start : numbers.stop][:, :ways], weight)
    assert found["head.weight"].shape == (3, 5, BLUEPRINT.width)
    assert not found["head.weight"][:2, 3:].any()


def test_tokens_are_those_of_each_classifier(zoo: Zoo, parts: list[Weights]) -> None:
    shared, classes, mask = zoo.tokens(BLUEPRINT)
    assert mask.tolist() == [[True] * 2 + [False] * 3, [True] * 3 + [False] * 2, [True] * 5]
    assert not classes[~mask].any()
    for n, (number, i) in enumerate([(0, 0), (0, 1), (1, 0)]):
        one = BLUEPRINT.to_tokens({name: weight[i] for name, weight in parts[number].items()})
        assert torch.equal(shared[n], one.shared)
        assert torch.equal(classes[n, : len(TASKS[n])], one.classes[: len(TASKS[n])])


def test_the_generic_network_is_kept_beside_them(zoo: Zoo) -> None:
    assert not zoo.has_generic
    generic = {name: weight[0] for name, weight in stack_of(9, 1).items()}
    zoo.save_generic({name: weight.clone().requires_grad_() for name, weight in generic.items()})
    assert zoo.has_generic
    assert all(torch.equal(zoo.generic[name], weight) for name, weight in generic.items())


def test_what_is_missing_is_known(tmp_path: Path, parts: list[Weights]) -> None:
    zoo = plan(tmp_path)
    assert zoo.missing == [0, 1]
    zoo.save(1, parts[1])
    assert zoo.missing == [0]
    with pytest.raises(UserError, match=r"1 of 2 shards .* not built yet"):
        zoo.weights()
    zoo.save(0, parts[0])
    assert zoo.missing == []


def test_a_shard_that_was_cut_short_is_missing(tmp_path: Path, parts: list[Weights], monkeypatch) -> None:
    def stop(weights: Weights, file: Path, metadata: dict | None) -> None:
        Path(file).write_bytes(b"half of")
        raise KeyboardInterrupt

    zoo = plan(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("safetensors.torch.save_file", stop)
        with pytest.raises(KeyboardInterrupt):
            zoo.save(0, parts[0])
    assert zoo.missing == [0, 1]
    zoo.save(0, parts[0])
    assert zoo.missing == [1]
    assert not list(tmp_path.glob(".*"))


def test_the_same_plan_goes_on(zoo: Zoo) -> None:
    before = (zoo.folder / "manifest.json").stat().st_mtime_ns
    assert plan(zoo.folder).missing == []
    assert (zoo.folder / "manifest.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"tasks": TASKS[:2]}, {"tasks": [TASKS[0], TASKS[2], TASKS[1]]}, {"steps": 3}]
)
def test_another_plan_in_the_same_folder_is_refused(zoo: Zoo, other: dict) -> None:
    with pytest.raises(UserError, match="holds another zoo"):
        plan(zoo.folder, **other)
    assert Zoo(zoo.folder).tasks == TASKS


def test_another_format_is_refused(zoo: Zoo) -> None:
    (zoo.folder / "manifest.json").write_text(json.dumps(zoo.manifest | {"format": 99}))
    with pytest.raises(UserError, match="another format"):
        Zoo(zoo.folder)


def test_a_folder_without_a_zoo_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no zoo in .* \(python -m tina.zoo builds one\)"):
        Zoo(tmp_path)
