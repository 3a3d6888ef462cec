"""The world behind a checkpoint: what it is, under which licence, how good its Tina is, and pictures of every class."""

from __future__ import annotations

import json
from pathlib import Path

from tina.research.figures import TITLES
from tina.research.judge.methods import METHODS
from tina.research.judge.splits import SPLITS
from tina.research.judge.table import BESIDE
from tina.ui.markup import note, percent, text
from tina.ui.panes import cards
from tina.ui.server.studio import Studio


def page(studio: Studio, card: Path) -> str:
    world = studio.world
    about = (
        f"<p>{text(world.title)}: {len(world.seen)} classes seen in training and {len(world.unseen)} never seen. "
        f"Licence: {text(world.licence)}. The generator has {studio.tina.parameter_count:,} weights and writes "
        f"{text(studio.blueprint.id)} classifiers; checkpoint {text(studio.hash)}.</p>"
    )
    file = card.parent / "table.json"
    rows = table(json.loads(file.read_text("utf-8"))["rows"]) if file.is_file() else ""
    shown = cards.cards(world, world.names) if world.present else note(world.advice) + note(", ".join(world.names))
    return f'<div class="world">{about}{rows}<h3>Every class</h3>{shown}</div>'


def table(rows: list[dict]) -> str:
    """Accuracy of every method on every split, with its 95% interval."""
    splits = [split for split in SPLITS if any(row["split"] == split for row in rows)]
    found = {(row["method"], row["split"]): row for row in rows}
    says = {"chance": "chance"} | {name: method.says for name, method in METHODS.items()}
    head = "".join(f'<th scope="col">{text(TITLES[split])}</th>' for split in splits)
    body = "".join(
        f'<tr><th scope="row">{text(sentence)}</th>{"".join(_cell(found.get((name, split))) for split in splits)}</tr>'
        for name, sentence in says.items()
        if any((name, split) in found for split in splits)
    )
    older = note(BESIDE.strip()) if any("beside" in row for row in rows) else ""
    return (
        '<div class="scroll"><table class="numbers"><caption class="visually-hidden">Accuracy on held-out pictures'
        f'</caption><thead><tr><th scope="col">accuracy</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    ) + older


def _cell(row: dict | None) -> str:
    if row is None:
        return "<td>–</td>"
    low, high = row["interval"]
    beside = " †" if "beside" in row else ""
    return f"<td>{percent(row['accuracy'], 1)} ± {100 * (high - low) / 2:.1f}{beside}</td>"
