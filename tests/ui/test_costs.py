"""Whatever is computed for somebody is paid for from one allowance, and in one of few slots, whoever asks and how."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.ui.conftest import LABELS
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui import layout
from tina.ui.handlers import Handlers
from tina.ui.handlers import trying as trying_handlers
from tina.ui.layout import Layout
from tina.ui.learn import page as learn_page
from tina.ui.own.page import OwnWorldPage
from tina.ui.page import build_page, launch
from tina.ui.panes import blending, race, take, try_it, watch, world_card
from tina.ui.server.clients import Clients
from tina.ui.server.kept import Kept
from tina.ui.server.limits import BEGINNING
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.own_worlds import WorldLimits
from tina.ui.server.packing import LARGEST_ZIP
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.server.rest import BodyLimit
from tina.ui.server.settings import ServerSettings
from tina.ui.server.together import Together
from tina.ui.server.turns import ASKED_BY, TOO_MUCH, Slots
from tina.ui.state import Generation, SamplingOptions, Visitor

PATIENCE = 600  # seconds: the tests must pass on a busy machine, and none asserts a time
HOME = "10.0.0.7"
BEGIN = {  # a token as it begins; begun by hand, or by a program
    *("generate", "generate_if_valid", "reopen", "change_world", "choose_way", "world", "show_view"),
    *("train_on", "write_both", "pack", "asked", "begin", "teach", "classify", "upload", "score"),
}
LOOK = {  # must owe nothing, and pay for what they take
    *("fine_tune", "compare_when_trained", "fetch", "fetch_better", "choose_example", "edit", "browse", "understand"),
    *("scrub", "open_row", "show_cell", "slide", "why", "answer", "come_from_cards"),
}
AT_ONCE = {"arrive", "stop", "use_seed", "cancel"}  # past the queue: fields of the page, and flags


@pytest.fixture
def me() -> Iterator[str]:
    """Whoever asks in a test."""
    token = ASKED_BY.set(HOME)
    yield HOME
    ASKED_BY.reset(token)


@pytest.fixture(scope="module")
def registry(checkpoint_folder: str) -> CheckpointRegistry:
    return CheckpointRegistry(checkpoint_folder, ServerSettings())


@pytest.fixture
def page(registry: CheckpointRegistry) -> Iterator[Layout]:
    with gr.Blocks():
        yield layout.build(registry)


def tokens(slots: Slots, client: str = HOME) -> float:
    return slots.allowances._of(client).tokens


def work() -> float:
    return float(np.linalg.norm(np.random.default_rng(0).normal(size=(300, 300)), 2))


# -- every handler ----------------------------------------------------------------------------------------------------
def test_every_handler_has_its_price(checkpoint_folder: str) -> None:
    """Whoever adds one says here which."""
    fns = [fn for fn in build_page(checkpoint_folder).fns.values() if fn.fn is not None]
    names = {True: set(), False: set(), None: set()}
    for fn in fns:
        names[fn.concurrency_id in BEGINNING if fn.queue else None].add(fn.fn.__name__)
    assert names == {True: BEGIN, False: LOOK, None: AT_ONCE}


def test_all_of_them_are_metered_once_the_page_is_served(checkpoint_folder: str) -> None:
    page = build_page(checkpoint_folder).queue()
    for fn in page.fns.values():
        assert fn.fn is None or hasattr(fn.fn, "__wrapped__"), fn.fn


# -- what is paid -----------------------------------------------------------------------------------------------------
def test_a_function_is_paid_for_by_whoever_asked(me: str) -> None:
    slots = Slots(ServerSettings(burst=1000, seconds=0.01))
    assert slots.metered(lambda number: number + (work() > 0))(2) == 3
    paid = 1000 - tokens(slots)
    assert paid > 0
    ASKED_BY.set("")
    slots.metered(work)()  # the page itself owes nobody
    assert tokens(slots) >= 1000 - paid


def test_of_a_generator_every_step_is_paid_for_and_it_is_closed(me: str) -> None:
    slots, closed = Slots(ServerSettings(burst=1000, per_second=0.01, seconds=0.01)), []

    def steps(count: int) -> Iterator[int]:
        try:
            for number in range(count):
                work()
                yield number
        finally:
            closed.append(count)

    seen = []
    for number in slots.metered(steps)(3):
        seen.append((number, tokens(slots)))
        work()  # between steps somebody else's
    assert [number for number, _ in seen] == [0, 1, 2]
    assert 1000 > seen[0][1] > seen[1][1] > seen[2][1]
    running = slots.metered(steps)(2)
    next(running)
    running.close()
    assert closed == [3, 2]


def test_an_error_is_paid_for_too(me: str) -> None:
    slots = Slots(ServerSettings(burst=1000, seconds=0.01))

    def fails() -> None:
        work()
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        slots.metered(fails)()
    assert tokens(slots) < 1000


def test_what_is_written_for_several_is_paid_for_by_each(me: str) -> None:
    slots = Slots(ServerSettings(burst=1000, per_second=0.01, seconds=0.01))
    slots.metered(lambda: slots.share(5.0, [("a", 3), ("b", 1)]))()
    assert tokens(slots, "a") == pytest.approx(1000 - 500 * 3 / 4, abs=1)
    assert tokens(slots, "b") == pytest.approx(1000 - 500 / 4, abs=1)
    assert tokens(slots) >= 1000  # whoever's thread it was pays none of it, and has nothing back


def test_a_batch_that_failed_costs_its_own_time_once(
    checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots(ServerSettings())
    shared: list[list[str]] = []

    def fails(tina: Tina, prompts: list, **options: Any) -> list:
        raise UserError("no")

    monkeypatch.setattr(Tina, "generate_many", fails)
    monkeypatch.setattr(slots, "share", lambda seconds, parts: shared.append([client for client, _ in parts]))
    writer = Together(checkpoint.tina, slots, Kept(0))

    def ask(client: str) -> None:
        ASKED_BY.set(client)
        with pytest.raises(UserError, match="no"):
            writer.generate(parse("apple, snail"), 0, 1)

    with ThreadPoolExecutor(2) as pool:
        with writer._writing:
            jobs = [pool.submit(ask, client) for client in "ab"]
            while len(writer._orders) < 2:
                threading.Event().wait(0.01)
        for job in jobs:
            job.result(PATIENCE)
    assert sorted(map(sorted, shared)) == [["a"], ["a", "b"], ["b"]]


def test_training_on_is_paid_for_although_it_is_in_another_thread(
    checkpoint: LoadedCheckpoint, generation: Generation, me: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots(ServerSettings(burst=1000, per_second=0.01, seconds=0.01))
    monkeypatch.setattr(race, "MARKS", (0, 1))
    monkeypatch.setattr(race, "SCHEDULE", race.TrainSchedule(1, batch=8, rate=1e-3))
    *_, last = race.train(checkpoint, generation, -1, slots.paid)
    assert all(len(values) == 2 for values in last.values())
    assert tokens(slots) < 1000


# -- slots ------------------------------------------------------------------------------------------------------------
def test_what_is_large_leaves_a_slot_whatever_it_is() -> None:
    slots, inside, go = Slots(ServerSettings(computing=2)), threading.Semaphore(0), threading.Event()

    def large() -> None:
        with slots.taken(large=True):
            inside.release()
            go.wait(PATIENCE)

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(large) for _ in range(2)]  # a view of six classifiers, and a program's hundred classes
        assert inside.acquire(timeout=PATIENCE)
        assert not slots.wanted  # the second waits outside:
        with slots.taken():  # a slot is free for others
            pass
        assert not inside.acquire(blocking=False)
        go.set()
        for job in jobs:
            job.result(PATIENCE)


@pytest.fixture
def seen(registry: CheckpointRegistry, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`held`: how many slots are taken; `at`: how many were whenever `note` was called."""
    found, taken = SimpleNamespace(held=0, at=[], large=[]), registry.slots.taken

    @contextmanager
    def counted(large: bool = False) -> Iterator[None]:
        with taken(large):
            found.held += 1
            found.large.append(large)
            try:
                yield
            finally:
                found.held -= 1

    def note(then: Any) -> Any:
        def noted(*args: Any, **kwargs: Any) -> Any:
            found.at.append(found.held)
            return then(*args, **kwargs)

        return noted

    monkeypatch.setattr(registry.slots, "taken", counted)
    found.note = note
    return found


