"""What closed form makes of words and pictures, before anything is written."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from tests.generator.tower.conftest import make_shown, permuted
from tina.generator.tower.description import NUMBERS, describe
from tina.generator.tower.reading import Shown, level_of_names, read
from tina.generator.tower.settings import TowerSettings
from tina.generator.tower.temperature import EVIDENCE, evidence

SETTINGS = TowerSettings()


def test_of_names_alone_rows_are_what_they_predict_less_what_they_have_in_common() -> None:
    shown = of_own_names(make_shown([[0, 0, 0]]), 0)
    reading = read(shown, SETTINGS)
    row = shown.said.row[0]
    expected = 0.5**0.5 * F.normalize(row - row.mean(0), dim=1)
    torch.testing.assert_close(reading.rows[0], expected)
    assert reading.plain_weight[0].tolist() == pytest.approx([0.5**0.5] * 3)
    assert not reading.centre.any()


def of_own_names(shown: Shown, count: int) -> Shown:
    """The same, where the first `count` names of each prompt are names of the tower's own classes."""
    kind = shown.said.kind.clone()
    kind[..., 0] = (torch.arange(kind.shape[1]) < count).float()
    return replace(shown, said=replace(shown.said, kind=kind))


def test_rows_that_the_tower_learnt_are_the_louder_the_more_of_the_names_are_its_own_and_the_more_there_are() -> None:
    def ratio(ways: int, own: int) -> float:
        reading = read(of_own_names(make_shown([[0] * ways]), own), SETTINGS)
        loud, soft = reading.plain_weight[0], reading.rows[0].norm(dim=1)
        torch.testing.assert_close(loud.square() + soft.square(), torch.ones(ways))  # together as loud as ever
        return float((loud / soft).mean())

    assert ratio(4, 4) == pytest.approx(SETTINGS.own_on_plain)
    assert ratio(4, 2) == pytest.approx(1 + (SETTINGS.own_on_plain - 1) / 2**12)
    assert ratio(40, 40) == pytest.approx(2 * SETTINGS.own_on_plain)
    reading = read(of_own_names(make_shown([[0] * 4]), 4), SETTINGS)
    torch.testing.assert_close(reading.row_weight, 2**0.5 * reading.rows.norm(dim=2)[:, 0])  # and so is what is written
    shown = make_shown([[2, 0, 0]])
    some, none = (read(of_own_names(shown, own), SETTINGS) for own in (3, 0))
    torch.testing.assert_close(some.plain_weight, none.plain_weight)  # where pictures are shown, all names are alike


def test_rows_that_the_tower_learnt_are_as_long_beside_each_other_as_it_learnt_them() -> None:
    shown = of_own_names(make_shown([[0, 0, 0]]), 3)
    lengths = torch.tensor([[0.8, 1.0, 1.2]])
    longer = replace(shown, said=replace(shown.said, length=lengths))
    one, other = read(shown, SETTINGS), read(longer, SETTINGS)
    torch.testing.assert_close(other.plain_weight, lengths * one.plain_weight)
    torch.testing.assert_close(other.rows, one.rows)
    pictured = make_shown([[1, 1, 1]])
    with_lengths = replace(pictured, said=replace(pictured.said, length=lengths))
    torch.testing.assert_close(read(with_lengths, SETTINGS).plain_weight, read(pictured, SETTINGS).plain_weight)


def test_pictures_and_names_are_added_and_a_mere_label_adds_nothing() -> None:
    shown = make_shown([[2, 3, 1]], named=[[1, 1, 0]])
    reading = read(shown, SETTINGS)
    means = torch.stack([shown.pictures[0, k, :n].mean(0) for k, n in enumerate((2, 3, 1))])
    centre = 0.5 * means.mean(0)
    torch.testing.assert_close(reading.centre[0], centre)
    own = F.normalize(shown.pictures[0, 1, :3] - centre, dim=1)
    torch.testing.assert_close(reading.means[0, 1], F.normalize(own.sum(0), dim=0))
    both = F.normalize(reading.means[0] + SETTINGS.name_weight * reading.names[0], dim=1)
    torch.testing.assert_close(reading.rows[0], both)
    torch.testing.assert_close(reading.rows[0, 2], reading.means[0, 2])
    assert reading.plain_weight[0].tolist() == pytest.approx([0.35, 0.35, 0])
    alone = read(shown.without_words(), SETTINGS)
    torch.testing.assert_close(alone.rows, alone.means)


