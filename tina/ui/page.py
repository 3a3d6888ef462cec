"""The page. It shows the Sketchbook and what the encoder understands; the generator's panes are not built yet."""

from __future__ import annotations

import os
from functools import cache

import gradio as gr

from tina.encoder import Encoder
from tina.worlds import load_world

from . import cards, theme

LONGEST = 300
SHOWN = 6


@cache
def _world():
    return load_world("sketchbook")


@cache
def _encoder() -> Encoder:
    return Encoder()


def show_family(family: str) -> str:
    """The classes of one family, each with six held-out pictures, as HTML."""
    world = _world()
    if family not in world.families:
        raise gr.Error(f"There is no family {family[:40]!r} in the {world.title}.")
    return cards.cards(world, world.families[family])


def understand(text: str) -> str:
    """The six classes whose names come nearest to a text, as HTML."""
    text = " ".join(text.split())
    if not text:
        return "<p>Say something: a name, a description, a whole kind of thing.</p>"
    if len(text) > LONGEST:
        return f"<p>That is long: {len(text)} characters. Up to {LONGEST} are understood.</p>"
    world, encoder = _world(), _encoder()
    likeness = encoder.encode_texts(world.names) @ encoder.encode_anew([text])[0]
    best = likeness.argsort(descending=True)[:SHOWN].tolist()
    return cards.cards(world, [world.names[i] for i in best], [float(likeness[i]) for i in best])


def build() -> gr.Blocks:
    world = _world()
    families = sorted(world.families, key=lambda f: (-len(world.families[f]), f))
    with gr.Blocks(title="Tina", delete_cache=(600, 3600)) as page, gr.Column(elem_id="tina"):
        gr.HTML(
            f"<h1>Tina</h1><p class='lead'>Say the classes, get the classifier. Here is the world it starts from: "
            f"{len(world.names)} things drawn by code, {len(world.unseen)} of them kept out of all training.</p>"
        )
        wanted = gr.Textbox(
            label="What do you mean?",
            placeholder="small sailing vessel",
            info="A name, a description, a whole kind of thing.",
        )
        meant = gr.HTML()
        wanted.submit(understand, wanted, meant, api_name="understand")
        chosen = gr.Dropdown(families, value=families[0], label=f"{world.title}: classes by family")
        shown = gr.HTML(show_family(families[0]))
        chosen.change(show_family, chosen, shown, api_name="show_family")
    return page


def launch(host: str | None = None, port: int | None = None) -> None:
    """Serve the page: on this machine only, unless told otherwise or on a Space."""
    on_space = "SPACE_ID" in os.environ
    page = build().queue(max_size=32, api_open=False)
    page.launch(
        server_name=host or ("0.0.0.0" if on_space else "127.0.0.1"),
        server_port=port or int(os.environ.get("GRADIO_SERVER_PORT", 7860)),
        css=theme.CSS,
        theme=gr.themes.Soft(primary_hue="orange"),
        show_error=not on_space,
        allowed_paths=[],
        max_file_size="8mb",
        strict_cors=True,
        enable_monitoring=False,
        ssr_mode=False,
        footer_links=[],
    )
