"""/world: a zip of folders, or pictures of class cards, becomes a Tina of these classes, which answers any by name.

Left what is sent and how far it is; right, once it is there, classifiers of any of the classes, the table, and ways to
take it away. The work is done in `tina/ui/server/own_worlds.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from tina.classifier.classifier import Classifier
from tina.errors import UserError
from tina.generator.tower.tina import TowerTina
from tina.ui.markup import note
from tina.ui.panes.world_card import results
from tina.ui.server.limits import COMPUTE, OWN_WORLD, SENDING, at_once
from tina.ui.server.own_worlds import OwnWorld, OwnWorlds, is_offered
from tina.ui.server.packing import file_name
from tina.ui.server.turns import Slots
from tina.ui.templates import render

MADE = "made"  # in the address: the key of a world
PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}
KEEP_SECONDS = 3600
MAKING = 8  # worlds that are shown while they are made, and Tinas on their way to the Hub


class OwnWorldPage:
    """Its components, and what happens when they are touched."""

    def __init__(self, slots: Slots, worlds: OwnWorlds | None = None) -> None:
        """
        Args:
            slots: of computing.
            worlds: those that the class cards make, too.
        """
        self.worlds, self.slots = worlds or OwnWorlds(), slots
        self.world = gr.State(None, time_to_live=KEEP_SECONDS)
        self.classifier = gr.State(None, time_to_live=KEEP_SECONDS)
        with gr.Column(elem_id="tina", elem_classes="own-world"):
            gr.HTML(render("own_world_head.html"))
            if not is_offered():
                gr.HTML(note("Worlds of one’s own are not made on this server: install Tina, and make one at home."))
                return
            with gr.Row():
                self._make()
                self._use()
        self._wire()

    def _make(self) -> None:
        limits = self.worlds.limits
        with gr.Column(elem_classes="pane", min_width=280):
            gr.HTML(render("pane_title.html", number=1, title="Your pictures", hint=""))
            gr.HTML(render("own_world_zip.html", limits=limits))
            self.zip = gr.File(label="Zip of folders", file_types=[".zip"], file_count="single", elem_id="own-zip")
            self.progress = gr.HTML("", elem_id="own-progress")
            self.stop = gr.Button("Cancel", visible=False, size="sm", elem_id="own-stop")

    def _use(self) -> None:
        with gr.Column(elem_classes="pane", min_width=320, visible=False) as self.pane:
            gr.HTML(render("pane_title.html", number=2, title="Your world", hint="held-out pictures are never learnt"))
            self.table = gr.HTML("", elem_id="own-table")
            self.classes = gr.CheckboxGroup([], label="Tell apart", elem_id="own-classes")
            self.write = gr.Button("Write the classifier", variant="primary", elem_id="own-write")
            self.written = gr.HTML("", elem_id="own-written")
            with gr.Row():
                self.picture = gr.Image(label="A picture", type="numpy", height=220, visible=False)
                self.answer = gr.Label(label="What it is", num_top_classes=5, visible=False)
            with gr.Row():
                self.zipped = gr.DownloadButton("Download this classifier", visible=False, size="sm")
                self.checkpoint = gr.DownloadButton("Download the whole Tina", size="sm", elem_id="own-checkpoint")
            with gr.Accordion("To your Hugging Face account", open=False):
                self.repository = gr.Textbox(label="OWNER/NAME", max_lines=1, max_length=120)
                self.token = gr.Textbox(label="Your token (used once, kept nowhere)", type="password", max_length=200)
                self.push = gr.Button("Upload it, private", size="sm")
                self.pushed = gr.HTML("")

    def _wire(self) -> None:
        shown = [self.world, self.progress, self.stop, self.zip, self.pane, self.classes, self.table, self.checkpoint]
        self.zip.upload(self.begin, [self.zip], shown, **PRIVATE, **at_once(OWN_WORLD, MAKING))
        gr.on(None, self.come_from_cards, None, shown, concurrency_limit=MAKING, **PRIVATE)
        self.stop.click(self.cancel, [self.world], [self.stop], queue=False, **PRIVATE)
        writing = [self.classifier, self.written, self.picture, self.answer, self.zipped]
        computing = {**PRIVATE, **at_once(COMPUTE, self.slots.settings.watched)}
        self.write.click(self.generate, [self.world, self.classes], writing, **computing)
        self.picture.change(self.classify, [self.classifier, self.picture], [self.answer], **computing)
        sending = {**PRIVATE, **at_once(SENDING, MAKING)}
        self.push.click(self.upload, [self.world, self.repository, self.token], [self.pushed, self.token], **sending)

    # -- handlers ------------------------------------------------------------------------------------------------------
    def begin(self, file: str | None, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """A zip was sent: how far it is, again and again, and then the world."""
        if file is None:
            return
        try:
            world = self.worlds.begin(Path(file), visitor=address_of(request))
        except UserError as error:
            yield {self.progress: note(str(error), "wrong-note"), self.zip: None}
            return
        finally:
            Path(file).unlink(missing_ok=True)
        yield from self._follow(world)

    def come_from_cards(self, request: gr.Request) -> Iterator[dict[Any, Any]]:
        """The address may say which world was begun there."""
        key = dict(request.query_params).get(MADE)
        if key is None:
            yield gr.skip()
        elif (world := self.worlds.find(key)) is None:
            yield {self.progress: note("That world is gone: worlds are kept for an hour.", "wrong-note")}
        else:
            yield from self._follow(world)

    def _follow(self, world: OwnWorld) -> Iterator[dict[Any, Any]]:
        yield {self.world: world, self.stop: gr.Button(visible=True), self.pane: gr.Column(visible=False)}
        for state in world.watch():
            yield {self.progress: render("own_world_progress.html", state=state, plan=world.plan)}
        done = {self.stop: gr.Button(visible=False), self.zip: None}
        if world.tina is None:
            yield done | {self.progress: note(world.error, "wrong-note")}
            return
        names = world.tina.names
        yield done | {
            self.progress: note(f"{len(names)} classes are known by name. They are kept for an hour."),
            self.pane: gr.Column(visible=True),
            self.classes: gr.CheckboxGroup(names, value=names),
            self.table: results(world.tina.table),
            self.checkpoint: gr.DownloadButton(value=str(world.packed())),
        }

    def cancel(self, world: OwnWorld | None) -> dict[Any, Any]:
        """It is stopped at its next step."""
        if world is not None:
            world.cancelled.set()
        return {self.stop: gr.Button(visible=False)}

    def generate(self, world: OwnWorld | None, labels: list[str]) -> dict[Any, Any]:
        """A classifier of the ticked classes, scored on their held-out pictures."""
        try:
            world, tina = _made(world)
            with self.slots.taken():
                classifier = tina.generate(tina.understand("\n".join(f'"{label}"' for label in labels)))
                score = classifier.score_on(tina.world)
            if score:
                score = classifier.scored = replace(
                    score, on=f"held-out ones of {world.title}, which nothing learnt from"
                )
        except UserError as error:
            return {self.written: note(str(error), "wrong-note")}
        low, high = score.interval if score else (0.0, 0.0)
        said = (
            f"{classifier.parameters:,} weights, {score.accuracy:.0%} of {score.pictures} held-out pictures right "
            f"(95%: {low:.0%} to {high:.0%})."
            if score
            else f"{classifier.parameters:,} weights."
        )
        file = Path(tempfile.mkdtemp(dir=world.folder)) / f"{file_name(classifier.labels)}.zip"
        return {
            self.classifier: classifier,
            self.written: note(said),
            self.picture: gr.Image(visible=True, value=None),
            self.answer: gr.Label(visible=True, value=None),
            self.zipped: gr.DownloadButton(value=str(classifier.save(file)), visible=True),
        }

    def classify(self, classifier: Classifier | None, pixels: np.ndarray | None) -> dict[Any, Any]:
        """What is on a picture."""
        if classifier is None or pixels is None:
            return {self.answer: None}
        with self.slots.taken():
            return {self.answer: classifier.predict(pixels)}

    def upload(self, world: OwnWorld | None, repository: str, token: str) -> dict[Any, Any]:
        """To the visitor's own account; the token leaves the field."""
        try:
            address = _made(world)[0].push(repository, token)
        except UserError as error:
            return {self.pushed: note(str(error), "wrong-note"), self.token: ""}
        return {self.pushed: note(f"Uploaded: {address}"), self.token: ""}


def address_of(request: gr.Request) -> str:
    """By which a visitor is counted."""
    return str(request.client.host if request.client else "")


def _made(world: OwnWorld | None) -> tuple[OwnWorld, TowerTina]:
    """A world that is there, and its Tina."""
    if world is None or world.tina is None:
        raise UserError(world.error if world and world.error else "Make a world first.")
    return world, world.tina
