"""Which tasks are asked: the zoo's own, new ones of the same classes, and ones of classes nothing was trained on."""

from __future__ import annotations

import pytest

from tests.tiny import UNSEEN, Numbered
from tina.classifier.score import held_out
from tina.errors import UserError
from tina.prompts.something_else import SOMETHING_ELSE
from tina.research.judge.splits import COLUMNS, SPLITS, scored_classes, splits_of, tasks_of, unseen_in
from tina.training.zoo.store import Zoo
from tina.worlds import WORLDS, Rehearsal, World, load_world
from tina.worlds.task import Task, plain_task


def names_in(tasks: list[Task]) -> set[str]:
    return {name for task in tasks for members in task.values() for name in members}


def sets_of(tasks: list[Task]) -> list[frozenset[str]]:
    return [frozenset(task) for task in tasks]


REAL = [split for split in SPLITS if not split.endswith("-val")]


@pytest.mark.parametrize("split", REAL)
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


def test_mixed_tasks_are_half_seen_and_half_unseen(world: World, zoo: Zoo) -> None:
    found = tasks_of("mixed", world, zoo.tasks, 20, ways=5)
    assert len({frozenset(task) for task in found}) == 20
    unseen = unseen_in(world, scored_classes("mixed", world, found))
    assert unseen.sum(1).tolist() == [2] * 20
    assert len({tuple(row) for row in unseen.tolist()}) > 3  # in any place among the others
    assert all((name in UNSEEN) == unseen[m, k] for m, task in enumerate(found) for k, name in enumerate(task))


def test_broad_classes_are_asked_for_by_seen_members_and_tried_on_unseen_ones(world: World, zoo: Zoo) -> None:
    found = tasks_of("broad", world, zoo.tasks, 6, ways=3)
    shown = scored_classes("broad", world, found)
    tried_on = {"fruit": "cherry", "food": "cherry", "vehicle": "bus", "road vehicle": "bus"}
    for asked, tried in zip(found, shown, strict=True):
        broad = [label for label in asked if label in tried_on]
        assert broad
        assert list(asked) == list(tried)
        assert all(len(asked[label]) >= 3 and tried[label] == (tried_on[label],) for label in broad)
        assert all(asked[label] == tried[label] == (label,) for label in asked if label not in broad)
        assert names_in([asked]) <= set(world.seen)
    assert unseen_in(world, shown).any(1).all()


def test_something_else_is_tried_on_classes_that_were_not_named_half_of_them_unseen() -> None:
    world = load_world("sketchbook")
    tasks = tasks_of("else", world, [], 20)
    assert len({frozenset(task) for task in tasks}) == 20
    for task, shown in zip(tasks, scored_classes("else", world, tasks), strict=True):
        *named, other = task
        assert len(named) == 5
        assert other == SOMETHING_ELSE
        assert set(named) | set(task[other]) == set(world.seen)  # what may be learnt from
        assert {name: shown[name] for name in named} == plain_task(named)
        assert not set(shown[other]) & set(named)
        assert [name in world.unseen for name in shown[other]] == [False, True] * 5
        pictures, shows = held_out(world, shown[other], 50)
        assert sum(name in world.unseen for name in shows) == len(pictures) / 2
    assert unseen_in(world, scored_classes("else", world, tasks)).tolist() == [[False] * 5 + [True]] * 20


@pytest.mark.parametrize("id", ["sketchbook", "photos"])
def test_no_picture_of_a_broad_task_belongs_to_two_of_its_classes(id: str) -> None:
    world = WORLDS[id]()
    tasks = tasks_of("broad", world, [], 40)
    for asked, shown in zip(tasks, scored_classes("broad", world, tasks), strict=True):
        for task in (asked, shown):
            names = [name for members in task.values() for name in members]
            assert len(set(names)) == len(names)
        assert set(world.seen).issuperset(name for members in asked.values() for name in members)
    assert len({label for task in tasks for label in task} - set(world.names)) > 3  # families of many kinds


def test_what_is_chosen_in_a_rehearsal_is_never_called_unseen() -> None:
    rehearsal, world = load_world("rehearsal:photos"), WORLDS["photos"]()
    assert splits_of(rehearsal) == ["id", "ood", "unseen-val", "mixed-val", "broad-val", "else-val"]
    assert splits_of(world) == ["id", "ood", "unseen", "mixed", "broad", "else"]
    with pytest.raises(UserError, match="no split 'unseen': it has id, ood, unseen-val"):
        tasks_of("unseen", rehearsal, [], 5)
    with pytest.raises(UserError, match="no split 'mixed-val'"):
        tasks_of("mixed-val", world, [], 5)
    for split in ("ood", "unseen-val", "mixed-val", "broad-val", "else-val"):
        tasks = tasks_of(split, rehearsal, [], 20)
        assert len(tasks) == 20
        assert not names_in(scored_classes(split, rehearsal, tasks)) & set(world.unseen)


def test_a_world_has_the_splits_that_it_has_classes_for() -> None:
    assert splits_of(Numbered({"a": 1, "b": 1})) == ["id", "ood"]
    assert splits_of(Numbered({"a": 1, "b": 1}, unseen=("b",))) == ["id", "ood", "unseen", "mixed", "else"]
    assert isinstance(load_world("rehearsal:sketchbook"), Rehearsal)


def test_splits_with_classes_of_both_kinds_are_told_in_parts() -> None:
    assert COLUMNS[:7] == ["id", "ood", "unseen", "mixed", "mixed seen", "mixed unseen", "mixed harmonic"]
    assert COLUMNS[-8:-4] == ["else", "else named", "else others", "else harmonic"]


def test_what_cannot_be_asked_is_one_sentence(world: World, zoo: Zoo) -> None:
    with pytest.raises(UserError, match="only 3 such classes"):
        tasks_of("unseen", world, zoo.tasks, 5, ways=4)
    with pytest.raises(UserError, match="only 3 such classes"):
        tasks_of("mixed", world, zoo.tasks, 5, ways=8)
    with pytest.raises(UserError, match=r"no split 'test': it is one of id, ood, unseen, mixed, "):
        tasks_of("test", world, zoo.tasks, 5)
