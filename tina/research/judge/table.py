"""The table: every rival's accuracy on held-out pictures, the mean over many tasks with its 95% interval.

    python -m tina table sketchbook-cnn --zoo runs/sketchbook-cnn/zoo --out checkpoints/sketchbook-cnn/table.json
    python -m tina table sketchbook-cnn --tasks 64 --methods ablations --out checkpoints/sketchbook-cnn/table.json

Of tasks with seen and unseen classes there are three more columns: the accuracy over the seen ones, over the unseen
ones, and the harmonic mean of these two, which is high for nobody who is good at only one of them. Likewise of tasks
with "something else": over the classes that were named, over it, and the harmonic mean.

Every rival gets the same tasks and pictures, so two of them may be compared task by task: the file keeps each task's
accuracy. Rows of fewer tasks are of the first of them, so they too can be compared (`intervals.paired`). Of an ablation
the file keeps instead by how much it differs from Tina as she is ("beside"), and no parts of a split.

A table that was interrupted goes on where it was, if checkpoint and settings are the same. Of an earlier version of the
checkpoint, on the same generic network, two kinds of rows stay: those of rivals that are independent of generator and
encoder; and without the zoo those that need it, which are then `stale`: the key has the version of their measurement.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import HEAD, Blueprint, Weights
from tina.classifier.score import held_out
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.research.judge import splits as split_tasks
from tina.research.judge.ablations import ABLATIONS, base_of
from tina.research.judge.intervals import format_row, paired, rounded, summarise
from tina.research.judge.method import FIVE, Method
from tina.research.judge.methods import METHODS, TITLES
from tina.research.judge.splits import PARTED, SPLITS, kind_of, scored_classes, splits_of, tasks_of, unseen_in
from tina.research.judge.workbench import NONE, Answers, Workbench, inputs_of
from tina.storage import load_json, save_json
from tina.training.zoo.finetune import correct_many
from tina.training.zoo.store import Zoo
from tina.worlds import World
from tina.worlds.task import Task

TASKS, WAYS = 200, 10
PICTURES = 50  # held-out pictures a class
FORMAT = 2  # of the file; 1 had other ids of methods and no titles
GROUPS = {"ablations": ("tina", *(f"tina {key}" for key in FIVE), *ABLATIONS)}  # what --methods may name at once


def measure(
    tina: Tina,
    zoo: Zoo | None,
    count: int = TASKS,
    ways: int = WAYS,
    splits: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    out: Path | None = None,
    zoo_tasks: Sequence[Task] = (),
    label_only: Zoo | None = None,
) -> dict:
    """A table with a row for every method and split it makes sense for, written to `out` as rows come.

    zoo: the checkpoint's, for the methods that need it; `zoo_tasks` are its class sets where it is not at hand.
    count, ways: tasks of each split, classes of each task.
    splits: by default all that the world has.
    methods: ids, or a name of GROUPS; by default those that are measured by default and can be had.
    label_only: a zoo whose generic network was trained on labels alone.
    """
    if not tina.world.present:
        raise UserError(f"The pictures of {tina.world.title} are not on this machine (python -m tina worlds).")
    bench = Workbench(tina, tina.world, zoo, planned=zoo_tasks, label_only=label_only)
    chosen = _chosen(methods, bench)
    table = {"format": FORMAT, "checkpoint": tina.hash, "generic": tina.generic_hash, "world": tina.world_id}
    table |= {"ways": ways, "pictures": PICTURES}
    rows = _earlier_rows(out, table, zoo)
    for split in splits or splits_of(tina.world):
        bench.split_tasks = tasks_of(split, bench.world, bench.zoo_tasks, max(count, TASKS), ways)
        tasks = bench.split_tasks[:count]
        tested = scored_classes(split, bench.world, tasks)
        unseen = unseen_in(bench.world, tested)
        if not _is_measured(rows, "chance", split, len(tasks)):
            chance = torch.tensor([[1 / len(task)] for task in tasks]).expand(unseen.shape)
            _add(rows, "chance", split, chance, unseen)
        for name, method in chosen.items():
            if kind_of(split) not in method.splits or _is_measured(rows, name, split, len(tasks)):
                continue
            begin = time.monotonic()
            answers = method.make(bench, tasks)
            seconds = time.monotonic() - begin
            accuracies = class_accuracies(tina.blueprint, answers, bench.world, tested)
            row = _add(rows, name, split, accuracies, unseen)
            print(f"{split:10} {name:24} {format_row(row)}  {seconds:.1f} s", file=sys.stderr)
            if out:
                save_table(table | {"rows": rows}, out)
    return table | {"titles": _titles(rows), "rows": rows}


def save_table(table: dict, out: Path) -> None:
    """As it ships: with the titles of its methods and splits, so that a page can show it as it is; with single tasks'
    accuracies only where rivals are compared by them."""
    by_id = {(row["method"], row["split"]): row for row in table["rows"]}
    rows = [
        _row_to_save(row, by_id) for row in table["rows"] if row["method"] not in ABLATIONS or row["split"] in SPLITS
    ]
    save_json(rounded(table | {"titles": _titles(rows), "rows": rows}), out, separators=(",", ":"))


def _titles(rows: Sequence[dict]) -> dict[str, dict[str, str]]:
    """Of the methods and splits that there are rows of, in the order of a table."""
    found = {part: {row[part] for row in rows} for part in ("method", "split")}
    methods = {name: title for name, title in TITLES.items() if name in found["method"]}
    return {"methods": methods, "splits": {s: t for s, t in split_tasks.TITLES.items() if s in found["split"]}}


def _is_measured(rows: Sequence[dict], method: str, split: str, tasks: int) -> bool:
    """Whether there is a row of as many tasks or of more, these among them."""
    return any((row["method"], row["split"]) == (method, split) and row["tasks"] >= tasks for row in rows)


def _chosen(methods: Sequence[str] | None, bench: Workbench) -> dict[str, Method]:
    """Those that are named; else the default ones that can be had."""
    if methods is None:
        return {
            name: method
            for name, method in METHODS.items()
            if method.default and (bench.zoo or not method.zoo) and (bench.label_only or not method.label_only)
        }
    methods = [name for named in methods for name in GROUPS.get(named, (named,))]
    for name in methods:
        if name not in METHODS:
            raise UserError(f"There is no method {name!r}: it is one of {', '.join([*METHODS, *GROUPS])}.")
    return {name: METHODS[name] for name in methods}


def class_accuracies(
    blueprint: Blueprint,
    answers: Weights | Answers,
    world: World,
    tasks: Sequence[Task],
    count: int = PICTURES,
    together: int = 8,
) -> Tensor:
    """M x K: of each classifier on its own task's held-out pictures, every class by itself; nan where a class has no
    pictures or is padding. The mean of a row is the classifier's accuracy, every class weighing the same."""
    accuracies = torch.full((len(tasks), max(map(len, tasks))), math.nan)
    for at in range(0, len(tasks), together):
        part = tasks[at : at + together]
        ways = max(map(len, part))
        pictures = np.zeros((len(part), ways * count, blueprint.size, blueprint.size, 3), np.uint8)
        labels = torch.full((len(part), ways * count), NONE)
        for m, task in enumerate(part):
            for k, names in enumerate(task.values()):
                of_class, _ = held_out(world, names, count)
                pictures[m, k * count : k * count + len(of_class)] = of_class
                labels[m, k * count : k * count + len(of_class)] = k
        numbers = range(at, at + len(part))
        if callable(answers):
            right = answers(numbers, torch.from_numpy(pictures)) == labels
        else:
            right = _right(blueprint, answers, numbers, part, torch.from_numpy(pictures), labels)
        real = (labels != NONE).float()
        hits = torch.zeros(len(part), ways).scatter_add(1, labels.clamp(min=0), right.float() * real)
        counts = torch.zeros(len(part), ways).scatter_add(1, labels.clamp(min=0), real)
        accuracies[at : at + len(part), :ways] = hits / counts  # 0 / 0 is nan
    return accuracies


