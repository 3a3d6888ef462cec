"""The generic network learns what an encoder makes of pictures before it learns their labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.tiny import Numbered
from tina.blueprints import Weights, get_blueprint
from tina.blueprints.slicing import slice_rows
from tina.errors import UserError
from tina.training.schedule import TrainSchedule
from tina.training.zoo.bank import Bank, finetuning_data
from tina.training.zoo.build import train_generic
from tina.training.zoo.finetune import train_many
from tina.training.zoo.teacher import TEMPERATURE, UNTIL, Teacher
from tina.worlds import World
from tina.worlds.task import plain_task

BLUEPRINT = get_blueprint("cnn-5k")
SCHEDULE = TrainSchedule(steps=150, batch=32)


class Mistaken:
    """An encoder in whose eyes every picture shows the class after its own."""

    scale = 8.0

    def __init__(self, bank: Bank):
        self.names = list(bank.places)
        self.shown = [part.numpy() for part in bank.pictures.split(bank.counts.tolist())]

    def encode_texts_cached(self, texts: Sequence[str]) -> Tensor:
        return torch.eye(len(self.names))[[self.names.index(text) for text in texts]]

    def encode_images(self, pictures: Sequence[np.ndarray]) -> Tensor:
        own = [next(n for n, part in enumerate(self.shown) if (part == one).all((1, 2, 3)).any()) for one in pictures]
        return torch.eye(len(self.names)).roll(-1, 0)[own]


@pytest.fixture(scope="module")
def teacher(bank: Bank) -> Teacher:
    return Teacher.of(bank, Mistaken(bank))


def answers(weights: Weights, bank: Bank) -> Tensor:
    with torch.no_grad():
        return BLUEPRINT.forward(weights, BLUEPRINT.scale(bank.pictures)).argmax(1)


def test_it_says_of_each_picture_what_the_encoder_does() -> None:
    bank = Bank(Numbered({"a": 3, "b": 30, "c": 1}), ["a", "b", "c"], ("train", "zoo"))
    teacher = Teacher.of(bank, Mistaken(bank))
    said = (teacher.vectors @ teacher.rows.T).argmax(1)
    assert said.tolist() == [1] * 6 + [2] * 60 + [0] * 2


def test_who_says_the_same_has_nothing_to_learn_and_everyone_else_has(teacher: Teacher) -> None:
    at = torch.tensor([[0, 50, 3], [7, 100, 30]])
    same = teacher.vectors[at] @ teacher.rows.T
    torch.testing.assert_close(teacher.losses(same, at), torch.zeros(2, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(teacher.losses(same + 3, at), torch.zeros(2, 3), atol=1e-5, rtol=0)
    assert (teacher.losses(-same, at) > 0.5).all()


def test_its_gradients_are_as_large_as_those_of_labels(teacher: Teacher) -> None:
    """So that its share of the loss is its share of what is learnt, however far the comparison is evened out."""
    logits, at, labels = torch.zeros(1, 1, teacher.rows.shape[0]), torch.tensor([[0]]), torch.tensor([1])
    of = [logits.clone().requires_grad_() for _ in range(2)]
    teacher.losses(of[0], at).sum().backward()
    F.cross_entropy(of[1].flatten(0, 1), labels).backward()
    ratio = float(of[0].grad.norm() / of[1].grad.norm())
    assert TEMPERATURE * 0.7 < ratio < TEMPERATURE * 1.01


@pytest.fixture(scope="module")
def distilled(bank: Bank, teacher: Teacher) -> dict[int, Weights]:
    """The generic network when the teacher's part of the training ends, and at the end."""
    names, weights_at = list(bank.places), {}

    def watch(step: int, weights: Weights) -> None:
        if step in (round(UNTIL * SCHEDULE.steps), SCHEDULE.steps):
            weights_at[step] = {name: weight[0].detach().clone() for name, weight in weights.items()}

    init, task = BLUEPRINT.init(len(names), torch.Generator().manual_seed(0)), [plain_task(names)]
    train_many(BLUEPRINT, slice_rows(BLUEPRINT, init, names, task), task, bank, SCHEDULE, 0, watch, teacher)
    return weights_at


def test_at_first_the_teacher_counts_and_in_the_end_the_labels(bank: Bank, distilled: dict[int, Weights]) -> None:
    names = list(bank.places)
    labels = torch.repeat_interleave(torch.arange(len(names)), bank.counts)
    (by_labels, by_teacher), (by_labels_at_last, by_teacher_at_last) = (
        [float((answers(weights, bank) == right).float().mean()) for right in (labels, (labels + 1) % len(names))]
        for weights in distilled.values()
    )
    assert by_teacher > 0.6 > 0.2 > by_labels
    assert by_labels_at_last > 0.6 > 0.2 > by_teacher_at_last


def test_the_generic_network_is_distilled_and_then_nearer_to_its_teacher(
    bank: Bank, teacher: Teacher, distilled: dict[int, Weights]
) -> None:
    names = list(bank.places)
    label_only = train_generic(BLUEPRINT, bank, names, SCHEDULE, 0)
    generic = train_generic(BLUEPRINT, bank, names, SCHEDULE, 0, teacher)
    assert all(torch.equal(weight, distilled[SCHEDULE.steps][name]) for name, weight in generic.items())
    at = torch.arange(len(bank.pictures))[None]
    with torch.no_grad():
        far, near = (
            teacher.losses(BLUEPRINT.forward(weights, BLUEPRINT.scale(bank.pictures))[None], at).mean()
            for weights in (label_only, generic)
        )
    assert near < 0.9 * far


def test_what_an_encoder_has_looked_at_is_no_picture_any_more(world: World) -> None:
    _, bank = finetuning_data(get_blueprint("encoder-head:embedded"), world, world.seen, "cpu")
    with pytest.raises(UserError, match="nothing to learn from it"):
        Teacher.of(bank, Mistaken(bank))
