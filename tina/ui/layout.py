"""Where everything on the page stands. Each pane is a dataclass of the components that something happens to."""

from __future__ import annotations

from dataclasses import dataclass, field

import gradio as gr

from tina.encoder.hub import is_here
from tina.ui.panes import describe, examples, race, ways
from tina.ui.panes.blending import BLENDS
from tina.ui.server.registry import BETTER_ENCODER, BETTER_MEGABYTES, CheckpointRegistry
from tina.ui.state import MOST_STEPS, WATCHED_STEPS, Brought, SamplingOptions, Visitor
from tina.ui.templates import render

EVENTS = "(name, detail) => trigger(name, detail)"  # hands a browser's event to Python
KEEP_SECONDS = 3600  # that a visitor's state stays without a visit


@dataclass(frozen=True)
class State:
    """What belongs to one visitor."""

    generation: gr.State = field(default_factory=lambda: gr.State(None, time_to_live=KEEP_SECONDS))
    brought: gr.State = field(default_factory=lambda: gr.State(Brought(), time_to_live=KEEP_SECONDS))
    blend: gr.State = field(default_factory=lambda: gr.State(None, time_to_live=KEEP_SECONDS))
    visitor: gr.State = field(default_factory=lambda: gr.State(Visitor()))
    valid: gr.State = field(default_factory=lambda: gr.State(True))  # whether the chips can be made a classifier of


@dataclass(frozen=True)
class Header:
    """The world that is chosen, how long this and training took, and the strip of accuracies."""

    ways: gr.HTML
    checkpoint: gr.Dropdown
    headline: gr.HTML
    strip: gr.HTML
    fine_tuned_bar: gr.HTML


@dataclass(frozen=True)
class DescribePane:
    """What is wanted: the prompt, what was understood of it, and how to sample."""

    text: gr.Textbox
    go: gr.Button
    stop: gr.Button
    chips: gr.HTML
    taught: gr.HTML
    palette: gr.HTML
    examples: gr.HTML
    qr_code: gr.HTML
    steps: gr.Slider
    seed: gr.Number
    better: gr.Accordion
    fetch_better: gr.Button
    fetching_better: gr.HTML


@dataclass(frozen=True)
class WatchPane:
    """The weights as they are written, and every other view of them."""

    head: gr.HTML
    step: gr.Slider
    view: gr.Radio
    blending: gr.Column
    second_text: gr.Textbox
    blend: gr.Button
    position: gr.Slider
    train_on: gr.Button
    rival: gr.HTML
    chart: gr.Plot
    figure: gr.HTML


@dataclass(frozen=True)
class TryPane:
    """Held-out pictures, one's own, and the ways to take the classifier away."""

    held_out: gr.HTML
    fetch: gr.Button
    fetching: gr.HTML
    why: gr.HTML
    model: gr.HTML
    answer: gr.HTML
    take: gr.HTML
    zip: gr.UploadButton


@dataclass(frozen=True)
class WorldCard:
    """What is folded away at the end: the world behind the checkpoint."""

    accordion: gr.Accordion
    content: gr.HTML


@dataclass(frozen=True)
class Layout:
    """All parts of the page."""

    state: State
    header: Header
    describe: DescribePane
    watch: WatchPane
    try_it: TryPane
    world_card: WorldCard


def build(registry: CheckpointRegistry) -> Layout:
    """The whole page, inside a `gr.Blocks`."""
    with gr.Column(elem_id="tina"):
        header = _header(registry)
        with gr.Row(elem_id="panes"):
            panes = _describe(registry), _watch(registry), _try()
        with gr.Accordion("About this world: every class, results, licence", open=False, elem_id="world-card") as card:
            content = gr.HTML()
        gr.HTML(render("footer.html"))
    return Layout(State(visitor=gr.State(Visitor.of(registry.settings))), header, *panes, WorldCard(card, content))


def _header(registry: CheckpointRegistry) -> Header:
    with gr.Row(elem_id="top"):
        with gr.Column(elem_id="brand"):
            gr.HTML(render("brand.html"))
            with gr.Row(elem_id="ways"):
                buttons = gr.HTML(
                    ways.ways(registry, registry.default), js_on_load=f"TinaPage.ways(element, {EVENTS}); // 'way'"
                )
                checkpoint = gr.Dropdown(
                    registry.choices(),
                    value=registry.default,
                    label="World",
                    show_label=False,
                    container=False,
                    filterable=False,
                    scale=0,
                    min_width=210,
                    elem_id="world",
                )
                gr.HTML(render("pages.html"))
        with gr.Column(elem_id="strips"):
            headline = gr.HTML(render("note.html", kind="headline", sentence="Being written."), elem_id="headline")
            waiting = "How often it is right, beside guessing, a ready-made network and a trained one: in a moment."
            strip = gr.HTML(render("note.html", kind="note", sentence=waiting))
            fine_tuned_bar = gr.HTML("")
    return Header(buttons, checkpoint, headline, strip, fine_tuned_bar)


