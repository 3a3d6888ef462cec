"""A table as text: Markdown with a line for each method and a column for each split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tina.research.judge.ablations import ABLATIONS
from tina.research.judge.intervals import format_difference, format_row
from tina.research.judge.method import PROMPT_KINDS
from tina.research.judge.methods import METHODS, PROMPTED, TITLES
from tina.research.judge.splits import COLUMNS, SPLITS

STALE = "\n\n† measured with an earlier version of generator and encoder, on the same tasks and pictures."


def public(table: dict) -> list[dict]:
    """The rows without every single task's accuracy."""
    return [{key: row[key] for key in ("method", "split", "accuracy", "interval", "tasks")} for row in table["rows"]]


def markdown(table: Mapping, parts: bool = True) -> str:
    """One line a method, one column a split, or also a part of one. Where rows have fewer tasks than others of their
    split, the line says how many."""
    present = {row["split"] for row in table["rows"]}
    columns = [column for column in COLUMNS if column in present and (parts or column in SPLITS)]
    most = {column: max(row["tasks"] for row in table["rows"] if row["split"] == column) for column in columns}
    cells: dict[str, dict[str, str]] = {}
    fewer: dict[str, set[int]] = {}
    for row in table["rows"]:
        cells.setdefault(row["method"], {})[row["split"]] = _cell(row)
        if row["split"] in columns and row["tasks"] < most[row["split"]]:
            fewer.setdefault(row["method"], set()).add(row["tasks"])
    lines = []
    for name in (name for name in TITLES if name in cells):
        counts = " or ".join(map(str, sorted(fewer.get(name, ()))))
        title = TITLES[name] + (f" ({counts} tasks)" if counts else "")
        lines.append((title, [cells[name].get(column, "-") for column in columns]))
    text = table_lines(columns, lines)
    return text + (STALE if "†" in text else "")


def by_prompt_kind(table: Mapping, split: str) -> str:
    """One line a rival that takes several kinds of prompts, one column a kind; nothing if none was measured."""
    cells = {row["method"]: _cell(row) for row in table["rows"] if row["split"] == split}
    kinds = ["", *(key for key in PROMPT_KINDS if any(name.endswith(f" {key}") for name in cells))]
    lines = []
    for rival in PROMPTED:
        names = [f"{rival} {key}".strip() for key in kinds]
        if any(name in cells for name in names[1:]):
            lines.append((METHODS[rival].title, [cells.get(name, "-") for name in names]))
    return table_lines([split, *kinds[1:]], lines) if lines else ""


def without_parts(table: Mapping) -> str:
    """What each part of Tina is worth: by how many points she is better or worse without it, task by task over the
    tasks that both were measured on; nothing if no ablation was measured."""
    rows = {(row["method"], row["split"]): row["beside"] for row in table["rows"] if "beside" in row}
    columns = [split for split in SPLITS if any(split == of for _, of in rows)]
    lines = [
        (method.title, [_with_tasks(rows.get((name, split))) for split in columns])
        for name, method in ABLATIONS.items()
        if any((name, split) in rows for split in columns)
    ]
    return table_lines(columns, lines, "points beside Tina") if lines else ""


def table_lines(columns: Sequence[str], lines: Iterable[tuple[str, Sequence[str]]], corner: str = "") -> str:
    """A table in Markdown: `lines` are titles, each with its cells."""
    first = f"| {corner} | " if corner else "| | "
    head = [first + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    return "\n".join([*head, *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in lines)])


def _with_tasks(difference: Mapping | None) -> str:
    """Points with their sign, and the number of tasks: +1.2 ± 0.4 (64)."""
    return f"{format_difference(difference)} ({difference['tasks']})" if difference else "-"


def _cell(row: Mapping) -> str:
    return format_row(row) + (" †" if "stale" in row else "")
