"""The world behind a checkpoint: what it is, under which licence, its stored results, and pictures of every class."""

from __future__ import annotations

import json
from pathlib import Path

from markupsafe import Markup

from tina.ui.markup import note
from tina.ui.panes.cards import cards
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.templates import percent, render

TOWER_COMMAND = "python -m tina table everyday"
PROMPTS = ("names", "1 picture", "5 pictures")  # of a tower's table: what is shown of it here
EARLIER = "† measured with an earlier version of generator and encoder, on the same tasks and pictures."


def page(checkpoint: LoadedCheckpoint, folder: Path) -> Markup:
    """The card of a checkpoint; `folder` is where its table.json lies, if it has one."""
    world, file = checkpoint.world, folder / "table.json"
    classes = cards(world, world.names) if world.present else note(world.advice) + note(", ".join(world.names))
    return render(
        "world_card.html",
        world=world,
        parameters=f"{checkpoint.tina.parameter_count:,}",
        blueprint=checkpoint.blueprint.id,
        hash=checkpoint.hash,
        results=results(json.loads(file.read_text("utf-8"))) if file.is_file() else "",
        classes=classes,
    )


def results(table: dict) -> Markup:
    """A stored table: the accuracy of every method on every split, with its 95% interval.

    Titles of methods and splits come from the table's "titles"; where it has none, their ids are shown.
    """
    if "sets" in table:
        return _of_tower(table)
    rows, titles = table["rows"], table.get("titles", {})
    cells = {(row["method"], row["split"]): row for row in rows}
    splits = _titled(titles.get("splits", {}), [row["split"] for row in rows])
    methods = _titled(titles.get("methods", {}), [row["method"] for row in rows])
    return render(
        "results.html",
        of="",
        splits=splits.values(),
        methods={title: [_cell(cells.get((name, split))) for split in splits] for name, title in methods.items()},
        earlier=EARLIER if any("beside" in row for row in rows) else "",
        command=table.get("command", ""),
    )


def _of_tower(table: dict) -> Markup:
    """Of a table of many sets of photographs: how well every method does on each, in tasks of ten classes."""
    parts = []
    for prompt in PROMPTS:
        cells = {
            (row["set"], row["method"]): row for row in table["rows"] if (row["prompt"], row["ways"]) == (prompt, "10")
        }
        methods = _titled(table["titles"], [method for _, method in cells])
        sets = {id: one["title"] for id, one in table["sets"].items() if any(of == id for of, _ in cells)}
        parts.append(
            render(
                "results.html",
                of=f": {prompt}",
                splits=methods.values(),
                methods={title: [_cell(cells.get((id, name))) for name in methods] for id, title in sets.items()},
                earlier="",
                command=TOWER_COMMAND,
            )
        )
    return Markup().join(parts)


def _titled(titles: dict[str, str], ids: list[str]) -> dict[str, str]:
    """The ids that occur and have a title, in the titles' order; where there are no titles, every id as it is."""
    occurring = dict.fromkeys(ids)
    return {id: title for id, title in titles.items() if id in occurring} if titles else {id: id for id in occurring}


def _cell(row: dict | None) -> str:
    if row is None:
        return "–"
    low, high = row["interval"]
    return f"{percent(row['accuracy'], 1)} ± {100 * (high - low) / 2:.1f}{' †' if 'beside' in row else ''}"