@pytest.fixture
def values(registry: CheckpointRegistry, page: Layout) -> dict[Any, Any]:
    *_, generation = registry.get().generate(parse(", ".join(LABELS)), SamplingOptions(steps=1))
    return {
        page.state.visitor: Visitor(),
        page.state.generation: generation,
        page.header.checkpoint: registry.default,
        page.watch.view: "Seeds",
        page.watch.second_text: "",
        page.watch.position: 0,
        page.watch.step: 1,
        page.try_it.take: {},
    }


def _event(**data: Any) -> Any:
    return SimpleNamespace(_data=data)


@pytest.mark.parametrize(
    ("name", "where", "what", "event", "large"),
    [
        ("show_view", watch, "seeds", None, True),
        ("write_both", blending, "two_prompts", None, True),
        ("pack", trying_handlers, "packed", _event(kind="html", number=1), False),
        ("answer", try_it, "answer", _event(picture="", number=1), False),
        ("reopen", take, "reopened", None, False),
        ("world", world_card, "page", None, False),
    ],
)
def test_what_computes_has_a_slot(
    registry: CheckpointRegistry,
    page: Layout,
    values: dict,
    seen: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    where: Any,
    what: str,
    event: Any,
    large: bool,
) -> None:
    if name == "reopen":
        generation = values[page.state.generation]
        values |= {page.try_it.zip: str(registry.get().classifier(generation).save(tmp_path / "a.zip"))}
        values[page.watch.view] = "Weights"
    monkeypatch.setattr(where, what, seen.note(getattr(where, what)))
    updates = getattr(Handlers(registry, page), name)(values, *([event] if event else []))
    if not isinstance(updates, dict):
        *_, updates = updates
    assert updates
    assert (seen.at, seen.large) == ([1], [large])
    assert seen.held == 0