def test_a_single_name_is_not_wiped_out_by_its_own_mean() -> None:
    reading = read(make_shown([[1, 2]], named=[[1, 0]]), SETTINGS)
    assert reading.names[0, 0].norm() == pytest.approx(1)


def test_the_order_of_classes_and_padding_do_not_matter() -> None:
    shown, order = make_shown([[2, 0, 3, 1]], named=[[1, 1, 0, 1]]), [2, 0, 3, 1]
    moved = permuted(shown, order)
    for part in ("rows", "means", "names", "plain", "plain_weight"):
        one, other = (getattr(read(some, SETTINGS), part) for some in (shown, moved))
        torch.testing.assert_close(one[:, order], other)
    numbers, others = (describe(some, read(some, SETTINGS)) for some in (shown, moved))
    torch.testing.assert_close(numbers[:, order], others, atol=1e-5, rtol=1e-5)
    assert torch.allclose(evidence(shown, read(shown, SETTINGS)), evidence(moved, read(moved, SETTINGS)), atol=1e-5)
    padded = make_shown([[2, 0, 3, 1], [1, 2, -1, -1]], seed=9)
    alone = permuted(padded, [0, 1])
    both, one = describe(padded, read(padded, SETTINGS))[1], describe(alone, read(alone, SETTINGS))[1]
    torch.testing.assert_close(both[:2], one, atol=1e-5, rtol=1e-5)
    assert not both[2:].any()
    torch.testing.assert_close(
        evidence(padded, read(padded, SETTINGS))[1], evidence(alone, read(alone, SETTINGS))[1], atol=1e-5, rtol=1e-5
    )


def test_what_is_told_of_a_class() -> None:
    shown = make_shown([[2, 0]], named=[[0, 1]])
    numbers = dict(zip(NUMBERS, describe(shown, read(shown, SETTINGS))[0].T, strict=True))
    assert numbers["named"].tolist() == [0, 1]
    assert numbers["pictured"].tolist() == [1, 0]
    assert numbers["count"].tolist() == pytest.approx([math.log(3) / 2, 0])
    assert numbers["nearest"].tolist() == pytest.approx([0, float(shown.said.nearest[0, 1])])
    assert numbers["agreement"].tolist() == [0, 0]
    reading = read(shown, SETTINGS)
    assert evidence(shown, reading).shape == (1, EVIDENCE)
    assert evidence(shown, reading) is evidence(shown, reading), "worked out once"
    same = make_shown([[2, 2]])
    alike = same.pictures.clone()
    alike[0, 1] = alike[0, 0]
    of_same = describe(type(same)(same.mask, same.named, alike, same.shown, same.said), read(same, SETTINGS))
    assert dict(zip(NUMBERS, of_same[0].T, strict=True))["uncentred nearest"].tolist() == pytest.approx(
        [1, 1], abs=1e-5
    )


def test_what_is_only_named_gains_a_level_beside_pictures_and_nowhere_else() -> None:
    """The more pictures the others have, the more; prompts of one kind stay as they are."""
    mixed = make_shown([[5, 0, 5, 0], [2, 1, 0, 0], [10, 0, 10, -1]], named=[[1, 1, 0, 0], [0, 1, 1, 1], [0, 1, 0, 0]])
    level = SETTINGS.name_level
    expected = [[0, 0.6 * level, 0, 0], [0, 0, 0, 0], [0, 0.8 * level, 0, 0]]
    torch.testing.assert_close(level_of_names(mixed, SETTINGS), torch.tensor(expected))
    for counts in ([[0, 0, 0]], [[5, 5, 5]]):
        assert not level_of_names(make_shown(counts), SETTINGS).any()
