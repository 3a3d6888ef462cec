"""What a table cannot show: curves, and how far what the generator writes is from its zoo.

python -m tina.research.curves sketchbook-cnn --zoo runs/sketchbook-cnn/zoo --out checkpoints/sketchbook-cnn/curves.json

Without a zoo, all but `memory` can be had of a checkpoint that has its recipe. `seeds` needs others like it:

python -m tina recipe photos-tiny --seed 1 --out runs/photos-tiny-1      # and --seed 2
python -m tina.research.curves photos-tiny --only seeds --others runs/photos-tiny-{1,2}/stage-1 --out ...

ways     accuracy by number of classes, Tina beside the slice
tuning   accuracy and seconds of fine-tuning one classifier for so many steps, beside Tina's
starts   accuracy by steps of fine-tuning on from Tina's weights, from the generic network's and from nothing, with all
         pictures of seen classes and with a few of unseen ones
memory   how far new classifiers are from the nearest of the zoo: Tina's, and really fine-tuned ones
seeds    the headline accuracies of this one, and of others that were made by the same recipe with other seeds
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from tina.blueprints import Weights
from tina.errors import UserError, exit_on_user_error
from tina.generator.tina import Tina
from tina.research.judge.by_tina import tina_with
from tina.research.judge.fine_tuned import tuned
from tina.research.judge.intervals import mean_interval, rounded, summarise
from tina.research.judge.methods import METHODS
from tina.research.judge.of_generic import slice_generic
from tina.research.judge.splits import tasks_of
from tina.research.judge.table import class_accuracies
from tina.research.judge.workbench import Workbench
from tina.research.recipes.checkpoint import Recipe
from tina.research.starts import starts_curve
from tina.research.timing import median_seconds
from tina.storage import load_json, save_json
from tina.training.memory import keep_memory
from tina.training.schedule import TrainSchedule
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import finetune_schedule, train_many
from tina.training.zoo.store import Zoo
from tina.worlds.task import Task

WAYS = (2, 4, 8, 16, 32)
STEPS = (10, 30, 100, 300, 1000, 2000)
TASKS = {"ways": 40, "tuning": 24, "memory": 64, "seeds": 200}
HEADLINES = (
    ("tina", "ood"),
    *(("tina" + words, "unseen") for words in ("", " descriptions", " 5 pictures", " name + 5 pictures")),
)


def ways_curve(bench: Workbench, count: int = TASKS["ways"]) -> list[dict]:
    rows = []
    for ways in WAYS:
        tasks = tasks_of("ood", bench.world, bench.zoo_tasks, count, ways)
        for name, make in (("slice", slice_generic), ("tina", tina_with())):
            rows.append({"method": name, "ways": ways, **_scored(bench, make(bench, tasks), tasks)})
    return rows


def tuning_curve(bench: Workbench, count: int = TASKS["tuning"]) -> list[dict]:
    """Every length of fine-tuning has a schedule of its own, so each is as good as so many steps can be."""
    tasks = tasks_of("ood", bench.world, bench.zoo_tasks, count)
    start = slice_generic(bench, tasks)
    rows = [{"method": "tuned", "steps": 0, "seconds": 0.0, **_scored(bench, start, tasks)}]
    blueprint, bank = finetuning_data(bench.tina.blueprint, bench.world, bench.world.seen, bench.tina.device)
    for steps in STEPS:
        schedule = replace(finetune_schedule(bench.tina.blueprint), steps=steps)
        found = _scored(bench, tuned(bench, tasks, schedule), tasks)
        one = {name: weight[:1] for name, weight in start.items()}
        seconds = median_seconds(lambda one=one, s=schedule: train_many(blueprint, one, tasks[:1], bank, s, 0), 3)
        rows.append({"method": "tuned", "steps": steps, "seconds": seconds, **found})
    vectors, mask = bench.vectors(tasks[:1])
    for steps in (1, 10):
        found = _scored(bench, tina_with(steps=steps)(bench, tasks), tasks)
        seconds = median_seconds(lambda steps=steps: bench.tina.write(vectors, mask, [0], steps=steps), 5)
        rows.append({"method": "tina", "steps": steps, "seconds": seconds, **found})
    return rows


def memory(bench: Workbench, count: int = TASKS["memory"]) -> list[dict]:
    """Root mean square distance of kernels to the nearest zoo classifier's, in units of what each varies by."""
    if not bench.zoo:
        raise UserError("The distance to the zoo needs the zoo: say --zoo FOLDER.")
    tasks = tasks_of("ood", bench.world, bench.zoo_tasks, count)
    plan = bench.zoo.manifest["tuning"]
    zoo = _kernels(bench, bench.zoo.weights())
    rows = []
    for name, weights in (
        ("tina", tina_with()(bench, tasks)),
        ("fine-tuned as the zoo was", tuned(bench, tasks, TrainSchedule(**plan))),
        ("the generic network", slice_generic(bench, tasks[:2])),
    ):
        distances = torch.cdist(_kernels(bench, weights), zoo).min(1).values / zoo.shape[1] ** 0.5
        values = distances.tolist()
        rows.append({"method": name, "distance": float(distances.mean()), "interval": mean_interval(values)})
    return rows


