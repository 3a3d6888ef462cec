"""The table of the everyday tower as text: for every kind of prompt a line a rival and a column a set, with means over
the nine sets and differences task by task; then calibration and what is noticed as none of the classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tina.research.judge.intervals import format_difference, format_row, paired
from tina.research.judge.photo_sets import NINE, SETS
from tina.research.judge.photo_tasks import PROMPTS, WAYS
from tina.research.judge.report import table_lines

Rows = Mapping[str, Mapping[str, Any]]  # by set
ABOUT = (
    "Percent right, with 95% intervals over tasks (the sets are fixed). What is reported of a set comes from settings "
    "and training without any set of its group. The mean is over those of the nine sets that all lines have, every set "
    "weighing the same; beside it is the difference from {}, task by task. At worst: on the set where a line is "
    "furthest below the best of the others, or least above it."
)


def mean_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The mean of sets' means: its interval is over tasks, the sets being fixed. None of none."""
    if not rows or not all(row["interval"] for row in rows):
        return None
    mean = sum(row["accuracy"] for row in rows) / len(rows)
    half = math.sqrt(sum((row["interval"][1] - row["accuracy"]) ** 2 for row in rows)) / len(rows)
    return {"accuracy": mean, "interval": (mean - half, mean + half), "tasks": sum(row["tasks"] for row in rows)}


def difference(rows: Rows, base: Rows, sets: Sequence[str]) -> dict[str, Any] | None:
    """The mean over sets of how much a rival is better than another, task by task."""
    both = [paired(rows[id]["accuracies"], base[id]["accuracies"]) for id in sets if id in rows and id in base]
    return mean_of([row for row in both if row])


def at_worst(name: str, rows: Mapping[str, Rows], sets: Sequence[str]) -> tuple[float, str] | None:
    """The lowest difference of a rival from the best of the others on a set, and which set that is."""
    others = [of for other, of in rows.items() if other != name]
    differences = [
        (rows[name][id]["accuracy"] - max(of[id]["accuracy"] for of in others if id in of), id)
        for id in sets
        if id in rows[name] and any(id in of for of in others)
    ]
    return min(differences, default=None)


def markdown(table: Mapping[str, Any], base: str = "means") -> str:
    """The whole table; differences are from the rival `base`, or where it is not asked, from a section's first one."""
    present = {row["set"] for row in table["rows"]}
    order = [id for id in (*SETS, *(id for id in table["sets"] if id not in SETS)) if id in present]
    parts = []
    for ways in (ways for ways in WAYS if any(row["ways"] == ways for row in table["rows"])):
        for prompt in PROMPTS:
            rows: dict[str, dict[str, Any]] = {}
            for row in table["rows"]:
                if (row["ways"], row["prompt"]) == (ways, prompt):
                    rows.setdefault(row["method"], {})[row["set"]] = row
            if PROMPTS[prompt].texts and PROMPTS[prompt].shots:  # beside it, what the same pictures say without names
                alone = prompt.removeprefix("name + ")
                for row in table["rows"]:
                    if (row["ways"], row["prompt"]) == (ways, alone):
                        rows.setdefault(f"{row['method']}, without names", {})[row["set"]] = row
                if not any(", without" not in name for name in rows):
                    continue
            if rows:
                parts.append(_section(table, ways, prompt, rows, base, order))
    return "\n\n".join([ABOUT.format(table["titles"].get(base, "a section's first line")), *parts])


def summary(table: Mapping[str, Any], ways: str = "10", sets: Sequence[str] = NINE) -> str:
    """A line a rival, a column a kind of prompt: the mean over sets."""
    rows = _by_prompt(table, ways)
    prompts = [prompt for prompt in PROMPTS if _everywhere(rows.get(prompt, {}), sets)]
    lines = []
    for method, title in table["titles"].items():
        means = [mean_of(_of(rows[prompt].get(method, {}), sets)) for prompt in prompts]
        if any(means):
            lines.append((title, [format_row(mean) if mean else "-" for mean in means]))
    return table_lines(prompts, lines)


BRIEF = {  # the rivals and prompts of `brief`
    "means": "nearest mean",
    "logistic": "logistic regression",
    "ridge": "ridge from names",
    "zero-shot": "encoder alone",
    "prior alone": "closed form alone",
    "tina": "**Tina**",
}
BRIEF_PROMPTS = ("names", "1 picture", "5 pictures", "name + 5 pictures")


def brief(table: Mapping[str, Any], sets: Sequence[str] = NINE) -> str:
    """The main rows and columns of `summary`, with one line for all intervals."""
    rows, halves, lines = _by_prompt(table, "10"), [], []
    for method, title in BRIEF.items():
        means = [mean_of(_of(rows[prompt].get(method, {}), sets)) for prompt in BRIEF_PROMPTS]
        halves += [mean["interval"][1] - mean["accuracy"] for mean in means if mean]
        lines.append((title, [f"{100 * mean['accuracy']:.1f}" if mean else "-" for mean in means]))
    note = f"95% intervals: ± {100 * min(halves):.1f} to ± {100 * max(halves):.1f}."
    return f"{table_lines(BRIEF_PROMPTS, lines)}\n\n{note}"


