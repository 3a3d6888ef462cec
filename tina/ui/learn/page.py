"""/learn: a walk of six steps for a classroom. Every question stands before its answer, which is folded away."""

from __future__ import annotations

import gradio as gr

from tina.ui.learn import lesson
from tina.ui.markup import text
from tina.ui.server.shelf import Shelf
from tina.ui.state import How

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}
INTRO = """<div class="brand"><h1>Tina<span>.</span> <small>in six steps</small></h1>
<p>How can a network write the weights of another network? Guess first, then look.</p>
<nav aria-label="Pages"><a href="/">The page</a><a href="/?mode=present">Present</a></nav></div>"""


def build(shelf: Shelf) -> None:
    """Inside a route of the page."""
    studio = shelf.studio
    run = gr.State(None, time_to_live=3600)
    with gr.Column(elem_id="tina", elem_classes="lesson"):
        gr.HTML(INTRO)
        with _step(0):
            made = gr.HTML()
        with _step(1):
            noise = gr.HTML()
        with _step(2):
            at = gr.Slider(0, How().steps, 0, step=1, label="Step", buttons=[])
            forming = gr.HTML()
        with _step(3):
            more = gr.Button("Write four")
            seeds = gr.HTML()
        with _step(4):
            attack = gr.Button("Try them all")
            broken = gr.HTML()
        with _step(5):
            confused = gr.HTML()
        with gr.Accordion("Vocabulary", open=False):
            gr.HTML(lesson.vocabulary())

    def begin() -> tuple:
        first = lesson.first_run(studio())
        last = len(first.frames) - 1
        pictures = (
            lesson.watch.weights(studio(), first),
            lesson.watch.head(first, 0),
            lesson.at_step(studio(), first, 0),
        )
        return first, *pictures, lesson.who(first), gr.update(maximum=last)

    gr.on(None, begin, None, [run, made, noise, forming, confused, at], **PRIVATE)
    at.input(
        lambda first, k: lesson.at_step(studio(), first, int(k)) if first else "",
        [run, at],
        forming,
        trigger_mode="always_last",
        **PRIVATE,
    )
    more.click(lambda: lesson.four_seeds(studio()), None, seeds, **PRIVATE)
    attack.click(lambda: lesson.break_it(studio()), None, broken, **PRIVATE)


def _step(number: int) -> gr.Column:
    """A column that begins with the step's question and its folded answer."""
    step = lesson.STEPS[number]
    column = gr.Column(elem_classes="pane")
    with column:
        gr.HTML(
            f"<h2><b>{number + 1}</b> {text(step.title)}</h2><p class='question'>{text(step.question)}</p>"
            f"<details><summary>The answer</summary><p>{text(step.answer)}</p></details>"
        )
    return column
