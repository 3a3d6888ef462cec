"""Whether a class is one that the generator knows, scores by its vector alone."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.generator.closed_form.familiarity import Familiarity
from tina.training.fit.familiarity import familiarity_of
from tina.training.zoo.prompt_sampler import PromptSampler
from tina.training.zoo.tasks import seen_families
from tina.worlds import load_world

NAMES = ["apple", "banana", "cherry", "cat", "rabbit", "car", "bus", "house", "castle", "mug", "fork", "spoon"]


@pytest.fixture(scope="module")
def prompt_sampler() -> PromptSampler:
    world = load_world("sketchbook")
    families = {family: [n for n in names if n in NAMES] for family, names in seen_families(world).items()}
    return PromptSampler(
        world, Encoder(), {family: names for family, names in families.items() if len(names) > 1}, NAMES
    )


@pytest.fixture(scope="module")
def familiarity(prompt_sampler: PromptSampler) -> Familiarity:
    return familiarity_of(load_world("sketchbook"), prompt_sampler, Encoder())


def shares(familiarity: Familiarity, vectors: Tensor) -> Tensor:
    return familiarity(vectors[None], torch.ones(1, len(vectors), dtype=torch.bool))[0]


@pytest.fixture(scope="module")
def both() -> PromptSampler:
    """Of familiarity classes and of others of the same world."""
    names = [*NAMES, "owl", "teapot", "trumpet", "helicopter", "tulip", "igloo"]
    return PromptSampler(load_world("sketchbook"), Encoder(), {}, names)


@pytest.mark.parametrize(("kind", "shots"), [("names", 0), ("synonyms", 0), ("pictures", 5), ("both", 5)])
def test_seen_classes_are_more_familiar_than_others(
    familiarity: Familiarity, both: PromptSampler, kind: str, shots: int
) -> None:
    draw = torch.Generator().manual_seed(2)
    vectors = both.sample([{name: (name,)} for name in both.names], kind, draw, max(1, shots))[:, 0]
    scores = shares(familiarity, vectors)
    assert scores[: len(NAMES)].mean() > 0.6
    assert scores[: len(NAMES)].mean() > scores[len(NAMES) :].mean() + 0.3


def test_an_unseen_class_among_unseen_ones_is_less_familiar(familiarity: Familiarity, both: PromptSampler) -> None:
    vectors = both.sample([{name: (name,)} for name in both.names], "names")[:, 0]
    beside, alone = shares(familiarity, vectors)[len(NAMES) :], shares(familiarity, vectors[len(NAMES) :])
    assert (alone < beside).all()
    assert alone.mean() < 0.4


def test_order_and_padding_do_not_matter(familiarity: Familiarity, both: PromptSampler) -> None:
    vectors = both.sample([{name: (name,) for name in ("apple", "owl", "mug", "igloo")}], "names")
    mask = torch.ones(1, 4, dtype=torch.bool)
    scores = familiarity(vectors, mask)
    torch.testing.assert_close(familiarity(vectors.flip(1), mask).flip(1), scores)
    padded = torch.cat([vectors, torch.zeros_like(vectors)], 1)
    torch.testing.assert_close(familiarity(padded, torch.cat([mask, ~mask], 1))[:, :4], scores)


def test_an_empty_one_takes_every_class_for_familiar() -> None:
    vectors = F.normalize(torch.randn(3, 16, generator=torch.Generator().manual_seed(0)), dim=-1)
    assert shares(Familiarity.empty(16), vectors).tolist() == [1.0, 1.0, 1.0]


def test_on_the_encoders_own_tower_no_picture_makes_a_class_known(
    prompt_sampler: PromptSampler, both: PromptSampler
) -> None:
    familiarity = familiarity_of(load_world("sketchbook"), prompt_sampler, Encoder(), own_tower=True)
    asked, draw = [{name: (name,)} for name in NAMES], torch.Generator().manual_seed(2)
    assert shares(familiarity, both.sample(asked, "names")[:, 0]).mean() > 0.6
    for kind in ("pictures", "both"):
        assert shares(familiarity, both.sample(asked, kind, draw, 5)[:, 0]).max() < 0.2


def test_where_half_of_a_prompt_is_not_known_nothing_counts_as_known() -> None:
    mask = torch.tensor([[True] * 4, [True] * 4, [True, True, False, False], [False] * 4])
    familiarity = torch.tensor([[1.0, 1.0, 1.0, 0.9], [1.0, 0.0, 0.9, 0.0], [1.0, 0.4, 1.0, 1.0], [1.0] * 4])
    scores = Familiarity.empty(1).discount_by_share(familiarity, mask)
    assert torch.equal(scores[0], familiarity[0])
    assert not scores[1].any()
    torch.testing.assert_close(scores[2], familiarity[2] * 0.5)
    assert not scores[3].any()
