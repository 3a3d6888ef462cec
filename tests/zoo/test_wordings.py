"""A class is asked for in many ways, and each way says what that class is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tiny import FRUIT, Numbered
from tina.encoder import Encoder, together
from tina.worlds import World
from tina.zoo.tasks import Task, plain_task, seen_families
from tina.zoo.wordings import ASKED, KINDS, Wordings, blurred

TASKS: list[Task] = [
    plain_task(["kite", "clock"]),
    {"tractor": ("tractor",), "fruit": FRUIT, "clock": ("clock",)},
    plain_task(["apple", "grapes", "bicycle", "kite"]),
]
APPLE = [plain_task(["apple"])]
FRUITS = [{"fruit": FRUIT}]


@pytest.fixture(scope="module")
def wordings(world: World, encoder: Encoder) -> Wordings:
    return Wordings(world, encoder, seen_families(world))


@pytest.fixture(scope="module")
def shown(world: World, encoder: Encoder) -> Callable[[str, str], Tensor]:
    """The vectors of a class's pictures of a split."""
    return lambda name, split="zoo": encoder.encode_images(list(world.pictures(split, name)))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def matches(vectors: Tensor, known: Tensor) -> set[int]:
    """Which of the known vectors these are; each has to be one of them."""
    likeness, at = (vectors @ known.T).max(1)
    assert (likeness > 1 - 1e-5).all()
    return set(at.tolist())


def test_names_are_what_the_encoder_says_of_them(wordings: Wordings, encoder: Encoder) -> None:
    found = wordings.draw(TASKS, "names")
    for vectors, task in zip(found, TASKS, strict=True):
        torch.testing.assert_close(vectors[: len(task)], encoder.encode_texts(list(task)))
    assert torch.equal(found, wordings.draw(TASKS, "names", seeded()))  # there is but one name
    assert wordings.width == encoder.dim


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_is_a_unit_vector_and_padding_is_zero(wordings: Wordings, kind: str) -> None:
    lengths = wordings.draw(TASKS, kind, seeded()).norm(dim=2)
    expected = torch.arange(4) < torch.tensor([[len(task)] for task in TASKS])
    torch.testing.assert_close(lengths, expected.float(), atol=1e-5, rtol=0)


def test_kinds_are_different_things_to_say(wordings: Wordings) -> None:
    found = [wordings.draw(TASKS, kind, seeded())[0] for kind in KINDS]
    for i, one in enumerate(found):
        for other in found[:i]:
            assert ((one * other).sum(1) < 0.999).any()


@pytest.mark.parametrize("kind", ["synonyms", "descriptions"])
def test_other_words_are_the_things_own_and_all_of_them_come_up(
    wordings: Wordings, encoder: Encoder, world: World, kind: str
) -> None:
    texts = getattr(world.things["apple"], kind)
    found = wordings.draw(APPLE * 200, kind, seeded())[:, 0]
    assert matches(found, encoder.encode_texts(list(texts))) == set(range(len(texts)))


def test_who_has_no_other_words_goes_by_the_name(wordings: Wordings) -> None:
    for kind in ("synonyms", "descriptions"):
        assert torch.equal(wordings.draw(FRUITS, kind, seeded()), wordings.draw(FRUITS, "names"))


def test_pictures_are_the_classs_own_of_the_split_zoo(wordings: Wordings, shown) -> None:
    found = wordings.draw(APPLE * 100, "pictures", seeded(), shots=1)[:, 0]
    assert matches(found, shown("apple")) == set(range(len(shown("apple"))))
    for split in ("train", "test"):
        assert (found @ shown("apple", split).T).max() < 1 - 1e-6


def test_pictures_of_a_broad_class_come_from_all_its_members(wordings: Wordings, shown) -> None:
    parts = [shown(name) for name in FRUIT]
    owners = torch.arange(len(FRUIT)).repeat_interleave(torch.tensor([len(part) for part in parts]))
    found = wordings.draw(FRUITS * 100, "pictures", seeded(), shots=1)[:, 0]
    assert set(owners[list(matches(found, torch.cat(parts)))].tolist()) == set(range(len(FRUIT)))


