"""What happens when something on the page is touched. Each handler fetches, calls, passes on; none decides anything.

A handler holds nothing of a visitor: run, pictures and blend come from the visitor's own state and go back there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import gradio as gr

from tina.errors import UserError
from tina.ui.learn import present
from tina.ui.markup import note
from tina.ui.panes import blending, describe, examples, generating, race, take, watch, world_card
from tina.ui.panes import try_it as trial
from tina.ui.panes.generating import Shown
from tina.ui.server import links
from tina.ui.server.shelf import Shelf
from tina.ui.state import How, Run, Turn

# First from every generator: Gradio empties the outputs of one that ends without a word.
NOTHING = (gr.skip(),) * 10


class Handlers:
    def __init__(self, shelf: Shelf):
        self.shelf = shelf

    # -- Describe -----------------------------------------------------------------------------------------------------
    def arrive(self, request: gr.Request) -> tuple:
        """The fields as the address wants them."""
        visit = links.read(dict(request.query_params))
        name = visit.checkpoint if visit.checkpoint in self.shelf.names else self.shelf.default
        how, world = visit.how, self.shelf.studio(name).world
        classes = visit.classes or examples.first(world)
        code = present.code(request, visit)
        return classes, how.steps, how.sampler, how.guidance, how.seed, name, code, examples.buttons(world)

    def travel(self, typed: str, name: str) -> tuple:
        """To another world: its examples and its card, and its own prompt where it does not know these classes."""
        studio = self.shelf.studio(name)
        known = describe.knows(studio, typed)
        about = world_card.page(studio, self.shelf.card(name))
        return typed if known else examples.first(studio.world), {}, examples.buttons(studio.world), about

    def generate(self, turn: Turn, typed, pictures, steps, sampler, guidance, seed, view, name) -> Iterator[tuple]:
        """Step by step, until it is done or the visitor has begun something newer."""
        yield NOTHING
        try:
            turn.spend()
            newest = turn.take()
            how = How.of(steps, sampler, guidance, seed)
        except UserError as error:
            yield self._updates(Shown(chips=describe.trouble({"classes": [], "notes": []}, error)))
            return
        for shown in generating.generate(self.shelf, name, typed, pictures or {}, how):
            if not newest():
                return
            run = shown.run
            if run and run.finished and view not in ("Weights", "Blend"):
                yield self._updates(shown, watch.view(self.shelf.studio(name), run, view))
            else:
                yield self._updates(shown)

    def _updates(self, shown: Shown, view: str | None = None) -> tuple:
        run = shown.run
        slider = gr.update(maximum=run.how.steps, value=len(run.frames) - 1) if run else gr.skip()
        rest = (
            shown.strip,
            shown.rival,
            shown.chips,
            shown.head,
            view or shown.view,
            shown.held,
            shown.model,
            shown.take,
        )
        return (run or gr.skip(), slider, *(gr.skip() if part is None else part for part in rest))

    def stop(self, turn: Turn) -> None:
        """Whatever is running is not the newest any more."""
        turn.take()

    def tune(self, turn: Turn, run: Run | None, name: str) -> Iterator[str]:
        """The strip's last bar, while its classifier is trained; a visitor who goes on waits for another one."""
        newest = turn.watch()
        yield gr.skip()
        with closing(generating.tune(self.shelf, name, run)) as bars:
            for bar in bars:
                if not newest():
                    return
                yield bar

    def settle(self, run: Run | None, view: str, at: int, name: str) -> tuple:
        """What was waiting for it, at the step that is being looked at by now."""
        if run is None or run.tuned is None:
            return gr.skip(), gr.skip()
        at = run.place(at)
        studio = self.shelf.studio(name)
        return watch.head(run, at), watch.compare(studio, run, at) if view == "Compare" else gr.skip()

    def understand(self, typed: str, pictures, before, name: str) -> dict:
        return generating.understood(self.shelf, name, typed, pictures or {}, before)

    def edit(self, typed: str, pictures, chips, name: str, event: gr.EventData) -> tuple:
        """Chips that were moved, added, taken away or given pictures; at the end, whether that can be made."""
        try:
            prompt = describe.read(self.shelf.studio(name), typed, pictures or {})
            text, pictures = describe.changed(prompt, pictures or {}, event._data)
            describe.read(self.shelf.studio(name), text, pictures)
        except UserError as error:
            return gr.skip(), gr.skip(), describe.trouble(chips or {"classes": [], "notes": []}, error), False
        return text, pictures, gr.skip(), True

    def generate_if(self, fine: bool, turn: Turn, *fields) -> Iterator[tuple]:
        """Nothing where the chips say what is wrong."""
        yield NOTHING
        if fine:
            yield from self.generate(turn, *fields)

    def choose(self, event: gr.EventData) -> tuple:
        """An example: its classes, and no pictures of before."""
        return str(event._data.get("classes", "")), {}

    # -- Watch --------------------------------------------------------------------------------------------------------
    def scrub(self, run: Run | None, at: int, view: str, name: str) -> tuple:
        """Everything as it would be if the sampler had stopped after a step."""
        if run is None:
            return (gr.skip(),) * 5
        studio, at = self.shelf.studio(name), run.place(at)
        view = watch.view(studio, run, view, at) if view in ("Weights", "Compare", "Confusion") else gr.skip()
        strip, head = watch.strip(studio, run, at), watch.head(run, at)
        return strip, head, view, trial.held(run, at), trial.model(studio, run, at)

    def look(self, run: Run | None, view: str, at: int, name: str) -> tuple:
        """Another view of the same run."""
        shown = gr.update(visible=view == "Blend"), gr.update(visible=view == "Train on")
        if run is None:
            return note("Generate a classifier first."), *shown
        return watch.view(self.shelf.studio(name), run, view, run.place(at)), *shown

    def use(self, event: gr.EventData) -> int:
        """The seed of one of those that stood side by side."""
        return int(event._data["seed"])

    def race(self, turn: Turn, run: Run | None, at: int, name: str) -> Iterator[str]:
        """Generated weights, fine-tuned for a few steps beside the rivals; until the visitor begins something newer."""
        newest = turn.watch()
        if run is None or run.exam is None:
            yield note("Nothing can be trained here: there are no pictures of all these classes.")
            return
        try:
            turn.spend()
        except UserError as error:
            yield note(str(error), "wrong-note")
            return
        with closing(race.run(self.shelf.studio(name), run, run.place(at))) as marks:
            for scores in marks:
                if not newest():
                    return
                yield race.drawn(scores)

    def cell(self, run: Run | None, at: int, event: gr.EventData) -> str:
        """The pictures behind a cell of the confusion table."""
        was, said = (int(part) for part in str(event._data.get("cell")).split(","))
        return watch.confusion(run, run.place(at), (was, said))

    def blend(self, turn: Turn, run: Run | None, typed: str, at: int, name: str) -> tuple:
        """All classifiers between two prompts, written at once."""
        if run is None:
            return gr.skip(), note("Generate a classifier first.")
        studio = self.shelf.studio(name)
        try:
            turn.spend()
            found = blending.blend(studio, run.prompt, describe.read(studio, typed, {}), run.how)
        except UserError as error:
            return None, note(str(error), "wrong-note")
        return found, blending.blended(studio, found, int(at))

    def slide(self, found: blending.Blend | None, at: int, name: str) -> str:
        return gr.skip() if found is None else blending.blended(self.shelf.studio(name), found, int(at))

    # -- Try and take -------------------------------------------------------------------------------------------------
    def why(self, run: Run | None, at: int, name: str, event: gr.EventData) -> str:
        try:
            return trial.why(self.shelf.studio(name), run, int(event._data["index"]), run.place(at))
        except UserError as error:
            return note(str(error), "wrong-note")

    def answer(self, run: Run | None, at: int, name: str, event: gr.EventData) -> dict:
        """To a picture, where the browser cannot run the classifier: by the step that is being looked at."""
        number = event._data.get("number")
        try:
            if run is None:
                raise UserError("Generate a classifier first.")
            at = run.place(at)
            said = trial.answer(self.shelf.studio(name), run, str(event._data.get("picture")), at)
        except UserError as error:
            said = {"error": str(error)}
        return {**said, "number": number}

    def pack(self, run: Run | None, at: int, offered: dict, name: str, event: gr.EventData) -> dict:
        """A file, of the step that is being looked at."""
        number = event._data.get("number")
        try:
            if run is None:
                raise UserError("Generate a classifier first.")
            classifier = self.shelf.studio(name).classifier(run, run.place(at))
            file = take.packed(classifier, str(event._data.get("kind")))
        except UserError as error:
            file = {"error": str(error)}
        return {**offered, "file": {**file, "number": number}}

    def reopen(self, turn: Turn, file: str | None, name: str) -> tuple:
        """A zip that was taken away before."""
        if file is None:
            return (gr.skip(),) * 12
        turn.take()
        studio = self.shelf.studio(name)
        try:
            run = take.reopened(studio, file)
        except UserError as error:
            message = describe.trouble({"classes": [], "notes": []}, error)
            return (*self._updates(Shown(chips=message)), gr.skip(), gr.skip())
        shown = Shown(
            run,
            describe.chips(studio, run.prompt),
            watch.strip(studio, run),
            watch.rival(run),
            watch.head(run),
            watch.weights(studio, run),
            trial.held(run),
            trial.model(studio, run),
            take.offer(studio, run, name),
        )
        run_state, _, *rest = self._updates(shown)
        return (
            run_state,
            gr.update(maximum=run.how.steps, value=run.how.steps),
            *rest,
            describe.as_text(run.prompt),
            {},
        )

    def world(self, name: str) -> str:
        return world_card.page(self.shelf.studio(name), self.shelf.card(name))
