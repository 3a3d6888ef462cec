"""One visitor: a program at the API, or a browser on the page, as far as a server can tell."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from secrets import token_hex
from typing import Any

import httpx
from gradio_client.utils import apply_diff

from tina.research.full_house.answers import Judge, Question, weights_of_model, weights_of_zip

PATIENCE = 300.0  # seconds that an answer is waited for
API = "/gradio_api"


@dataclass
class Diary:
    """What all visitors got: seconds by what was asked, what was refused, and what was wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def answered(self, what: str, began: float) -> None:
        """An answer came, to something that was asked at a time of `time.perf_counter`."""
        self.seconds.setdefault(what, []).append(time.perf_counter() - began)

    def note(self, wrong: str) -> None:
        """Something is wrong with an answer, if it says so."""
        if wrong:
            self.wrong.append(wrong)


class Refused(Exception):
    """The server answered with a sentence and no answer."""


class Visitor:
    """Asks one thing after another until the time is over."""

    def __init__(
        self, url: str, number: int, own: Sequence[Question], judge: Judge, diary: Diary, pictures: dict[str, str]
    ):
        """
        Args:
            url: of the server.
            number: of this visitor, who is at an address of their own where the server believes what is forwarded.
            own: questions that nobody else asks.
            judge: of the answers.
            diary: of all visitors.
            pictures: by class, to ask about.
        """
        self.own, self.judge, self.diary, self.pictures = own, judge, diary, pictures
        self.draw, self.name = Random(number), f"visitor {number}"
        headers = {"x-forwarded-for": f"10.0.{number // 250}.{number % 250 + 1}"}
        self.http = httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE)

    async def stay(self, until: float) -> None:
        """Until `time.perf_counter` says so. What is refused is asked again a little later."""
        async with self.http:
            await asyncio.sleep(self.draw.random())  # nobody comes at the same moment
            while time.perf_counter() < until:
                try:
                    await self.ask(self.draw.choice(self.own))
                except Refused as error:
                    sentence = str(error)[:80]
                    self.diary.refused[sentence] = self.diary.refused.get(sentence, 0) + 1
                    await asyncio.sleep(1 + self.draw.random())
                except (httpx.HTTPError, TimeoutError, ValueError, KeyError) as error:
                    self.diary.note(f"{self.name}: {type(error).__name__} {error}"[:200])
                    await asyncio.sleep(1)
            await self.leave()

    async def ask(self, question: Question) -> None:
        """One thing."""
        raise NotImplementedError

    async def leave(self) -> None:
        """Once the time is over."""


class ApiVisitor(Visitor):
    """Mostly `generate`; sometimes the zip is scored, or a picture is asked about."""

    zip: tuple[Question, str] | None = None

    async def ask(self, question: Question) -> None:
        what = self.draw.random()
        if what < 0.15 and self.zip:
            asked, content = self.zip
            scored = await self._call("score", content)
            told = self.judge.scored(asked)
            if told is not None and abs(scored["accuracy"] - told) * scored["pictures"] > 2.5:
                self.diary.note(f"{self.name}: scored {scored['accuracy']:.3f}, was {told:.3f}")
        elif what < 0.3:
            name = question.classes[0]
            answer = await self._call("classify", self.pictures[name], question.text, question.seed)
            if {*answer} != {*question.classes}:
                self.diary.note(f"{self.name}: another's answer, {', '.join(answer)}")
        else:
            made = await self._call("generate", question.text, question.seed, question.steps)
            self.diary.note(self.judge.wrong(question, made["labels"], weights_of_zip(made["zip"]), made["accuracy"]))
            self.zip = question, made["zip"]

    async def _call(self, name: str, *data: object) -> Any:
        began = time.perf_counter()
        response = await self.http.post(f"{API}/call/{name}", json={"data": data})
        if response.status_code != 200:
            raise Refused(_detail(response))
        event = response.json()["event_id"]
        kind = ""
        async with self.http.stream("GET", f"{API}/call/{name}/{event}") as lines:
            async for line in lines.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: ") and kind in ("complete", "error"):
                    found = json.loads(line.removeprefix("data: "))
                    if kind == "error":
                        raise Refused(str(found.get("error", "error") if isinstance(found, dict) else found))
                    self.diary.answered(f"api {name}", began)
                    return found[0]
        raise ValueError(f"no answer to {name}")


