"""Which tasks are asked: the zoo's own, new ones of the same classes, and ones of classes nothing was trained on."""

from __future__ import annotations

import pytest

from tests.tiny import UNSEEN
from tina.errors import UserError
from tina.judge.splits import SPLITS, tasks_of
from tina.worlds import World
from tina.zoo.store import Zoo
from tina.zoo.tasks import Task, plain_task


def names_in(tasks: list[Task]) -> set[str]:
    return {name for task in tasks for members in task.values() for name in members}


def sets_of(tasks: list[Task]) -> list[frozenset[str]]:
    return [frozenset(task) for task in tasks]


@pytest.mark.parametrize("split", SPLITS)
def test_the_same_tasks_are_asked_every_time(world: World, zoo: Zoo, split: str) -> None:
    first, again = (tasks_of(split, world, zoo.tasks, 5, ways=2) for _ in range(2))
    assert first
    assert [list(task.items()) for task in first] == [list(task.items()) for task in again]
    assert all(len(task) == 2 for task in first)
    assert tasks_of(split, world, zoo.tasks, 2, ways=2) == first[:2]


def test_id_tasks_are_the_zoos(world: World, zoo: Zoo) -> None:
    assert tasks_of("id", world, zoo.tasks, 2, ways=3) == [zoo.tasks[0], zoo.tasks[2]]
    assert tasks_of("id", world, zoo.tasks, 99, ways=4) == [zoo.tasks[3]]
    with pytest.raises(UserError, match="no class set of 9 classes"):
        tasks_of("id", world, zoo.tasks, 1, ways=9)


def test_ood_tasks_are_new_sets_of_seen_classes(world: World, zoo: Zoo) -> None:
    found = tasks_of("ood", world, zoo.tasks, 40, ways=3)
    assert len(set(sets_of(found))) == 40
    assert not set(sets_of(found)) & set(sets_of(zoo.tasks))
    assert names_in(found) == set(world.seen)
    assert any("fruit" in task for task in found)  # broad classes too, as in the zoo


def test_a_set_in_another_order_is_not_new(world: World) -> None:
    everything = plain_task(world.seen[::-1])
    with pytest.raises(UserError, match="every set of 9 classes"):
        tasks_of("ood", world, [everything], 3, ways=9)


def test_unseen_tasks_have_only_unseen_classes(world: World, zoo: Zoo) -> None:
    found = tasks_of("unseen", world, zoo.tasks, 3, ways=2)
    assert names_in(found) == set(UNSEEN)
    assert names_in(tasks_of("unseen", world, zoo.tasks, 1, ways=3)) == set(UNSEEN)


def test_no_task_is_asked_twice_even_if_there_are_fewer_then(world: World, zoo: Zoo) -> None:
    """Three classes make three pairs; asked again in other orders, they would only seem to be more evidence."""
    assert len(tasks_of("unseen", world, zoo.tasks, 50, ways=2)) == 3


def test_what_cannot_be_asked_is_one_sentence(world: World, zoo: Zoo) -> None:
    with pytest.raises(UserError, match="only 3 such classes"):
        tasks_of("unseen", world, zoo.tasks, 5, ways=4)
    with pytest.raises(UserError, match=r"no split 'test': it is one of id, ood, unseen\."):
        tasks_of("test", world, zoo.tasks, 5)
