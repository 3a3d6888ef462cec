"""The README's one table of every checkpoint that ships, and what the rivals differ by, task by task.

    python -m tina.research.summary                          # prints both
    python -m tina.research.summary README.md docs/*.md      # writes them between the marks in these files

A file's marks are `<!-- summary -->` and `<!-- differences -->`, each closed by `<!-- /summary -->` and so on. Every
number comes from the `table.json` beside a checkpoint.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tina.paths import CHECKPOINTS
from tina.research.judge.table import mean_interval

Tables = dict[str, dict[tuple[str, str], dict]]  # checkpoint -> (method, split) -> row of its table

NAMES = ("sketchbook-cnn", "photos-tiny", "photos-encoder")  # each beside the one it can be compared with
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


def tables(folder: Path = CHECKPOINTS) -> Tables:
    """The tables of the checkpoints in a folder."""
    return {name: _rows(folder / name / "table.json") for name in NAMES if (folder / name / "table.json").is_file()}


def difference(rows: dict[tuple[str, str], dict], base: str, split: str, method: str = "tina") -> dict | None:
    """How many points `method` is above `base`, task by task, in percent.

    Returns mean, half of its 95% interval, tasks, and how many tasks came out exactly equal; None where either is not
    in the table.
    """
    found = [rows.get((name, split), {}).get("accuracies") for name in (method, base)]
    if not all(found):
        return None
    pairs = list(zip(*found, strict=False))  # a rival that takes long is measured on the first tasks only
    gains = [100 * (ours - theirs) for ours, theirs in pairs]
    low, high = mean_interval(gains) or (0.0, 0.0)
    equal = sum(ours == theirs for ours, theirs in pairs)
    return {"mean": sum(gains) / len(gains), "half": (high - low) / 2, "tasks": len(gains), "equal": equal}


def signed(found: dict | None) -> str:
    """A difference as it is printed: +3.8 ± 0.3."""
    return f"{found['mean']:+.1f} ± {found['half']:.1f}".replace("-0.0", "+0.0") if found else "-"


def summary(found: Tables) -> str:
    """Six rows for all checkpoints: percent right on new sets, on unseen classes by name, and by five pictures."""
    heads = [f"{name}: {asked}" for name in found for asked in ASKED]
    lines = ["| | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    halves, fewer = [], set()
    for method, title in ROWS.items():
        cells = []
        for rows in found.values():
            most = max(row["tasks"] for row in rows.values())
            for split, words in ASKED.values():
                row = rows.get((method if method in ("slice", "tuned") else method + words, split))
                if row is None:
                    cells.append("-")
                    continue
                halves.append(50 * (row["interval"][1] - row["interval"][0]))
                fewer |= {row["tasks"]} if row["tasks"] < most else set()
                cells.append(f"{100 * row['accuracy']:.1f}" + ("\\*" if row["tasks"] < most else ""))
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    note = f"95% intervals: ± {min(halves):.1f} to ± {max(halves):.1f}."
    note += f" \\* {', '.join(map(str, sorted(fewer)))} tasks only." if fewer else ""
    return "\n".join(lines) + f"\n\n{note}"


def differences(found: Tables) -> str:
    """Tina minus each rival, in points on the same tasks and pictures; and how often Tina is exactly plain transfer."""
    lines = ["| Tina minus | " + " | ".join(found) + " |", "|---|" + "---|" * len(found)]
    for asked, (split, words) in ASKED.items():
        for base in BASES:
            if words and base in ("slice", "tuned"):  # fine-tuned on all pictures: nothing to set beside five
                continue
            cells = [signed(difference(rows, base + words, split, f"tina{words}")) for rows in found.values()]
            if any(cell != "-" for cell in cells):
                lines.append(f"| {ROWS[base]}: {asked} | " + " | ".join(cells) + " |")
    equal = [difference(rows, "transfer 5 pictures", "unseen", "tina 5 pictures") for rows in found.values()]
    cells = [f"{one['equal']} of {one['tasks']}" if one else "-" for one in equal]
    lines.append("| unseen, 5 pictures: tasks exactly equal to plain transfer | " + " | ".join(cells) + " |")
    return "\n".join(lines)


MARKS: dict[str, Callable[[Tables], str]] = {"summary": summary, "differences": differences}


def filled(text: str) -> str:
    """A text with what was measured between its marks."""
    found = tables()
    for mark, show in MARKS.items():
        body = f"<!-- {mark} -->\n\n{show(found)}\n\n<!-- /{mark} -->"
        text = re.sub(rf"<!-- {mark} -->.*?<!-- /{mark} -->", lambda _, body=body: body, text, flags=re.DOTALL)
    return text


def _rows(file: Path) -> dict[tuple[str, str], dict]:
    return {(row["method"], row["split"]): row for row in json.loads(file.read_text("utf-8"))["rows"]}


def main(files: Sequence[str]) -> None:
    """Print both tables, or write them into files."""
    if not files:
        print(summary(tables()), differences(tables()), sep="\n\n")
    for file in map(Path, files):
        file.write_text(filled(file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
