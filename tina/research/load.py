"""Visits a server as many people at once do, and says what they got.

    python -m tina.research.load                                   # a server of its own: 30 programs, one minute
    python -m tina.research.load --visitors 50 --minutes 10 --page 0.5
    python -m tina.research.load --url http://127.0.0.1:7860       # one that runs, with TINA_PROXIES=1

Without TINA_PROXIES=1 all visitors are one client. It ends with exit code 1 where an answer was wrong or another's, or
where the server left files behind.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from tina.errors import exit_on_user_error
from tina.generator.tina import Tina
from tina.options import number, whole
from tina.paths import DEFAULT
from tina.research.full_house.answers import Judge, picture_of, questions
from tina.research.full_house.server import Server, serving
from tina.research.full_house.visitors import ApiVisitor, Diary, PageVisitor

LOOK = 1.0  # seconds between two looks at the server's memory


def main(argv: Sequence[str] | None = None) -> int:
    """Runs it, and prints what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=whole("--visitors", 1, 1000), default=30)
    parser.add_argument("--minutes", type=number("--minutes", above=0), default=1.0)
    parser.add_argument("--page", type=number("--page", 0, 1), default=0.0, help="the share who are on the page")
    parser.add_argument("--questions", type=whole("--questions", 1, 1000), default=20, help="of each visitor")
    parser.add_argument("--url", help="a server that runs (default: one of its own)")
    parser.add_argument("--checkpoint", default=DEFAULT, help="of the server; of the zoo kind")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    args = exit_on_user_error(lambda: parser.parse_args(argv))
    found = exit_on_user_error(lambda: run(**{key: value for key, value in vars(args).items() if key != "json"}))
    print(json.dumps(found) if args.json else report(found))
    return 1 if found["wrong"] or found["left"] else 0


def run(
    visitors: int, minutes: float, page: float, questions: int, url: str | None = None, checkpoint: str = DEFAULT
) -> dict[str, Any]:
    """What came of so many visitors in so many minutes; the arguments are those of the command."""
    tina = Tina.from_pretrained(checkpoint)
    with nullcontext() if url else serving(checkpoint, _free_port()) as server:
        judge, diary = Judge(tina), Diary()
        asyncio.run(_visit(url or server.url, server, visitors, minutes, page, questions, judge, diary))
    wrong = [*diary.wrong, *judge.verdicts()]
    found = {
        "visitors": visitors,
        "on_the_page": round(page * visitors),
        "minutes": minutes,
        "asked": {what: _summary(seconds) for what, seconds in sorted(diary.seconds.items())},
        "refused": diary.refused,
        "wrong": wrong,
        "left": server.left if server else [],
    }
    if server and server.megabytes:
        start, end = server.megabytes[0], server.megabytes[-1]
        found |= {"megabytes": {"start": start, "peak": max(server.megabytes), "end": end}, "exit": server.ended}
        answers = max(1, sum(map(len, diary.seconds.values())))
        found["processor_seconds_an_answer"] = (server.computing[-1] - server.computing[0]) / answers
    return found


async def _visit(
    url: str, server: Server | None, visitors: int, minutes: float, page: float, each: int, judge: Judge, diary: Diary
) -> None:
    tina, on_page = judge.tina, round(page * visitors)
    names = [name for name in tina.world.names if tina.world.has_pictures(name)]
    asked = questions(names, visitors * each, tina.usual_sampling.steps)
    pictures = {name: picture_of(tina, name) for name in {one.classes[0] for one in asked}}
    if server:
        server.look()
    until = time.perf_counter() + 60 * minutes
    everybody = [
        (PageVisitor if i < on_page else ApiVisitor)(url, i, asked[i * each : (i + 1) * each], judge, diary, pictures)
        for i in range(visitors)
    ]
    looking = asyncio.create_task(_look(server))
    await asyncio.gather(*(one.stay(until) for one in everybody))
    looking.cancel()
    if server:
        server.look()


async def _look(server: Server | None) -> None:
    while server:
        await asyncio.sleep(LOOK)
        server.look()


def _summary(seconds: list[float]) -> dict[str, float]:
    at = sorted(seconds)
    quantiles = {f"p{p}": at[min(len(at) - 1, len(at) * p // 100)] for p in (50, 95, 99)}
    return {"answers": len(at), "mean": statistics.mean(at), **quantiles}


def report(found: dict[str, Any]) -> str:
    """As a table."""
    lines = [
        f"{found['visitors']} visitors, {found['on_the_page']} of them on the page, {found['minutes']:g} minutes",
        f"{'':24}{'answers':>8}{'p50':>8}{'p95':>8}{'p99':>8}",
    ]
    for what, one in found["asked"].items():
        lines.append(f"{what:24}{one['answers']:8}" + "".join(f"{one[p]:7.2f}s" for p in ("p50", "p95", "p99")))
    lines += [f"refused {count} times: {sentence}" for sentence, count in found["refused"].items()]
    if "megabytes" in found:
        lines.append(f"processor time: {1000 * found['processor_seconds_an_answer']:.0f} ms an answer")
        lines.append("memory: " + ", ".join(f"{name} {size:.0f} MB" for name, size in found["megabytes"].items()))
    lines.append(f"files left behind: {len(found['left'])}")
    lines += [f"wrong: {one}" for one in found["wrong"][:20]] or ["all answers right, and the visitor's own"]
    return "\n".join(lines)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
