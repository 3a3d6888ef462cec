"""Logistic regression on the shown pictures, in the dual."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from tests.generator.tower.conftest import unit
from tina.generator.tower.logistic import fit_rows

HOW = {"heat": 10.0, "decay": 0.005, "rate": 0.3, "rounds": 20}
ALL = torch.ones(1, 3, dtype=torch.bool)


def test_it_is_gradient_descent_on_the_rows() -> None:
    """Every class weighs the same, however many pictures it has; the penalty pulls towards where rows began."""
    rows, pictures = unit(1, 3, 8, seed=1), unit(1, 3, 4, 8, seed=2)
    shown = torch.tensor([[[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]]], dtype=torch.bool)
    x = pictures[0][shown[0]]
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 2])
    weight = torch.tensor([0.25] * 4 + [0.5] * 2 + [1.0])
    by_hand = rows[0].clone().requires_grad_()
    for _ in range(HOW["rounds"]):
        losses = F.cross_entropy(HOW["heat"] * x @ by_hand.T, labels, reduction="none")
        loss = (weight * losses).sum() / HOW["heat"] + 0.5 * HOW["decay"] * (by_hand - rows[0]).square().sum()
        (gradient,) = torch.autograd.grad(loss, by_hand)
        by_hand = (by_hand - HOW["rate"] * gradient).detach().requires_grad_()
    found = fit_rows(rows, pictures, shown, ALL, **HOW)
    torch.testing.assert_close(found[0], by_hand.detach(), atol=1e-5, rtol=1e-5)


def test_what_is_shown_is_told_apart_afterwards() -> None:
    rows, pictures = unit(2, 4, 16, seed=3), unit(2, 4, 5, 16, seed=4)
    shown = torch.ones(2, 4, 5, dtype=torch.bool)

    def right(of: torch.Tensor) -> float:
        answers = torch.einsum("mkpf,mjf->mkpj", pictures, of).argmax(3)
        return float((answers == torch.arange(4)[:, None]).float().mean())

    assert right(rows) < 0.6
    assert right(fit_rows(rows, pictures, shown, shown.any(2), 10.0, 0.005, 1.0, 60)) > 0.9


def test_a_class_without_pictures_stays_and_padding_is_not_there() -> None:
    rows, pictures = unit(1, 3, 8, seed=5), unit(1, 3, 2, 8, seed=6)
    shown = torch.tensor([[[True, True], [True, False], [False, False]]])
    found = fit_rows(rows, pictures, shown, ALL, **HOW)
    assert torch.equal(found[0, 2], rows[0, 2])
    assert not torch.allclose(found[0, 1], rows[0, 1], atol=1e-3)
    other = torch.where(shown[..., None], pictures, unit(1, 3, 2, 8, seed=7))
    torch.testing.assert_close(fit_rows(rows, other, shown, ALL, **HOW), found)


def test_classes_without_a_row_are_not_competed_with() -> None:
    rows, pictures = unit(1, 3, 8, seed=8), unit(1, 3, 2, 8, seed=9)
    shown = torch.tensor([[[True, True], [True, False], [False, False]]])
    two = fit_rows(rows, pictures, shown, torch.tensor([[True, True, False]]), **HOW)
    alone = fit_rows(rows[:, :2], pictures[:, :2], shown[:, :2], ALL[:, :2], **HOW)
    torch.testing.assert_close(two[:, :2], alone)
    assert not torch.allclose(two[:, :2], fit_rows(rows, pictures, shown, ALL, **HOW)[:, :2], atol=1e-4)
