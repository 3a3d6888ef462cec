"""Weights become numbers of about one and go back, and no class is treated unlike another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tina.errors import UserError
from tina.generator.normalise import Normaliser, centre
from tina.training.fit.normaliser import FLOOR, fit_normaliser

S, D, K, C = 3, 4, 5, 6
Batch = tuple[Tensor, Tensor, Tensor]


@pytest.fixture(scope="module")
def zoo() -> Batch:
    """Classifiers of one to five classes, whose weights are of very different sizes; what padding holds is nonsense."""
    generator = torch.Generator().manual_seed(0)
    sizes = 1 + torch.arange(240) % K
    mask = torch.arange(K) < sizes[:, None]
    shared = 100 + torch.randn(240, S, D, generator=generator) * torch.logspace(-2, 1, S * D).view(S, D)
    classes = 7 + torch.randn(240, K, C, generator=generator) * torch.logspace(-1, 1, C)
    return shared, torch.where(mask[..., None], classes, 1e6), mask


@pytest.fixture(scope="module")
def normaliser(zoo: Batch) -> Normaliser:
    return fit_normaliser(in_batches(zoo, 32))


def in_batches(zoo: Batch, size: int) -> Iterator[Batch]:
    return zip(*(part.split(size) for part in zoo), strict=True)


def test_tokens_become_numbers_of_about_one(zoo: Batch, normaliser: Normaliser) -> None:
    shared, classes = normaliser.normalise(*zoo)
    torch.testing.assert_close(shared.mean(0), torch.zeros(S, D), atol=1e-2, rtol=0)
    torch.testing.assert_close(shared.std(0, correction=0), torch.ones(S, D), atol=1e-2, rtol=0)
    rows = classes[zoo[2]]
    torch.testing.assert_close(rows.mean(0), torch.zeros(C), atol=1e-4, rtol=0)
    torch.testing.assert_close(rows.square().mean(0), torch.ones(C), atol=1e-4, rtol=0)


def test_there_and_back_is_where_we_were_but_centred(zoo: Batch, normaliser: Normaliser) -> None:
    shared, classes = normaliser.invert(*normaliser.normalise(*zoo))
    torch.testing.assert_close(shared, zoo[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(classes, centre(zoo[1], zoo[2]), atol=1e-4, rtol=0)
    again = normaliser.normalise(shared, classes, zoo[2])
    torch.testing.assert_close(again[1], normaliser.normalise(*zoo)[1], atol=1e-4, rtol=0)


def test_centring_changes_no_answer(zoo: Batch) -> None:
    """A classifier whose last layer loses what its classes have in common says the same of every picture."""
    rows, features = zoo[1][4][None], torch.randn(C, generator=torch.Generator().manual_seed(1))
    everyone = torch.ones(1, K, dtype=torch.bool)
    before, after = (rows @ features).softmax(1), (centre(rows, everyone) @ features).softmax(1)
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-3)


def test_classes_may_change_places(zoo: Batch, normaliser: Normaliser) -> None:
    shared, classes, mask = zoo
    order = torch.tensor([3, 0, 4, 1, 2])
    plain, permuted = normaliser.normalise(*zoo), normaliser.normalise(shared, classes[:, order], mask[:, order])
    torch.testing.assert_close(permuted[1], plain[1][:, order], atol=1e-4, rtol=0)
    refitted = fit_normaliser([(shared, classes[:, order], mask[:, order])])
    torch.testing.assert_close(refitted.class_scale, normaliser.class_scale)


def test_padding_is_not_counted_and_becomes_zeros(zoo: Batch, normaliser: Normaliser) -> None:
    shared, classes, mask = zoo
    other = fit_normaliser([(shared, torch.where(mask[..., None], classes, -1.0), mask)])
    torch.testing.assert_close(other.class_scale, normaliser.class_scale)
    assert not normaliser.normalise(*zoo)[1][~mask].any()


@pytest.mark.parametrize("size", [1, 7, 240])
def test_batches_may_be_cut_anywhere(zoo: Batch, normaliser: Normaliser, size: int) -> None:
    for name, tensor in fit_normaliser(in_batches(zoo, size)).state_dict().items():
        torch.testing.assert_close(tensor, normaliser.state_dict()[name])


def test_small_variation_of_a_large_number_is_not_lost() -> None:
    """1000 ± 0.01: in fp32 the squares of such numbers cancel."""
    shared = 1000 + 0.01 * torch.randn(500, 1, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    mask = torch.ones(500, 1, dtype=torch.bool)
    found = fit_normaliser(in_batches((shared, torch.randn(500, 1, 3), mask), 50))
    torch.testing.assert_close(found.shared_scale.double(), shared.std(0, correction=0), rtol=1e-6, atol=0)


def test_what_hardly_varies_is_not_blown_up() -> None:
    shared = torch.randn(100, 1, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 1e-9, 0.0])
    classes, mask = torch.ones(100, 2, 4), torch.ones(100, 2, dtype=torch.bool)
    found = fit_normaliser([(shared, classes, mask)])
    usual = found.shared_scale[0, 0] / 3**0.5
    torch.testing.assert_close(found.shared_scale[0, 1:], FLOOR * usual.expand(2))
    assert torch.equal(found.class_scale, torch.ones(4))  # where nothing varies at all, nothing is scaled


def test_it_is_stored_as_fp32_and_comes_back(normaliser: Normaliser, tmp_path: Path) -> None:
    save_file(normaliser.state_dict(), tmp_path / "normaliser.safetensors")
    back = Normaliser(**load_file(tmp_path / "normaliser.safetensors")).to("cpu")
    for name, tensor in normaliser.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(back.state_dict()[name], tensor)


def test_an_empty_zoo_is_refused() -> None:
    with pytest.raises(UserError, match="no classifiers"):
        fit_normaliser([])
