"""Appearance: paper and ink, one accent colour, light and dark, readable from a phone to a projector."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr

from tina.classifier.webpage import FILES, program, squeezed
from tina.ui.server.engine_files import desk_programs, programs, school_programs

STATIC = Path(__file__).parent / "static"

LIGHT = {
    "ink": "#1c1917",
    "soft": "#57534e",  # smaller words
    "paper": "#faf8f5",
    "raised": "#ffffff",  # what lies on the paper
    "sunk": "#efeae4",  # grounds of bars
    "line": "#e2dbd2",
    "edge": "#8a817a",  # of what can be touched
    "accent": "#c2410c",
    "on-accent": "#ffffff",
    "right": "#0f766e",
    "wrong": "#b91c1c",
    "baseline": "#57534e",
}
DARK = {
    "ink": "#f5f2ee",
    "soft": "#b8b0a8",
    "paper": "#171412",
    "raised": "#211d1a",
    "sunk": "#2f2a26",
    "line": "#3a342f",
    "edge": "#8f867e",
    "accent": "#fb8a3c",
    "on-accent": "#1c1108",
    "right": "#5eead4",
    "wrong": "#fca5a5",
    "baseline": "#b8b0a8",
}


def css() -> str:
    """The page's rules, as Gradio takes them: it puts its own container before each, so that they win over its own."""
    return "\n".join((STATIC / name).read_text("utf-8") for name in ("page.css", "panes.css", "lesson.css"))


def page_colours() -> str:
    """The colours for a page of our own without Gradio: light or dark as the device is."""
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}"
    return f":root {{ {_variables(LIGHT)} }} {dark} "


def head() -> str:
    """Colours, the classifier's own piece and the page's programs, all inside the page; but for those of engine, lesson
    and projector.

    Not through Gradio's `css`, which drops rules that it does not know (@container).
    """
    colours = f":root {{ {_variables(LIGHT)} }} .dark {{ {_variables(DARK)} }}"
    piece = f"#tina {{ {(FILES / 'classifier.css').read_text('utf-8')} }}"
    own = [STATIC / f"{name}.js" for name in ("page", "try", "describe")]
    later = ", ".join(
        f'"{ours()[0]}"' for ours in (programs, desk_programs, school_programs)
    )  # fetched when first needed
    parts = [program("canvas", "easel"), *(squeezed(file.read_text("utf-8")) for file in own)]
    scripts = "".join(f"<script>{text}</script>" for text in (*parts, f"TinaPage.later({later});"))
    rules = re.sub(r"\s*([{};,])\s*|(:)\s+", r"\1\2", squeezed(f"{colours} {piece}"))  # no string has any of these
    return f"<style>{rules}</style>{scripts}"


def gradio_theme() -> gr.themes.Base:
    """Gradio's own components in the same colours and fonts."""
    fonts = [gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"]
    mono = [gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"]
    theme = gr.themes.Base(primary_hue="orange", neutral_hue="stone", font=fonts, font_mono=mono, radius_size="md")
    names = {
        "body_background_fill": "paper",
        "body_text_color": "ink",
        "body_text_color_subdued": "soft",
        "background_fill_primary": "raised",
        "background_fill_secondary": "paper",
        "border_color_primary": "line",
        "block_background_fill": "raised",
        "block_label_text_color": "soft",
        "block_title_text_color": "ink",
        "block_info_text_color": "soft",
        "input_background_fill": "raised",
        "input_border_color": "edge",
        "input_border_color_focus": "accent",
        "input_placeholder_color": "soft",
        "button_primary_background_fill": "accent",
        "button_primary_background_fill_hover": "accent",
        "button_primary_text_color": "on-accent",
        "button_secondary_background_fill": "raised",
        "button_secondary_background_fill_hover": "sunk",
        "button_secondary_text_color": "ink",
        "button_secondary_border_color": "edge",
        "checkbox_label_background_fill": "raised",
        "checkbox_label_background_fill_selected": "accent",
        "checkbox_label_text_color_selected": "on-accent",
        "checkbox_label_border_color": "edge",
        "slider_color": "accent",
        "color_accent": "accent",
        "link_text_color": "accent",
        "link_text_color_hover": "accent",
        "link_text_color_visited": "accent",
        "accordion_text_color": "ink",
    }
    plain = {key: f"var(--{name})" for key, name in names.items()}
    dark = {f"{key}_dark": value for key, value in plain.items() if key != "color_accent"}
    return theme.set(**plain, **dark)


def contrast(one: str, other: str) -> float:
    """Of two colours (#rrggbb), as WCAG 2 counts it."""

    def light(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in colours.items())
