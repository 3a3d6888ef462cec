"""/learn: a walk of six steps for a classroom. Every question stands before its answer, which is folded away."""

from __future__ import annotations

import gradio as gr

from tina.ui.learn import lesson
from tina.ui.panes import watch
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.state import WATCHED_STEPS
from tina.ui.templates import render

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}


def build(registry: CheckpointRegistry) -> None:
    """Inside a route of the page."""
    checkpoint = registry.get
    generation = gr.State(None, time_to_live=3600)
    with gr.Column(elem_id="tina", elem_classes="lesson"):
        gr.HTML(render("lesson_intro.html"))
        with _step(0):
            finished = gr.HTML()
        with _step(1):
            start = gr.HTML()
        with _step(2):
            slider = gr.Slider(0, WATCHED_STEPS, 0, step=1, label="Step", buttons=[])
            forming = gr.HTML()
        with _step(3):
            write_four = gr.Button("Write four")
            seeds = gr.HTML()
        with _step(4):
            try_all = gr.Button("Try them all")
            experiments = gr.HTML()
        with _step(5):
            confused = gr.HTML()
        with gr.Accordion("Vocabulary", open=False):
            gr.HTML(lesson.vocabulary())

    def begin() -> dict:
        made = lesson.first_generation(checkpoint())
        return {
            generation: made,
            finished: watch.weights(checkpoint(), made),
            start: lesson.start(checkpoint(), made),
            forming: lesson.at_step(checkpoint(), made, 0),
            confused: lesson.who_is_hurt(made),
            slider: gr.update(maximum=len(made.steps) - 1),
        }

    def scrub(values: dict) -> str:
        made = values[generation]
        return lesson.at_step(checkpoint(), made, made.step_index(values[slider])) if made else ""

    gr.on(None, begin, None, [generation, finished, start, forming, confused, slider], **PRIVATE)
    slider.input(scrub, {generation, slider}, forming, trigger_mode="always_last", **PRIVATE)
    write_four.click(lambda: lesson.four_seeds(checkpoint()), None, seeds, **PRIVATE)
    try_all.click(lambda: lesson.break_it(checkpoint()), None, experiments, **PRIVATE)


def _step(number: int) -> gr.Column:
    """A column that begins with the step's question and its folded answer."""
    column = gr.Column(elem_classes="pane")
    with column:
        gr.HTML(render("lesson_step.html", number=number + 1, step=lesson.STEPS[number]))
    return column
