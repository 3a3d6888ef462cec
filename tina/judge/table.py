"""The table: every rival's accuracy on held-out pictures, the mean over many tasks with its 95% interval.

    python -m tina table sketchbook-cnn --zoo runs/sketchbook-cnn/zoo --out checkpoints/sketchbook-cnn/table.json

Every rival gets the same tasks and pictures, so two of them may be compared task by task: the file keeps each task's
accuracy. A table that was interrupted goes on where it was, if checkpoint and settings are the same.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.classifier import held_out
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.worlds import World
from tina.zoo.finetune import correct_many
from tina.zoo.store import Zoo
from tina.zoo.tasks import Task

from .methods import METHODS, Bench
from .splits import SPLITS, tasks_of

TASKS, WAYS = 200, 10
PICTURES = 50  # held-out pictures a class
FORMAT = 1


def measure(
    tina: Tina,
    zoo: Zoo | None,
    tasks: Sequence[Task] | None = None,
    count: int = TASKS,
    ways: int = WAYS,
    splits: Sequence[str] = SPLITS,
    methods: Sequence[str] | None = None,
    out: Path | None = None,
    zoo_tasks: Sequence[Task] = (),
) -> dict:
    """Rows for every method and split it makes sense for; written to `out` as they come."""
    for name in methods or ():
        if name not in METHODS:
            raise UserError(f"There is no method {name!r}: it is one of {', '.join(METHODS)}.")
    if not tina.world.present:
        raise UserError(f"The pictures of {tina.world.title} are not on this machine (python -m tina worlds).")
    bench = Bench(tina, tina.world, zoo)
    table = {"format": FORMAT, "checkpoint": tina.hash, "world": tina.world_id, "ways": ways, "pictures": PICTURES}
    rows = _before(out, table)
    for split in splits:
        chosen = tasks_of(split, bench.world, zoo.tasks if zoo else zoo_tasks, count, ways)
        _add(rows, "chance", split, torch.tensor([1 / len(task) for task in chosen]), 0.0)
        for name in methods or METHODS:
            method = METHODS[name]
            if split not in method.splits or (method.zoo and zoo is None and not methods):
                continue
            if any((row["method"], row["split"], row["tasks"]) == (name, split, len(chosen)) for row in rows):
                continue
            begin = time.monotonic()
            weights = method.make(bench, chosen)
            seconds = time.monotonic() - begin
            found = accuracies(tina.blueprint, weights, bench.world, chosen)
            row = _add(rows, name, split, found, seconds)
            print(f"{split:7} {name:24} {told(row)}  {seconds:.1f} s", file=sys.stderr)
            if out:
                out.parent.mkdir(parents=True, exist_ok=True)
                partial = out.with_suffix(".partial")
                partial.write_text(json.dumps(table | {"rows": rows}))
                partial.replace(out)
    return table | {"rows": rows}


def accuracies(
    blueprint: Blueprint,
    weights: Weights,
    world: World,
    tasks: Sequence[Task],
    count: int = PICTURES,
    together: int = 8,
) -> Tensor:
    """Of each classifier of a stack on its own task's held-out pictures, every class that has any weighing the same."""
    found = []
    for at in range(0, len(tasks), together):
        part = tasks[at : at + together]
        ways = max(map(len, part))
        pictures = np.zeros((len(part), ways * count, blueprint.size, blueprint.size, 3), np.uint8)
        labels = torch.full((len(part), ways * count), -1)
        for m, task in enumerate(part):
            for k, names in enumerate(task.values()):
                shown = held_out(world, names, count)
                pictures[m, k * count : k * count + len(shown)] = shown
                labels[m, k * count : k * count + len(shown)] = k
        mask = torch.arange(ways) < torch.tensor([[len(task)] for task in part])
        device = weights["head.bias"].device
        some = {name: weight[at : at + together] for name, weight in weights.items()}
        some |= {name: some[name][:, :ways] for name in ("head.weight", "head.bias")}
        right = correct_many(
            blueprint, some, torch.from_numpy(pictures).to(device), labels.to(device), mask.to(device)
        ).cpu()
        of_class = torch.zeros(len(part), ways).scatter_add(1, labels.clamp(min=0), right.float() * (labels >= 0))
        shown = torch.zeros(len(part), ways).scatter_add(1, labels.clamp(min=0), (labels >= 0).float())
        found.append((of_class / shown.clamp(min=1)).sum(1) / (shown > 0).sum(1))
    return torch.cat(found)


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """95%, of the mean over tasks; a single task has none."""
    if len(values) < 2:
        return None
    values = np.asarray(values, float)
    half = 1.96 * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def public(table: dict) -> list[dict]:
    """The rows without every single task's accuracy."""
    return [{key: row[key] for key in ("method", "split", "accuracy", "interval", "tasks")} for row in table["rows"]]


def told(row: dict) -> str:
    """In percent, with half of the interval: 81.2 ± 0.9."""
    low, high = row["interval"] or (0.0, 0.0)
    return f"{100 * row['accuracy']:.1f}" + (f" ± {50 * (high - low):.1f}" if high > low else "")


def markdown(table: dict) -> str:
    """One line a method, one column a split."""
    splits = [split for split in SPLITS if any(row["split"] == split for row in table["rows"])]
    cells: dict[str, dict[str, str]] = {}
    for row in table["rows"]:
        cells.setdefault(row["method"], {})[row["split"]] = told(row)
    says = {name: method.says for name, method in METHODS.items()} | {"chance": "chance"}
    lines = ["| | " + " | ".join(splits) + " |", "|---|" + "---|" * len(splits)]
    order = [name for name in ("chance", *METHODS) if name in cells]
    lines += [
        f"| {says[name]} | " + " | ".join(cells[name].get(split, "-") for split in splits) + " |" for name in order
    ]
    return "\n".join(lines)


def _add(rows: list[dict], method: str, split: str, values: Tensor, seconds: float) -> dict:
    accuracies = [round(float(value), 4) for value in values]
    row = {
        "method": method,
        "split": split,
        "accuracy": float(np.mean(accuracies)),
        "interval": mean_interval(accuracies),
        "tasks": len(accuracies),
        "seconds": round(seconds, 2),
        "accuracies": accuracies,
    }
    rows[:] = [r for r in rows if (r["method"], r["split"]) != (method, split)] + [row]
    return row


def _before(out: Path | None, table: dict) -> list[dict]:
    """What an interrupted run had done of the same table."""
    if out is None or not out.is_file():
        return []
    before = json.loads(out.read_text("utf-8"))
    return before["rows"] if {key: before.get(key) for key in table} == table else []
