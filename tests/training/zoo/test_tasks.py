"""A task is a few classes, of which some may be broad, and never one that is to stay unseen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.tiny import Numbered
from tina.errors import UserError
from tina.training.zoo.tasks import DEFAULT_WAYS, FEWEST, KINDS, MOST, draw_task, seen_families, zoo_tasks
from tina.worlds import Thing
from tina.worlds.task import Task, plain_task

NAMES = [f"thing {i}" for i in range(30)]
FAMILIES = {"round": NAMES[:5], "red": NAMES[3:9], "small": NAMES[10:14], "loud": NAMES[20:25]}  # two overlap


def drawn(count: int, seed: int = 0, **how) -> list[Task]:
    rng = np.random.default_rng(seed)
    return [draw_task(NAMES, FAMILIES, rng, **how) for _ in range(count)]


def broad_labels(task: Task) -> list[str]:
    return [label for label, names in task.items() if names != (label,)]


def test_any_number_of_classes_from_two_to_sixteen_and_often_ten() -> None:
    sizes = Counter(len(task) for task in drawn(1000))
    assert set(sizes) == set(range(FEWEST, MOST + 1))
    assert 250 < sizes.pop(DEFAULT_WAYS) < 350  # a fourth, and its share of the rest
    assert min(sizes.values()) > 20


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_the_classes_it_is_asked_for(kind: str) -> None:
    for ways in (2, 3, 10, 16):
        assert {len(task) for task in drawn(30, ways=ways, kind=kind)} == {ways}


def test_there_are_no_more_classes_than_names() -> None:
    assert sorted(draw_task(NAMES[:4], {}, np.random.default_rng(0), ways=10)) == NAMES[:4]


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_stands_under_two_labels(kind: str) -> None:
    for task in drawn(200, kind=kind):
        names = [name for members in task.values() for name in members]
        assert len(names) == len(set(names))
        assert set(names) <= set(NAMES)


def test_a_broad_class_is_a_whole_family() -> None:
    tasks = drawn(300, kind="broad")
    for task in tasks:
        assert 1 <= len(broad_labels(task)) <= max(1, len(task) // 2)
        assert all(list(task[label]) == FAMILIES[label] for label in broad_labels(task))
    assert {label for task in tasks for label in broad_labels(task)} == set(FAMILIES)
    assert not any({"round", "red"} <= set(task) for task in tasks)  # these two share members


def test_look_alikes_are_of_one_family_where_it_is_large_enough() -> None:
    for task in drawn(100, ways=4, kind="look-alikes"):
        assert not broad_labels(task)
        assert any(set(task) <= set(members) for members in FAMILIES.values())
    assert not all(any(set(task) <= set(m) for m in FAMILIES.values()) for task in drawn(20, ways=4, kind="random"))


def test_without_families_classes_are_plain() -> None:
    rng = np.random.default_rng(0)
    assert not any(broad_labels(draw_task(NAMES, {}, rng, kind=kind)) for kind in KINDS for _ in range(20))


def test_the_order_of_classes_says_nothing() -> None:
    first = Counter(next(iter(task)) in FAMILIES for task in drawn(400, ways=4, kind="broad"))
    assert 100 < first[True] < 240  # one or two of four are broad


def test_a_seed_is_a_list_of_tasks() -> None:
    assert [list(task.items()) for task in drawn(50)] == [list(task.items()) for task in drawn(50)]
    assert drawn(50) != drawn(50, seed=1)


def test_names_are_ordinary_strings_that_json_takes() -> None:
    assert {type(name) for task in drawn(50) for names in task.values() for name in (*task, *names)} == {str}


def test_one_class_is_no_task() -> None:
    with pytest.raises(UserError, match="at least two"):
        draw_task(["apple"], {}, np.random.default_rng(0))


def world_of(families: dict[str, tuple[str, ...]], unseen: tuple[str, ...]) -> Numbered:
    things = tuple(Thing(name, families=of) for name, of in families.items())
    return Numbered(dict.fromkeys(families, 1), unseen, things)


def test_a_family_needs_three_seen_members() -> None:
    world = world_of({"a": ("large", "even"), "b": ("large",), "c": ("large", "even"), "d": ("even",)}, unseen=("d",))
    assert world.families == {"large": ["a", "b", "c"], "even": ["a", "c", "d"]}
    assert seen_families(world) == {"large": ["a", "b", "c"]}


def test_an_unseen_class_is_in_no_task() -> None:
    names = {f"bird {i}": ("bird",) for i in range(8)} | {f"fish {i}": ("fish",) for i in range(8)}
    world = world_of(names, unseen=("bird 0", "bird 5", "fish 7"))
    rng = np.random.default_rng(0)
    tasks = [draw_task(world.seen, seen_families(world), rng) for _ in range(500)]
    assert {name for task in tasks for members in task.values() for name in members} == set(world.seen)


def test_a_family_called_like_a_class_is_none() -> None:
    world = world_of({"lamp": ("lamp",), "lantern": ("lamp",), "torch": ("lamp",)}, unseen=())
    assert seen_families(world) == {}


def test_plain_classes_stand_for_themselves() -> None:
    assert plain_task(["b", "a"]) == {"b": ("b",), "a": ("a",)}


def test_a_zoo_may_be_of_other_sizes() -> None:
    world = Numbered(dict.fromkeys(NAMES, 1))
    assert {len(task) for task in zoo_tasks(world, 60, 0, (8, 11))} == {8, 9, 10, 11}
    assert zoo_tasks(world, 5, 0) == zoo_tasks(world, 5, 0, None)
