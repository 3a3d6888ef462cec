"""How prompts and drafts look in a notebook: one piece of HTML with nothing to run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

MOST_CLASSES = 40  # rows that are shown


class Class(Protocol):
    """What is shown of a `tina.prompts.prompt.ClassPrompt`."""

    @property
    def label(self) -> str: ...
    @property
    def texts(self) -> tuple[str, ...]: ...
    @property
    def pictures(self) -> Sequence[object]: ...
    @property
    def read_as(self) -> str: ...


def prompt_html(classes: Sequence[Class], notes: Sequence[str], missing: str = "") -> str:
    """Each class with what is said and shown of it, the notes, and what is still missing of a draft."""
    rows = []
    for one in classes[:MOST_CLASSES]:
        said = "; ".join(text for text in one.texts if text != one.label)
        said = f"read as {one.read_as}" if one.read_as and not said else said
        shown = f"{len(one.pictures)} picture{'s' * (len(one.pictures) != 1)}" if one.pictures else ""
        cells = f'<td style="{LEFT}">{escape(said)}</td><td>{shown}</td>'
        rows.append(f'<tr><th style="{LEFT}" scope="row">{escape(one.label)}</th>{cells}</tr>')
    more = len(classes) - len(rows)
    count = f"{len(classes)} class{'es' * (len(classes) != 1)}"
    parts = [f"<div><b>{'A draft' if missing else 'A prompt'} for {count}</b></div>"]
    parts.append(f'<table style="color:inherit;font-size:inherit"><tbody>{"".join(rows)}</tbody></table>')
    parts += [f"<div>and {more} more</div>"] * bool(more)
    parts += [f"<div>{escape(line)}</div>" for line in (*notes, missing) if line]
    return f'<div style="max-width:48em">{"".join(parts)}</div>'


LEFT = "text-align:left"