class PageVisitor(Visitor):
    """Opens the page, sees the first classifier, and asks for others; what is fine-tuned meanwhile is watched, too."""

    wiring: Wiring | None = None
    session = ""

    async def ask(self, question: Question) -> None:
        if self.wiring is None:
            await self._arrive()
        began = time.perf_counter()
        outputs = await self._run(self.wiring.go, self.wiring.filled(question))
        self.diary.answered("page generate", began)
        chips, model = (outputs[self.wiring.place[name]] or {} for name in ("chips", "model"))
        chips, model = chips.get("value", chips), model.get("value", model)
        if chips.get("error") or "weights" not in model:
            raise Refused(chips.get("error") or "no classifier")
        weights = weights_of_model(model, self.judge.shapes(len(question.classes)))
        self.diary.note(self.judge.wrong(question, model["labels"], weights))
        await self._begin(self.wiring.fine_tune, [None] * 3)  # nobody waits for its end

    async def _arrive(self) -> None:
        began = time.perf_counter()
        (await self.http.get("/")).raise_for_status()
        wiring = Wiring((await self.http.get("/config")).json())
        self.session, self._ended = token_hex(8), {}
        self._reader: asyncio.Task | None = None
        await self._run(wiring.load, [])
        self.diary.answered("page arrives", began)
        self.wiring = wiring
        await self._run(wiring.first, wiring.defaults)
        self.diary.answered("page first classifier", began)

    async def _begin(self, number: int, data: list[Any]) -> str:
        body = {"data": data, "event_data": None, "fn_index": number, "session_hash": self.session, "trigger_id": None}
        response = await self.http.post(f"{API}/queue/join", json=body)
        if response.status_code != 200:
            raise Refused(_detail(response))
        event = response.json()["event_id"]
        self._ended[event] = asyncio.get_running_loop().create_future()
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        return event

    async def _run(self, number: int, data: list[Any]) -> list[Any]:
        """Its outputs at the end."""
        event = await self._begin(number, data)
        async with asyncio.timeout(PATIENCE):
            return await self._ended[event]

    async def _read(self) -> None:
        """What the server tells this session, until it has nothing more to tell; nobody waits longer than that."""
        try:
            await self._hear()
        finally:
            for ended in self._ended.values():
                if not ended.done():
                    ended.set_exception(Refused("the connection ended"))
                    ended.exception()  # whether somebody waits for it or not
            self._ended.clear()

    async def _hear(self) -> None:
        outputs: dict[str, list[Any]] = {}
        async with self.http.stream("GET", f"{API}/queue/data", params={"session_hash": self.session}) as lines:
            async for line in lines.aiter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                kind, event = message.get("msg"), message.get("event_id")
                if kind == "close_stream":
                    return
                if kind not in ("process_generating", "process_completed") or event not in self._ended:
                    continue
                data = (message.get("output") or {}).get("data")
                if kind == "process_generating":
                    before = outputs.get(event)
                    outputs[event] = data if before is None else list(map(apply_diff, before, data))
                    continue
                ended, last = self._ended.pop(event), outputs.pop(event, None)
                if ended.done():
                    continue
                if message.get("success"):
                    ended.set_result(last or data or [])
                else:
                    ended.set_exception(Refused(str((message.get("output") or {}).get("error"))))

    async def leave(self) -> None:
        if self.session and self._reader:
            self._reader.cancel()


class Wiring:
    """Which of the page's events is which, and what a browser sends with them."""

    def __init__(self, config: dict[str, Any]):
        """`config` is what the server answers at /config."""
        parts = {one["id"]: one for one in config["components"]}
        events = config["dependencies"]
        named = {one["props"].get("elem_id"): id for id, one in parts.items()}

        def event(of: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
            return next(one for one in events if of(one))

        load = event(lambda one: any(target[1] == "load" for target in one["targets"]))
        first = event(lambda one: one["trigger_after"] == load["id"])
        go = event(lambda one: [named["go"], "click"] in [list(target) for target in one["targets"]])
        fine_tune = event(lambda one: one["trigger_after"] == go["id"])
        self.load, self.first, self.go, self.fine_tune = (one["id"] for one in (load, first, go, fine_tune))
        self.inputs = [parts[id] for id in go["inputs"]]
        self.place = {parts[id]["props"].get("elem_id"): i for i, id in enumerate(go["outputs"])}
        self.defaults = [one["props"].get("value") for one in self.inputs]

    def filled(self, question: Question) -> list[Any]:
        """The fields as somebody fills them in."""
        data = list(self.defaults)
        for i, one in enumerate(self.inputs):
            if one["props"].get("elem_id") == "wanted":
                data[i] = question.text
            elif one["type"] == "number":
                data[i] = question.seed
            elif one["type"] == "slider" and one["props"].get("elem_id") != "between":
                data[i] = question.steps
        return data


def _detail(response: httpx.Response) -> str:
    try:
        return f"{response.status_code} {response.json()['detail']}"
    except (ValueError, KeyError, TypeError):
        return str(response.status_code)
