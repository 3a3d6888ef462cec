"""Verbs of making a Tina of one's own."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tina.verbs.result import Result

if TYPE_CHECKING:
    from tina.training.own.course import State

EVERY = 5.0  # seconds between two lines on progress


def train(args: argparse.Namespace) -> Result:
    """Make a Tina of your own photographs: a folder with one sub-folder per class."""
    from tina.storage import load_json
    from tina.training import processes
    from tina.training.own.make import make, plan_for
    from tina.training.own.table import markdown

    processes.begin()
    plan = plan_for(args.folder, args.out, args.checkpoint, args.seed, args.steps)
    if processes.is_main():
        for sentence in plan.refused:
            print(f"left out: {sentence}", file=sys.stderr)
        print(plan.text(), file=sys.stderr, flush=True)
    result: Result = {
        "classes": plan.names,
        "pictures": len(plan.photos),
        "seconds": plan.seconds,
        "bytes": sum(plan.disk.values()),
        "out": str(args.out),
    }
    if args.dry_run:
        processes.end()
        return result
    spoken = ("", 0.0)

    def tell(state: State) -> None:
        nonlocal spoken
        if state.doing != spoken[0] or time.monotonic() - spoken[1] > EVERY:
            spoken = state.doing, time.monotonic()
            print(state, file=sys.stderr, flush=True)

    main = processes.is_main()
    make(plan, tell)
    if not main:
        return result
    table = load_json(args.out / "table.json")
    if not args.json:
        print(markdown(table))
        print(f"saved: {args.out}")
    return result | {"rows": table["rows"]}
