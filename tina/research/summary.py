"""What README and docs show of the files beside the checkpoints that ship, each table between its marks.

    python -m tina.research.summary                          # prints the first two
    python -m tina.research.summary README.md docs/*.md      # writes them between the marks in these files

The marks are `<!-- summary -->`, `<!-- differences -->`, `<!-- bench NAME -->` and `<!-- everyday PART -->`, each
closed by its `<!-- /... -->`.
Accuracies come from `table.json`, times from `bench.json`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tina.paths import CHECKPOINTS, shipped
from tina.research.judge import photo_report
from tina.research.judge.intervals import format_difference, paired
from tina.research.judge.report import table_lines

Tables = dict[str, dict[tuple[str, str], dict]]  # checkpoint -> (method, split) -> row of its table

ASKED = {"new sets": ("ood", ""), "unseen, by name": ("unseen", ""), "unseen, 5 pictures": ("unseen", " 5 pictures")}
ROWS = {
    "slice": "generic network, its own rows",
    "ridge": "ridge regression, prompt to weights",
    "encoder": "the encoder itself, nearest prompt",
    "transfer": "plain transfer of rows",
    "tina": "**Tina**",
    "tuned": "really fine-tuned, all training pictures",
}
BASES = ("slice", "ridge", "encoder", "transfer", "tuned")  # what Tina is compared with, task by task
OF_SEEN = ("slice", "tuned")  # made of all training pictures: nothing to set beside five


def tables() -> Tables:
    """The tables of the checkpoints with a zoo."""
    return {name: _rows(CHECKPOINTS / name / "table.json") for name in shipped("zoo")}


def difference(rows: dict[tuple[str, str], dict], base: str, split: str, method: str = "tina") -> dict | None:
    """How far `method` is above `base`, task by task; None where either is not in the table."""
    return paired(*(rows.get((name, split), {}).get("accuracies") for name in (method, base)))


def summary() -> str:
    """Six rows for all checkpoints: percent right on new sets, on unseen classes by name, and by five pictures."""
    found = tables()
    lines: dict[str, list[str]] = {title: [] for title in ROWS.values()}
    halves, fewer = [], set()
    for rows in found.values():
        most = max(row["tasks"] for row in rows.values())
        for split, words in ASKED.values():
            for method, title in ROWS.items():
                row = rows.get((method if method in OF_SEEN else method + words, split))
                if row is None:
                    lines[title].append("-")
                    continue
                halves.append(50 * (row["interval"][1] - row["interval"][0]))
                fewer |= {row["tasks"]} if row["tasks"] < most else set()
                lines[title].append(f"{100 * row['accuracy']:.1f}" + ("\\*" if row["tasks"] < most else ""))
    note = f"95% intervals: ± {min(halves):.1f} to ± {max(halves):.1f}."
    note += f" \\* {', '.join(map(str, sorted(fewer)))} tasks only." if fewer else ""
    return table_lines([f"{name}: {asked}" for name in found for asked in ASKED], lines.items()) + f"\n\n{note}"


def differences() -> str:
    """Tina minus each rival, in points on the same tasks and pictures; and how often Tina is exactly plain transfer."""
    found, lines = tables(), []
    for asked, (split, words) in ASKED.items():
        for base in BASES:
            if words and base in OF_SEEN:
                continue
            of_all = [difference(rows, base + words, split, f"tina{words}") for rows in found.values()]
            if any(of_all):
                lines.append((f"{ROWS[base]}: {asked}", [format_difference(one) for one in of_all]))
    equal = [difference(rows, "transfer 5 pictures", "unseen", "tina 5 pictures") for rows in found.values()]
    cells = [f"{one['equal']} of {one['tasks']}" if one else "-" for one in equal]
    lines.append(("unseen, 5 pictures: tasks exactly equal to plain transfer", cells))
    return table_lines(list(found), lines, "Tina minus")


def speeds(name: str) -> str:
    """What `python -m tina bench` found of a checkpoint."""
    bench: dict[str, Any] = json.loads((CHECKPOINTS / name / "bench.json").read_text("utf-8"))
    times = {
        "prompt of ten classes to classifier, warm": f"{bench['warm_ms']:.0f} ms",
        "the same in one step of diffusion": f"{bench['warm_one_step_ms']:.0f} ms",
        "the verb `generate`, process start to scored zip": f"{bench['cold_s']:.1f} s",
    }
    if zoo := bench.get("zoo"):
        times |= {
            "fine-tuning steps a second, many classifiers at once": f"{zoo['steps_a_second']:.0f}",
            "one at a time, in an ordinary loop": f"{zoo['one_at_a_time']:.0f} ({zoo['times']:.1f} times less)",
        }
    if rows := bench.get("rows"):
        tower = bench["tower"]
        times |= {
            "of the warm prompt, beside encoding its names": f"{rows['names_ms']:.1f} ms",
            "the tower, a picture": f"{tower['one_ms']:.0f} ms, in batches {tower['batched_ms']:.0f} ms",
            "10 x 5 pictures to classifier": f"{rows['pictures_times']:.2f} times the tower’s own time",
            "a picture to its answer": f"{rows['answer_times']:.2f} times",
        }
    corner = f"{bench['threads']} CPU threads, medians of {bench['rounds']}"
    return table_lines([""], [(title, [time]) for title, time in times.items()], corner)


def everyday_table() -> dict[str, Any]:
    """Of the checkpoint on a tower."""
    table: dict[str, Any] = json.loads((CHECKPOINTS / "everyday" / "table.json").read_text("utf-8"))
    return table


SHOWN = {"10": ("names", "1 picture", "5 pictures", "name + 5 pictures"), "all": ("names", "5 pictures", "16 pictures")}
EVERYDAY: dict[str, Callable[[dict[str, Any]], str]] = {
    "brief": photo_report.brief,
    "means": photo_report.summary,
    "gains": photo_report.gains,
    "sureness": photo_report.sureness,
    "sets": lambda table: _set_by_set(table, "10"),
    "all": lambda table: _set_by_set(table, "all"),
}


def _set_by_set(table: dict[str, Any], ways: str) -> str:
    return "\n\n".join(f"**{prompt}**\n\n{photo_report.by_set(table, prompt, ways)}" for prompt in SHOWN[ways])


MARKS: dict[str, Callable[[str], str]] = {  # what stands between the marks, of the NAME in them
    "summary": lambda _: summary(),
    "differences": lambda _: differences(),
    "bench": speeds,
    "everyday": lambda part: EVERYDAY[part](everyday_table()),
}


def filled(text: str) -> str:
    """A text with what was measured between its marks."""

    def shown(mark: re.Match) -> str:
        return f"{mark[1]}\n\n{MARKS[mark[2]](mark[3])}\n\n{mark[4]}"

    marks = "|".join(MARKS)
    return re.sub(rf"(<!-- ({marks}) ?(\S*) -->).*?(<!-- /\2 -->)", shown, text, flags=re.DOTALL)


def _rows(file: Path) -> dict[tuple[str, str], dict]:
    return {(row["method"], row["split"]): row for row in json.loads(file.read_text("utf-8"))["rows"]}


def main(files: Sequence[str]) -> None:
    """Print the tables, or write them into files."""
    if not files:
        print(summary(), differences(), sep="\n\n")
    for file in map(Path, files):
        file.write_text(filled(file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