def gains(table: Mapping[str, Any], base: str = "tina", ways: str = "10", sets: Sequence[str] = NINE) -> str:
    """How far `base` is above each rival, task by task, and on which set it is least."""
    rows = _by_prompt(table, ways)
    prompts = [prompt for prompt in PROMPTS if _everywhere(rows.get(prompt, {}), sets)]
    lines = []
    for method, title in ((method, title) for method, title in table["titles"].items() if method != base):
        cells = [_gain(rows[prompt].get(base, {}), rows[prompt].get(method, {}), sets) for prompt in prompts]
        if any(cell != "-" for cell in cells):
            lines.append((f"above {title}", cells))
    return table_lines(prompts, lines)


def sureness(table: Mapping[str, Any], method: str = "tina", ways: str = "10", sets: Sequence[str] = NINE) -> str:
    """Expected calibration error, and how well none of the classes is told: a column a kind of prompt."""
    rows = _by_prompt(table, ways)
    prompts = [prompt for prompt in PROMPTS if _of(rows.get(prompt, {}).get(method, {}), sets)]
    kinds = {"ece": "expected calibration error", "auroc classes": "AUROC, other classes of the set"}
    kinds |= {"auroc sets": "AUROC, pictures of other sets"}
    if any("none known" in row for row in table["rows"]):
        kinds |= {"none known": "said to be of none of the classes: their own pictures"}
        kinds |= {"none classes": "so said: other classes of the set", "none sets": "so said: pictures of other sets"}
    lines = [
        (title, [_mean_percent(rows[prompt][method], key, sets) for prompt in prompts]) for key, title in kinds.items()
    ]
    return table_lines(prompts, lines)


def by_set(table: Mapping[str, Any], prompt: str, ways: str = "10", sets: Sequence[str] = SETS) -> str:
    """A line a rival, a column a set."""
    rows = _by_prompt(table, ways).get(prompt, {})
    present = [id for id in sets if any(id in of for of in rows.values())]
    columns = [f"{table['sets'][id]['title']} ({table['sets'][id]['ways'][ways]})" for id in present]
    lines = [
        (title, [format_row(rows[method][id]) if id in rows[method] else "-" for id in present])
        for method, title in table["titles"].items()
        if any(id in rows.get(method, {}) for id in present)
    ]
    return table_lines(columns, lines)


def _by_prompt(table: Mapping[str, Any], ways: str) -> dict[str, dict[str, dict[str, Any]]]:
    """prompt -> method -> set -> row."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in table["rows"]:
        if row["ways"] == ways:
            found.setdefault(row["prompt"], {}).setdefault(row["method"], {})[row["set"]] = row
    return found


def _of(rows: Rows, sets: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows of all these sets; none where one is missing, as a mean over fewer would be another thing."""
    return [rows[id] for id in sets] if all(id in rows for id in sets) else []


def _everywhere(rows: Mapping[str, Rows], sets: Sequence[str]) -> bool:
    return any(_of(of, sets) for of in rows.values())


def _gain(rows: Rows, base: Rows, sets: Sequence[str]) -> str:
    if not (_of(rows, sets) and _of(base, sets)):
        return "-"
    lowest, at = min((rows[id]["accuracy"] - base[id]["accuracy"], id) for id in sets)
    return f"{format_difference(difference(rows, base, sets))}; {100 * lowest:+.1f} ({at})"


def _section(
    table: Mapping[str, Any], ways: str, prompt: str, rows: Mapping[str, Rows], base: str, order: Sequence[str]
) -> str:
    sets = [id for id in order if any(id in of for of in rows.values())]
    judged = [of for of in rows.values() if any(id in of for id in NINE)]
    nine = [id for id in NINE if judged and all(id in of for of in judged)]
    base = next((name for name in rows if name.startswith(base)), next(iter(rows)))
    titles = {name: _title(table, name) for name in rows}
    columns = [f"{table['sets'][id]['title']} ({table['sets'][id]['ways'][ways]})" for id in sets]
    lines, beside = [], []
    for name, of in rows.items():
        mean = mean_of([of[id] for id in nine if id in of])
        against = difference(of, rows[base], nine) if name != base else None
        worst = at_worst(name, rows, nine)
        at = f"{100 * worst[0]:+.1f} ({worst[1]})" if worst else "-"
        cells = [format_row(mean) if mean else "-", format_difference(against), at]
        lines.append((titles[name], cells + [format_row(of[id]) if id in of else "-" for id in sets]))
        beside.append((titles[name], [_mean_percent(of, key, nine) for key in ("ece", "auroc classes", "auroc sets")]))
    head = [f"## {prompt}, {WAYS[ways]}", table_lines(["mean", "beside", "at worst", *columns], lines)]
    return "\n\n".join([*head, table_lines(["ECE", "AUROC, other classes", "AUROC, other sets"], beside)])


def _title(table: Mapping[str, Any], name: str) -> str:
    method, _, without = name.partition(", ")
    return table["titles"][method] + (f", {without}" if without else "")


def _mean_percent(rows: Rows, key: str, sets: Sequence[str]) -> str:
    values = [rows[id][key] for id in sets if id in rows and key in rows[id]]
    return f"{100 * sum(values) / len(values):.1f}" if values else "-"
