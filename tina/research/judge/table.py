"""The table: every rival's accuracy on held-out pictures, the mean over many tasks with its 95% interval.

    python -m tina table sketchbook-cnn --zoo runs/sketchbook-cnn/zoo --out checkpoints/sketchbook-cnn/table.json

Of tasks with seen and unseen classes there are three more columns: the accuracy over the seen ones, over the unseen
ones, and the harmonic mean of these two, which is high for nobody who is good at only one of them. Likewise of tasks
with "something else": over the classes that were named, over it, and the harmonic mean.

Every rival gets the same tasks and pictures, so two of them may be compared task by task: the file keeps each task's
accuracy. A table that was interrupted goes on where it was, if checkpoint and settings are the same. Of an earlier
version of the checkpoint, on the same generic network, two kinds of rows stay: those of rivals that hang on neither
generator nor encoder; and without the zoo those that need it, which then say beside which version they were measured.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import HEAD, Blueprint, Weights
from tina.classifier.classifier import held_out
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.research.judge.methods import ASKED, METHODS, WORDS, Method
from tina.research.judge.splits import COLUMNS, PARTED, SPLITS, kind_of, shown_for, splits_of, tasks_of, unseen_in
from tina.research.judge.workbench import NONE, Answers, Bench, seen
from tina.training.zoo.finetune import correct_many
from tina.training.zoo.store import Zoo
from tina.worlds import World
from tina.worlds.task import Task

TASKS, WAYS = 200, 10
PICTURES = 50  # held-out pictures a class
BESIDE = "\n\n† measured with an earlier version of generator and encoder, on the same tasks and pictures."
FORMAT = 1


def measure(
    tina: Tina,
    zoo: Zoo | None,
    count: int = TASKS,
    ways: int = WAYS,
    splits: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    out: Path | None = None,
    zoo_tasks: Sequence[Task] = (),
    untaught: Zoo | None = None,
) -> dict:
    """Rows for every method and split it makes sense for (by default the usual methods and all splits that the world
    has); written to `out` as they come."""
    if not tina.world.present:
        raise UserError(f"The pictures of {tina.world.title} are not on this machine (python -m tina worlds).")
    bench = Bench(tina, tina.world, zoo, planned=zoo_tasks, untaught=untaught)
    chosen = _chosen(methods, bench)
    table = {"format": FORMAT, "checkpoint": tina.hash, "generic": tina.generic_hash, "world": tina.world_id}
    table |= {"ways": ways, "pictures": PICTURES}
    rows = _before(out, table, zoo)
    for split in splits or splits_of(tina.world):
        tasks = tasks_of(split, bench.world, bench.zoo_tasks, count, ways)
        shown = shown_for(split, bench.world, tasks)
        unseen = unseen_in(bench.world, shown)
        chance = torch.tensor([[1 / len(task)] for task in tasks]).expand(unseen.shape)
        _add(rows, "chance", split, chance, unseen, 0.0)
        for name, method in chosen.items():
            if kind_of(split) not in method.splits:
                continue
            if any((row["method"], row["split"], row["tasks"]) == (name, split, len(tasks)) for row in rows):
                continue
            begin = time.monotonic()
            given = method.make(bench, tasks)
            seconds = time.monotonic() - begin
            found = class_accuracies(tina.blueprint, given, bench.world, shown)
            row = _add(rows, name, split, found, unseen, seconds)
            print(f"{split:10} {name:24} {told(row)}  {seconds:.1f} s", file=sys.stderr)
            if out:
                out.parent.mkdir(parents=True, exist_ok=True)
                partial = out.with_suffix(".partial")
                partial.write_text(json.dumps(table | {"rows": [_kept(row) for row in rows]}, separators=(",", ":")))
                partial.replace(out)
    return table | {"rows": rows}


def _chosen(methods: Sequence[str] | None, bench: Bench) -> dict[str, Method]:
    """Those that were asked for; else the usual ones that can be had."""
    if methods is None:
        return {
            name: method
            for name, method in METHODS.items()
            if method.usual and (bench.zoo or not method.zoo) and (bench.untaught or not method.untaught)
        }
    for name in methods:
        if name not in METHODS:
            raise UserError(f"There is no method {name!r}: it is one of {', '.join(METHODS)}.")
    return {name: METHODS[name] for name in methods}


def class_accuracies(
    blueprint: Blueprint,
    given: Weights | Answers,
    world: World,
    tasks: Sequence[Task],
    count: int = PICTURES,
    together: int = 8,
) -> Tensor:
    """M x K: of each classifier on its own task's held-out pictures, every class by itself; nan where a class has no
    pictures or is padding. The mean of a row is the classifier's accuracy, every class weighing the same."""
    found = torch.full((len(tasks), max(map(len, tasks))), math.nan)
    for at in range(0, len(tasks), together):
        part = tasks[at : at + together]
        ways = max(map(len, part))
        pictures = np.zeros((len(part), ways * count, blueprint.size, blueprint.size, 3), np.uint8)
        labels = torch.full((len(part), ways * count), NONE)
        for m, task in enumerate(part):
            for k, names in enumerate(task.values()):
                shown, _ = held_out(world, names, count)
                pictures[m, k * count : k * count + len(shown)] = shown
                labels[m, k * count : k * count + len(shown)] = k
        numbers = range(at, at + len(part))
        if callable(given):
            right = given(numbers, torch.from_numpy(pictures)) == labels
        else:
            right = _right(blueprint, given, numbers, part, torch.from_numpy(pictures), labels)
        real = (labels != NONE).float()
        of_class = torch.zeros(len(part), ways).scatter_add(1, labels.clamp(min=0), right.float() * real)
        shown = torch.zeros(len(part), ways).scatter_add(1, labels.clamp(min=0), real)
        found[at : at + len(part), :ways] = of_class / shown  # 0 / 0 is nan
    return found


