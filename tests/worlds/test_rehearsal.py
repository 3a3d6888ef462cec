"""A rehearsal shares neither classes nor pictures with what its world is tested on."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tiny import Numbered
from tina.worlds import WORLDS, Rehearsal, load_world

COUNTS = {"apple": 5, "kite": 4, "bus": 1, "cherry": 6}


@pytest.mark.parametrize("id", WORLDS)
def test_a_part_of_the_seen_classes_is_taken_for_unseen_and_the_unseen_ones_are_gone(id: str) -> None:
    whole, rehearsal = WORLDS[id](), load_world(f"rehearsal:{id}")
    assert rehearsal.id == f"rehearsal:{id}"
    assert rehearsal.names == whole.seen
    assert not set(rehearsal.names) & set(whole.unseen)
    assert 10 <= len(rehearsal.unseen) <= 0.25 * len(whole.seen)
    assert rehearsal.unseen == load_world(f"rehearsal:{id}").unseen
    assert not set(whole.unseen) & {name for names in rehearsal.families.values() for name in names}


def test_a_thing_is_taken_for_unseen_in_every_world_or_in_none() -> None:
    photos = set(load_world("rehearsal:photos").unseen)
    for id in ("tiny-imagenet", "caltech-101"):
        part = load_world(f"rehearsal:{id}")
        assert photos & set(part.names) == set(part.unseen)


def test_its_test_pictures_are_zoo_ones_that_are_then_in_no_other_split() -> None:
    whole = Numbered(COUNTS, unseen=("cherry",))
    rehearsal = Rehearsal(whole)
    for name in whole.seen:
        zoo, test = rehearsal.pictures("zoo", name), rehearsal.pictures("test", name)
        assert np.array_equal(rehearsal.pictures("train", name), whole.pictures("train", name))
        assert len(zoo) + len(test) == COUNTS[name]
        numbers = [int(picture[0, 0, 1]) for part in (zoo, test) for picture in part]
        assert sorted(numbers) == list(range(COUNTS[name]))
        assert (np.concatenate([zoo, test])[..., 2] == 1).all()  # none of the world's own test pictures
    assert rehearsal.counts() == {"train": 10, "zoo": 6, "test": 4}
    assert len(rehearsal.pictures("test", "apple", 1)) == 1