def test_a_world_card_is_made_once(registry: CheckpointRegistry, page: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(world_card, "page", lambda checkpoint, folder: made.append(folder) or "card")
    monkeypatch.setattr(registry, "kept", Kept(1))
    do = Handlers(registry, page)
    for _ in range(2):
        assert do.world({page.header.checkpoint: registry.default}) == {page.world_card.content: "card"}
    assert len(made) == 1


def test_the_lesson_computes_in_a_slot(
    registry: CheckpointRegistry, seen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn_page, "_answer", seen.note(lambda *_: (None, {"html": "found"})))
    with gr.Blocks() as built:
        learn_page.build(registry)
    (asked,) = [fn for fn in built.fns.values() if fn.fn.__name__ == "asked"]
    values = {state: state.value for state in asked.inputs}
    (found,) = asked.fn(values, None, _event(lang="en", what="story", number=3)).values()
    assert found == {"html": "found", "number": 3}
    assert seen.at == [1]


def test_a_world_of_ones_own_computes_in_a_slot(registry: CheckpointRegistry, seen: SimpleNamespace) -> None:
    with gr.Blocks():
        own = OwnWorldPage(registry.slots)
    classifier = registry.get().tina.generate("apple, snail", steps=1)
    classifier = SimpleNamespace(predict=seen.note(classifier.predict))
    answer = own.classify(classifier, np.zeros((8, 8, 3), np.uint8))[own.answer]
    assert set(answer) == {"apple", "snail"}

    def refuse(prompt: str) -> None:
        raise UserError("no such classes")

    tina = SimpleNamespace(understand=str, generate=seen.note(refuse))
    assert "no such classes" in own.generate(SimpleNamespace(tina=tina), ["a", "b"])[own.written]
    assert seen.at == [1, 1]


# -- files ------------------------------------------------------------------------------------------------------------
def _uploading(**options: Any) -> TestClient:
    async def echo(request: Request) -> Response:
        return JSONResponse(len(await request.body()))

    middleware = [Middleware(Clients), Middleware(BodyLimit, largest=1000, **options)]
    routes = [Route(path, echo, methods=["POST"]) for path in ("/", "/gradio_api/upload")]
    return TestClient(Starlette(routes=routes, middleware=middleware), client=(HOME, 1))


def test_files_have_a_limit_of_their_own_and_are_paid_for_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = Slots(ServerSettings(burst=10, per_second=0.01))
    monkeypatch.setattr("tina.ui.server.rest.TOKEN_BYTES", 1000)
    client = _uploading(files=8000, slots=slots)
    assert client.post("/", content=b"x" * 5000).status_code == 413
    assert client.post("/gradio_api/upload", content=b"x" * 9000).status_code == 413
    assert client.post("/gradio_api/upload", content=b"x" * 5000).json() == 5000
    assert tokens(slots) == pytest.approx(10 - 1 - 5, abs=0.5)
    assert client.post("/gradio_api/upload", content=(b"x" * 500 for _ in range(8))).json() == 4000  # of no said length
    refused = client.post("/gradio_api/upload", content=b"x")
    assert (refused.status_code, refused.json()["detail"]) == (429, TOO_MUCH)
    assert client.post("/", content=b"x").json() == 1


def test_a_zip_of_pictures_may_be_as_large_as_the_page_says(checkpoint_folder: str, monkeypatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    page = launch(port=_free_port(), checkpoint=checkpoint_folder, block=False)
    try:
        url, content = f"{page.local_url}gradio_api/upload", bytes(60 * 2**20)
        assert httpx.post(url, files={"files": ("a.zip", content)}, timeout=PATIENCE).status_code == 200
        assert page.max_file_size == WorldLimits().megabytes * 10**6
    finally:
        page.close(verbose=False)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_zip_that_is_brought_back_has_its_own_limit(
    checkpoint: LoadedCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "large.zip"
    with file.open("wb") as opened:
        opened.truncate(LARGEST_ZIP + 1)
    with pytest.raises(UserError, match="at most 30 MB"):
        take.reopened(checkpoint, file)
