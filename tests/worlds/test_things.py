"""The words of every world: enough of them, human, and of one mind about what is never to be trained on."""

import json
import re
from collections import Counter

import pytest

from tina.worlds import WORLDS, vocabulary
from tina.worlds.base import HERE

IDS = ["sketchbook", "tiny-imagenet", "caltech-101", "cifar-100", "mini-imagenet"]
SIZES = {  # seen, unseen
    "sketchbook": (96, 16),
    "tiny-imagenet": (140, 60),
    "caltech-101": (80, 21),
    "cifar-100": (80, 20),
    "mini-imagenet": (80, 20),
}


@pytest.mark.parametrize("id", IDS)
def test_a_world_has_its_classes_split_into_seen_and_unseen(id: str) -> None:
    world = WORLDS[id]()
    assert (len(world.seen), len(world.unseen)) == SIZES[id]
    assert not set(world.seen) & set(world.unseen)
    assert world.names == list(dict.fromkeys(world.names))


def test_no_class_is_unseen_in_one_world_and_learnt_from_in_another() -> None:
    """What the encoder learns from: photos and sketchbook. The rest must not call unseen what it has seen there."""
    learnt = set(WORLDS["sketchbook"]().seen) | set(WORLDS["photos"]().seen)
    for id in (*IDS, "photos"):
        assert not learnt & set(WORLDS[id]().unseen), id


def test_photos_is_both_worlds_with_shared_things_merged() -> None:
    tiny, caltech, photos = (WORLDS[id]() for id in ("tiny-imagenet", "caltech-101", "photos"))
    assert set(photos.names) == set(tiny.names) | set(caltech.names)
    assert {"umbrella", "pizza", "lobster", "dragonfly"} <= set(tiny.names) & set(caltech.names)


def test_a_class_and_its_close_up_are_on_the_same_side() -> None:
    unseen = set(WORLDS["caltech-101"]().unseen)
    for name, close_up in (("cougar", "cougar, face"), ("crocodile", "crocodile, head"), ("face", "face, close up")):
        assert (name in unseen) == (close_up in unseen)


def test_every_thing_has_synonyms_descriptions_and_families() -> None:
    for thing in vocabulary().values():
        assert len(set(thing.synonyms) - {thing.name}) >= 3, thing.name
        assert len(set(thing.descriptions)) >= 5, thing.name
        assert len(thing.families) >= 2, thing.name


def test_every_record_belongs_to_a_class() -> None:
    assert set(vocabulary()) == {name for id in IDS for name in WORLDS[id]().names}


def test_a_description_does_not_give_the_name_away() -> None:
    for thing in vocabulary().values():
        for description in thing.descriptions:
            assert not re.search(rf"\b{re.escape(thing.name)}s?\b", description, re.IGNORECASE), (
                thing.name,
                description,
            )


def test_names_are_human() -> None:
    for name in vocabulary():
        assert not re.search(r"[_/\\\d]", name), name
        assert name == name.strip()


def test_no_text_is_written_twice_within_a_kind() -> None:
    descriptions = Counter(d for thing in vocabulary().values() for d in thing.descriptions)
    assert [d for d, n in descriptions.items() if n > 1] == []


def test_the_sketchbooks_families_each_keep_one_class_unseen() -> None:
    world = WORLDS["sketchbook"]()
    files = sorted((HERE / "things").glob("sketchbook-*.json"))
    assert len(files) >= 10
    for file in files:
        names = json.loads(file.read_text("utf-8"))
        assert len(names) == 8, file.name
        assert set(names) & set(world.unseen), file.name


def test_broad_classes_gather_many_things() -> None:
    families = WORLDS["sketchbook"]().families
    assert {"fruit", "animal", "vehicle", "tool", "building"} <= set(families)
    assert {"apple", "banana", "pear"} <= set(families["fruit"])
    assert all(len(names) > 1 for names in families.values())
