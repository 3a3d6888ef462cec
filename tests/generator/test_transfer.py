"""Rows for classes that nothing was trained on: what the encoder sees in pictures, carried over to the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.tina import Tina
from tina.generator.transfer import Near, Transfer
from tina.zoo.wordings import Wordings

E, FEATURES, CLASSES, EACH = 24, 16, 12, 60
DRAW = torch.Generator().manual_seed(3)
MEANINGS = F.normalize(torch.randn(CLASSES, E, generator=DRAW), dim=-1)
SEES = torch.randn(E, FEATURES, generator=DRAW)  # how the network's features hang together with what a picture means


def pictures(classes: range) -> tuple[Tensor, Tensor, Tensor]:
    """Features, vectors and labels of some pictures."""
    draw = torch.Generator().manual_seed(5)
    labels = torch.tensor(classes).repeat_interleave(EACH)
    vectors = F.normalize(MEANINGS[labels] + 0.1 * torch.randn(len(labels), E, generator=draw), dim=-1)
    features = vectors @ SEES + 2 + 0.1 * torch.randn(len(labels), FEATURES, generator=draw)
    return features, vectors, labels


def stack(rows: Tensor, biases: Tensor) -> dict[str, Tensor]:
    return {"head.weight": rows[None], "head.bias": biases[None]}


@pytest.fixture(scope="module")
def transfer() -> Transfer:
    return Transfer.fit(*pictures(range(CLASSES - 4)))


NEW = range(CLASSES - 4, CLASSES)
ALL = torch.ones(1, 4, dtype=torch.bool)


def beside(shown: float = 0.0, ways: int = 4) -> tuple[Tensor, Near]:
    """How much a prompt is of pictures, and near rows that are not wanted."""
    unwanted = Near(torch.zeros(1, ways, FEATURES), torch.ones(()), torch.zeros(1, ways))
    return torch.full((1, ways), shown), unwanted


WORDS, SHOWN = beside(), beside(shown=1.0)


def test_classes_it_was_not_fitted_with_are_told_apart(transfer: Transfer) -> None:
    features, _, labels = pictures(NEW)
    rows, biases = transfer(MEANINGS[NEW])
    found = (features @ rows.T + biases).argmax(1) + NEW.start
    assert (found == labels).float().mean() > 0.9


def test_how_loudly_a_class_is_asked_for_changes_nothing(transfer: Transfer) -> None:
    """A text, one picture and the mean of many are not equally far from what pictures have in common."""
    loud = transfer.middle + 3 * (MEANINGS - transfer.middle)
    for found, usual in zip(transfer(loud), transfer(MEANINGS), strict=True):
        torch.testing.assert_close(found, usual, atol=1e-3, rtol=1e-4)


def test_what_is_known_keeps_the_row_that_was_written(transfer: Transfer) -> None:
    draw = torch.Generator().manual_seed(8)
    written = stack(torch.randn(4, FEATURES, generator=draw), torch.randn(4, generator=draw))
    found = transfer.into(written, MEANINGS[None, :4], ALL, torch.ones(1, 4), *WORDS)
    for name, weight in written.items():
        torch.testing.assert_close(found[name], weight)


def test_what_is_not_known_has_the_transferred_row(transfer: Transfer) -> None:
    known = torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    still = replace(transfer, strangers=transfer.strangers[:0])  # with nobody to say how high it has to be
    found = still.into(stack(torch.ones(4, FEATURES), torch.zeros(4)), MEANINGS[None, :4], ALL, known, *WORDS)
    rows, biases = transfer(MEANINGS[:4])
    torch.testing.assert_close(found["head.weight"][0, 1::2], rows[1::2])
    torch.testing.assert_close(found["head.bias"][0, 1::2], biases[1::2])


def test_strangers_are_taken_for_an_unknown_class_as_often_as_for_any_other(transfer: Transfer) -> None:
    """However high or low the written rows were: what is in common to them means nothing."""
    features, _, labels = pictures(range(4))
    rows, biases = transfer(MEANINGS[:4])
    known = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    for height in (-50.0, 0.0, 50.0):
        found = transfer.into(stack(rows, biases + height), MEANINGS[None, :4], ALL, known, *WORDS)
        said = transfer.strangers @ found["head.weight"][0].T + found["head.bias"][0]
        torch.testing.assert_close(said.softmax(1).mean(0)[2:], torch.full((2,), 0.25), atol=0.04, rtol=0)
        said = (features @ found["head.weight"][0].T + found["head.bias"][0]).argmax(1)
        assert (said == labels).float().mean() > 0.9


def test_unknown_classes_that_are_all_shown_by_pictures_keep_their_heights_among_themselves(transfer: Transfer) -> None:
    still, nothing = replace(transfer, strangers=transfer.strangers[:0]), torch.zeros(1, 4)
    written = stack(torch.ones(4, FEATURES), torch.zeros(4))
    usual = still.into(written, MEANINGS[None, :4], ALL, nothing, *SHOWN)["head.bias"]
    found = transfer.into(written, MEANINGS[None, :4], ALL, nothing, *SHOWN)["head.bias"]
    torch.testing.assert_close(found - usual, (found - usual).mean().expand(1, 4), atol=1e-3, rtol=0)
    in_words = transfer.into(written, MEANINGS[None, :4], ALL, nothing, *WORDS)["head.bias"]
    assert (in_words - usual).std() > 0.1


def test_in_words_a_class_gets_a_row_between_its_own_and_those_of_near_meanings(transfer: Transfer) -> None:
    """Of twelve seen classes the first four are asked for under other words, which mean nearly the same."""
    draw = torch.Generator().manual_seed(9)
    seen_rows = torch.randn(CLASSES, FEATURES, generator=draw)
    said = F.normalize(MEANINGS[:4] + 0.05 * torch.randn(4, E, generator=draw), dim=-1)[None]
    found = Near.of(said, MEANINGS, seen_rows, torch.zeros(1, 4))
    away = seen_rows - seen_rows.mean(0)
    assert F.cosine_similarity(found.rows[0], away[:4], dim=-1).min() > 0.9
    rows, biases = transfer(said)
    mixed, heights = found.beside(rows, biases, transfer.usual)
    for other in (rows, found.rows):
        assert F.cosine_similarity(mixed, other, dim=-1).min() > F.cosine_similarity(rows, found.rows, dim=-1).max()
    assert (mixed.norm(dim=-1) <= rows.norm(dim=-1) + 1e-4).all()
    torch.testing.assert_close(heights, -(mixed @ transfer.usual))


@pytest.mark.parametrize(("shown", "own_tower"), [(1.0, False), (0.0, True)])
def test_near_rows_are_for_words_that_lie_apart_from_pictures(
    transfer: Transfer, shown: float, own_tower: bool
) -> None:
    rows, biases = transfer(MEANINGS[None, :4])
    found = Near.of(MEANINGS[None, :4], MEANINGS, torch.randn(CLASSES, FEATURES), torch.full((1, 4), shown), own_tower)
    torch.testing.assert_close(found.beside(rows, biases, transfer.usual), (rows, biases))


def test_padding_stays_zero_and_tells_nothing(transfer: Transfer) -> None:
    mask = torch.tensor([[True, True, True, False]])
    written = stack(torch.ones(4, FEATURES), torch.ones(4))
    found = transfer.into(written, MEANINGS[None, :4], mask, torch.full((1, 4), 0.5), *WORDS)
    assert not found["head.weight"][0, 3].any()
    assert not found["head.bias"][0, 3]
    alone = {name: weight[:, :3] for name, weight in written.items()}
    without = transfer.into(alone, MEANINGS[None, :3], mask[:, :3], torch.full((1, 3), 0.5), *beside(ways=3))
    for name, weight in without.items():
        torch.testing.assert_close(found[name][:, :3], weight)


def test_nothing_writes_zeros() -> None:
    rows, biases = Transfer.nothing(E, FEATURES)(MEANINGS)
    assert rows.shape == (CLASSES, FEATURES)
    assert not rows.any()
    assert not biases.any()


def test_on_the_encoders_own_tower_a_row_is_the_prompts_vector(on_towers: dict[str, Path]) -> None:
    """So that there a class that is not known is recognised as well as the encoder by itself does."""
    tina = Tina.from_pretrained(on_towers["rows"])
    world, encoder = tina.world, tina.encoder
    wordings = Wordings(world, encoder, {}, world.names)
    transfer = Transfer.of(tina.blueprint, dict(tina.generic.state_dict()), world, wordings)
    vectors = encoder.encode_texts(world.names)
    rows, biases = transfer(vectors)
    pictures = torch.from_numpy(np.concatenate([world.pictures("test", name, 2) for name in world.names]))
    logits = tina.blueprint.look(tina.blueprint.scale(pictures)) @ rows.T
    alike = encoder.scale * encoder.encode_images(list(pictures.numpy())) @ vectors.T
    torch.testing.assert_close(logits, alike, atol=2e-2, rtol=1e-3)
    assert biases.shape == (len(world.names),)
