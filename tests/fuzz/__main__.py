"""As many cases as one wants, with what they cost.

    python -m tests.fuzz --cases 100000
    python -m tests.fuzz --cases 5000 --kinds picture archive --seed 100000
    python -m tests.fuzz --kinds picture --seed 1234 --cases 1          # one that was reported, again

It ends with exit code 1 where a case ended in anything but an answer or a sentence, or took more than 300 MB. Cases of
more than two seconds are listed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
import traceback
import warnings
from functools import partial
from random import Random

from tests.fuzz.cases import KINDS, run
from tests.fuzz.memory import measured
from tina.errors import exit_on_user_error
from tina.options import seed, whole

MEGABYTES, SECONDS, SHOWN = 300, 2.0, 20


def main() -> int:
    """The command; gives the number of cases that went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=whole("--cases", 1), default=2000, help="in all, the kinds in turn")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seed", type=seed(), default=0, help="of the first case")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    wrong, slow, answers, most, began = [], [], 0, 0.0, time.perf_counter()
    for kind in args.kinds:  # what a kind is made of is no case's cost
        with contextlib.suppress(Exception):
            run(kind, Random(0))
    for number in range(args.seed, args.seed + args.cases):
        kind = args.kinds[number % len(args.kinds)]
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                answered, seconds, megabytes = measured(partial(run, kind, Random(number)))
        except Exception:
            wrong.append(f"--kinds {kind!r} --seed {number}: {traceback.format_exc(limit=-3)}")
            continue
        answers, most = answers + answered, max(most, megabytes)
        if megabytes > MEGABYTES:
            wrong.append(f"--kinds {kind!r} --seed {number}: {megabytes:.0f} MB")
        if seconds > SECONDS:
            slow.append(f"--kinds {kind!r} --seed {number}: {seconds:.1f} s")
    for line in (*wrong[:SHOWN], *slow[:SHOWN]):
        print(line)
    seconds = time.perf_counter() - began
    print(
        f"{args.cases:,} cases in {seconds:.0f} s: {answers:,} answers, {len(wrong)} wrong, {len(slow)} of more than "
        f"{SECONDS:g} s, {most:.0f} MB at most"
    )
    return len(wrong)


if __name__ == "__main__":
    sys.exit(bool(exit_on_user_error(main)))
