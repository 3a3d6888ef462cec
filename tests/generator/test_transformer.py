"""The network treats a classifier as a set: no order, any number of classes, padding that nobody sees."""

import pytest
import torch
from torch import Tensor

from tina.errors import UserError
from tina.generator.transformer import SIZES, SetTransformer, TransformerConfig

S, D, C, E = 3, 5, 4, 6
TOKENS = {"shared": S, "shared_width": D, "class_width": C, "prompt_width": E}


@pytest.fixture(scope="module")
def network() -> SetTransformer:
    """One whose every weight has a say: as initialised, it says zero to everything."""
    network = SetTransformer(TransformerConfig(**TOKENS, width=32, depth=2, heads=4)).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=generator))
    return network.requires_grad_(False)


def a_batch(count: int, classes: int, seed: int = 1) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shared, tokens, prompts = (
        torch.randn(count, *shape, generator=generator) for shape in ((S, D), (classes, C), (classes, E))
    )
    return shared, tokens, torch.tensor([13, 999, 500][:count]), prompts, torch.ones(count, classes, dtype=torch.bool)


@pytest.mark.parametrize("classes", [1, 2, 7, 120])
def test_any_number_of_classes_will_do(network: SetTransformer, classes: int) -> None:
    shared, tokens = network(*a_batch(2, classes))
    assert shared.shape == (2, S, D)
    assert tokens.shape == (2, classes, C)
    assert shared.isfinite().all()
    assert tokens.isfinite().all()


def test_permuting_the_classes_permutes_their_tokens_and_nothing_else(network: SetTransformer) -> None:
    shared, tokens, t, prompts, mask = a_batch(2, 9)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(2))
    plain = network(shared, tokens, t, prompts, mask)
    permuted = network(shared, tokens[:, order], t, prompts[:, order], mask)
    torch.testing.assert_close(permuted[0], plain[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(permuted[1], plain[1][:, order], atol=1e-5, rtol=0)
    assert not torch.allclose(plain[1], plain[1][:, order], atol=0.1)  # the order was worth asking about


def test_shared_tokens_have_a_place(network: SetTransformer) -> None:
    shared, tokens, t, prompts, mask = a_batch(1, 4)
    turned = network(shared.flip(1), tokens, t, prompts, mask)[0]
    assert not torch.allclose(turned, network(shared, tokens, t, prompts, mask)[0].flip(1), atol=0.01)


def test_a_padded_batch_equals_each_task_alone(network: SetTransformer) -> None:
    sizes = (2, 5, 1)
    shared, tokens, t, prompts, _ = a_batch(3, 5)
    mask = torch.arange(5) < torch.tensor(sizes)[:, None]
    together = network(shared, tokens * 100 * ~mask[..., None] + tokens, t, prompts, mask)  # padding may hold anything
    for i, size in enumerate(sizes):
        one = slice(i, i + 1)
        alone = network(shared[one], tokens[one, :size], t[one], prompts[one, :size], mask[one, :size])
        torch.testing.assert_close(together[0][one], alone[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(together[1][one, :size], alone[1], atol=1e-5, rtol=0)
        assert not together[1][i, size:].any()


@pytest.mark.parametrize("changed", ["shared", "classes", "time", "prompt"])
def test_everything_that_goes_in_has_a_say(network: SetTransformer, changed: str) -> None:
    shared, tokens, t, prompts, mask = a_batch(1, 4)
    before = network(shared, tokens, t, prompts, mask)
    shared, tokens = shared + (changed == "shared"), tokens + (changed == "classes")
    after = network(shared, tokens, t + 300 * (changed == "time"), prompts + (changed == "prompt"), mask)
    for x, y in zip(before, after, strict=True):
        assert not torch.allclose(x, y, atol=1e-3)


def test_a_class_is_told_by_its_own_prompt_vector(network: SetTransformer) -> None:
    """Two prompts that swap their vectors have the same mean: only the class tokens can tell them apart."""
    shared, tokens, t, prompts, mask = a_batch(1, 2)
    tokens[:, 1] = tokens[:, 0]
    before, after = network(shared, tokens, t, prompts, mask)[1], network(shared, tokens, t, prompts.flip(1), mask)[1]
    torch.testing.assert_close(after, before.flip(1), atol=1e-5, rtol=0)
    assert not torch.allclose(after, before, atol=0.01)


def test_a_dropped_prompt_is_not_seen_and_the_others_are(network: SetTransformer) -> None:
    shared, tokens, t, prompts, mask = a_batch(2, 3)
    drop = torch.tensor([True, False])
    dropped = network(shared, tokens, t, prompts, mask, drop)
    other = network(shared, tokens, t, prompts.flip(1) + 1, mask, drop)
    asked = network(shared, tokens, t, prompts, mask)
    for x, y, z in zip(dropped, other, asked, strict=True):
        assert torch.equal(x[0], y[0])
        assert not torch.allclose(x[0], z[0], atol=1e-3)
        assert torch.equal(x[1], z[1])


def test_a_new_network_says_zero_and_learns() -> None:
    torch.manual_seed(0)
    network = SetTransformer(TransformerConfig.sized("tiny", **TOKENS))
    shared, tokens, t, prompts, mask = a_batch(3, 4)
    assert not any(out.any() for out in network(shared, tokens, t, prompts, mask))

    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(40):
        drop = torch.rand(3) < 0.1
        out = network(shared, tokens, t, prompts, mask, drop)
        loss = (out[0] - shared).square().mean() + (out[1] - prompts[..., :C]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    assert all(weight.grad is not None for weight in network.parameters())


@pytest.mark.parametrize(("size", "millions"), [("tiny", 0.18), ("small", 7.4), ("S", 32), ("B", 129), ("L", 920)])
def test_sizes_are_what_the_table_says(size: str, millions: float) -> None:
    with torch.device("meta"):
        network = SetTransformer(TransformerConfig.sized(size, **TOKENS))
    assert sum(weight.numel() for weight in network.parameters()) / 1e6 == pytest.approx(millions, rel=0.05)


def test_every_size_is_tested() -> None:
    assert list(SIZES) == ["tiny", "mini", "small", "S", "B", "L"]
    assert (SIZES["L"]["width"], SIZES["L"]["depth"]) == (2048, 12)


def test_a_config_that_cannot_be_is_refused() -> None:
    with pytest.raises(UserError, match="no generator size 'huge'"):
        TransformerConfig.sized("huge", **TOKENS)
    with pytest.raises(UserError, match="30 does not divide into 4 heads"):
        TransformerConfig(**TOKENS, width=30, depth=1, heads=4)