def test_more_pictures_come_nearer_to_what_all_have_in_common(wordings: Wordings, shown) -> None:
    middle = shown("apple").mean(0)
    near = [
        float((wordings.draw(APPLE * 100, "pictures", seeded(), shots)[:, 0] @ middle).mean()) for shots in (1, 4, 16)
    ]
    assert near == sorted(near)
    assert near[0] < near[2] - 1e-4


def test_both_is_the_name_and_the_pictures_together(wordings: Wordings, shown) -> None:
    """Without a generator the first picture is drawn, again and again."""
    found = wordings.draw(APPLE, "both")[0, 0]
    name, picture = wordings.draw(APPLE, "names")[0, 0], shown("apple")[0]
    torch.testing.assert_close(found, together(name, picture, 5), atol=1e-5, rtol=0)
    torch.testing.assert_close(wordings.draw(APPLE, "pictures")[0, 0], picture, atol=1e-5, rtol=0)


def test_a_text_says_less_beside_more_pictures() -> None:
    name, picture = torch.eye(2)
    parts = [together(name, picture, count) for count in (1, 4, 16)]
    shares = [float(part @ name / (part @ picture)) for part in parts]
    assert shares == pytest.approx([0.7, 0.35, 0.175])
    assert together(name.expand(3, 2), picture, torch.tensor([1, 4, 16])).tolist() == [p.tolist() for p in parts]


def test_every_task_may_have_a_kind_and_a_number_of_pictures_of_its_own(wordings: Wordings) -> None:
    kinds = torch.tensor([KINDS.index(kind) for kind in ("names", "both", "pictures")])
    found = wordings.draw(APPLE * 3, kinds, shots=torch.tensor([1, 5, 2]))
    for vectors, kind in zip(found, ("names", "both", "pictures"), strict=True):
        torch.testing.assert_close(vectors, wordings.draw(APPLE, kind)[0], atol=1e-6, rtol=0)


def test_a_mixture_has_its_share_of_every_kind(wordings: Wordings) -> None:
    first, again, other = (wordings.mixed(APPLE * 300, seeded(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    name = wordings.draw(APPLE, "names")[0, 0]
    for asked, shares in ASKED.items():
        assert sum(shares) == pytest.approx(1)
        names = (wordings.mixed(APPLE * 300, seeded(), asked)[:, 0] @ name > 1 - 1e-5).float().mean()
        assert names == pytest.approx(shares[0], abs=0.1), asked


def test_unseen_classes_have_words_where_they_are_asked_for(world: World, encoder: Encoder) -> None:
    everyone = Wordings(world, encoder, seen_families(world), world.names)
    found = everyone.draw([plain_task(world.unseen)], "names")[0]
    torch.testing.assert_close(found, encoder.encode_texts(world.unseen))
    assert "cherry" not in Wordings(world, encoder, {}).labels


def test_a_class_without_pictures_for_the_zoo_shows_its_training_ones_and_nobody_elses(encoder: Encoder) -> None:
    class NoneForTheZoo(Numbered):
        def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
            count = 0 if (split, name) == ("zoo", "b") else count
            return super()._pictures(split, name, count).repeat(32, 1).repeat(32, 2) * np.uint8(80)

    world = NoneForTheZoo({"a": 2, "b": 2, "c": 2})
    found = Wordings(world, encoder, {}).draw([plain_task(["b"])] * 20, "pictures", seeded(), shots=1)[:, 0]
    assert matches(found, encoder.encode_images(list(world.pictures("train", "b")))) == {0, 1}


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_blurred_vectors_are_moved_and_stay_unit_vectors(wordings: Wordings, amount: float) -> None:
    vectors = wordings.draw(TASKS, "names")
    moved = blurred(vectors, amount, seeded())
    torch.testing.assert_close(moved.norm(dim=2), vectors.norm(dim=2), atol=1e-5, rtol=0)
    assert not moved[vectors.norm(dim=2) == 0].any()
    cosines = (moved * vectors).sum(2)[vectors.norm(dim=2) > 0]
    torch.testing.assert_close(cosines, torch.full_like(cosines, (1 + amount**2) ** -0.5), atol=0.05, rtol=0)