def _right(
    blueprint: Blueprint, weights: Weights, numbers: range, tasks: Sequence[Task], pictures: Tensor, labels: Tensor
) -> Tensor:
    """Of some classifiers of a stack."""
    ways, device = max(map(len, tasks)), weights["head.bias"].device
    mask = torch.arange(ways) < torch.tensor([[len(task)] for task in tasks])
    some = {name: weight[numbers.start : numbers.stop] for name, weight in weights.items()}
    some |= {name: some[name][:, :ways] for name in HEAD}
    blueprint, pictures = inputs_of(blueprint, pictures, device)
    return correct_many(blueprint, some, pictures, labels.to(device), mask.to(device)).cpu()


def _add(rows: list[dict], method: str, split: str, by_class: Tensor, unseen: Tensor) -> dict:
    """The row of a split, and three more of one whose tasks have classes of two kinds."""
    columns = {split: by_class.nanmean(1)}
    if kind_of(split) in PARTED:
        seen, new = (by_class.where(which, math.nan).nanmean(1) for which in (~unseen, unseen))
        harmonic = 2 * seen * new / (seen + new).clamp(min=1e-9)
        parts = zip(PARTED[kind_of(split)], (seen, new, harmonic), strict=True)
        columns |= {f"{split} {part}": values for part, values in parts}
    for column, values in columns.items():
        accuracies = [round(float(value), 4) for value in values if value.isfinite()]
        row = {"method": method, "split": column, **summarise(accuracies), "accuracies": accuracies}
        rows[:] = [r for r in rows if (r["method"], r["split"]) != (method, column)] + [row]
    return next(row for row in rows if (row["method"], row["split"]) == (method, split))


def _row_to_save(row: dict, by_id: dict[tuple[str, str], dict]) -> dict:
    """As it is written: an ablation with its difference from Tina in the place of single tasks' accuracies; a part of a
    split without them."""
    method, split = row["method"], row["split"]
    if method in ABLATIONS and "accuracies" in row:
        base = by_id.get((base_of(method), split), {})
        difference = paired(row["accuracies"], base.get("accuracies"))
        row = row | {"beside": difference} if difference else row
    keeps = split in SPLITS and "beside" not in row
    return row if keeps else {key: value for key, value in row.items() if key != "accuracies"}


def _earlier_rows(out: Path | None, table: dict, zoo: Zoo | None) -> list[dict]:
    """What an interrupted run had done of the same table, or what holds of an earlier version's."""
    if out is None or not out.is_file():
        return []
    before = load_json(out)
    if any(before.get(key) != table[key] for key in table if key != "checkpoint"):
        return []
    rows = [row for row in before["rows"] if row["method"] in TITLES]  # others are of methods that are gone
    if before["checkpoint"] == table["checkpoint"]:
        return [row for row in rows if not (zoo and "stale" in row)]
    methods = [(row, METHODS[row["method"]]) for row in rows if row["method"] in METHODS]
    valid = [row for row, method in methods if method.independent]
    older = [row for row, method in methods if method.zoo and not method.independent and not zoo]
    return valid + [{"stale": before["checkpoint"]} | row for row in older]
