"""Batches for many tasks at once: every class as likely as every other, and each shown with its own pictures."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.tiny import Numbered
from tina.blueprints import get_blueprint
from tina.blueprints.heads import NetworkHeads
from tina.training.zoo.bank import Bank, finetuning_data, moved, pretraining_data, sharpened
from tina.worlds.task import Task, plain_task

COUNTS = {"a": 3, "b": 30, "c": 1, "d": 12, "e": 5, "f": 9}
PLAIN = plain_task(["b", "a", "c"])
BROAD = {"many": ("c", "d", "e"), "f": ("f",)}
PAIR = plain_task(["e", "b"])


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(Numbered(COUNTS), list(COUNTS), ("train", "zoo"))


def draw(bank: Bank, tasks: list[Task], batch: int = 3000, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Labels, and of each picture its class, number and split: M x batch each."""
    pictures, labels = bank.draw(bank.targets(tasks), batch, torch.Generator().manual_seed(seed))
    assert pictures.shape == (len(tasks), batch, 1, 1, 3)
    assert pictures.dtype == torch.uint8
    return labels, *pictures[:, :, 0, 0].long().unbind(-1)


def shares(values: Tensor) -> list[float]:
    return (values.bincount() / len(values)).tolist()


def test_every_class_is_equally_likely_however_many_pictures_it_has(bank: Bank) -> None:
    labels, *_ = draw(bank, [PLAIN])
    assert shares(labels[0]) == pytest.approx([1 / 3] * 3, abs=0.04)


def test_within_a_broad_class_every_member_is_equally_likely(bank: Bank) -> None:
    labels, shown, *_ = draw(bank, [BROAD])
    assert shares(labels[0]) == pytest.approx([0.5, 0.5], abs=0.04)
    assert shares(shown[0][labels[0] == 0]) == pytest.approx([0, 0, 1 / 3, 1 / 3, 1 / 3], abs=0.04)


def test_every_picture_is_equally_likely_in_its_class(bank: Bank) -> None:
    labels, _, number, split = draw(bank, [PLAIN], 9000)
    of_b = (number + 30 * split)[0][labels[0] == 0]  # its thirty of either split
    assert shares(of_b) == pytest.approx([1 / 60] * 60, abs=0.01)


def test_a_class_shows_its_own_pictures_of_the_banks_splits(bank: Bank) -> None:
    tasks = [PLAIN, BROAD, PAIR]
    labels, shown, _, split = draw(bank, tasks)
    for m, task in enumerate(tasks):
        for k, names in enumerate(task.values()):
            assert {"abcdef"[i] for i in shown[m][labels[m] == k].tolist()} == set(names)
    assert set(split.flatten().tolist()) == {0, 1}  # train and zoo, and nothing held out


def test_padding_is_never_drawn(bank: Bank) -> None:
    tasks = [PAIR, plain_task(list(COUNTS))]
    assert bank.targets(tasks).mask.tolist() == [[True] * 2 + [False] * 4, [True] * 6]
    labels, *_ = draw(bank, tasks)
    assert set(labels[0].tolist()) == {0, 1}
    assert set(labels[1].tolist()) == set(range(6))


