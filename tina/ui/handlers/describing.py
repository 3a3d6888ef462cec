"""Describe: the prompt, its chips, and the classifier that is written for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import gradio as gr

from tina.errors import UserError
from tina.ui.handlers.shared import UNCHANGED, SharedHandlers, Updates, Values
from tina.ui.learn import present
from tina.ui.markup import note
from tina.ui.own.page import address_of
from tina.ui.panes import describe, examples, fetching, generating, picker, watch, ways, world_card
from tina.ui.server import links
from tina.ui.server.registry import BETTER
from tina.ui.state import Brought, SamplingOptions
from tina.ui.templates import render


class DescribeHandlers(SharedHandlers):
    """One method for each thing that is touched."""

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
            self.layout.header.ways: ways.ways(self.registry, name),
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
            self.layout.header.ways: ways.ways(self.registry, values[self.layout.header.checkpoint]),
            pane.text: gr.skip() if keep else examples.first(checkpoint.world),
            pane.steps: checkpoint.watched_steps,
            self.layout.state.brought: Brought(),
            **self._offered(checkpoint, values[watched.view]),
            **self.world(values),
        }

    def choose_way(self, values: Values, event: gr.EventData) -> Updates:
        """`change_world` to the checkpoint of a button: drawings or photographs."""
        name, chosen = str(event._data.get("way")), self.layout.header.checkpoint
        return {chosen: name, **self.change_world({**values, chosen: name})}

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
        brought, edits = values[state.brought] or Brought(), visitor.edits
        for update in generating.generate(self.registry, name, values[pane.text], brought, options):
            if not is_newest():
                return
            updates = self._updates(update)
            if visitor.edits != edits:
                updates.pop(pane.chips, None)
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
        brought, prompt = values[state.brought] or Brought(), None
        values[state.visitor].edits += 1
        try:
            prompt = describe.draft(
                checkpoint, values[pane.text], brought, event._data.get("action") in describe.ADDING
            )
            text, after = describe.changed(prompt, brought, event._data, checkpoint.picture_side)
            describe.draft(checkpoint, text, after)
        except UserError as error:
            # What the browser shows may be of before the last change.
            shown = describe.chips(checkpoint, prompt, brought) if prompt else values[pane.chips]
            return {pane.chips: describe.chips_with_error(shown, error), state.valid: False}
        return {pane.text: text, state.brought: after, state.valid: True}

    def teach(self, values: Values, request: gr.Request) -> Updates:
        """The pictures on the cards become a world, which is watched and used on a page of its own."""
        pane, checkpoint = self.layout.describe, self._checkpoint(values)
        brought = values[self.layout.state.brought] or Brought()
        try:
            if not describe.least_to_teach(checkpoint):
                raise UserError("No world is made of these: it takes photographs, and a server that makes worlds.")
            prompt = describe.draft(checkpoint, values[pane.text], brought)
            world = self.worlds.begin_with(describe.to_teach(prompt, brought), address_of(request))
        except UserError as error:
            return {pane.taught: note(str(error), "wrong-note")}
        return {pane.taught: render("own_world_begun.html", key=world.key)}

    def browse(self, values: Values) -> Updates:
        """What there is to pick classes from."""
        return {self.layout.describe.palette: picker.palette(self._checkpoint(values).world)}

    def choose_example(self, values: Values, event: gr.EventData) -> Updates:
        """The classes of an example button, or its pictures; and none of before."""
        checkpoint = self._checkpoint(values)
        brought = examples.brought(checkpoint.world, str(event._data.get("shown", "")), checkpoint.picture_side)
        text = str(event._data.get("classes", "")) or ", ".join(brought.pictures)
        return {self.layout.describe.text: text, self.layout.state.brought: brought}

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
        name, registry = values[self.layout.header.checkpoint], self.registry
        checkpoint = registry.get(name)
        key = "world card", name, checkpoint.world.present
        with registry.slots.taken():
            card = registry.kept.ask(key, lambda: world_card.page(checkpoint, registry.folder(name)), len)
        return {self.layout.world_card.content: card}
