"""What answers at /class: the page for phones, the sheet to print, and the rooms' few questions and answers.

    GET  /class, /class/ABCDE     joining, on a phone
    GET  /class/sheet             to print
    GET  /class/words             what the present mode says
    POST /class/api/...           JSON in and out; keys and tokens are never in an address

It stands before Gradio: thirty phones that ask every two seconds need neither its queue nor its programs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tina.classifier.webpage import inert
from tina.ui.learn import languages, lesson, present, sheet
from tina.ui.learn.languages import Words
from tina.ui.learn.reach import mounted, reach
from tina.ui.learn.rooms import RoomError, Rooms
from tina.ui.templates import render
from tina.ui.theme import STATIC, page_colours

LARGEST = 4096  # bytes of a question
STATUS = {"wrong": 404, "full": 503, "many": 429, "busy": 429, "late": 409}
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Classroom:
    """A middleware that answers for /class, and lets everything else pass."""

    def __init__(self, app: ASGIApp, listens_on: str = "127.0.0.1", rooms: Rooms | None = None):
        self.app, self.listens_on = app, listens_on
        self.rooms = rooms or Rooms(lesson.QUESTIONS)
        routes = [
            Route("/class/sheet", self._sheet),
            Route("/class/words", self._words),
            Route("/class/api/{name}", self._api, methods=["POST"]),
            Route("/class", self._join),
            Route("/class/{code}", self._join),
        ]
        self._own = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        ours = scope["type"] == "http" and (path == "/class" or path.startswith("/class/"))
        await (self._own if ours else self.app)(scope, receive, send)

    # -- pages ---------------------------------------------------------------------------------------------------------
    async def _join(self, request: Request) -> Response:
        words = _words(request)
        texts = words.part("join") | {
            "questions": questions(words),
            "code_given": request.path_params.get("code", "")[:8],
        }
        page = render(
            "join.html",
            words=words,
            texts=Markup(inert(json.dumps(texts, ensure_ascii=False))),
            script=Markup((STATIC / "join.js").read_text("utf-8")),
            style=Markup(page_colours() + (STATIC / "join.css").read_text("utf-8")),
        )
        return HTMLResponse(page, headers=HEADERS)

    async def _sheet(self, request: Request) -> Response:
        return HTMLResponse(sheet.page(_words(request)), headers=HEADERS)

    async def _words(self, request: Request) -> Response:
        words = _words(request)
        return JSONResponse(words.part("present") | {"code": words.code}, headers=HEADERS)

    # -- rooms ---------------------------------------------------------------------------------------------------------
    async def _api(self, request: Request) -> Response:
        answer, address = (
            self._answers().get(request.path_params["name"]),
            request.client.host if request.client else "",
        )
        try:
            if answer is None:
                raise RoomError("wrong")
            result = answer(request, await _asked(request), address)
        except RoomError as error:
            return JSONResponse({"error": error.reason}, STATUS[error.reason], headers=HEADERS)
        return JSONResponse(result or {}, headers=HEADERS)

    def _answers(self) -> dict[str, Callable[[Request, dict[str, Any], str], dict[str, Any] | None]]:
        rooms = self.rooms

        def join(request: Request, d: dict[str, Any], address: str) -> dict[str, Any]:
            kind, token = rooms.join(_text(d, "code"), address)
            return {"kind": kind, "token": token}

        return {
            "open": self._open,
            "ask": lambda r, d, a: rooms.ask(_text(d, "code"), _text(d, "key"), _text(d, "question") or None, a),
            "teacher": lambda r, d, a: rooms.seen_by_teacher(_text(d, "code"), _text(d, "key"), a),
            "take": lambda r, d, a: {"text": rooms.take(_text(d, "code"), _text(d, "key"), _number(d, "id"), a)},
            "close": lambda r, d, a: rooms.close(_text(d, "code"), _text(d, "key"), a),
            "join": join,
            "pupil": lambda r, d, a: rooms.seen_by_pupil(_text(d, "code"), _text(d, "token"), a),
            "guess": lambda r, d, a: rooms.guess(
                _text(d, "code"), _text(d, "token"), _text(d, "question"), _number(d, "choice"), a
            ),
            "suggest": lambda r, d, a: rooms.suggest(_text(d, "code"), _text(d, "token"), _text(d, "text"), a),
        }

    def _open(self, request: Request, asked: dict[str, Any], address: str) -> dict[str, Any]:
        """A room, and the code that phones read from the wall."""
        words = languages.choose(_text(asked, "lang"), request.headers.get("accept-language"))
        room = self.rooms.open(_text(asked, "kind"), address)
        where = reach(request.headers.get("host", ""), self.listens_on)
        place = f"{where.netloc}{mounted()}/class"
        link = f"{present.scheme(request.headers, request.url.scheme)}://{place}/{room.code}?lang={words.code}"
        return {
            "code": room.code,
            "key": room.key,
            "link": link,
            "address": place,
            "qr": present.svg(link, words("room.qr")),
            "reachable": where.open,
        }


def questions(words: Words) -> dict[str, dict[str, Any]]:
    """Every question that can be asked in a room: its text and its choices."""
    found = {name: words.part(f"steps.{name}") for name in lesson.STEPS}
    found |= {name: words.part(f"quiz.{name}") for name in lesson.QUIZ}
    return {name: {"ask": one["ask"], "choices": one["choices"]} for name, one in found.items()}


def _words(request: Request) -> Words:
    return languages.choose(request.query_params.get("lang"), request.headers.get("accept-language"))


async def _asked(request: Request) -> dict[str, Any]:
    """A JSON object of at most `LARGEST` bytes. Of another kind it could be sent by any page that a browser shows."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RoomError("wrong")
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LARGEST:
            raise RoomError("wrong")
    try:
        asked = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RoomError("wrong") from error
    if not isinstance(asked, dict):
        raise RoomError("wrong")
    return asked


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise RoomError("wrong")
    return value


def _number(asked: dict[str, Any], name: str) -> int:
    value = asked.get(name)
    if type(value) is not int:
        raise RoomError("wrong")
    return value