def _right(
    blueprint: Blueprint, weights: Weights, numbers: range, tasks: Sequence[Task], pictures: Tensor, labels: Tensor
) -> Tensor:
    """Of some classifiers of a stack."""
    ways, device = max(map(len, tasks)), weights["head.bias"].device
    mask = torch.arange(ways) < torch.tensor([[len(task)] for task in tasks])
    some = {name: weight[numbers.start : numbers.stop] for name, weight in weights.items()}
    some |= {name: some[name][:, :ways] for name in HEAD}
    blueprint, pictures = seen(blueprint, pictures, device)
    return correct_many(blueprint, some, pictures, labels.to(device), mask.to(device)).cpu()


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


def markdown(table: dict, parts: bool = True) -> str:
    """One line a method, one column a split, or also a part of one."""
    found = {row["split"] for row in table["rows"]}
    columns = [column for column in COLUMNS if column in found and (parts or column in SPLITS)]
    cells: dict[str, dict[str, str]] = {}
    for row in table["rows"]:
        cells.setdefault(row["method"], {})[row["split"]] = _marked(row)
    says = {name: method.says for name, method in METHODS.items()} | {"chance": "chance"}
    order = [name for name in ("chance", *METHODS) if name in cells]
    lines = _lines(columns, {says[name]: [cells[name].get(column, "-") for column in columns] for name in order})
    return lines + (BESIDE if "†" in lines else "")


def by_words(table: dict, split: str) -> str:
    """One line a rival that can be asked in several ways, one column a way; nothing if none was."""
    found = {row["method"]: _marked(row) for row in table["rows"] if row["split"] == split}
    ways = ["", *(words for words in WORDS if any(name.endswith(f" {words}") for name in found))]
    lines = {}
    for rival in ASKED:
        names = [f"{rival} {words}".strip() for words in ways]
        if any(name in found for name in names[1:]):
            lines[METHODS[rival].says] = [found.get(name, "-") for name in names]
    return _lines([split, *ways[1:]], lines) if lines else ""


def _marked(row: dict) -> str:
    return told(row) + (" †" if "beside" in row else "")


def _lines(columns: Sequence[str], lines: Mapping[str, Sequence[str]]) -> str:
    head = ["| | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    return "\n".join([*head, *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in lines.items())])


def _add(rows: list[dict], method: str, split: str, by_class: Tensor, unseen: Tensor, seconds: float) -> dict:
    """The row of a split, and three more of one whose tasks have classes of two kinds."""
    columns = {split: by_class.nanmean(1)}
    if kind_of(split) in PARTED:
        seen, new = (by_class.where(which, math.nan).nanmean(1) for which in (~unseen, unseen))
        harmonic = 2 * seen * new / (seen + new).clamp(min=1e-9)
        parts = zip(PARTED[kind_of(split)], (seen, new, harmonic), strict=True)
        columns |= {f"{split} {part}": values for part, values in parts}
    for column, values in columns.items():
        accuracies = [round(float(value), 4) for value in values if value.isfinite()]
        interval = mean_interval(accuracies)
        row = {
            "method": method,
            "split": column,
            "accuracy": round(float(np.mean(accuracies)), 6),
            "interval": interval and [round(end, 6) for end in interval],
            "tasks": len(accuracies),
            "seconds": round(seconds, 2),
            "accuracies": accuracies,
        }
        rows[:] = [r for r in rows if (r["method"], r["split"]) != (method, column)] + [row]
    return next(row for row in rows if (row["method"], row["split"]) == (method, split))


def _kept(row: dict) -> dict:
    """As it is written: of a part of a split without every single task's accuracy."""
    return row if row["split"] in SPLITS else {key: value for key, value in row.items() if key != "accuracies"}


def _before(out: Path | None, table: dict, zoo: Zoo | None) -> list[dict]:
    """What an interrupted run had done of the same table, or what holds of an earlier version's."""
    if out is None or not out.is_file():
        return []
    before = json.loads(out.read_text("utf-8"))
    if any(before.get(key) != table[key] for key in table if key != "checkpoint"):
        return []
    rows = before["rows"]
    if before["checkpoint"] == table["checkpoint"]:
        return [row for row in rows if not (zoo and "beside" in row)]
    known = [(row, METHODS[row["method"]]) for row in rows if row["method"] in METHODS]
    stay = [row for row, method in known if method.alone]
    older = [row for row, method in known if method.zoo and not method.alone and not zoo]
    return stay + [{"beside": before["checkpoint"]} | row for row in older]
