"""Every figure of a checkpoint, from the files beside it: python -m tina figures sketchbook-cnn --out assets/figures"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tina.errors import UserError
from tina.research.figures import BARS, STEPS, Point, bars, lines, pictures_figure, steps_figure
from tina.research.judge.method import SHOTS
from tina.research.judge.splits import SPLITS
from tina.storage import write_atomically


def draw(folder: Path, out: Path) -> list[Path]:
    """SVG files, named after checkpoint and subject."""
    if not (folder / "table.json").is_file():
        raise UserError(f"{folder} has no table.json to draw (python -m tina table makes one).")
    table, curves, trials = (_read(folder / f"{part}.json") for part in ("table", "curves", "trials"))
    measured = {split: {row["method"] for row in table["rows"] if row["split"] == split} for split in SPLITS}
    drawn = {split: bars(table, split) for split, methods in measured.items() if methods & set(BARS)}
    for split, methods in measured.items():
        if len(methods & {f"tina {key}" for key in SHOTS}) > 1:
            drawn[f"pictures-{split}"] = pictures_figure(table, split)
    if any(len(methods & set(STEPS.values())) > 1 for methods in measured.values()):
        drawn["steps"] = steps_figure(table)
    if "ways" in curves:
        drawn["ways"] = lines(_series(curves["ways"], "ways"), "classes", "accuracy, %", log_x=True)
    if "tuning" in curves:
        timed = [row for row in curves["tuning"] if row["seconds"] > 0]
        drawn["tuning"] = lines(_series(timed, "seconds"), "seconds for one classifier", "accuracy, %", log_x=True)
    settings = dict.fromkeys(row["setting"] for row in curves.get("starts", ()))
    for setting in settings:
        rows = [row for row in curves["starts"] if row["setting"] == setting and row["steps"]]
        subject = "starts-" + setting.replace(", ", "-").replace(" ", "-")
        drawn[subject] = lines(_series(rows, "steps"), "steps of fine-tuning", "accuracy, %", log_x=True, title=setting)
    if by_zoo := [row for row in trials.get("rows", ()) if row["question"] == "zoo"]:
        scored = [name for name, value in by_zoo[0].items() if isinstance(value, dict)]
        series = {name: [_point(row[name], row["classifiers"]) for row in by_zoo] for name in scored}
        drawn["zoo"] = lines(series, "classifiers to learn from", "accuracy, %", log_x=True)
    files = []
    for subject, svg in drawn.items():
        files.append(out / f"{folder.name}-{subject}.svg")
        with write_atomically(files[-1]) as temporary:
            temporary.write_text(svg, "utf-8")
    return files


NAMES = {
    "tina": "Tina",
    "tina, pictures": "Tina, from pictures",
    "tina, name and pictures": "Tina, from name and pictures",
    "slice": "generic, sliced",
    "tuned": "fine-tuned",
    "generic": "from the generic network",
    "nothing": "from nothing",
}


def _series(rows: Sequence[dict], x: str) -> dict[str, list[Point]]:
    """Tina's first: that is the line which stands out."""
    found: dict[str, list] = {}
    for row in rows:
        found.setdefault(NAMES.get(row["method"], row["method"]), []).append(_point(row, row[x]))
    return dict(sorted(found.items(), key=lambda item: not item[0].startswith("Tina")))


def _point(row: dict, x: float) -> Point:
    return (x, 100 * row["accuracy"], *(100 * end for end in row["interval"]))


def _read(file: Path) -> dict:
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}
