"""What happens when something on the page is touched. Each handler reads its fields, calls, and returns updates.

Handlers get `{component: value}` and return `{component: update}`; components that are not in it stay as they are. They
hold nothing of a visitor: generation, pictures and blend come from the visitor's own state and go back there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from tina.errors import UserError
from tina.ui.layout import Layout
from tina.ui.learn import present
from tina.ui.markup import note
from tina.ui.panes import blending, describe, examples, fetching, generating, race, strip, try_it, watch, world_card
from tina.ui.panes.generating import Update
from tina.ui.prompt_text import as_text
from tina.ui.server import links
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.packing import packed
from tina.ui.server.registry import BETTER, CheckpointRegistry
from tina.ui.state import Brought, Generation, SamplingOptions, Visitor

Values = dict[Any, Any]  # component -> its value
Updates = dict[Any, Any]  # component -> its new value, or a gr.update
GENERATE_FIRST = "Generate a classifier first."
UNCHANGED = gr.skip()  # first from every generator: Gradio empties the outputs of one that ends without a word


class Handlers:
    """One method for each thing that is touched."""

    def __init__(self, registry: CheckpointRegistry, layout: Layout):
        self.registry, self.layout = registry, layout

    # -- Describe -----------------------------------------------------------------------------------------------------
    def arrive(self, request: gr.Request) -> Updates:
        """The fields as the address wants them."""
        pane = self.layout.describe
        query = dict(request.query_params)
        wanted = query.get("world")
        name = wanted if wanted in self.registry.names else self.registry.default
        checkpoint = self.registry.get(name)
        link = links.read(query, checkpoint.watched_steps)
        return {
            self.layout.header.checkpoint: gr.update(choices=self.registry.choices(), value=name),
            pane.text: link.classes or examples.first(checkpoint.world),
            pane.steps: link.options.steps,
            pane.seed: link.options.seed,
            pane.qr_code: present.qr_code(request, link),
            **self._offered(checkpoint),
        }

    def change_world(self, values: Values) -> Updates:
        """Another world: its examples and its card, and its own prompt where it does not have these classes."""
        pane, watched, checkpoint = self.layout.describe, self.layout.watch, self._checkpoint(values)
        keep, hidden = describe.in_world(checkpoint, values[pane.text]), {}
        if values[watched.view] not in checkpoint.views:
            hidden = {part: gr.update(visible=False) for part in (watched.blending, watched.train_on)}
        return {
            **hidden,
            pane.text: gr.skip() if keep else examples.first(checkpoint.world),
            pane.steps: checkpoint.watched_steps,
            self.layout.state.brought: Brought(),
            **self._offered(checkpoint, values[watched.view]),
            **self.world(values),
        }

    def generate(self, values: Values) -> Iterator[Updates]:
        """Step by step, until it is done or the visitor has begun something newer."""
        pane, state, visitor = self.layout.describe, self.layout.state, values[self.layout.state.visitor]
        yield UNCHANGED
        try:
            visitor.bucket.spend()
            is_newest = visitor.begin()
            options = SamplingOptions.from_fields(values[pane.steps], values[pane.seed])
        except UserError as error:
            yield {pane.chips: describe.chips_with_error(None, error)}
            return
        name, view = values[self.layout.header.checkpoint], values[self.layout.watch.view]
        brought = values[state.brought] or Brought()
        for update in generating.generate(self.registry, name, values[pane.text], brought, options):
            if not is_newest():
                return
            updates = self._updates(update)
            generation = update.generation
            if generation and view != "Weights":
                updates |= self._looked_at(values, generation, -1) if generation.finished else self._no_chart()
            yield updates  # all of them: Gradio sends only what has changed

    def generate_if_valid(self, values: Values) -> Iterator[Updates]:
        """`generate`, but not where the chips already say what is wrong."""
        yield UNCHANGED
        if values[self.layout.state.valid]:
            yield from self.generate(values)

    def stop(self, values: Values) -> None:
        """Whatever is running is not the newest any more."""
        values[self.layout.state.visitor].begin()

    def fine_tune(self, values: Values) -> Iterator[Updates]:
        """The strip's last bar, while its classifier is trained; a visitor who goes on waits for another one."""
        is_newest = values[self.layout.state.visitor].follow()
        name, generation = values[self.layout.header.checkpoint], values[self.layout.state.generation]
        yield UNCHANGED
        with closing(generating.fine_tune(self.registry, name, generation)) as states:
            for update in states:
                if not is_newest():
                    return
                yield self._updates(update)

    def compare_when_trained(self, values: Values) -> Updates:
        """What was waiting for the fine-tuned classifier, at the step that is looked at by now."""
        generation, pane = values[self.layout.state.generation], self.layout.watch
        if generation is None or generation.fine_tuned is None:
            return UNCHANGED
        index = self._index(values)
        updates = {pane.head: watch.head(self._checkpoint(values), generation, index)}
        if values[pane.view] == "Compare":
            updates |= self._looked_at(values, generation, index)
        return updates

    def understand(self, values: Values) -> Updates:
        """The chips while somebody is typing."""
        pane, brought = self.layout.describe, values[self.layout.state.brought] or Brought()
        name = values[self.layout.header.checkpoint]
        chips = generating.understood(self.registry, name, values[pane.text], brought, values[pane.chips])
        return {pane.chips: chips}

    def edit(self, values: Values, event: gr.EventData) -> Updates:
        """Chips that were moved, added, taken away or given pictures; and whether that can be made."""
        pane, state, checkpoint = self.layout.describe, self.layout.state, self._checkpoint(values)
        brought = values[state.brought] or Brought()
        try:
            prompt = describe.draft(checkpoint, values[pane.text], brought)
            text, brought = describe.changed(prompt, brought, event._data, checkpoint.picture_side)
            describe.draft(checkpoint, text, brought)
        except UserError as error:
            return {pane.chips: describe.chips_with_error(values[pane.chips], error), state.valid: False}
        return {pane.text: text, state.brought: brought, state.valid: True}

    def choose_example(self, values: Values, event: gr.EventData) -> Updates:
        """The classes of an example button, or its pictures; and none of before."""
        checkpoint, text = self._checkpoint(values), str(event._data.get("classes", ""))
        brought = examples.brought(checkpoint.world, str(event._data.get("shown", "")), checkpoint.picture_side)
        return {self.layout.describe.text: text, self.layout.state.brought: brought}

    # -- Watch --------------------------------------------------------------------------------------------------------
    def scrub(self, values: Values) -> Updates:
        """Everything as it would be if the sampler had stopped after a step."""
        generation, pane = values[self.layout.state.generation], self.layout.watch
        if generation is None:
            return UNCHANGED
        checkpoint, index, view = self._checkpoint(values), self._index(values), values[pane.view]
        updates = {
            self.layout.header.strip: strip.strip(checkpoint, generation, index),
            pane.head: watch.head(checkpoint, generation, index),
            self.layout.try_it.held_out: try_it.held_out(generation, index, with_sheet=False),
            self.layout.try_it.model: try_it.model(checkpoint, generation, index),
        }
        if view in watch.FOLLOWING_VIEWS:
            updates |= self._looked_at(values, generation, index)
        return updates

    def show_view(self, values: Values) -> Iterator[Updates]:
        """Another view of the same generation."""
        generation, pane, view = values[self.layout.state.generation], self.layout.watch, values[self.layout.watch.view]
        yield {
            pane.figure: note(GENERATE_FIRST if generation is None else "In a moment."),
            pane.blending: gr.update(visible=view == "Two prompts"),
            pane.train_on: gr.update(visible=view == "Train on"),
            **self._no_chart(),
        }
        if generation is not None:
            yield self._looked_at(values, generation, self._index(values))

    def open_row(self, values: Values, event: gr.EventData) -> Updates:
        """What a class's row fires on, below it; folded away where it was open."""
        generation, visitor = self._generation(values), values[self.layout.state.visitor]
        row = int(event._data["row"])
        visitor.opened = None if visitor.opened == row else row
        return self._looked_at(values, generation, self._index(values))

    def use_seed(self, event: gr.EventData) -> Updates:
        """The seed of one of the classifiers that stood side by side."""
        return {self.layout.describe.seed: int(event._data["seed"])}

    def train_on(self, values: Values) -> Iterator[Updates]:
        """Written weights, fine-tuned for a few steps beside others; until the visitor begins something newer."""
        generation, figure = values[self.layout.state.generation], self.layout.watch.figure
        visitor = values[self.layout.state.visitor]
        is_newest = visitor.follow()
        held_out = generation and generation.held_out
        if not held_out or not self._checkpoint(values).can_train_on(held_out):
            yield {figure: note("Nothing can be trained here: there are no pictures of all these classes.")}
            return
        try:
            visitor.bucket.spend()
        except UserError as error:
            yield {figure: note(str(error), "wrong-note")}
            return
        with closing(race.train(self._checkpoint(values), generation, self._index(values))) as marks:
            for accuracies in marks:
                if not is_newest():
                    return
                yield {figure: race.figure(accuracies)}

    def show_cell(self, values: Values, event: gr.EventData) -> Updates:
        """The pictures behind a cell of the confusion table."""
        generation = values[self.layout.state.generation]
        true, answered = (int(part) for part in str(event._data.get("cell")).split(","))
        return {self.layout.watch.figure: watch.confusions(generation, self._index(values), (true, answered))}

    def write_both(self, values: Values) -> Updates:
        """The second prompt's classifier beside the first's, and all between them where there are any."""
        generation, pane, state = values[self.layout.state.generation], self.layout.watch, self.layout.state
        if generation is None:
            return {pane.figure: note(GENERATE_FIRST)}
        try:
            values[state.visitor].bucket.spend()
        except UserError as error:
            return {state.blend: None, pane.figure: note(str(error), "wrong-note")}
        return self._two_prompts(values, generation)

    def slide(self, values: Values) -> Updates:
        """Another place between the two prompts."""
        blended, pane = values[self.layout.state.blend], self.layout.watch
        if blended is None:
            return UNCHANGED
        return {pane.figure: blending.figure(self._checkpoint(values), blended, int(values[pane.position]))}

    # -- Try and take -------------------------------------------------------------------------------------------------
    def why(self, values: Values, event: gr.EventData) -> Updates:
        """What the classifier makes of a held-out picture that was clicked."""
        try:
            number, generation = int(event._data["index"]), self._generation(values)
            html = try_it.why(self._checkpoint(values), generation, number, self._index(values))
        except UserError as error:
            html = note(str(error), "wrong-note")
        return {self.layout.try_it.why: html}

    def answer(self, values: Values, event: gr.EventData) -> Updates:
        """To a picture, where the browser cannot run the classifier: by the step that is looked at."""
        try:
            generation, url = self._generation(values), str(event._data.get("picture"))
            answer = try_it.answer(self._checkpoint(values), generation, url, self._index(values))
        except UserError as error:
            answer = {"error": str(error)}
        return {self.layout.try_it.answer: {**answer, "number": event._data.get("number")}}

    def pack(self, values: Values, event: gr.EventData) -> Updates:
        """A file of the classifier after the step that is looked at."""
        try:
            generation, kind = self._generation(values), str(event._data.get("kind"))
            file = packed(self._checkpoint(values).classifier(generation, self._index(values)), kind)
        except UserError as error:
            file = {"error": str(error)}
        button = self.layout.try_it.take
        return {button: {**values[button], "file": {**file, "number": event._data.get("number")}}}

    def reopen(self, values: Values) -> Updates:
        """A zip that was taken away before."""
        file, pane, state = values[self.layout.try_it.zip], self.layout.describe, self.layout.state
        if file is None:
            return UNCHANGED
        values[state.visitor].begin()
        try:
            update = generating.reopen(self.registry, values[self.layout.header.checkpoint], file)
        except UserError as error:
            return {pane.chips: describe.chips_with_error(None, error)}
        prompt = update.generation.prompt
        tags = {one.label: one.name_tag for one in prompt.classes if one.name_tag is not None}
        updates = {**self._updates(update), pane.text: as_text(prompt), state.brought: Brought(name_tags=tags)}
        if values.get(self.layout.watch.view, "Weights") != "Weights":
            updates |= self._looked_at(values, update.generation, -1)
        return updates

    def fetch(self, values: Values) -> Iterator[Updates]:
        """The world's pictures, once for everybody, with how far that is."""
        name, pane = values[self.layout.header.checkpoint], self.layout.try_it
        yield UNCHANGED
        with closing(self.registry.fetch_pictures(name)) as progress:
            for state in progress:
                yield {pane.fetching: fetching.progress(state)}
        button = _fetch_button(self.registry.get(name))
        yield {pane.fetch: button, **({pane.fetching: ""} if not button["visible"] else {})}

    def fetch_better(self, values: Values) -> Iterator[Updates]:
        """A Tina on a larger encoder, once for everybody, with how far that is; then it can be chosen."""
        pane = self.layout.describe
        yield UNCHANGED
        with closing(self.registry.fetch_better_eyes()) as progress:
            for state in progress:
                yield {pane.fetching_better: fetching.progress(state)}
        if BETTER in self.registry.names:
            done = f"Done: choose “{self.registry.title(BETTER)}” above."
            choices = gr.update(choices=self.registry.choices())
            yield {pane.fetching_better: note(done), self.layout.header.checkpoint: choices}

    def world(self, values: Values) -> Updates:
        """The card of the world that is chosen."""
        name = values[self.layout.header.checkpoint]
        return {self.layout.world_card.content: world_card.page(self.registry.get(name), self.registry.folder(name))}

    # -- what several of them need -------------------------------------------------------------------------------------
    def _checkpoint(self, values: Values) -> LoadedCheckpoint:
        return self.registry.get(values[self.layout.header.checkpoint])

    def _offered(self, checkpoint: LoadedCheckpoint, view: str = "") -> Updates:
        """What there is to choose with this kind of Tina: examples, views (one that there is not gives way to the
        first), better eyes beside photographs until they are here, and the world's pictures where they are not."""
        views = list(checkpoint.views)
        return {
            self.layout.describe.examples: examples.buttons(checkpoint.world),
            self.layout.describe.better: gr.update(
                visible=not checkpoint.can_train and BETTER not in self.registry.names
            ),
            self.layout.watch.view: gr.update(choices=views, value=view if view in views else views[0]),
            self.layout.try_it.fetch: _fetch_button(checkpoint),
        }

    def _looked_at(self, values: Values, generation: Generation, index: int) -> Updates:
        """What the chosen view shows of a generation after step `index`."""
        checkpoint, pane, view = self._checkpoint(values), self.layout.watch, values[self.layout.watch.view]
        visitor = values.get(self.layout.state.visitor) or Visitor()
        if view == "Two prompts":
            return {**self._two_prompts(values, generation), **self._no_chart()}
        opened = () if visitor.opened is None else (visitor.opened,)
        updates = {pane.figure: watch.view(checkpoint, generation, view, index, opened), **self._no_chart()}
        if view != "Compare":
            return updates
        if (chart := watch.compare_chart(checkpoint, generation, index)) is not None:
            updates[pane.chart] = gr.update(visible=True, value=chart)
        elif watch.can_compare(checkpoint, generation):
            tuner = self.registry.fine_tuner(values[self.layout.header.checkpoint])
            rival = watch.rival(generation, tuner.under_way(generation.held_out))
            updates[pane.rival] = gr.update(visible=True, value=rival)
        return updates

    def _no_chart(self) -> Updates:
        """Neither the chart of comparing nor how far its rival is."""
        return {self.layout.watch.chart: gr.update(visible=False), self.layout.watch.rival: gr.update(visible=False)}

    def _two_prompts(self, values: Values, generation: Generation) -> Updates:
        """A generation's prompt and a second one side by side: the visitor's, or one that goes with the first."""
        pane, state, checkpoint = self.layout.watch, self.layout.state, self._checkpoint(values)
        text, visitor = values[pane.second_text], values[state.visitor]
        try:
            if not text or text == visitor.suggested:
                visitor.suggested = text = blending.suggestion(checkpoint, generation.prompt)
            second = describe.read(checkpoint, text, Brought())
            written = blending.two_prompts(checkpoint, generation.prompt, second, generation.options)
        except UserError as error:
            return {state.blend: None, pane.figure: note(str(error), "wrong-note")}
        figure = blending.figure(checkpoint, written, int(values[pane.position]))
        slides = isinstance(written, blending.Blend)
        position = gr.update(visible=slides)
        return {state.blend: written, pane.figure: figure, pane.position: position, pane.second_text: text}

    def _generation(self, values: Values) -> Generation:
        generation = values[self.layout.state.generation]
        if generation is None:
            raise UserError(GENERATE_FIRST)
        return generation

    def _index(self, values: Values) -> int:
        """The step that is looked at."""
        return values[self.layout.state.generation].step_index(values[self.layout.watch.step])

    def _updates(self, update: Update) -> Updates:
        """An update of the panes by component, without what stays as it is."""
        layout, generation = self.layout, update.generation
        updates = {
            layout.state.generation: generation,
            layout.header.strip: update.strip,
            layout.header.fine_tuned_bar: update.fine_tuned_bar,
            layout.watch.rival: update.rival,
            layout.describe.chips: update.chips,
            layout.watch.head: update.head,
            layout.watch.figure: update.view,
            layout.try_it.held_out: update.held_out,
            layout.try_it.model: update.model,
            layout.try_it.take: update.take,
        }
        if generation:
            updates[layout.watch.step] = gr.update(maximum=generation.options.steps, value=generation.steps[-1].number)
        return {component: value for component, value in updates.items() if value is not None}


def _fetch_button(checkpoint: LoadedCheckpoint) -> dict:
    """The button that brings the world's pictures here, where they are not."""
    missing = checkpoint.world.missing
    if missing is None:
        return gr.update(visible=False)
    return gr.update(visible=True, value=f"Fetch test photographs ({missing.size / 1e6:.0f} MB)")
