"""The papers' layout: the same words in and out as ours, but places that matter."""

from __future__ import annotations

import pytest
import torch

from tina.generator.tina import LAYOUTS
from tina.generator.transformer import TransformerConfig
from tina.research import chunks
from tina.research.chunks import CLASSES, ChunkTransformer
from tina.training import train

CONFIG = TransformerConfig.sized("tiny", shared=5, shared_width=12, class_width=7, prompt_width=16)


def network() -> ChunkTransformer:
    torch.manual_seed(0)
    made = ChunkTransformer(CONFIG).eval()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return made


def batch(ways: int) -> list[torch.Tensor]:
    draw = torch.Generator().manual_seed(1)
    shared, classes, prompts = (torch.randn(2, *size, generator=draw) for size in ((5, 12), (ways, 7), (ways, 16)))
    return [shared, classes, torch.tensor([3, 900]), prompts, torch.ones(2, ways, dtype=torch.bool)]


@torch.no_grad()
def test_what_comes_out_has_the_shape_of_what_goes_in():
    for ways in (2, CLASSES):
        given = batch(ways)
        shared, classes = network()(*given)
        assert (shared.shape, classes.shape) == (given[0].shape, given[1].shape)


@torch.no_grad()
def test_padding_comes_out_as_zeros_and_does_not_matter():
    net, (shared, classes, t, prompts, mask) = network(), batch(4)
    mask[:, 3] = False
    classes[:, 3] = 0
    found = net(shared, classes, t, prompts, mask)
    assert not found[1][:, 3].any()
    prompts[:, 3] = 9
    again = net(shared, classes, t, prompts, mask)
    torch.testing.assert_close(again[0], found[0])


@torch.no_grad()
def test_the_order_of_classes_matters_to_it_so_training_has_to_shuffle():
    net, (shared, classes, t, prompts, mask) = network(), batch(4)
    order = [2, 0, 3, 1]
    found = net(shared, classes, t, prompts, mask)[1][:, order]
    permuted = net(shared, classes[:, order], t, prompts[:, order], mask)[1]
    assert (found - permuted).abs().max() > 1e-3
    assert net.ordered


@torch.no_grad()
def test_a_withheld_prompt_is_not_looked_at():
    net, (shared, classes, t, prompts, mask) = network(), batch(3)
    drop = torch.ones(2, dtype=torch.bool)
    first = net(shared, classes, t, prompts, mask, drop)
    torch.testing.assert_close(net(shared, classes, t, torch.randn_like(prompts), mask, drop), first)


def test_it_starts_as_the_mean_classifier():
    shared, classes = ChunkTransformer(CONFIG)(*batch(3))
    assert not shared.any()
    assert not classes.any()


def test_importing_it_makes_the_layout_known_and_its_command_trains_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(train, "main", given.append)
    chunks.main(["--zoo", "zoo", "--out", "out", "--steps", "1"])
    assert train.parser().parse_args(given[0]).layout == "chunks"
    assert LAYOUTS["chunks"] is ChunkTransformer
