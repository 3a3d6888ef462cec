"""What handlers of several panes need: the checkpoint, the step that is looked at, updates of many panes at once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import gradio as gr

from tina.errors import UserError
from tina.ui.layout import Layout
from tina.ui.markup import note
from tina.ui.panes import blending, describe, examples, watch
from tina.ui.panes.generating import Update
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.own_worlds import OwnWorlds
from tina.ui.server.registry import BETTER, CheckpointRegistry
from tina.ui.state import Brought, Generation, Visitor

Values = dict[Any, Any]  # component -> its value
Updates = dict[Any, Any]  # component -> its new value, or a gr.update
GENERATE_FIRST = "Generate a classifier first."
UNCHANGED = gr.skip()  # first from every generator: Gradio empties the outputs of one that ends without a word


class SharedHandlers:
    """The registry of checkpoints, the page's components, visitors' own worlds, and what is worked out from both."""

    def __init__(self, registry: CheckpointRegistry, layout: Layout, worlds: OwnWorlds | None = None):
        self.registry, self.layout, self.worlds = registry, layout, worlds or OwnWorlds()

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
            self.layout.try_it.fetch: fetch_button(checkpoint),
        }

    def _looked_at(self, values: Values, generation: Generation, index: int) -> Updates:
        """What the chosen view shows of a generation after step `index`."""
        checkpoint, pane, view = self._checkpoint(values), self.layout.watch, values[self.layout.watch.view]
        visitor = values.get(self.layout.state.visitor) or Visitor()
        if view == "Two prompts":
            return {**self._two_prompts(values, generation), **self._no_chart()}
        opened = () if visitor.opened is None else (visitor.opened,)
        with self.registry.slots.taken(large=True) if view == "Seeds" else nullcontext():
            figure = watch.view(checkpoint, generation, view, index, opened)
        updates = {pane.figure: figure, **self._no_chart()}
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
            with self.registry.slots.taken(large=True):
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
            layout.header.headline: update.headline,
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


def fetch_button(checkpoint: LoadedCheckpoint) -> dict:
    """The button that brings the world's pictures here, where they are not."""
    missing = checkpoint.world.missing
    if missing is None:
        return gr.update(visible=False)
    return gr.update(visible=True, value=f"Fetch test photographs ({missing.size / 1e6:.0f} MB)")
