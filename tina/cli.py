"""The command line: python -m tina <verb>.

With --json a verb prints one JSON object on stdout and nothing else. An error of the user's is one line on stderr and
exit code 2.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tina import verbs
from tina.errors import exit_on_user_error
from tina.options import number, seed, whole
from tina.paths import DEFAULT


def parser() -> argparse.ArgumentParser:
    """The arguments of every verb."""
    top = argparse.ArgumentParser(prog="python -m tina", description="Say the classes, get the classifier.")
    subparsers = top.add_subparsers(dest="verb", required=True, metavar="verb")

    def verb(function: Callable[[argparse.Namespace], dict[str, Any]]) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(function.__name__, help=(function.__doc__ or "").split("\n")[0])
        sub.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        sub.set_defaults(run=function)
        return sub

    sub = verb(verbs.worlds)
    sub.add_argument("world", nargs="?", help="a world's id, or folder:PATH (default: all)")
    sub.add_argument("--sheet", type=Path, metavar="PNG", help="draw a labelled contact sheet into this file")

    sub = verb(verbs.generate)
    sub.add_argument("prompt", help='"apple, sailboat, snail", or what they have in common: "things that fly"')
    sub.add_argument("--checkpoint", default=DEFAULT, help="one that ships, a folder, or OWNER/NAME on the Hub")
    sub.add_argument("--steps", type=whole("--steps", 1, 1000, " steps"), help="of sampling, from 1 to 1000")
    sub.add_argument("--seed", type=seed(), help="of the noise it begins with")
    sub.add_argument(
        "--best-of",
        type=whole("--best-of", 1, 1000),
        metavar="K",
        help="of so many seeds, the best on the --image files",
    )
    sub.add_argument("--image", action="append", default=[], metavar="LABEL=PATH", help="an example picture of a class")
    for option, help in (("--name-tag", "this label is only a label"), ("--word", "this label says what is seen")):
        sub.add_argument(option, action="append", default=[], metavar="LABEL", help=f"{help} (default: Tina decides)")
    sub.add_argument("--out", type=Path, required=True, metavar="ZIP")

    sub = verb(verbs.classify)
    sub.add_argument("classifier", type=Path, metavar="ZIP")
    sub.add_argument("pictures", nargs="+", metavar="PICTURE")

    _export(verb(verbs.export))

    sub = verb(verbs.score)
    sub.add_argument("classifier", type=Path, metavar="ZIP")
    sub.add_argument("--images", type=Path, metavar="DIR", help="one folder of pictures for each label")

    _table(verb(verbs.table))
    verb(verbs.checkpoints)

    sub = verb(verbs.encoder)
    sub.add_argument("encoder", nargs="?", default="embedded", help="embedded, everyday, or any open_clip model")
    sub.add_argument("--export", type=Path, metavar="DIR", help="write it as a folder that open_clip loads")

    sub = verb(verbs.adopt)
    sub.add_argument("encoder", help="architecture/weights, hf-hub:OWNER/NAME or local-dir:FOLDER")
    sub.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the checkpoint")
    sub.add_argument("--minutes", type=number("--minutes", above=0), help="of training")
    sub.add_argument("--seed", type=seed(), default=0, help="of everything that is drawn")

    _app(verb(verbs.app))
    _publish(verb(verbs.publish))

    _train(verb(verbs.train))
    sub = verb(verbs.figures)
    sub.add_argument("checkpoint")
    sub.add_argument("--out", type=Path, required=True, metavar="DIR")

    sub = verb(verbs.bench)
    sub.add_argument("checkpoint", nargs="?", default=DEFAULT)
    sub.add_argument("--rounds", type=whole("--rounds", 1, 1000), default=5, help="medians of so many")

    sub = verb(verbs.recipe)
    sub.add_argument("checkpoint", help="one that ships, a folder, or papers/NAME: a paper's table, or a cell of it")
    sub.add_argument(
        "--minutes",
        type=number("--minutes", above=0),
        help="in all, shared out as in the recipe (default: what the recipe took)",
    )
    sub.add_argument("--seed", type=seed(), help="of everything that is drawn (default: the recipe's own)")
    sub.add_argument("--out", type=Path, metavar="DIR", help="where everything is built (default: runs/CHECKPOINT)")
    sub.add_argument("--dry-run", action="store_true", help="say what would be done")
    sub.add_argument(
        "--clip", metavar="ENCODER", help="with papers/...: CLIP ViT-B/32 from elsewhere, local-dir:FOLDER"
    )
    return top


def _export(sub: argparse.ArgumentParser) -> None:
    """The arguments of the verb `export`."""
    sub.add_argument("classifier", type=Path, metavar="ZIP")
    sub.add_argument("--to", choices=("html", "onnx", "c"), required=True, help="c: small networks only, a .h and a .c")
    sub.add_argument("--out", type=Path, required=True, metavar="FILE")
    sub.add_argument(
        "--bits", type=whole("--bits", 8, 16), default=8, help="of a photo tower's weight in HTML, 8 or 16 (default: 8)"
    )


def _app(sub: argparse.ArgumentParser) -> None:
    """The arguments of the verb `app`, and of app.py."""
    sub.add_argument("--host", help="address to listen on (default: this machine only)")
    sub.add_argument("--port", type=whole("--port", 0, 65535), help="default: 7860")
    sub.add_argument("--checkpoint", help="one that ships, a folder, or OWNER/NAME (default: the first)")


def _publish(sub: argparse.ArgumentParser) -> None:
    """The arguments of the verb `publish`."""
    sub.add_argument("what", choices=("space", "checkpoint"))
    sub.add_argument("name", metavar="OWNER/NAME", help="where on the Hub")
    sub.add_argument("--checkpoint", help=f"which, with `checkpoint`: one that ships, or a folder (default: {DEFAULT})")
    sub.add_argument("--zero-gpu", action="store_true", help="a Space on hardware that lends GPUs")
    sub.add_argument("--private", action="store_true", help="seen by you only, where it is made anew")
    sub.add_argument("--dry-run", action="store_true", help="list the files and upload nothing")


def _table(sub: argparse.ArgumentParser) -> None:
    """The arguments of the verb `table`, of checkpoints with a zoo and on a tower."""
    sub.add_argument("checkpoint")
    sub.add_argument("--tasks", type=whole("--tasks", 1), help="of each split or set (default: 200, on a tower 40)")
    sub.add_argument(
        "--ways", nargs="+", type=_ways, metavar="K", help="classes of a task (default: 10; on a tower: half, all, too)"
    )
    sub.add_argument("--splits", nargs="+", metavar="SPLIT", help="default: all that the world has; on a tower, sets")
    sub.add_argument("--prompts", nargs="+", metavar="PROMPT", help="on a tower: kinds of prompts (default: all)")
    sub.add_argument(
        "--methods",
        nargs="+",
        metavar="METHOD",
        help="ids, or `ablations` (default: all common ones that can be had, which take an hour or two on a CPU)",
    )
    sub.add_argument("--zoo", type=Path, metavar="DIR", help="the checkpoint's zoo, for the rivals made of it")
    sub.add_argument(
        "--label-only",
        type=Path,
        metavar="DIR",
        help="a zoo built without --teacher, for the rivals made of its network",
    )
    sub.add_argument("--tower", default="everyday", help="on a tower: another one, with what needs no training")
    sub.add_argument("--runs", type=Path, metavar="DIR", help="on a tower: Tinas made without the sets that are judged")
    sub.add_argument("--out", type=Path, metavar="JSON", help="keep every task's accuracy here, and go on from it")


def _train(sub: argparse.ArgumentParser) -> None:
    """The arguments of the verb `train`."""
    sub.add_argument("folder", help="one sub-folder of pictures per class, or a zip or tar of that")
    sub.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the checkpoint")
    sub.add_argument("--checkpoint", default="everyday", help="a Tina on an image tower, with which it begins")
    sub.add_argument("--steps", type=whole("--steps", 1), help="of training (default: by the number of classes)")
    sub.add_argument("--seed", type=seed(), default=0, help="of everything that is drawn")
    sub.add_argument(
        "--dry-run", action="store_true", help="say what would be done, how long it takes and how much disk"
    )


def _ways(text: str) -> str:
    """A number of classes, or a word that the verb knows."""
    return text if text.isalpha() else str(whole("--ways", 2)(text))


def main(argv: Sequence[str] | None = None) -> None:
    """The program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files that are in no encoding
    args = exit_on_user_error(parser().parse_args, argv)
    result = exit_on_user_error(args.run, args)
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
