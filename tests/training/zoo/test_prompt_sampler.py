"""A class is asked for in many ways, and each way says what that class is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tiny import FRUIT, Numbered
from tina.encoder.encoder import Encoder, fuse
from tina.training.zoo.prompt_sampler import KINDS, PROMPT_MIX, PromptSampler, jitter
from tina.training.zoo.tasks import seen_families
from tina.worlds import World
from tina.worlds.task import Task, plain_task

TASKS: list[Task] = [
    plain_task(["kite", "clock"]),
    {"tractor": ("tractor",), "fruit": FRUIT, "clock": ("clock",)},
    plain_task(["apple", "grapes", "bicycle", "kite"]),
]
APPLE = [plain_task(["apple"])]
FRUITS = [{"fruit": FRUIT}]


@pytest.fixture(scope="module")
def prompt_sampler(world: World, encoder: Encoder) -> PromptSampler:
    return PromptSampler(world, encoder, seen_families(world))


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


def test_names_are_what_the_encoder_says_of_them(prompt_sampler: PromptSampler, encoder: Encoder) -> None:
    found = prompt_sampler.sample(TASKS, "names")
    for vectors, task in zip(found, TASKS, strict=True):
        torch.testing.assert_close(vectors[: len(task)], encoder.encode_texts_cached(list(task)))
    assert torch.equal(found, prompt_sampler.sample(TASKS, "names", seeded()))  # there is but one name
    assert prompt_sampler.width == encoder.dim


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_is_a_unit_vector_and_padding_is_zero(prompt_sampler: PromptSampler, kind: str) -> None:
    lengths = prompt_sampler.sample(TASKS, kind, seeded()).norm(dim=2)
    expected = torch.arange(4) < torch.tensor([[len(task)] for task in TASKS])
    torch.testing.assert_close(lengths, expected.float(), atol=1e-5, rtol=0)


def test_kinds_are_different_things_to_say(prompt_sampler: PromptSampler) -> None:
    found = [prompt_sampler.sample(TASKS, kind, seeded())[0] for kind in KINDS]
    for i, one in enumerate(found):
        for other in found[:i]:
            assert ((one * other).sum(1) < 0.999).any()


@pytest.mark.parametrize("kind", ["synonyms", "descriptions"])
def test_other_words_are_the_things_own_and_all_of_them_come_up(
    prompt_sampler: PromptSampler, encoder: Encoder, world: World, kind: str
) -> None:
    texts = getattr(world.things["apple"], kind)
    found = prompt_sampler.sample(APPLE * 200, kind, seeded())[:, 0]
    assert matches(found, encoder.encode_texts_cached(list(texts))) == set(range(len(texts)))


def test_who_has_no_other_words_goes_by_the_name(prompt_sampler: PromptSampler) -> None:
    for kind in ("synonyms", "descriptions"):
        assert torch.equal(prompt_sampler.sample(FRUITS, kind, seeded()), prompt_sampler.sample(FRUITS, "names"))


def test_pictures_are_the_classs_own_of_the_split_zoo(prompt_sampler: PromptSampler, shown) -> None:
    found = prompt_sampler.sample(APPLE * 100, "pictures", seeded(), shots=1)[:, 0]
    assert matches(found, shown("apple")) == set(range(len(shown("apple"))))
    for split in ("train", "test"):
        assert (found @ shown("apple", split).T).max() < 1 - 1e-6


def test_pictures_of_a_broad_class_come_from_all_its_members(prompt_sampler: PromptSampler, shown) -> None:
    parts = [shown(name) for name in FRUIT]
    owners = torch.arange(len(FRUIT)).repeat_interleave(torch.tensor([len(part) for part in parts]))
    found = prompt_sampler.sample(FRUITS * 100, "pictures", seeded(), shots=1)[:, 0]
    assert set(owners[list(matches(found, torch.cat(parts)))].tolist()) == set(range(len(FRUIT)))


def test_more_pictures_come_nearer_to_what_all_have_in_common(prompt_sampler: PromptSampler, shown) -> None:
    middle = shown("apple").mean(0)
    near = [
        float((prompt_sampler.sample(APPLE * 100, "pictures", seeded(), shots)[:, 0] @ middle).mean())
        for shots in (1, 4, 16)
    ]
    assert near == sorted(near)
    assert near[0] < near[2] - 1e-4


def test_both_is_the_name_and_the_pictures_together(prompt_sampler: PromptSampler, shown) -> None:
    """Without a generator the first picture is drawn, again and again."""
    found = prompt_sampler.sample(APPLE, "both")[0, 0]
    name, picture = prompt_sampler.sample(APPLE, "names")[0, 0], shown("apple")[0]
    torch.testing.assert_close(found, fuse(name, picture, 5), atol=1e-5, rtol=0)
    torch.testing.assert_close(prompt_sampler.sample(APPLE, "pictures")[0, 0], picture, atol=1e-5, rtol=0)


def test_a_text_says_less_beside_more_pictures() -> None:
    name, picture = torch.eye(2)
    parts = [fuse(name, picture, count) for count in (1, 4, 16)]
    shares = [float(part @ name / (part @ picture)) for part in parts]
    assert shares == pytest.approx([0.7, 0.35, 0.175])
    assert fuse(name.expand(3, 2), picture, torch.tensor([1, 4, 16])).tolist() == [p.tolist() for p in parts]


def test_every_task_may_have_a_kind_and_a_number_of_pictures_of_its_own(prompt_sampler: PromptSampler) -> None:
    kinds = torch.tensor([KINDS.index(kind) for kind in ("names", "both", "pictures")])
    found = prompt_sampler.sample(APPLE * 3, kinds, shots=torch.tensor([1, 5, 2]))
    for vectors, kind in zip(found, ("names", "both", "pictures"), strict=True):
        torch.testing.assert_close(vectors, prompt_sampler.sample(APPLE, kind)[0], atol=1e-6, rtol=0)


def test_a_mixture_has_its_share_of_every_kind(prompt_sampler: PromptSampler) -> None:
    first, again, other = (prompt_sampler.sample_mixed(APPLE * 300, seeded(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    name = prompt_sampler.sample(APPLE, "names")[0, 0]
    for mix, shares in PROMPT_MIX.items():
        assert sum(shares) == pytest.approx(1)
        names = (prompt_sampler.sample_mixed(APPLE * 300, seeded(), mix)[:, 0] @ name > 1 - 1e-5).float().mean()
        assert names == pytest.approx(shares[0], abs=0.1), mix


def test_unseen_classes_have_words_where_they_are_asked_for(world: World, encoder: Encoder) -> None:
    everyone = PromptSampler(world, encoder, seen_families(world), world.names)
    found = everyone.sample([plain_task(world.unseen)], "names")[0]
    torch.testing.assert_close(found, encoder.encode_texts_cached(world.unseen))
    assert "cherry" not in PromptSampler(world, encoder, {}).labels


def test_a_class_without_pictures_for_the_zoo_shows_its_training_ones_and_nobody_elses(encoder: Encoder) -> None:
    class NoneForTheZoo(Numbered):
        def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
            count = 0 if (split, name) == ("zoo", "b") else count
            return super()._pictures(split, name, count).repeat(32, 1).repeat(32, 2) * np.uint8(80)

    world = NoneForTheZoo({"a": 2, "b": 2, "c": 2})
    found = PromptSampler(world, encoder, {}).sample([plain_task(["b"])] * 20, "pictures", seeded(), shots=1)[:, 0]
    assert matches(found, encoder.encode_images(list(world.pictures("train", "b")))) == {0, 1}


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_blurred_vectors_are_moved_and_stay_unit_vectors(prompt_sampler: PromptSampler, amount: float) -> None:
    vectors = prompt_sampler.sample(TASKS, "names")
    moved = jitter(vectors, amount, seeded())
    torch.testing.assert_close(moved.norm(dim=2), vectors.norm(dim=2), atol=1e-5, rtol=0)
    assert not moved[vectors.norm(dim=2) == 0].any()
    cosines = (moved * vectors).sum(2)[vectors.norm(dim=2) > 0]
    torch.testing.assert_close(cosines, torch.full_like(cosines, (1 + amount**2) ** -0.5), atol=0.05, rtol=0)
