"""Verbs of measuring checkpoints, and of making them anew."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tina.errors import UserError
from tina.verbs.result import Result


def table(args: argparse.Namespace) -> Result:
    """Compare a checkpoint with everything else one could do, task by task."""
    from tina.generator.tina import Tina
    from tina.research.judge.report import by_prompt_kind, markdown, public, without_parts
    from tina.research.judge.splits import SPLITS
    from tina.research.judge.table import measure
    from tina.research.recipes.checkpoint import Recipe
    from tina.storage import check_place
    from tina.training.zoo.store import Zoo

    if args.out:
        check_place(args.out)
    tina = Tina.from_pretrained(args.checkpoint)
    if tina.kind == "tower":
        return _photo_table(args)
    zoo = Zoo(args.zoo) if args.zoo else None
    zoo_tasks = zoo.tasks if zoo else Recipe.of(args.checkpoint).zoo_tasks()
    (ways,) = args.ways or ("10",)
    if not ways.isdecimal():
        raise UserError(f"--ways wants a number of classes, and not {ways!r}.")
    options = {"count": args.tasks or 200, "ways": int(ways), "methods": args.methods, "out": args.out}
    label_only = Zoo(args.label_only) if args.label_only else None
    found = measure(tina, zoo, splits=args.splits, zoo_tasks=zoo_tasks, label_only=label_only, **options)
    if not args.json:
        parts = [markdown(found), *(by_prompt_kind(found, split) for split in SPLITS), without_parts(found)]
        print("\n\n".join(filter(None, parts)))
    return {"rows": public(found)}


def _photo_table(args: argparse.Namespace) -> Result:
    """Of a recipe on a tower: what is reported of a set comes from a Tina that was made without the set's group."""
    from tina.research.judge.photo_report import markdown
    from tina.research.judge.photo_tina import measure_all
    from tina.research.recipes.checkpoint import CommandRecipe, recipe_of

    recipe = recipe_of(args.checkpoint)
    if not isinstance(recipe, CommandRecipe) or recipe.module != "tina.research.recipes.everyday":
        raise UserError(f"The table is of the recipe of `everyday`, which {args.checkpoint} was not made by.")
    runs = args.runs or Path("runs") / Path(args.checkpoint).name
    found = measure_all(
        runs, args.splits, args.prompts, args.ways, args.methods, args.tasks, args.out, tower=args.tower
    )
    if not args.json:
        print(markdown(found, "tina" if args.tower == "everyday" else "means"))
    return {"rows": [{key: value for key, value in row.items() if key != "accuracies"} for row in found["rows"]]}


def figures(args: argparse.Namespace) -> Result:
    """Draw a checkpoint's table and curves as SVG files."""
    from tina.paths import CHECKPOINTS, shipped
    from tina.research.drawing import draw

    folder = CHECKPOINTS / args.checkpoint if args.checkpoint in shipped() else Path(args.checkpoint)
    files = [str(file) for file in draw(folder, args.out)]
    if not args.json:
        print("\n".join(files))
    return {"figures": files}


def bench(args: argparse.Namespace) -> Result:
    """Time a checkpoint on this machine."""
    from tina.research.bench import bench as run

    found = run(args.checkpoint, args.rounds)
    if not args.json:
        tower = found["tower"]
        print(f"prompt to classifier, warm: {found['warm_ms']:.0f} ms (1 step: {found['warm_one_step_ms']:.0f} ms)")
        print(f"process start to zip, cold: {found['cold_s']:.1f} s")
        if zoo := found.get("zoo"):
            one = zoo["one_at_a_time"]
            print(f"zoo: {zoo['steps_a_second']:.0f} steps/s, one at a time {one:.0f} ({zoo['times']:.1f}x)")
        if rows := found.get("rows"):
            print(
                f"rows: {rows['names_ms']:.1f} ms beside encoding ten names; from 10 x 5 pictures "
                f"{rows['pictures_times']:.2f}x and from a picture to its answer {rows['answer_times']:.2f}x the tower"
            )
        print(
            f"everyday tower: {tower['one_ms']:.0f} ms a picture, {tower['batched_ms']:.0f} ms in batches of "
            f"{tower['batch']} (unfolded {tower['unfolded_ms']:.0f} ms, {tower['times']:.1f}x)"
        )
    return found


def recipe(args: argparse.Namespace) -> Result:
    """Rebuild a checkpoint that ships, from nothing, or make a cell of a paper's table."""
    from tina.research.recipes.checkpoint import recipe_of
    from tina.research.recipes.papers import PREFIX, Table, paper_table

    of_paper = args.checkpoint.startswith(PREFIX)
    if args.clip and not of_paper:
        raise UserError("--clip is for the papers' recipes.")
    made = paper_table(args.checkpoint, args.clip) if of_paper else recipe_of(args.checkpoint)
    if args.seed is not None:
        made = made.seeded(args.seed)
    out = args.out or Path("runs") / args.checkpoint
    if isinstance(made, Table):
        print(made.text(out, args.minutes), file=sys.stderr if args.json else sys.stdout, flush=True)
    steps = made.run(out, args.minutes, args.dry_run)
    if not args.json and not of_paper:
        print("\n".join(f"{step['minutes']:6.1f} min  {step['command']}" for step in steps))
    return {"steps": steps}
