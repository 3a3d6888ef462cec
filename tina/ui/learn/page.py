"""/learn: 45 minutes in three parts. Every question stands before its answer, which is counted after the guess."""

from __future__ import annotations

from typing import Any

import gradio as gr

from tina.errors import UserError
from tina.ui.learn import answers, languages, lesson
from tina.ui.learn.languages import Words
from tina.ui.learn.teach import LEAST, PICTURES, THINGS, Taught, teach
from tina.ui.panes import try_it
from tina.ui.server.limits import COMPUTE, at_once
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.registry import OWN_TOWER, CheckpointRegistry
from tina.ui.state import Visitor
from tina.ui.templates import render

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}
TRIGGER = "(name, detail) => trigger(name, detail)"
BEFORE = ("inside", "steps", "words", "unknown", "light")  # steps whose stories have numbers in them
QUICK = ("inside", "steps", "words", "unknown")  # of these, told first: the other one takes seconds to count


def build(registry: CheckpointRegistry) -> None:
    """Inside a route of the page."""
    taught, visitor = gr.State(None, time_to_live=3600), gr.State(Visitor.of(registry.settings))
    with gr.Column(elem_id="tina", elem_classes="lesson"):
        page = gr.HTML(
            None,
            html_template='<div class="lesson-root"></div>',
            js_on_load=f"TinaPage.school().then(() => TinaLesson.mount(element, props, watch, {TRIGGER})); // 'asked'",
        )
        heard = gr.HTML(
            None,
            html_template="<i hidden></i>",
            js_on_load="TinaPage.school().then(() => TinaLesson.hear(props, watch));",
        )

    def arrive(request: gr.Request) -> dict[Any, Any]:
        return {page: whole(_words(request), registry)}

    def asked(values: dict[Any, Any], request: gr.Request, event: gr.EventData) -> dict[Any, Any]:
        about, words = event._data, languages.load(str(event._data.get("lang")))
        try:
            if about.get("what") != "picture":  # these come one after the other, as long as somebody looks
                values[visitor].bucket.spend()
            with registry.slots.taken():
                updates, found = _answer(registry, about, values[taught], words)
        except UserError as error:
            updates, found = None, {"error": str(error)}
        result: dict[Any, Any] = {heard: {**found, "number": about.get("number")}}
        return result | ({taught: updates} if updates else {})

    gr.on(None, arrive, None, [page], queue=False, **PRIVATE)
    computing = {"trigger_mode": "multiple", **PRIVATE, **at_once(COMPUTE, registry.settings.watched)}
    page.asked(asked, {taught, visitor}, [heard, taught], **computing)


def whole(words: Words, registry: CheckpointRegistry) -> dict[str, Any]:
    """The lesson without any answer, and what its program says."""
    plain = [step for step in lesson.STEPS if step not in BEFORE]
    html = render(
        "lesson.html",
        words=words,
        languages=languages.available(),
        parts=lesson.PARTS,
        quiz=list(lesson.QUIZ),
        plain=plain,
    )
    said = {group: words.part(group) for group in ("percent", "lesson", "teach", "canvas", "room")}
    limits = {"things": THINGS, "pictures": PICTURES, "least": LEAST}
    sides = {"drawings": registry.get().picture_side, "photos": 256 if OWN_TOWER in registry.names else 64}
    return {"html": html, "lang": words.code, "words": said, "limits": limits, "sides": sides}


def _answer(
    registry: CheckpointRegistry, about: dict[str, Any], taught: Taught | None, words: Words
) -> tuple[Taught | None, dict[str, Any]]:
    """To one event of the browser, in which anything may stand."""
    what, step = about.get("what"), about.get("step")
    if what == "story":
        return None, _stories(registry, QUICK if about.get("quick") else ("light",), words)
    if what == "write":
        found = teach(registry, about.get("things"), bool(about.get("photos")))
        return found, _written(registry.get(found.checkpoint), found, words)
    if what == "picture":
        if taught is None:
            raise UserError("lost")
        return None, try_it.answer(registry.get(taught.checkpoint), taught.generation, str(about.get("picture")))
    if step in lesson.QUIZ:
        return None, {"right": [lesson.QUIZ[step]], "html": words(f"quiz.{step}.why"), "text": True}
    if step not in lesson.STEPS or step == "teach":
        raise UserError("lost")
    street, title = street_of(registry)
    found = answers.answer(registry.get(), street, title, step, words)
    return None, {"right": list(found.right), "html": found.html, "data": found.data}


def _stories(registry: CheckpointRegistry, steps: tuple[str, ...], words: Words) -> dict[str, Any]:
    checkpoint, (street, _) = registry.get(), street_of(registry)
    told = {step: answers.story(checkpoint, street, step, words) for step in steps}
    from_runs = answers.runs.first(checkpoint)
    figures = {"inside": answers.weights(checkpoint, from_runs, words)} if "inside" in steps else {}
    return {"stories": told, "figures": figures}


def _written(checkpoint: LoadedCheckpoint, found: Taught, words: Words) -> dict[str, Any]:
    seconds = words.number(found.generation.seconds, 1)
    count = sum(len(one.pictures) for one in found.generation.prompt.classes)
    said = [words("teach.written", seconds=seconds, count=count)]
    said.append(words("teach.left_out", right=found.right, count=found.count))
    return {"model": try_it.model(checkpoint, found.generation), "said": said}


def street_of(registry: CheckpointRegistry) -> tuple[LoadedCheckpoint, str]:
    """The Tina that tells the story of the lorry: the page's own where its world can, else one that ships."""
    names = [registry.default, *registry.names]
    name = next((name for name in names if lesson.has_street(registry.get(name).world)), registry.default)
    return registry.get(name), registry.title(name)


def _words(request: gr.Request) -> Words:
    return languages.choose(request.query_params.get("lang"), request.headers.get("accept-language"))
