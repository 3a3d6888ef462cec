"""Many at once: everybody gets their turn and their own answer, whoever else came with however much."""

from __future__ import annotations

import json
import math
import re
import threading
from asyncio import Queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

import gradio as gr
import httpx
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
from tina.ui.panes import watch
from tina.ui.server import together
from tina.ui.server.clients import NOTE, Clients, client_of
from tina.ui.server.guard import Guard
from tina.ui.server.kept import Kept
from tina.ui.server.limits import ANSWERING, Buckets, LimitSettings
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.rest import RestBlocks
from tina.ui.server.runs import Runs
from tina.ui.server.sessions import Mailboxes
from tina.ui.server.settings import ServerSettings, variable
from tina.ui.server.together import Together
from tina.ui.server.turns import ASKED_BY, CLOSING, GAVE_WAY, TOO_MUCH, Slots
from tina.ui.state import Brought, SamplingOptions

ROOT = Path(__file__).parents[2]
PATIENCE = 600  # seconds: the tests must pass on a busy machine, and none asserts a time
PROMPT = parse(", ".join(LABELS))


# -- settings ---------------------------------------------------------------------------------------------------------
def test_the_environment_overrides_settings() -> None:
    found = ServerSettings.from_environment(
        {"TINA_QUEUE": "5", "TINA_HOSTS": "A.example.org, *.b.org", "TINA_GRACE": ""}
    )
    assert (found.queue, found.hosts, found.grace) == (5, ("a.example.org", "*.b.org"), ServerSettings().grace)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("TINA_QUEUE", value) for value in ("0", "-1", "x", "1.5", "99999999999")),
        *(("TINA_PER_SECOND", value) for value in ("nan", "inf", "0", "-2", "1e99")),
        *(("TINA_HOSTS", value) for value in ("a b", "a;b", "ä.de")),
    ],
)
def test_what_is_no_setting_is_a_sentence(name: str, value: str) -> None:
    with pytest.raises(UserError, match=name):
        ServerSettings.from_environment({name: value})


