"""Logistic regression on a few pictures that begins at given rows and stays near them.

    rows = fit_rows(rows, pictures, shown, described, heat=10, decay=0.005, rate=1, rounds=60)

It is done in the dual: the change of the rows is a sum of the shown pictures, so a step costs a product with their Gram
matrix and no more, however wide features are.
"""

from __future__ import annotations

import torch
from torch import Tensor


def fit_rows(
    rows: Tensor,
    pictures: Tensor,
    shown: Tensor,
    described: Tensor,
    heat: float,
    decay: float,
    rate: float,
    rounds: int,
) -> Tensor:
    """The rows after gradient descent on the shown pictures' cross-entropy, every class weighing the same.

    Args:
        rows: M x K x F, where it begins.
        pictures: M x K x P x F, unit vectors; padding may hold anything.
        shown: M x K x P, False for padding. The row of a class without pictures stays as it is.
        described: M x K, False for classes that have no row, and for padding.
        heat: what products are multiplied by to be logits.
        decay: pull back to where the rows began.
        rate: length of a step.
        rounds: how many.
    """
    many, ways, most, _ = pictures.shape
    counts = shown.sum(2)  # (M, K)
    weight = (shown / counts.clamp(min=1)[..., None]).flatten(1)  # (M, K P)
    x = (pictures * shown[..., None]).flatten(1, 2)  # (M, K P, F)
    own = torch.eye(ways).to(x).repeat_interleave(most, 0)  # (K P, K)
    trained = (counts > 0)[:, None]  # (M, 1, K)
    gram, begun = x @ x.mT, x @ rows.mT  # (M, K P, K P), (M, K P, K)
    begun = begun.masked_fill(~described[:, None], -torch.inf)
    dual = x.new_zeros(many, ways * most, ways)
    for _ in range(rounds):
        wrong = (heat * (begun + gram @ dual)).softmax(2) - own
        dual = dual - rate * (weight[..., None] * wrong * trained + decay * dual)
    return rows + dual.mT @ x
