"""HTML from the templates in `templates/`: `render("note.html", kind="note", sentence=...)`. Every value is escaped."""

from __future__ import annotations

from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

GRADIO_TEMPLATE_CHARACTERS = str.maketrans({c: f"&#{ord(c)};" for c in "{}$`"})


def escaped(value: object) -> Markup:
    """A value as text in HTML and SVG, also inside an attribute. `Markup` comes back as it is.

    Braces, dollars and backticks are escaped too: Gradio's HTML component reads {{...}} and ${...} as templates.
    """
    if isinstance(value, Markup):
        return value
    return Markup(escape(str(value), quote=True).translate(GRADIO_TEMPLATE_CHARACTERS))


def percent(share: float | None, digits: int = 0) -> str:
    """0.876 -> 88%; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{digits}f}%"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    auto_reload=False,
    finalize=escaped,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["percent"] = percent


def render(template: str, /, **values: object) -> Markup:
    """The file `template` with its values filled in, as HTML that is not escaped again."""
    return Markup(_ENVIRONMENT.get_template(template).render(values))