def seeds(bench: Workbench, others: Sequence[str] = (), count: int = TASKS["seeds"]) -> list[dict]:
    """All are asked for the same classes with the same pictures."""
    if not others:
        raise UserError(
            "What hangs on the seed needs other checkpoints by the same recipe: say --others FOLDER FOLDER."
        )
    tinas = [Tina.from_pretrained(other) for other in others]
    benches = [bench, *(Workbench(tina, bench.world, None, planned=bench.zoo_tasks) for tina in tinas)]
    rows = []
    for method, split in HEADLINES:
        tasks = tasks_of(split, bench.world, bench.zoo_tasks, count)
        found = [_scored(of, METHODS[method].make(of, tasks), tasks)["accuracy"] for of in benches]
        rows.append({"method": method, "split": split, "accuracies": found, "tasks": len(tasks)})
    return rows


def _kernels(bench: Workbench, weights: Weights) -> Tensor:
    shared = bench.tina.blueprint.to_tokens(weights).shared
    normaliser, held = bench.tina.closed_form.normaliser, bench.tina.blueprint.shared_mask
    return ((shared - normaliser.shared_mean) / normaliser.shared_scale)[:, held]


def _scored(bench: Workbench, weights: Weights, tasks: Sequence[Task]) -> dict:
    found = class_accuracies(bench.tina.blueprint, weights, bench.world, tasks).nanmean(1).tolist()
    return summarise(found)


CURVES = {"ways": ways_curve, "tuning": tuning_curve, "starts": starts_curve, "memory": memory, "seeds": seeds}


def main(argv: list[str] | None = None) -> None:
    top = argparse.ArgumentParser(
        prog="python -m tina.research.curves", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("checkpoint")
    top.add_argument("--zoo", type=Path)
    top.add_argument("--others", nargs="+", default=[], metavar="CHECKPOINT", help="for seeds")
    top.add_argument("--out", type=Path, required=True, metavar="JSON")
    top.add_argument("--only", choices=CURVES, nargs="+", help="by default all that can be had")
    args = top.parse_args(argv)
    keep_memory()
    tina = Tina.from_pretrained(args.checkpoint)
    if args.zoo:
        bench = Workbench(tina, tina.world, Zoo(args.zoo))
    else:
        bench = Workbench(tina, tina.world, None, planned=Recipe.of(args.checkpoint).zoo_tasks())
    found = load_json(args.out) if args.out.is_file() else {}
    if found.get("checkpoint") != tina.hash:
        found = {"checkpoint": tina.hash}
    curves = CURVES | {"seeds": partial(seeds, others=args.others)}
    needs = {"memory": args.zoo, "seeds": args.others}
    for name in args.only or [name for name in curves if needs.get(name, True)]:
        found[name] = curves[name](bench)
        save_json(rounded(found), args.out, separators=(",", ":"))
        print(f"{name}: {json.dumps(found[name])}", file=sys.stderr)


if __name__ == "__main__":
    exit_on_user_error(main)