def _describe(registry: CheckpointRegistry) -> DescribePane:
    checkpoint = registry.get()
    world, defaults = checkpoint.world, SamplingOptions(checkpoint.watched_steps)
    with gr.Column(elem_id="describe-pane", elem_classes="pane"):
        gr.HTML(render("pane_title.html", number=1, title="Describe", hint=""))
        text = gr.Textbox(
            examples.first(world),
            label="What should it tell apart?",
            info="Names, name: description, or a sentence such as “things that fly”. Ctrl+Enter generates.",
            lines=3,
            max_lines=8,
            max_length=10_000,
            elem_id="wanted",
        )
        with gr.Row():
            go = gr.Button("Generate", variant="primary", elem_id="go")
            stop = gr.Button("Stop", elem_id="stop", min_width=70)
            gr.Button("Pick from pictures", elem_id="pick", min_width=70)  # its window is the browser's (picker.js)
        chips = gr.HTML(
            describe.empty_chips(),
            html_template='<div class="chips"></div>',
            js_on_load=f"TinaPage.describe(element, props, watch, {EVENTS}); // 'edit' 'browse' 'typed' 'teach'",
            elem_id="chips",
        )
        taught = gr.HTML("", elem_id="taught")
        palette = gr.HTML(None, html_template="<i hidden></i>", js_on_load="TinaPage.palette(props, watch);")
        buttons = gr.HTML(examples.buttons(world), js_on_load=f"TinaPage.examples(element, {EVENTS}); // 'choose'")
        qr_code = gr.HTML("", elem_id="qr")
        with gr.Accordion("Advanced", open=False, elem_classes="settings"):
            steps = gr.Slider(1, MOST_STEPS, defaults.steps, step=1, label="Steps")
            seed = gr.Number(defaults.seed, precision=0, minimum=0, label="Seed")
        with gr.Accordion("Better eyes", open=False, visible=False, elem_classes="settings") as better:
            gr.HTML(render("better_eyes.html", encoder=BETTER_ENCODER, megabytes=BETTER_MEGABYTES))
            offer = "Make better eyes" if is_here(BETTER_ENCODER) else f"Fetch better eyes ({BETTER_MEGABYTES} MB)"
            fetch_better = gr.Button(offer, size="sm", elem_id="fetch-better")
            fetching_better = gr.HTML("")
    return DescribePane(
        text, go, stop, chips, taught, palette, buttons, qr_code, steps, seed, better, fetch_better, fetching_better
    )


def _watch(registry: CheckpointRegistry) -> WatchPane:
    views = list(registry.get().views)
    with gr.Column(elem_id="watch-pane", elem_classes="pane"):
        gr.HTML(render("pane_title.html", number=2, title="Watch the weights being written", hint=""))
        head = gr.HTML(render("waiting.html"), elem_id="head")
        step = gr.Slider(0, WATCHED_STEPS, 0, step=1, label="Stop after step", elem_id="scrub", buttons=[])
        view = gr.Radio(views, value=views[0], label="View", show_label=False, container=False, elem_id="views")
        with gr.Column(visible=False, elem_id="two-prompts") as blending:
            with gr.Row():
                second_text = gr.Textbox(label="Second prompt", lines=1, max_lines=3, max_length=10_000, scale=4)
                blend = gr.Button("Write both", scale=1, min_width=110)
            label = "From the first to the second"
            position = gr.Slider(0, BLENDS - 1, BLENDS // 2, step=1, label=label, buttons=[], elem_id="between")
        train_on = gr.Button(f"Train on for {race.MARKS[-1]} steps", visible=False, elem_id="race")
        rival = gr.HTML("", visible=False, elem_id="rival")
        chart = gr.Plot(visible=False, show_label=False, container=False, elem_id="chart")  # it loads when it is shown
        js = f"TinaPage.cells(element, {EVENTS}); // 'cell' 'seed' 'row'"
        figure = gr.HTML("", elem_id="view", js_on_load=js)
        gr.HTML(render("unfold.html"), js_on_load="TinaPage.unfold(element);", elem_id="unfold")
    return WatchPane(head, step, view, blending, second_text, blend, position, train_on, rival, chart, figure)


def _try() -> TryPane:
    with gr.Column(elem_id="try-pane", elem_classes="pane"):
        gr.HTML(render("pane_title.html", number=3, title="Try", hint="your own picture: draw, drop, paste, webcam"))
        with gr.Column(elem_id="try-widget"):
            model = gr.HTML(
                None,
                html_template='<div class="classifier"></div>',
                js_on_load=f"TinaPage.tryIt(element, props, watch, {EVENTS}); // 'asked'",
                elem_id="model",
            )
            answer = gr.HTML(None, html_template="<i hidden></i>", js_on_load="TinaPage.answers(props, watch);")
        with gr.Column(elem_id="known"):
            gr.HTML("<h3>Pictures it has never seen <small>click one to see why</small></h3>")
            held_out = gr.HTML(
                {"sheet": "", "of": None, "items": []},
                html_template='<div class="held"></div>',
                js_on_load=f"TinaPage.heldOut(element, props, watch, {EVENTS}); // 'why'",
                elem_id="held",
            )
            fetch = gr.Button("Fetch test photographs", visible=False, size="sm", elem_id="fetch")
            fetching = gr.HTML("")
            why = gr.HTML("")
        with gr.Column(elem_classes="take-part"):
            gr.HTML("<h3>Take it away</h3>")
            take = gr.HTML(
                {"ready": False},
                html_template='<div class="take"></div>',
                js_on_load=f"TinaPage.take(element, props, watch, {EVENTS}); // 'wanted'",
                elem_id="take",
            )
            upload = gr.UploadButton("Bring a zip back", file_types=[".zip"], size="sm", elem_id="back")
    return TryPane(held_out, fetch, fetching, why, model, answer, take, upload)
