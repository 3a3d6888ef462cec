"""The command line: python -m tina <verb>.

With --json a verb prints one JSON object on stdout and nothing else. An error of the user's is one line on stderr and
exit code 2. Verbs import what they need when they run, so that help is there at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tina.errors import UserError


def worlds(args: argparse.Namespace) -> dict:
    """List the worlds, or describe one and draw its contact sheet."""
    from tina.worlds import WORLDS, load_world

    if args.sheet and not args.world:
        raise UserError("Which world? For example: python -m tina worlds sketchbook --sheet out.png")
    found = [load_world(id) for id in ([args.world] if args.world else WORLDS)]
    rows = [_world_row(world) for world in found]
    if args.sheet:
        from tina.worlds.sheet import contact_sheet

        contact_sheet(found[0]).quantize(256).save(args.sheet, optimize=True)
    if not args.json:
        for row in rows:
            where = "on this machine" if row["present"] else f"not here; at home at {row['home']}"
            pictures = ", ".join(f"{n:,} {split}" for split, n in row["pictures"].items())
            print(
                f"{row['id']:14} {row['seen']:4} seen + {row['unseen']:3} unseen classes  {pictures or '-':42}  {where}"
            )
        if args.sheet:
            print(f"contact sheet: {args.sheet}")
    return {"worlds": rows} | ({"sheet": str(args.sheet)} if args.sheet else {})


def _world_row(world) -> dict:
    return {
        "id": world.id,
        "title": world.title,
        "classes": len(world.names),
        "seen": len(world.seen),
        "unseen": len(world.unseen),
        "pictures": world.counts(),
        "present": world.present,
        "licence": world.licence,
        "home": world.home,
    }


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tina", description="Say the classes, get the classifier.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="verb")

    def verb(function, **kwargs) -> argparse.ArgumentParser:
        sub = verbs.add_parser(function.__name__, help=function.__doc__.split("\n")[0], **kwargs)
        sub.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        sub.set_defaults(run=function)
        return sub

    sub = verb(worlds)
    sub.add_argument("world", nargs="?", help="a world's id, or folder:PATH (default: all)")
    sub.add_argument("--sheet", type=Path, metavar="PNG", help="draw a labelled contact sheet into this file")
    return top


def main(argv: list[str] | None = None) -> None:
    args = parser().parse_args(argv)
    try:
        result = args.run(args)
    except UserError as error:
        print(f"tina: {error}", file=sys.stderr)
        sys.exit(2)
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
