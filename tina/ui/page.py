"""The page: its layout, and which handler answers to what. Start it with `launch`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import gradio as gr
from starlette.middleware import Middleware

from tina.errors import UserError
from tina.ui import layout, theme
from tina.ui.handlers import Handlers
from tina.ui.layout import Layout
from tina.ui.learn import page as learn
from tina.ui.learn.classroom import Classroom
from tina.ui.own.page import OwnWorldPage
from tina.ui.panes import ways
from tina.ui.server import endpoints
from tina.ui.server.assets import Assets
from tina.ui.server.clients import Clients
from tina.ui.server.ending import own_temporary_folder, serve_until_told
from tina.ui.server.engine_files import EngineFiles
from tina.ui.server.guard import SPACES, Guard
from tina.ui.server.limits import COMPUTE, TRAINING, WATCHED, at_once
from tina.ui.server.own_worlds import OwnWorlds, WorldLimits, is_offered
from tina.ui.server.packing import LARGEST_ZIP
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.server.rest import BodyLimit, RestBlocks
from tina.ui.server.sessions import SESSIONS
from tina.ui.server.settings import ServerSettings

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}
QUEUE = ServerSettings().queue  # who may wait
THREADS = 192  # those who wait for a slot, or watch a training, have one each
SPACE = {"TINA_PROXIES": "1", "TINA_FRAMES": ",".join(SPACES)}  # where it is a Space, unless somebody says otherwise
EVERY_CLICK = {"trigger_mode": "multiple", **PRIVATE}
NEWEST_ONLY = {"trigger_mode": "always_last", **PRIVATE}


def build_page(checkpoint: str | None = None) -> gr.Blocks:
    """The app, with `checkpoint` as the one that answers first."""
    return _build(CheckpointRegistry(checkpoint))


def _build(registry: CheckpointRegistry) -> RestBlocks:
    with RestBlocks(title="Tina", delete_cache=(600, 3600), analytics_enabled=False) as page:
        endpoints.add(registry, registry.settings.together)
        page.slots = registry.slots
        parts, worlds = layout.build(registry), OwnWorlds()
        do = Handlers(registry, parts, worlds)
        _wire_generating(page, parts, do, registry.settings)
        _wire_looking(parts, do, registry.settings)
    with page.route("Learn", "/learn", show_in_navbar=False):
        learn.build(registry)
    with page.route("My world", "/world", show_in_navbar=False):
        OwnWorldPage(registry.slots, worlds)
    return page


def _wire_generating(page: gr.Blocks, p: Layout, do: Handlers, settings: ServerSettings) -> None:
    """Whatever makes a new classifier; afterwards one is fine-tuned for the same classes, to compare with."""
    computing = {**EVERY_CLICK, **at_once(COMPUTE, settings.watched)}
    state, world = p.state, p.header.checkpoint
    options = {p.describe.steps, p.describe.seed}
    viewing = {state.visitor, p.watch.view, p.watch.second_text, p.watch.position, world}
    viewed = {p.watch.figure, p.watch.chart, p.watch.rival, p.watch.second_text, p.watch.position, state.blend}
    inputs = {*viewing, state.brought, state.valid, p.describe.text, *options}
    outputs = {
        *(state.generation, p.header.headline, p.header.strip, p.header.fine_tuned_bar, p.describe.chips),
        *(p.watch.head, p.watch.step, p.try_it.held_out, p.try_it.model, p.try_it.take, *viewed),
    }
    making = {"inputs": inputs, "outputs": outputs, **EVERY_CLICK, **at_once(WATCHED, settings.watched)}
    text = {p.describe.text, state.brought}
    offered = {p.describe.examples, p.describe.better, p.watch.view, p.try_it.fetch}
    arriving = {p.describe.text, *options, world, p.header.ways, p.describe.qr_code, *offered}
    travelling = {*text, p.describe.steps, *offered, p.watch.blending, p.watch.train_on, p.world_card.content}
    travelling |= {world, p.header.ways}
    editing = {*text, p.describe.chips}
    events = [
        page.load(do.arrive, None, arriving, queue=False, **PRIVATE).then(do.generate, **making),
        gr.on([p.describe.go.click, p.describe.text.submit], do.generate, **making),
        world.input(do.change_world, {p.describe.text, p.watch.view, world}, travelling, **computing).then(
            do.generate, **making
        ),
        p.header.ways.way(do.choose_way, {p.describe.text, p.watch.view, world}, travelling, **computing).then(
            do.generate, **making
        ),
        p.describe.examples.choose(do.choose_example, {world}, text, **EVERY_CLICK).then(do.generate, **making),
        p.describe.chips.edit(do.edit, {*editing, world, state.visitor}, {*editing, state.valid}, **EVERY_CLICK).then(
            do.generate_if_valid, **making
        ),
        p.watch.figure.seed(do.use_seed, None, {p.describe.seed}, queue=False, **EVERY_CLICK).then(
            do.generate, **making
        ),
        p.try_it.fetch.click(
            do.fetch, {world}, {p.try_it.fetch, p.try_it.fetching}, concurrency_limit=32, **PRIVATE
        ).then(do.generate, **making),
        p.try_it.zip.upload(
            do.reopen, {*viewing, p.try_it.zip}, {*outputs, *text}, **PRIVATE, **at_once(COMPUTE, settings.watched)
        ),
    ]
    comparing = {*viewing, state.generation, p.watch.step}
    for event in events:
        event.then(
            do.fine_tune,
            {state.visitor, state.generation, world},
            {p.header.headline, p.header.fine_tuned_bar, p.watch.rival},
            concurrency_limit=32,
            **EVERY_CLICK,
        ).then(do.compare_when_trained, comparing, {p.watch.head, *viewed}, **EVERY_CLICK)
    p.describe.fetch_better.click(
        do.fetch_better, {world}, {p.describe.fetching_better, world}, concurrency_limit=32, **PRIVATE
    )
    p.describe.stop.click(do.stop, {state.visitor}, None, queue=False, **PRIVATE)
    understanding = {*editing, world}
    p.describe.chips.teach(do.teach, understanding, {p.describe.taught}, **computing)
    p.describe.chips.browse(do.browse, {world}, {p.describe.palette}, **PRIVATE)
    # Not `text.input`: that comes with keys alone, and so not with what is pasted, deleted or typed on a phone.
    p.describe.chips.typed(do.understand, understanding, {p.describe.chips}, **NEWEST_ONLY)


def _wire_looking(p: Layout, do: Handlers, settings: ServerSettings) -> None:
    """Whatever looks at, tries or takes away the classifier that is there."""
    computing = {**PRIVATE, **at_once(COMPUTE, settings.watched)}
    state, watch, world, figure = p.state, p.watch, p.header.checkpoint, {p.watch.figure}
    looking = {state.generation, watch.step, world}
    viewing = {*looking, state.visitor, watch.view, watch.second_text, watch.position}
    viewed = {*figure, watch.chart, watch.rival, watch.second_text, watch.position, state.blend}
    watch.step.input(
        do.scrub, viewing, {p.header.strip, watch.head, *viewed, p.try_it.held_out, p.try_it.model}, **NEWEST_ONLY
    )
    watch.view.input(do.show_view, viewing, {*viewed, watch.blending, watch.train_on}, **{**computing, **NEWEST_ONLY})
    watch.figure.row(do.open_row, viewing, viewed, **NEWEST_ONLY)
    watch.train_on.click(
        do.train_on, {*looking, state.visitor}, figure, **PRIVATE, **at_once(TRAINING, settings.computing)
    )
    watch.figure.cell(do.show_cell, looking, figure, **NEWEST_ONLY)
    gr.on([watch.blend.click, watch.second_text.submit], do.write_both, viewing, viewed, **computing)
    watch.position.input(do.slide, {state.blend, watch.position, world}, figure, **NEWEST_ONLY)
    p.try_it.held_out.why(do.why, looking, {p.try_it.why}, **NEWEST_ONLY)
    p.try_it.model.asked(
        do.answer, looking, {p.try_it.answer}, concurrency_id="answers", concurrency_limit=2, **EVERY_CLICK
    )
    p.try_it.take.wanted(do.pack, {*looking, p.try_it.take}, {p.try_it.take}, **{**computing, **EVERY_CLICK})
    p.world_card.accordion.expand(do.world, {world}, {p.world_card.content}, **computing)


def launch(
    host: str | None = None, port: int | None = None, checkpoint: str | None = None, *, block: bool = True
) -> gr.Blocks:
    """Serves the page, by default to this machine only (on a Space, to everybody).

    Args:
        host: address to listen on
        port: by default GRADIO_SERVER_PORT, or 7860
        checkpoint: the Tina that answers first: one that ships, a folder, or OWNER/NAME on the Hub
        block: whether to stay until it is interrupted; otherwise the page comes back at once, and `close` ends it
    """
    on_space = "SPACE_ID" in os.environ
    listens_on = host or ("0.0.0.0" if on_space else "127.0.0.1")
    if not block:
        return _launch(listens_on, port, checkpoint, on_space, quiet=True)
    with own_temporary_folder():
        page = _launch(listens_on, port, checkpoint, on_space)
        serve_until_told(page, page.slots.settings.grace)
    sys.stdout.flush()
    os._exit(0)  # threads that still compute would hold up the end


def _launch(
    listens_on: str, port: int | None, checkpoint: str | None, on_space: bool, *, quiet: bool = False
) -> RestBlocks:
    try:
        settings = ServerSettings.from_environment(SPACE | os.environ if on_space else os.environ)
        registry = CheckpointRegistry(checkpoint, settings)
        page = _build(registry)
    except UserError as error:
        sys.exit(f"The page cannot start: {error}")
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "")  # whom to believe is said in the settings, and not by uvicorn
    if not quiet:
        registry.load_soon(list(ways.names(registry).values()))
    page.queue(max_size=settings.queue, api_open=False).launch(
        server_name=listens_on,
        server_port=port or int(os.environ.get("GRADIO_SERVER_PORT", 7860)),
        css=theme.css(),
        head=theme.head(),
        theme=theme.gradio_theme(),
        show_error=not on_space,
        allowed_paths=[],
        max_file_size=_largest_file(),
        max_threads=THREADS,
        state_session_capacity=SESSIONS,
        strict_cors=True,
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        footer_links=[],
        app_kwargs={"middleware": _middleware(page, registry, listens_on)},
        mcp_server=find_spec("mcp") is not None,  # the endpoints as tools, where the extra is installed
        prevent_thread_lock=True,
        quiet=quiet,
    )
    return page


def _middleware(page: RestBlocks, registry: CheckpointRegistry, listens_on: str) -> list[Middleware]:
    """From the outside in."""
    settings = registry.settings
    hosts = (*settings.hosts, listens_on) if settings.hosts else ()
    return [
        Middleware(Guard, health=lambda: page.status, hosts=hosts, frames=settings.frames),
        Middleware(Clients, proxies=settings.proxies),
        Middleware(Assets),
        Middleware(EngineFiles, find=registry.tower_file),
        Middleware(Classroom, listens_on=listens_on),
        Middleware(BodyLimit, files=_largest_file() + 2**20, slots=registry.slots),
    ]


def _largest_file() -> int:
    """Bytes of what is uploaded: a zip that is brought back, or one of pictures where worlds are made of these."""
    return max(LARGEST_ZIP, WorldLimits().megabytes * 10**6 if is_offered() else 0)
