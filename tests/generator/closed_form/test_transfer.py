"""Rows for classes that nothing was trained on: what the encoder sees in pictures, carried over to the network."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.closed_form.transfer import Transfer, blend_kernels
from tina.generator.tina import Tina
from tina.training.fit.transfer import fit_transfer, transfer_of
from tina.training.zoo.prompt_sampler import PromptSampler

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


def replace(transfer: Transfer, **buffers: Tensor) -> Transfer:
    """A copy with other numbers."""
    changed = copy.deepcopy(transfer)
    for name, tensor in buffers.items():
        setattr(changed, name, tensor)
    return changed


def stack(rows: Tensor, biases: Tensor) -> dict[str, Tensor]:
    return {"head.weight": rows[None], "head.bias": biases[None]}


@pytest.fixture(scope="module")
def transfer() -> Transfer:
    return fit_transfer(*pictures(range(CLASSES - 4)))


NEW = range(CLASSES - 4, CLASSES)
ALL = torch.ones(1, 4, dtype=torch.bool)


KEYS = MEANINGS[: CLASSES - 4]  # what the seen classes are told by
WORDS, SHOWN = ((torch.full((1, 4), shown), KEYS) for shown in (0.0, 1.0))


def test_classes_it_was_not_fitted_with_are_told_apart(transfer: Transfer) -> None:
    features, _, labels = pictures(NEW)
    rows, biases = transfer(MEANINGS[NEW])
    found = (features @ rows.T + biases).argmax(1) + NEW.start
    assert (found == labels).float().mean() > 0.9


def test_how_loudly_a_class_is_asked_for_changes_nothing(transfer: Transfer) -> None:
    """A text, one picture and the mean of many are not equally far from what pictures have in common."""
    loud = transfer.vector_mean + 3 * (MEANINGS - transfer.vector_mean)
    for found, usual in zip(transfer(loud), transfer(MEANINGS), strict=True):
        torch.testing.assert_close(found, usual, atol=1e-3, rtol=1e-4)


def test_what_is_known_keeps_the_row_that_was_written(transfer: Transfer) -> None:
    draw = torch.Generator().manual_seed(8)
    written = stack(torch.randn(4, FEATURES, generator=draw), torch.randn(4, generator=draw))
    found = transfer.replace_unfamiliar(written, MEANINGS[None, :4], ALL, torch.ones(1, 4), *WORDS)
    for name, weight in written.items():
        torch.testing.assert_close(found[name], weight)


def test_what_is_not_known_has_the_transferred_row(transfer: Transfer) -> None:
    known = torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    still = replace(transfer, reference=transfer.reference[:0])  # with nobody to say how high it has to be
    found = still.replace_unfamiliar(
        stack(torch.ones(4, FEATURES), torch.zeros(4)), MEANINGS[None, :4], ALL, known, *SHOWN
    )
    rows, biases = transfer(MEANINGS[:4])
    torch.testing.assert_close(found["head.weight"][0, 1::2], rows[1::2])
    torch.testing.assert_close(found["head.bias"][0, 1::2], biases[1::2])


def test_strangers_are_taken_for_an_unknown_class_as_often_as_for_any_other(transfer: Transfer) -> None:
    """However high or low the written rows were: what is in common to them means nothing."""
    features, _, labels = pictures(range(4))
    rows, biases = transfer(MEANINGS[:4])
    transfer = replace(transfer, class_means=transfer.class_means[:0])  # rows of words as those of pictures
    known = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    for height in (-50.0, 0.0, 50.0):
        found = transfer.replace_unfamiliar(stack(rows, biases + height), MEANINGS[None, :4], ALL, known, *WORDS)
        said = transfer.reference @ found["head.weight"][0].T + found["head.bias"][0]
        torch.testing.assert_close(said.softmax(1).mean(0)[2:], torch.full((2,), 0.25), atol=0.04, rtol=0)
        said = (features @ found["head.weight"][0].T + found["head.bias"][0]).argmax(1)
        assert (said == labels).float().mean() > 0.9


def test_unknown_classes_that_are_all_shown_by_pictures_keep_their_heights_among_themselves(transfer: Transfer) -> None:
    still, nothing = replace(transfer, reference=transfer.reference[:0]), torch.zeros(1, 4)
    written = stack(torch.ones(4, FEATURES), torch.zeros(4))
    usual = still.replace_unfamiliar(written, MEANINGS[None, :4], ALL, nothing, *SHOWN)["head.bias"]
    found = transfer.replace_unfamiliar(written, MEANINGS[None, :4], ALL, nothing, *SHOWN)["head.bias"]
    torch.testing.assert_close(found - usual, (found - usual).mean().expand(1, 4), atol=1e-3, rtol=0)
    in_words = transfer.replace_unfamiliar(written, MEANINGS[None, :4], ALL, nothing, *WORDS)["head.bias"]
    assert (in_words - usual).std() > 0.1


def test_in_words_a_class_is_expected_where_seen_ones_with_like_words_are(transfer: Transfer) -> None:
    """These words lie where no picture does: one more axis, on which the map has nothing to say."""
    draw = torch.Generator().manual_seed(9)
    wider = replace(
        transfer,
        vector_mean=F.pad(transfer.vector_mean, (0, len(KEYS))),
        projection=F.pad(transfer.projection, (0, 0, 0, len(KEYS))),
    )
    keys = F.pad(torch.eye(len(KEYS)), (E, 0))
    said = F.normalize(keys + 0.05 * torch.randn(keys.shape, generator=draw), dim=-1)
    features, _, labels = pictures(range(len(KEYS)))

    def right(rows: Tensor, biases: Tensor) -> Tensor:
        return ((features @ rows.T + biases).argmax(1) == labels).float().mean()

    assert right(*wider(said)) < 0.4
    assert right(*wider(said, torch.zeros(len(said)), keys)) > 0.8  # before their heights are evened out
    torch.testing.assert_close(wider(said, torch.ones(len(said)), keys), wider(said))  # pictures need no such help


def test_kernels_are_the_generic_networks_as_far_as_classes_are_not_known() -> None:
    weights = {"conv": torch.ones(3, 2, 2), "head.weight": torch.ones(3, 4, 5), "head.bias": torch.ones(3, 4)}
    generic = {"conv": torch.zeros(2, 2), "head.weight": torch.zeros(9, 5), "head.bias": torch.zeros(9)}
    known = torch.tensor([[1.0, 1.0, 1.0, 0.5], [0.0, 0.0, 0.0, 1.0], [1.0, 0.5, 0.0, 0.0]])
    mask = torch.tensor([[True, True, True, False], [True, True, True, False], [True, True, False, False]])
    found = blend_kernels(weights, generic, known, mask)
    assert torch.equal(found["conv"], torch.tensor([1.0, 0.0, 0.75])[:, None, None].expand(3, 2, 2))
    assert all(found[name] is weights[name] for name in ("head.weight", "head.bias"))


def test_on_the_encoders_own_tower_words_need_no_help(on_towers: dict[str, Path]) -> None:
    knowledge = Tina.from_pretrained(on_towers["rows"]).closed_form
    prompts = knowledge.prior.keys[0]
    words = knowledge.transfer(prompts, torch.zeros(len(prompts)), prompts)
    torch.testing.assert_close(words, knowledge.transfer(prompts))


def test_padding_stays_zero_and_tells_nothing(transfer: Transfer) -> None:
    mask = torch.tensor([[True, True, True, False]])
    written = stack(torch.ones(4, FEATURES), torch.ones(4))
    found = transfer.replace_unfamiliar(written, MEANINGS[None, :4], mask, torch.full((1, 4), 0.5), *WORDS)
    assert not found["head.weight"][0, 3].any()
    assert not found["head.bias"][0, 3]
    alone = {name: weight[:, :3] for name, weight in written.items()}
    without = transfer.replace_unfamiliar(
        alone, MEANINGS[None, :3], mask[:, :3], torch.full((1, 3), 0.5), torch.zeros(1, 3), KEYS
    )
    for name, weight in without.items():
        torch.testing.assert_close(found[name][:, :3], weight)


def test_nothing_writes_zeros() -> None:
    rows, biases = Transfer.empty(E, FEATURES)(MEANINGS)
    assert rows.shape == (CLASSES, FEATURES)
    assert not rows.any()
    assert not biases.any()


def test_on_the_encoders_own_tower_a_row_is_the_prompts_vector(on_towers: dict[str, Path]) -> None:
    """So that there a class that is not known is recognised as well as the encoder by itself does."""
    tina = Tina.from_pretrained(on_towers["rows"])
    world, encoder = tina.world, tina.encoder
    prompt_sampler = PromptSampler(world, encoder, {}, world.names)
    transfer = transfer_of(tina.blueprint, dict(tina.generic.state_dict()), world, prompt_sampler)
    vectors = encoder.encode_texts_cached(world.names)
    rows, biases = transfer(vectors)
    pictures = torch.from_numpy(np.concatenate([world.pictures("test", name, 2) for name in world.names]))
    logits = tina.blueprint.look(tina.blueprint.scale(pictures)) @ rows.T
    alike = encoder.scale * encoder.encode_images(list(pictures.numpy())) @ vectors.T
    torch.testing.assert_close(logits, alike, atol=2e-2, rtol=1e-3)
    assert biases.shape == (len(world.names),)
