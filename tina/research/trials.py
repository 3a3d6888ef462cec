"""What each part of the training is worth: many small trainings of the same length, each with one thing changed.

    python -m tina.research.trials --zoo runs/sketchbook/zoo --run runs/trials --minutes 5 \\
        --out checkpoints/sketchbook-cnn/trials.json

layout   classes as a set (ours) against fixed chunks (the papers'), both without the task loss
zoo      classifiers learnt from: 125, 250, 500, 1,000, 2,000
loss     denoising alone, working classifiers alone, both
size     generators from 1.9 to 32 million parameters
prompts  of texts alone, of pictures alone, of both

All begin from nothing and are scored on the same new class sets. Stopped and started again, every training goes on.
With --only, what was found of other questions before stays.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

from tina.errors import exit_on_user_error
from tina.generator.tina import Tina
from tina.generator.transformer import SIZES
from tina.options import number, whole
from tina.research import chunks  # noqa: F401 (makes the layout known)
from tina.research.judge.by_tina import STEPS, tina_with
from tina.research.judge.intervals import rounded, summarise
from tina.research.judge.splits import tasks_of
from tina.research.judge.table import WAYS, class_accuracies
from tina.research.judge.workbench import Workbench
from tina.storage import save_json
from tina.training.memory import keep_memory
from tina.training.resume import read_progress
from tina.training.train import STATE, train
from tina.training.train import parser as train_parser
from tina.training.zoo.prompt_sampler import PROMPT_MIX
from tina.training.zoo.store import Zoo

TASKS = 64
BOTH = {"batch": 16, "tasks": 8, "pictures": 64}
ALONE = {"batch": 48}  # denoising, at about the same seconds a step
TRIALS: dict[str, dict[str, dict]] = {
    "layout": {layout: ALONE | {"layout": layout} for layout in ("sets", "chunks")},
    "zoo": {f"{count:,}": ALONE | {"limit": count} for count in (125, 250, 500, 1000, 2000)},
    "loss": {
        "denoising alone": ALONE,
        "working alone": BOTH | {"diffusion": 0.0},
        "both": BOTH,
    },
    "size": {size: BOTH | {"size": size} for size in ("mini", "small", "S")},
    "prompts": {mix: BOTH | {"prompt_mix": mix} for mix in PROMPT_MIX},
}
SCORED = {  # how each is sampled and prompted for its score
    "1 step": {"steps": 1},
    f"{STEPS} steps": {},
    "5 pictures": {"kind": "pictures", "shots": 5},
}


def arguments(options: dict) -> list[str]:
    """Options of a trial as arguments of `python -m tina.train`."""
    return [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def run_trial(zoo: Path, folder: Path, options: dict, count: int, ways: int) -> dict:
    """Trained (or gone on with) and scored."""
    train(train_parser().parse_args(["--zoo", str(zoo), "--out", str(folder), *arguments(options)]))
    tina = Tina.from_pretrained(folder)
    bench = Workbench(tina, tina.world, Zoo(zoo))
    tasks = tasks_of("ood", bench.world, bench.zoo.tasks, count, ways)
    found = {"classifiers": min(options.get("limit", math.inf), len(bench.zoo.tasks))}
    found |= {"steps": read_progress(folder / STATE).step, "tasks": len(tasks)}
    for name, how in SCORED.items():
        written = tina_with(**how)(bench, tasks)
        scores = class_accuracies(tina.blueprint, written, bench.world, tasks).nanmean(1).tolist()
        found[name] = summarise(scores)
    return found


def main(argv: list[str] | None = None) -> None:
    top = argparse.ArgumentParser(
        prog="python -m tina.research.trials", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--zoo", type=Path, required=True)
    top.add_argument("--run", type=Path, required=True, help="where the trainings are kept")
    top.add_argument("--out", type=Path, required=True, metavar="JSON")
    top.add_argument("--minutes", type=number("--minutes"), default=5.0, help="of each training")
    top.add_argument("--size", choices=SIZES, default="small", help="of each generator")
    top.add_argument("--tasks", type=whole("--tasks", 1), default=TASKS, help="that each is scored on")
    top.add_argument("--ways", type=whole("--ways", 2), default=WAYS, help="classes of a task")
    top.add_argument("--only", choices=TRIALS, nargs="+", default=list(TRIALS))
    args = top.parse_args(argv)
    keep_memory()
    before = json.loads(args.out.read_text("utf-8"))["rows"] if args.out.is_file() else []
    rows = [row for row in before if row["question"] not in args.only]
    for question in args.only:
        for name, options in TRIALS[question].items():
            folder = args.run / question / name.replace(" ", "-").replace(",", "")
            how = {"minutes": args.minutes, "size": args.size} | options
            found = run_trial(args.zoo, folder, how, args.tasks, args.ways)
            row = {"question": question, "trial": name, "minutes": how["minutes"], "size": how["size"], **found}
            print(json.dumps(row), file=sys.stderr, flush=True)
            rows.append(row)
            save_json(rounded({"rows": rows}), args.out, separators=(",", ":"))


if __name__ == "__main__":
    exit_on_user_error(main)
