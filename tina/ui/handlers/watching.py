"""Watch: the steps, the views of a classifier, and what is trained or written beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import gradio as gr

from tina.errors import UserError
from tina.ui.handlers.shared import GENERATE_FIRST, UNCHANGED, SharedHandlers, Updates, Values
from tina.ui.markup import note
from tina.ui.panes import blending, race, strip, try_it, watch


class WatchHandlers(SharedHandlers):
    """One method for each thing that is touched."""

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
        training = race.train(self._checkpoint(values), generation, self._index(values), self.registry.slots.paid)
        with closing(training) as marks:
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
