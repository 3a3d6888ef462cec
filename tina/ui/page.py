"""The page: where everything stands, and which handler answers to what. Start it with `launch`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import gradio as gr
from starlette.middleware import Middleware

from tina.errors import UserError
from tina.generator.diffusion import SAMPLERS
from tina.ui import theme
from tina.ui.handlers import Handlers
from tina.ui.learn import page as learn
from tina.ui.markup import note
from tina.ui.panes import examples, race
from tina.ui.panes.blending import BLENDS
from tina.ui.panes.watch import VIEWS
from tina.ui.server import endpoints
from tina.ui.server.assets import Assets
from tina.ui.server.shelf import Shelf
from tina.ui.state import MOST_STEPS, How, Turn

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}
COMPUTE = {"concurrency_id": "compute", "concurrency_limit": 2}
BRAND = """<div class="brand"><h1>Tina<span>.</span></h1>
<p>Say the classes, get the classifier: its weights are written by diffusion, without training.</p></div>"""
PAGES = """<nav aria-label="Pages"><a href="/learn">Learn</a><a href="/?mode=present">Present</a>
<a href="/?view=api">API</a></nav>"""
WAITING = '<div class="watch-head"><span>The first classifier is on its way.</span></div>'


def build_page(checkpoint: str | None = None) -> gr.Blocks:
    shelf, p = Shelf(checkpoint), SimpleNamespace()  # p: the parts that something happens to
    with gr.Blocks(title="Tina", delete_cache=(600, 3600), analytics_enabled=False) as page:
        endpoints.add(shelf)
        with gr.Column(elem_id="tina"):
            with gr.Row(elem_id="top"):
                with gr.Column(elem_id="brand"):
                    gr.HTML(BRAND)
                    with gr.Row(elem_id="ways"):
                        p.name = gr.Dropdown(
                            [(shelf.title(name), name) for name in shelf.names],
                            value=shelf.default,
                            label="World",
                            show_label=False,
                            container=False,
                            filterable=False,
                            scale=0,
                            min_width=210,
                            elem_id="world",
                        )
                        gr.HTML(PAGES)
                with gr.Column(elem_id="strips"):
                    p.strip = gr.HTML(note("Chance, the catalogue, Tina and one trained for it: in a moment."))
                    p.rival = gr.HTML("")
            with gr.Row(elem_id="panes"):
                _describe(p, shelf)
                _watch(p)
                _try(p)
            p.more = gr.Accordion("About this world: every class, results, licence", open=False, elem_id="world-card")
            with p.more:
                p.about = gr.HTML()
            gr.HTML("<footer class='tina'>Every number here was computed on this machine, just now.</footer>")
        _wire(page, p, Handlers(shelf))
    with page.route("Learn", "/learn", show_in_navbar=False):
        learn.build(shelf)
    return page


def _describe(p: SimpleNamespace, shelf: Shelf) -> None:
    how = How()
    with gr.Column(elem_id="describe-pane", elem_classes="pane"):
        gr.HTML("<h2><b>1</b> Describe</h2>")
        p.wanted = gr.Textbox(
            examples.first(shelf.studio().world),
            label="What should it tell apart?",
            info="Names, name: description, or a sentence such as “things that fly”.",
            lines=3,
            max_lines=8,
            max_length=10_000,
            elem_id="wanted",
        )
        with gr.Row():
            p.go = gr.Button("Generate", variant="primary", elem_id="go")
            p.stop = gr.Button("Stop", elem_id="stop", min_width=70)
        p.chips = gr.HTML(
            {"classes": [], "notes": [], "error": ""},
            html_template='<div class="chips"></div>',
            js_on_load="TinaPage.describe(element, props, watch, (name, detail) => trigger(name, detail)); // 'edit'",
            elem_id="chips",
        )
        p.examples = gr.HTML(
            examples.buttons(shelf.studio().world),
            js_on_load="TinaPage.examples(element, (name, detail) => trigger(name, detail)); // 'choose'",
        )
        p.code = gr.HTML("", elem_id="qr")
        with gr.Accordion("Advanced", open=False, elem_classes="settings"):
            p.steps = gr.Slider(1, MOST_STEPS, how.steps, step=1, label="Steps")
            p.sampler = gr.Radio(list(SAMPLERS), value=how.sampler, label="Sampler")
            p.guidance = gr.Slider(
                0, 5, how.guidance, step=0.1, label="Guidance", info="1 follows the prompt as it is."
            )
            p.seed = gr.Number(how.seed, precision=0, minimum=0, label="Seed")


def _watch(p: SimpleNamespace) -> None:
    with gr.Column(elem_id="watch-pane", elem_classes="pane"):
        gr.HTML("<h2><b>2</b> Watch the weights being written</h2>")
        p.head = gr.HTML(WAITING, elem_id="head")
        p.at = gr.Slider(0, How().steps, 0, step=1, label="Stop after step", elem_id="scrub", buttons=[])
        p.views = gr.Radio(
            list(VIEWS), value="Weights", label="View", show_label=False, container=False, elem_id="views"
        )
        with gr.Column(visible=False) as p.blender:
            with gr.Row():
                p.second = gr.Textbox(
                    "banana, bus, octopus, castle, duck, hat, car, clover, drum, sun",
                    label="Second prompt",
                    info="As many classes as the first.",
                    scale=4,
                )
                p.mix = gr.Button("Blend", scale=1, min_width=80)
            p.along = gr.Slider(0, BLENDS - 1, 0, step=1, label="From the first prompt to the second", buttons=[])
        p.race = gr.Button(f"Train on for {race.MARKS[-1]} steps", visible=False, elem_id="race")
        p.view = gr.HTML(
            "",
            elem_id="view",
            js_on_load="TinaPage.cells(element, (name, detail) => trigger(name, detail)); // 'cell' 'seed'",
        )


def _try(p: SimpleNamespace) -> None:
    with gr.Column(elem_id="try-pane", elem_classes="pane"):
        gr.HTML("<h2><b>3</b> Try <small>held-out pictures; click one to see why</small></h2>")
        p.held = gr.HTML(
            {"sheet": "", "items": []},
            html_template='<div class="held"></div>',
            js_on_load="TinaPage.held(element, props, watch, (name, detail) => trigger(name, detail)); // 'why'",
            elem_id="held",
        )
        p.why = gr.HTML("")
        with gr.Column(elem_id="try-widget"):
            gr.HTML("<h3>Your own picture</h3>")
            p.model = gr.HTML(
                None,
                html_template='<div class="classifier"></div>',
                js_on_load="TinaPage.tryIt(element, props, watch, (name, detail) => trigger(name, detail)); // 'asked'",
                elem_id="model",
            )
            p.answer = gr.HTML(None, html_template="<i hidden></i>", js_on_load="TinaPage.answers(props, watch);")
        with gr.Column(elem_classes="take-part"):
            gr.HTML("<h3>Take it away</h3>")
            p.taken = gr.HTML(
                {"ready": False},
                html_template='<div class="take"></div>',
                js_on_load="TinaPage.take(element, props, watch, (name, detail) => trigger(name, detail)); // 'wanted'",
                elem_id="take",
            )
            p.back = gr.UploadButton("Bring a zip back", file_types=[".zip"], size="sm", elem_id="back")


def _wire(page: gr.Blocks, p: SimpleNamespace, do: Handlers) -> None:
    run = gr.State(None, time_to_live=3600)
    pictures = gr.State({}, time_to_live=3600)
    found = gr.State(None, time_to_live=3600)
    turn, fine = gr.State(Turn()), gr.State(True)
    fields = [turn, p.wanted, pictures, p.steps, p.sampler, p.guidance, p.seed, p.views, p.name]
    shown = [run, p.at, p.strip, p.rival, p.chips, p.head, p.view, p.held, p.model, p.taken]
    making = {"inputs": fields, "outputs": shown, "trigger_mode": "multiple", **PRIVATE, **COMPUTE}
    settings = [p.wanted, p.steps, p.sampler, p.guidance, p.seed, p.name, p.code, p.examples]
    chips = [p.wanted, pictures, p.chips]
    again = {"trigger_mode": "multiple", **PRIVATE}

    runs = [
        page.load(do.arrive, None, settings, queue=False, **PRIVATE).then(do.generate, **making),
        gr.on([p.go.click, p.wanted.submit], do.generate, **making),
        p.name.input(do.travel, [p.wanted, p.name], [p.wanted, pictures, p.examples, p.about], **again).then(
            do.generate, **making
        ),
        p.examples.choose(do.choose, None, [p.wanted, pictures], queue=False, **again).then(do.generate, **making),
        p.chips.edit(do.edit, [*chips, p.name], [*chips, fine], **again).then(
            do.generate_if, **{**making, "inputs": [fine, *fields]}
        ),
        p.view.seed(do.use, None, p.seed, queue=False, **again).then(do.generate, **making),
        p.back.upload(do.reopen, [turn, p.back, p.name], [*shown, p.wanted, pictures], **PRIVATE, **COMPUTE),
    ]
    for event in runs:
        event.then(do.tune, [turn, run, p.name], p.rival, concurrency_limit=32, **again).then(
            do.settle, [run, p.views, p.at, p.name], [p.head, p.view], **again
        )
    p.stop.click(do.stop, turn, None, queue=False, **PRIVATE)

    p.wanted.input(do.understand, [p.wanted, pictures, p.chips, p.name], p.chips, trigger_mode="always_last", **PRIVATE)
    p.at.input(
        do.scrub,
        [run, p.at, p.views, p.name],
        [p.strip, p.head, p.view, p.held, p.model],
        trigger_mode="always_last",
        **PRIVATE,
    )
    p.views.input(do.look, [run, p.views, p.at, p.name], [p.view, p.blender, p.race], **PRIVATE)
    p.race.click(do.race, [turn, run, p.at, p.name], p.view, **PRIVATE, **COMPUTE)
    p.view.cell(do.cell, [run, p.at], p.view, **PRIVATE)
    p.mix.click(do.blend, [turn, run, p.second, p.along, p.name], [found, p.view], **PRIVATE, **COMPUTE)
    p.along.input(do.slide, [found, p.along, p.name], p.view, trigger_mode="always_last", **PRIVATE)
    p.held.why(do.why, [run, p.at, p.name], p.why, **PRIVATE)
    p.model.asked(do.answer, [run, p.at, p.name], p.answer, concurrency_id="answers", concurrency_limit=2, **again)
    p.taken.wanted(do.pack, [run, p.at, p.taken, p.name], p.taken, trigger_mode="multiple", **PRIVATE)
    p.more.expand(do.world, p.name, p.about, **PRIVATE)


def launch(host: str | None = None, port: int | None = None, checkpoint: str | None = None) -> None:
    """Serve the page: on this machine only, unless told otherwise or on a Space."""
    on_space = "SPACE_ID" in os.environ
    try:
        page = build_page(checkpoint)
    except UserError as error:
        sys.exit(f"The page cannot start: {error}")
    page.queue(max_size=32, api_open=False).launch(
        server_name=host or ("0.0.0.0" if on_space else "127.0.0.1"),
        server_port=port or int(os.environ.get("GRADIO_SERVER_PORT", 7860)),
        css=theme.css(),
        head=theme.head(),
        theme=theme.gradio_theme(),
        show_error=not on_space,
        allowed_paths=[],
        max_file_size="16mb",  # a zip with the embedded encoder's image tower has 10
        strict_cors=True,
        enable_monitoring=False,
        ssr_mode=False,
        footer_links=[],
        app_kwargs={"middleware": [Middleware(Assets)]},
        mcp_server=find_spec("mcp") is not None,  # the endpoints as tools, where the extra is installed
    )
