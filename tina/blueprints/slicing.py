"""Classifiers for tasks from the rows of one generic network that knows all classes."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints.base import Blueprint
from tina.blueprints.tokens import Weights
from tina.worlds.task import Task


def slice_rows(blueprint: Blueprint, generic: Weights, names: Sequence[str], tasks: Sequence[Task]) -> Weights:
    """A stack of copies of the generic network, each with the rows (and biases) of its task's classes.

    Args:
        blueprint: of the classifiers. Where its rows are given (`rows_by`), they are the vectors of the labels.
        generic: the generic network's weights; row i of its head belongs to class i.
        names: the R classes that the generic network knows.
        tasks: M tasks of up to K classes.

    Returns:
        Weights with M in front. A broad class has the mean of its members' rows; a class that the network does not know
        and the padding of tasks with fewer than K classes have zeros.
    """
    stack = {name: generic[name].expand(len(tasks), *generic[name].shape).clone() for name in blueprint.shapes}
    if blueprint.rows_by:
        vectors = [blueprint.rows_by.encode_texts_cached(list(task)) for task in tasks]
        padded = nn.utils.rnn.pad_sequence(vectors, batch_first=True)  # (M, K, width)
        return stack | blueprint.given_rows(padded.to(generic["head.weight"].device))
    positions = {name: i for i, name in enumerate(names)}
    ways = max(map(len, tasks))
    rows = generic["head.weight"].new_zeros(len(tasks), ways, blueprint.width)  # (M, K, width)
    biases = generic["head.bias"].new_zeros(len(tasks), ways)  # (M, K)
    for m, task in enumerate(tasks):
        for k, members in enumerate(task.values()):
            if indices := [positions[name] for name in members if name in positions]:
                rows[m, k] = generic["head.weight"][indices].mean(0)
                biases[m, k] = generic["head.bias"][indices].mean()
    return stack | {"head.weight": rows, "head.bias": biases}


def pad_rows(rows: Tensor, count: int) -> Tensor:
    """M x K x ... -> M x count x ..., with zeros for the rows that are missing."""
    return F.pad(rows, (0, 0) * (rows.ndim - 2) + (0, count - rows.shape[1]))
