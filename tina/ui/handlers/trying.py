"""Try: pictures that are asked about, and the classifier that is taken away or brought back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import gradio as gr

from tina.errors import UserError
from tina.ui.handlers.shared import UNCHANGED, SharedHandlers, Updates, Values, fetch_button
from tina.ui.markup import note
from tina.ui.panes import describe, fetching, generating, try_it
from tina.ui.prompt_text import as_text
from tina.ui.server.packing import packed
from tina.ui.state import Brought


class TryHandlers(SharedHandlers):
    """One method for each thing that is touched."""

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
            with self.registry.slots.taken():
                answer = try_it.answer(self._checkpoint(values), generation, url, self._index(values))
        except UserError as error:
            answer = {"error": str(error)}
        return {self.layout.try_it.answer: {**answer, "number": event._data.get("number")}}

    def pack(self, values: Values, event: gr.EventData) -> Updates:
        """A file of the classifier after the step that is looked at."""
        try:
            generation, kind = self._generation(values), str(event._data.get("kind"))
            classifier = self._checkpoint(values).classifier(generation, self._index(values))
            with self.registry.slots.taken():
                file = packed(classifier, kind)
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
            with self.registry.slots.taken():
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
        button = fetch_button(self.registry.get(name))
        yield {pane.fetch: button, **({pane.fetching: ""} if not button["visible"] else {})}