def test_a_seed_is_a_batch(bank: Bank) -> None:
    tasks = [PLAIN, BROAD]
    first, again, other = (torch.stack(draw(bank, tasks, 50, seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_one_generator_gives_batch_after_batch(bank: Bank) -> None:
    generator, targets = torch.Generator().manual_seed(0), bank.targets([PLAIN])
    assert not torch.equal(bank.draw(targets, 50, generator)[0], bank.draw(targets, 50, generator)[0])


class Pixel(NetworkHeads):
    """What it sees of a picture is its one pixel."""

    def look(self, x: Tensor) -> Tensor:
        return (x[:, :, 0, 0] + 1) * 127.5


def test_a_backbone_and_its_rows_never_learn_from_the_same_picture() -> None:
    """A backbone from `train`, its rows from what it sees of `zoo`; what has no backbone learns from both."""
    world = Numbered(COUNTS)
    blueprint = Pixel("pixel", get_blueprint("resnet20-head").whole)
    whole, start = pretraining_data(blueprint, world, list(COUNTS), "cpu")
    top, tuning = finetuning_data(blueprint, world, list(COUNTS), "cpu")
    assert (whole, top) == (blueprint.whole, blueprint.top)
    assert start.pictures[:, 0, 0, 2].unique().tolist() == [world.splits.index("train")]
    assert tuning.pictures[:, 2].round().unique().tolist() == [world.splits.index("zoo")]
    assert tuning.pictures[:, :2].round().int().tolist() == start.pictures[:, 0, 0, :2].int().tolist()
    for given in (pretraining_data, finetuning_data):
        blueprint, bank = given(get_blueprint("cnn-5k"), world, list(COUNTS), "cpu")
        assert blueprint is get_blueprint("cnn-5k")
        assert bank.pictures[:, 0, 0, 2].unique().tolist() == [0, 1]


def test_moved_pictures_are_shifted_a_little_and_every_other_one_is_mirrored() -> None:
    """One pixel of each is red, where it may land is known, and everything else stays what it was."""
    pictures = torch.zeros(2, 500, 9, 9, 3, dtype=torch.uint8)
    pictures[:, :, 4, 2, 0] = 200
    pictures[..., 1] = 7
    found = moved(pictures, 2, torch.Generator().manual_seed(0))
    assert found.shape == pictures.shape
    assert found.dtype == torch.uint8
    assert (found[..., 1] == 7).all()
    rows, columns = (found[..., 0] == 200).nonzero()[:, 2:].T
    assert len(rows) == 1000
    assert set(rows.tolist()) == {2, 3, 4, 5, 6}
    assert set(columns.tolist()) == {0, 1, 2, 3, 4} | {4, 5, 6, 7, 8}  # as it was, and mirrored: 2 -> 6
    assert 340 < (columns < 4).sum() < 460  # four of five places of those that are not mirrored


def test_what_moves_into_view_is_the_edge_over_again() -> None:
    pictures = torch.arange(5, dtype=torch.uint8).view(1, 1, 1, 5, 1).expand(1, 300, 4, 5, 3)
    rows = {tuple(row) for row in moved(pictures, 1, torch.Generator().manual_seed(0))[0, :, 0, :, 0].tolist()}
    ways = {(0, 0, 1, 2, 3), (0, 1, 2, 3, 4), (1, 2, 3, 4, 4)}
    assert rows == ways | {way[::-1] for way in ways}


def test_sharpening_changes_the_finest_detail_and_nothing_else() -> None:
    """Vertical stripes one pixel wide become fainter or stronger around the same grey, each picture in its own way and
    by no more than was allowed; where there is no detail there is nothing to change."""
    stripes = torch.tensor([90, 110], dtype=torch.uint8).repeat(4)[None, None, None, :, None].expand(1, 200, 8, 8, 3)
    found = sharpened(stripes, 1.0, torch.Generator().manual_seed(0))
    assert found.shape == stripes.shape
    assert found.dtype == torch.uint8
    inner = found[0, :, 1:-1, 2:-2].float()
    assert (inner.mean((1, 2, 3)) - 100).abs().max() < 1
    contrast = (inner[:, 0, 1, 0] - inner[:, 0, 0, 0]).abs() / 20
    assert 1 / 3 < contrast.min() < 0.5
    assert 2.3 < contrast.max() < 2.8
    assert 70 < (contrast < 1).sum() < 130
    flat = torch.full((1, 9, 8, 8, 3), 42, dtype=torch.uint8)
    assert torch.equal(sharpened(flat, 1.0, torch.Generator().manual_seed(0)), flat)


def test_sharpening_stays_within_what_a_picture_can_hold() -> None:
    extreme = torch.tensor([0, 255], dtype=torch.uint8).repeat(4)[None, None, None, :, None].expand(1, 50, 8, 8, 3)
    found = sharpened(extreme, 2.0, torch.Generator().manual_seed(0))
    assert (found[..., 1::2, :] >= found[..., 0::2, :]).all()  # nothing wraps around


def test_a_bank_moves_pictures_when_asked_and_what_a_backbone_sees_never() -> None:
    bank = Bank(Numbered(COUNTS), list(COUNTS), ("train",))
    targets = bank.targets([PLAIN])
    still, same = (bank.draw(targets, 50, torch.Generator().manual_seed(0), move) for move in (0, 3))
    assert torch.equal(still[1], same[1])
    assert torch.equal(still[0], same[0])  # of one pixel each, so nothing can be seen to move
    bank.pictures = torch.arange(25, dtype=torch.uint8).view(1, 5, 5, 1).expand(len(bank.pictures), 5, 5, 3)
    still, shifted = (bank.draw(targets, 50, torch.Generator().manual_seed(0), move)[0] for move in (0, 3))
    assert not torch.equal(still, shifted)
    bank.pictures = torch.rand(len(bank.pictures), 8)
    assert torch.equal(*(bank.draw(targets, 50, torch.Generator().manual_seed(0), move)[0] for move in (0, 3)))
