"""The prior: what a linear model knows of a prompt's kernels, and nothing where it knows nothing."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.closed_form.prior import Prior
from tina.training.fit.prior import fit_prior

N, K, R, E, S, D, C = 400, 4, 6, 32, 2, 5, 3
KEYS = F.normalize(torch.randn(2, R, E, generator=torch.Generator().manual_seed(7)), dim=-1)
ROWS = torch.randn(R, C, generator=torch.Generator().manual_seed(6))


def made(seed: int, noise: float = 0.1) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Prompts by texts and by pictures, their mask, and shared tokens that hang on which classes there are."""
    draw = torch.Generator().manual_seed(seed)
    classes = torch.stack([torch.randperm(R, generator=draw)[:K] for _ in range(N)])
    mask = torch.arange(K) < torch.randint(2, K + 1, (N, 1), generator=draw)
    texts, pictures = (keys[classes] * mask[..., None] for keys in KEYS)
    calls = torch.randn(R, S * D, generator=torch.Generator().manual_seed(9))
    shared = (calls[classes] * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    shared = shared - calls.mean(0) + noise * torch.randn(N, S * D, generator=draw)
    return texts, pictures, mask, shared.unflatten(1, (S, D))


def left(prior: Prior, prompts: Tensor, mask: Tensor, shared: Tensor) -> float:
    """The share of the squares that the prior does not know."""
    return float((shared.flatten(1) - prior(prompts, mask)[0]).square().mean() / shared.square().mean())


@pytest.fixture(scope="module")
def prior() -> Prior:
    texts, _, mask, shared = made(0)
    return fit_prior(KEYS, [texts], mask, shared, ROWS)


def test_what_hangs_on_the_classes_is_found(prior: Prior) -> None:
    texts, _, mask, shared = made(1)
    assert left(prior, texts, mask, shared) < 0.15


def test_the_same_classes_shown_call_for_the_same(prior: Prior) -> None:
    """It was fitted to texts alone."""
    _, pictures, mask, shared = made(1)
    assert left(prior, pictures, mask, shared) < 0.15


def test_order_and_padding_do_not_matter(prior: Prior) -> None:
    texts, _, mask, _ = made(2)
    shared, rows = prior(texts, mask)
    turned = prior(texts.flip(1), mask.flip(1))
    torch.testing.assert_close((turned[0], turned[1].flip(1)), (shared, rows))
    torch.testing.assert_close(prior(torch.where(mask[..., None], texts, 9.0), mask), (shared, rows))


def test_a_class_has_its_own_row_however_it_is_asked_for(prior: Prior) -> None:
    """Up to what all classes of a prompt have in common."""
    order = [3, 0, 5]
    for keys in KEYS:
        _, (rows,) = prior(keys[order][None], torch.ones(1, 3, dtype=torch.bool))
        torch.testing.assert_close(rows, ROWS[order] - ROWS[order].mean(0), atol=0.1, rtol=0.1)


def test_where_nothing_is_to_be_known_nothing_is_said() -> None:
    texts, _, mask, shared = made(3)
    noise = torch.randn(N, S, D, generator=torch.Generator().manual_seed(4))
    assert not fit_prior(KEYS, [texts[:30]], mask[:30], noise[:30], ROWS)(texts, mask)[0].any()
    assert not fit_prior(KEYS, [texts[:3]], mask[:3], shared[:3], ROWS)(texts, mask)[0].any()


def test_a_blueprint_without_shared_weights_has_an_empty_one() -> None:
    texts, _, mask, _ = made(5)
    assert fit_prior(KEYS, [texts], mask, torch.zeros(N, 0, 0), ROWS)(texts, mask)[0].shape == (N, 0)
