"""Many prompts, on as many GPUs as there are: one zip for each line of a file.

    python -m tina.sample --prompts prompts.txt --out classifiers
    accelerate launch -m tina.sample --prompts prompts.txt --out classifiers --steps 10 --seed 0

The zip of line 7 is the same however many processes there are, and is not written again where it is there already.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from accelerate import PartialState

from tina.errors import UserError, exit_on_user_error
from tina.generator.tina import Tina
from tina.options import seed, whole
from tina.paths import DEFAULT
from tina.prompts.prompt import PromptError
from tina.storage import check_place


def sample(args: argparse.Namespace) -> int:
    """How many zips this process wrote."""
    if not args.prompts.is_file():
        raise UserError(f"{args.prompts}: there is no such file.")
    try:
        lines = [line.strip() for line in args.prompts.read_text("utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise UserError(f"{args.prompts}: this is no text in UTF-8 (from its byte {error.start + 1} on).") from error
    check_place(args.out, folder=True)
    state = PartialState(cpu=not torch.cuda.is_available())
    tina = Tina.from_pretrained(args.checkpoint).to(state.device)
    files = [args.out / f"{number:06}.zip" for number in range(1, len(lines) + 1)]
    left = [i for i, line in enumerate(lines) if line and not files[i].is_file()]
    mine = left[state.process_index :: state.num_processes]
    prompts = {}
    for i in mine:
        try:
            prompts[i] = tina.understand(lines[i])
        except PromptError as error:
            raise UserError(f"{args.prompts}, line {i + 1}: {error}") from error
    for at in range(0, len(mine), args.batch):
        part = mine[at : at + args.batch]
        found = tina.generate_many([prompts[i] for i in part], seeds=[args.seed] * len(part), steps=args.steps)
        for i, classifier in zip(part, found, strict=True):
            scored = None if args.no_score else classifier.score_on(tina.world)
            classifier.save(files[i])
            row = {
                "line": i + 1,
                "out": str(files[i]),
                "labels": classifier.labels,
                "accuracy": scored and scored.accuracy,
            }
            print(json.dumps(row, ensure_ascii=False), flush=True)
    state.wait_for_everyone()
    print(f"process {state.process_index}: {len(mine)} classifiers", file=sys.stderr)
    return len(mine)


def main(argv: list[str] | None = None) -> None:
    top = argparse.ArgumentParser(
        prog="python -m tina.sample", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--prompts", type=Path, required=True, help="a text file, a prompt a line")
    top.add_argument("--out", type=Path, required=True, help="folder for the zips: 000001.zip for the first line")
    top.add_argument("--checkpoint", default=DEFAULT)
    top.add_argument("--steps", type=whole("--steps", 1, 1000, " steps"))
    top.add_argument("--seed", type=seed(), default=0)
    top.add_argument("--batch", type=whole("--batch", 1, 10_000), default=64, help="prompts written together")
    top.add_argument("--no-score", action="store_true", help="do not look at held-out pictures")
    sample(top.parse_args(argv))


if __name__ == "__main__":
    exit_on_user_error(main)