def test_settings_in_code_are_checked_too() -> None:
    with pytest.raises(UserError, match="TINA_SECONDS"):
        ServerSettings(seconds=math.nan)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(TINA_\w+)` \| (\S*) ?\|", (ROOT / "docs" / "server.md").read_text("utf-8"), re.MULTILINE)
    defaults = {variable(one.name): one.default for one in fields(ServerSettings)}
    assert {name: value and float(value) for name, value in rows} == {
        name: "" if value == () else float(value) for name, value in defaults.items()
    }


# -- who asks ---------------------------------------------------------------------------------------------------------
def _client(proxies: int, asked_by: list[str]) -> TestClient:
    async def who(request: Request) -> Response:
        assert request.client is not None
        return JSONResponse([request.client.host, dict(request.headers)])

    return TestClient(
        Starlette(routes=[Route("/", who)], middleware=[Middleware(Clients, proxies=proxies)]), client=(asked_by[0], 1)
    )


def test_what_is_forwarded_is_believed_of_proxies_alone() -> None:
    forged = {"x-forwarded-for": "6.6.6.6, 7.7.7.7"}
    assert _client(0, ["1.2.3.4"]).get("/", headers=forged).json()[0] == "1.2.3.4"
    assert _client(1, ["1.2.3.4"]).get("/", headers=forged).json()[0] == "7.7.7.7"
    assert _client(2, ["1.2.3.4"]).get("/", headers=forged).json()[0] == "6.6.6.6"
    assert _client(1, ["1.2.3.4"]).get("/").json()[0] == "1.2.3.4"


def test_a_household_is_one_client() -> None:
    assert client_of("2001:db8:1:2:3:4:5:6") == client_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert client_of("::ffff:1.2.3.4") == "1.2.3.4"
    assert client_of("") == "unknown"


def test_only_this_process_can_say_whose_question_it_asks() -> None:
    """A question of Gradio's own, for a tool, has the headers of the question behind it."""
    client = _client(0, ["1.2.3.4"])
    headers = client.get("/").json()[1]
    inner = {NOTE.decode(): headers[NOTE.decode()].replace("1.2.3.4", "9.9.9.9")}
    assert client.get("/", headers=inner).json()[0] == "9.9.9.9"
    assert client.get("/", headers={NOTE.decode(): "0" * 32 + " 9.9.9.9"}).json()[0] == "1.2.3.4"


def test_each_has_an_allowance_and_the_newest_are_remembered() -> None:
    now = [100.0]
    buckets = Buckets(LimitSettings(burst=2, per_second=1), 3, clock=lambda: now[0])
    assert [buckets.ready("a") for _ in range(3)] == [True, True, False]
    assert buckets.ready("b")
    now[0] += 1.5
    assert buckets.ready("a")
    buckets.charge("b", 10)  # what took long has to come back first
    now[0] += 3
    assert not buckets.ready("b")
    now[0] += 60
    assert buckets.ready("b")
    for name in "cdefg":
        buckets.ready(name)
    assert len(buckets) == 3


# -- turns ------------------------------------------------------------------------------------------------------------
class House:
    """A server with one endpoint that waits until it is let go; each visitor has an address."""

    def __init__(self, **settings: Any):
        self.begun, self.go_on, self.order = Semaphore(0), Event(), []
        self.slots = Slots(ServerSettings(**settings))

        def wait(name: str) -> str:
            self.begun.release()
            self.go_on.wait()
            self.order.append((name, ASKED_BY.get()))
            return name

        def look(name: str) -> str:
            return name

        with RestBlocks() as self.page:
            self.page.slots = self.slots
            gr.api(wait, api_name="wait", concurrency_id=ANSWERING, concurrency_limit=1)
            gr.api(look, api_name="look")
        self.page.queue(max_size=self.slots.settings.queue, api_open=False).launch(
            prevent_thread_lock=True, quiet=True, app_kwargs={"middleware": [Middleware(Clients, proxies=1)]}
        )
        self.url = f"{self.page.local_url}gradio_api/call/wait"

    def ask(self, name: str, address: str, what: str = "wait") -> httpx.Response:
        url = self.url.removesuffix("wait") + what
        return httpx.post(url, json={"data": [name]}, headers={"x-forwarded-for": address}, timeout=PATIENCE)

    def answer(self, asked: httpx.Response) -> tuple[str, Any]:
        lines = httpx.get(f"{self.url}/{asked.json()['event_id']}", timeout=PATIENCE).text.strip().split("\n")
        return lines[0].removeprefix("event: "), json.loads(lines[-1].removeprefix("data: "))


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    opened = House(**getattr(request, "param", {}))
    yield opened
    opened.go_on.set()
    opened.page.close(verbose=False)


@pytest.mark.parametrize("house", [{"queue": 6}], indirect=True)
def test_who_comes_with_much_gives_way_and_all_take_turns(house: House) -> None:
    first = house.ask("a0", "10.0.0.1")
    assert house.begun.acquire(timeout=PATIENCE)
    greedy = [house.ask(f"a{i}", "10.0.0.1") for i in range(1, 7)]  # all that may wait
    refused = house.ask("a7", "10.0.0.1")
    assert (refused.status_code, "ueue is full" in refused.text) == (503, True)
    others = [house.ask(name, address) for name, address in (("b0", "10.0.0.2"), ("c0", "10.0.0.3"))]
    assert [one.status_code for one in others] == [200, 200]
    house.go_on.set()
    with ThreadPoolExecutor(9) as pool:
        *answers, a5, a6 = pool.map(house.answer, [first, *others, *greedy])
    assert answers == [("complete", [name]) for name in ("a0", "b0", "c0", "a1", "a2", "a3", "a4")]
    assert {kind for kind, _ in (a5, a6)} == {"error"}  # the newest of who had most
    assert {error["error"] for _, error in (a5, a6)} == {GAVE_WAY}
    assert [name for name, _ in house.order] == ["a0", "b0", "c0", "a1", "a2", "a3", "a4"]
    assert dict(house.order)["c0"] == "10.0.0.3"  # whoever it is for is known where it is computed


@pytest.mark.parametrize("house", [{"burst": 3, "per_second": 0.01}], indirect=True)
def test_an_address_has_an_allowance_for_all_that_it_begins(house: House) -> None:
    house.go_on.set()
    assert [house.ask("a", "10.0.0.1").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = house.ask("a", "10.0.0.1")
    assert (refused.json()["detail"], refused.headers["retry-after"]) == (TOO_MUCH, "100")
    assert house.ask("b", "10.0.0.2").status_code == 200
    house.slots.charge("10.0.0.2", 5.0)  # what took long is paid for afterwards
    assert house.ask("b", "10.0.0.2").status_code == 429


@pytest.mark.parametrize("house", [{"burst": 2, "per_second": 0.01}], indirect=True)
def test_who_looks_at_what_is_there_needs_no_token_but_must_owe_nothing(house: House) -> None:
    house.go_on.set()
    assert [house.ask("a", "10.0.0.1").status_code for _ in range(3)] == [200, 200, 429]
    assert house.ask("a", "10.0.0.1", "look").status_code == 200
    house.slots.charge("10.0.0.1", 5.0)  # by what took long
    assert house.ask("a", "10.0.0.1", "look").status_code == 429
    assert house.ask("b", "10.0.0.2", "look").status_code == 200


def test_who_leaves_while_waiting_does_not_end_it_for_the_others(house: House) -> None:
    """A session's messages go a moment before what it waits for does; the queue looks at all who wait in between."""
    running = house.ask("a", "10.0.0.1")
    assert house.begun.acquire(timeout=PATIENCE)
    waiting, leaving, last = (house.ask(name, f"10.0.1.{ord(name)}") for name in "bcd")
    queue = house.page._queue
    event = queue.event_ids_to_events[leaving.json()["event_id"]]
    for _ in range(2):  # whoever leaves twice has left
        del queue.pending_messages_per_session[event.session_hash]
    house.go_on.set()
    for _ in range(2):
        while not house.begun.acquire(timeout=0.05):
            assert not queue.stopped
    answers = [house.answer(one) for one in (running, waiting, last)]
    assert answers == [("complete", [name]) for name in "abd"]


def test_of_what_a_program_sends_and_gets_nothing_is_kept(house: House) -> None:
    house.go_on.set()
    sessions, forgotten = house.page.app.state_holder, Event()
    forget = sessions.forget
    sessions.forget = lambda session: (forget(session), forgotten.set())
    assert house.answer(house.ask("a" * 1000, "10.0.0.1"))[1] == ["a" * 1000]
    assert forgotten.wait(PATIENCE)
    assert not sessions.session_data  # who asks without a session gets none that stays
    data = {"data": ["b" * 1000], "session_hash": "mine"}
    asked = httpx.post(house.url, json=data, timeout=PATIENCE)
    assert house.answer(asked)[1] == ["b" * 1000]
    assert [*sessions.session_data] == ["mine"]
    assert not [*sessions["mine"].components]  # of which Gradio would keep every value


def test_of_many_sessions_those_are_forgotten_that_wait_for_nothing() -> None:
    unread = {session: {"an answer"} for session in "abcdef"}
    boxes = Mailboxes(3, lambda: {"a", "c"}, unread)
    for session in "abcdef":
        boxes[session] = Queue()
    assert [*boxes] == [*unread] == ["a", "c", "f"]
    boxes = Mailboxes(1, lambda: {"a"}, {})
    boxes["a"], boxes["b"] = Queue(), Queue()
    assert [*boxes] == ["a", "b"]


def test_a_session_that_asks_again_is_the_newest(house: House) -> None:
    house.go_on.set()
    boxes = house.page._queue.pending_messages_per_session
    url = house.url.replace("call/wait", "queue/join")
    for session in ("first", "second", "first"):
        data = {"data": ["a"], "fn_index": 0, "session_hash": session}
        assert httpx.post(url, json=data, timeout=PATIENCE).status_code == 200
    assert [*boxes] == ["second", "first"]


def test_at_the_end_who_waits_is_told_and_what_runs_is_finished(house: House) -> None:
    running = house.ask("a", "10.0.0.1")
    assert house.begun.acquire(timeout=PATIENCE)
    waiting = house.ask("b", "10.0.0.2")
    assert house.page.status == {"status": "busy", "running": 1, "waiting": 1}
    with ThreadPoolExecutor(3) as pool:
        ended = pool.submit(house.page._queue.end, 30)
        assert pool.submit(house.answer, waiting).result(PATIENCE) == (
            "error",
            {"error": CLOSING, "visible": True, "title": "Error", "duration": 10},
        )
        assert house.page.status["status"] == "ending"
        assert house.ask("c", "10.0.0.3").status_code == 503
        house.go_on.set()
        assert house.answer(running) == ("complete", ["a"])
        ended.result(PATIENCE)


# -- together ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def slots() -> Slots:
    return Slots(ServerSettings(together=4))


def test_what_waits_is_written_together_and_each_gets_their_own(
    checkpoint: LoadedCheckpoint, slots: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, many = [], Tina.generate_many

    def counted(tina: Tina, prompts: list, **options: Any) -> list:
        batches.append(len(prompts))
        return many(tina, prompts, **options)

    monkeypatch.setattr(Tina, "generate_many", counted)
    writer = Together(checkpoint.tina, slots, Kept(10))
    prompts = [parse(text) for text in ("apple, snail", "banana, penguin, snail", "lighthouse, apple")] * 2
    with ThreadPoolExecutor(6) as pool:
        with writer._writing:  # somebody writes
            jobs = [pool.submit(writer.generate, prompt, i, 2) for i, prompt in enumerate(prompts)]
            while len(writer._orders) < 6:
                threading.Event().wait(0.01)
        found = [job.result(PATIENCE) for job in jobs]
    assert batches == [4, 2]
    for i, (prompt, classifier) in enumerate(zip(prompts, found, strict=True)):
        alone = many(checkpoint.tina, [prompt], steps=2, seeds=[i])[0]
        assert classifier.labels == prompt.labels
        assert classifier.origin.seed == i
        for name, weight in alone.weights.items():
            assert (classifier.weights[name] - weight).abs().max() < 1e-5


def test_an_error_is_nobody_elses(checkpoint: LoadedCheckpoint, slots: Slots, monkeypatch: pytest.MonkeyPatch) -> None:
    many = Tina.generate_many

    def picky(tina: Tina, prompts: list, **options: Any) -> list:
        if any("snail" in prompt.labels for prompt in prompts):
            raise UserError("no snails")
        return many(tina, prompts, **options)

    monkeypatch.setattr(Tina, "generate_many", picky)
    writer = Together(checkpoint.tina, slots, Kept(10))
    with ThreadPoolExecutor(2) as pool:
        with writer._writing:
            jobs = [pool.submit(writer.generate, parse(text), 0, 1) for text in ("apple, snail", "apple, banana")]
            while len(writer._orders) < 2:
                threading.Event().wait(0.01)
        with pytest.raises(UserError, match="no snails"):
            jobs[0].result(PATIENCE)
        assert jobs[1].result(PATIENCE).labels == ["apple", "banana"]


def test_what_repeats_is_kept_and_pictures_are_not(
    checkpoint: LoadedCheckpoint, slots: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Together(checkpoint.tina, slots, Kept(10))
    first = writer.generate(PROMPT, 0, 1)
    assert writer.generate(parse(", ".join(LABELS)), 0, 1) is first
    assert writer.generate(PROMPT, 1, 1) is not first
    shown = parse("apple, snail", {"snail": [checkpoint.world.pictures("train", "snail", 1)[0]]})
    assert writer.key(shown, 0, 1) is None
    assert writer.generate(shown, 0, 1) is not writer.generate(shown, 0, 1)
    monkeypatch.setattr(together, "LARGEST", 1)  # what is large is written, too
    assert writer.generate(PROMPT, 2, 1).labels == LABELS


def test_what_is_kept_is_bounded() -> None:
    kept = Kept(1)
    for i in range(50):
        kept.put(i, str(i), 2**18)
    assert [kept.get(i) for i in (49, 48, 47, 46, 45)] == ["49", "48", "47", "46", None]
    kept.put("large", "x", 2**21)
    assert kept.get("large") is None
    assert kept.size == 2**20


def test_whoever_asks_pays_for_what_it_takes(checkpoint: LoadedCheckpoint) -> None:
    slots = Slots(ServerSettings(burst=1000, seconds=0.01))
    ASKED_BY.set("10.0.0.9")
    Together(checkpoint.tina, slots, Kept(0)).generate(PROMPT, 0, 3)
    with slots.taken():
        pass
    assert slots.allowances._of("10.0.0.9").tokens < 1000
    ASKED_BY.set("")


# -- runs on the page -------------------------------------------------------------------------------------------------
def test_a_run_that_repeats_is_the_same_and_ones_own(checkpoint: LoadedCheckpoint, slots: Slots) -> None:
    runs, options = Runs(slots, Kept(50)), SamplingOptions(steps=2)
    *_, first = runs.run(checkpoint, PROMPT, options, Brought())
    first.fine_tuned, first.baselines["fine-tuned"] = {}, first.score  # what a visitor has beside
    seen = []
    for again in runs.run(checkpoint, PROMPT, options, Brought()):
        seen.append((len(again.steps), again.provenance is None, again.none_level is None))
    assert again is not first
    assert seen[:2] == [(1, True, True), (2, True, True)]
    assert (again.provenance, again.none_level, again.score) == (first.provenance, first.none_level, first.score)
    assert again.fine_tuned is None
    assert "fine-tuned" not in again.baselines
    assert all(one.weights is two.weights for one, two in zip(again.steps, first.steps, strict=True))
    *_, other = runs.run(checkpoint, PROMPT, SamplingOptions(steps=2, seed=1), Brought())
    assert other.steps[-1].weights is not first.steps[-1].weights


def test_who_comes_when_others_wait_sees_less_of_the_way_to_the_same_classifier(
    checkpoint: LoadedCheckpoint, slots: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, options = Runs(slots, Kept(50)), SamplingOptions(steps=3)
    monkeypatch.setattr(Slots, "wanted", True)
    *_, lean = runs.run(checkpoint, PROMPT, options, Brought())
    *_, again = runs.run(checkpoint, PROMPT, options, Brought())
    monkeypatch.setattr(Slots, "wanted", False)
    *_, whole = runs.run(checkpoint, PROMPT, options, Brought())
    assert [step.estimate_score for step in lean.steps] == [None] * 4
    assert again.steps[1].weights is lean.steps[1].weights  # good enough while they wait,
    assert whole.steps[1].weights is not lean.steps[1].weights  # and not afterwards
    assert [step.estimate_score is None for step in whole.steps] == [True, False, False, False]
    assert [step.score for step in lean.steps] == [step.score for step in whole.steps]
    watch.head(checkpoint, lean)


# -- what every answer says -------------------------------------------------------------------------------------------
def _guarded(**options: Any) -> TestClient:
    async def page(request: Request) -> Response:
        return Response("page", headers=request.query_params)

    health = options.pop("health", {"status": "ready"})
    middleware = [Middleware(Guard, health=lambda: health, **options)]
    return TestClient(Starlette(routes=[Route("/", page)], middleware=middleware), base_url="http://tina.example.org")


def test_every_answer_has_headers_and_may_have_its_own() -> None:
    answer = _guarded().get("/")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert _guarded().get("/?content-security-policy=mine").headers["content-security-policy"] == "mine"
    framed = _guarded(frames=("https://huggingface.co",)).get("/").headers
    assert "frame-ancestors 'self' https://huggingface.co" in framed["content-security-policy"]
    assert "x-frame-options" not in framed


def test_a_server_may_answer_to_some_names_only() -> None:
    client = _guarded(hosts=("tina.example.org", "*.hf.space"))
    assert client.get("/").text == "page"
    assert client.get("/", headers={"host": "me-tina.hf.space:443"}).text == "page"
    for name in ("evil.example.org", "hf.space", "localhost", "", "tina.example.org.evil.org"):
        refused = client.get("/", headers={"host": name})
        assert (refused.status_code, refused.text) == (400, "This server does not go by that name.")
    assert (
        client.get("/health", headers={"host": "10.0.0.7"}).status_code == 200
    )  # whoever watches over it knows no name


def test_health_says_how_it_is() -> None:
    assert _guarded().get("/health").json() == {"status": "ready"}
    assert _guarded(health={"status": "ending"}).get("/health").status_code == 503
