"""What answers at /class: rooms over HTTP, the page for phones, the sheet, and an address that phones reach."""

from __future__ import annotations

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tina.ui.learn import languages, lesson, reach
from tina.ui.learn.classroom import LARGEST, Classroom
from tina.ui.learn.rooms import Rooms


def client_of(listens_on: str = "0.0.0.0", base_url: str = "http://127.0.0.1:7860") -> TestClient:
    rest = Route("/{path:path}", lambda request: PlainTextResponse("the page"), methods=["GET", "POST"])
    middleware = Middleware(Classroom, listens_on=listens_on, rooms=Rooms(lesson.QUESTIONS))
    return TestClient(Starlette(routes=[rest], middleware=[middleware]), base_url=base_url)


@pytest.fixture
def client() -> TestClient:
    return client_of()


def ask(client: TestClient, name: str, **content: object) -> dict:
    response = client.post(f"/class/api/{name}", json=content)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_class_guesses_and_the_teacher_sees_bars(client: TestClient) -> None:
    room = ask(client, "open", kind="lesson", lang="de")
    own = {"code": room["code"], "key": room["key"]}
    assert f"/class/{room['code']}?lang=de" in room["link"]
    assert room["key"] not in room["link"] + room["qr"]
    ask(client, "ask", **own, question="light")
    joined = ask(client, "join", code=room["code"])
    assert joined["kind"] == "lesson"
    pupil = {"code": room["code"], "token": joined["token"]}
    assert ask(client, "pupil", **pupil)["question"] == "light"
    ask(client, "guess", **pupil, question="light", choice=2)
    assert ask(client, "teacher", **own)["guesses"] == {"light": [0, 0, 1]}
    ask(client, "ask", **own, question="")
    assert ask(client, "pupil", **pupil)["question"] is None
    ask(client, "close", **own)
    assert client.post("/class/api/teacher", json=own).status_code == 404


def test_suggestions_come_and_are_taken(client: TestClient) -> None:
    room = ask(client, "open", kind="present", lang="en")
    token = ask(client, "join", code=room["code"])["token"]
    content = {"code": room["code"], "token": token, "text": "cat, \ud800<img src=x onerror=alert(1)>"}
    headers = {"content-type": "application/json"}
    assert client.post("/class/api/suggest", content=json.dumps(content), headers=headers).status_code == 200
    (one,) = ask(client, "teacher", code=room["code"], key=room["key"])["suggestions"]
    assert one["text"] == "cat, <img src=x onerror=alert(1)>"
    assert ask(client, "take", code=room["code"], key=room["key"], id=one["id"]) == {"text": one["text"]}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"no json", b'"x"', b"\xff", b"[" * 3000, b'{"code": 5}', b'{"code": ["A"]}', b'{"code": {"a": 1}}'],
)
def test_nonsense_is_refused(client: TestClient, content: bytes) -> None:
    for name in ("join", "teacher", "guess", "suggest", "take", "ask", "open", "no-such"):
        response = client.post(f"/class/api/{name}", content=content, headers={"content-type": "application/json"})
        assert response.status_code == 404
        assert response.json() == {"error": "wrong"}


def test_what_other_pages_could_send_is_refused(client: TestClient) -> None:
    content = json.dumps({"kind": "lesson", "lang": "en"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        response = client.post("/class/api/open", content=content, headers={"content-type": kind})
        assert response.status_code == 404
    answer = client.post("/class/api/open", json={"kind": "lesson"}, headers={"origin": "http://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert client.get("/class/api/open").status_code == 405


def test_too_much_is_refused_before_it_is_read(client: TestClient) -> None:
    read = []

    def endless():
        for _ in range(10_000):
            read.append(1)
            yield b" " * 1024

    response = client.post("/class/api/open", content=endless(), headers={"content-type": "application/json"})
    assert response.status_code == 404
    assert LARGEST < 1024 * 10_000


def test_all_else_is_left_to_the_page(client: TestClient) -> None:
    for path in ("/", "/learn", "/classes", "/gradio_api/info", "/xclass/sheet"):
        assert client.get(path).text == "the page"


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_page_for_phones_is_small_and_has_every_question(client: TestClient, lang: str) -> None:
    page = client.get(f"/class/abcde?lang={lang}")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert len(page.content) < 24_000
    texts = json.loads(re.search(r'id="texts">(.*?)</script>', page.text).group(1))
    assert set(texts["questions"]) == set(lesson.QUESTIONS)
    assert texts["code_given"] == "abcde"
    assert texts["wait"] == languages.load(lang)("join.wait")
    assert f'lang="{lang}"' in page.text


def test_a_code_in_the_address_is_only_text(client: TestClient) -> None:
    page = client.get("/class/%3Cscript%3E").text
    assert page.count("<script") == 2
    assert '"code_given": "\\u003cscript>"' in page


def test_phones_speak_the_languages_that_they_are_set_to(client: TestClient) -> None:
    assert 'lang="de"' in client.get("/class", headers={"accept-language": "de-DE,de;q=0.9"}).text
    assert client.get("/class/words", headers={"accept-language": "de"}).json()["code"] == "de"
    assert (
        client.get("/class/words?lang=en", headers={"accept-language": "de"}).json()["step"] == "step {step} of {steps}"
    )


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_sheet_has_a_page_for_each_part_and_no_answer(client: TestClient, lang: str) -> None:
    words, html = languages.load(lang), client.get(f"/class/sheet?lang={lang}").text
    assert html.count('<section class="page ') == 3
    assert html.count('class="line"') >= 15
    for question in lesson.QUIZ:
        assert words(f"quiz.{question}.why") not in html
    for step in lesson.STEPS:
        assert words(f"steps.{step}.choices.0") in html.replace("&quot;", '"')
    assert "background: #fff" in html
    assert "dark" not in html


# -- an address that phones reach -------------------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860"])
def test_where_everybody_may_come_the_code_has_the_machines_own_address(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(reach, "lan_address", lambda: "192.168.7.5")
    assert reach.reach(host, "0.0.0.0") == reach.Reach("192.168.7.5:7860", True)
    assert reach.reach(host, "10.0.0.2") == reach.Reach("10.0.0.2:7860", True)


def test_where_only_this_machine_is_let_in_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "lan_address", lambda: "192.168.7.5")
    for listens_on in ("127.0.0.1", "localhost", "::1"):
        assert reach.reach("127.0.0.1:7860", listens_on) == reach.Reach("127.0.0.1:7860", False)
    assert ask(client_of("127.0.0.1"), "open", kind="present", lang="en")["reachable"] is False
    assert ask(client_of("0.0.0.0"), "open", kind="present", lang="en")["reachable"] is True


def test_a_machine_in_no_network_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "lan_address", lambda: None)
    assert not reach.reach("127.0.0.1:7860", "0.0.0.0").open


def test_an_address_that_was_reached_from_elsewhere_stays() -> None:
    for host in ("tina.example.org", "192.168.7.5:7860", "[2001:db8::1]:7860"):
        assert reach.reach(host, "0.0.0.0") == reach.Reach(host, True)
    link = ask(client_of(base_url="https://space.example"), "open", kind="lesson", lang="en")["link"]
    assert link.startswith("https://space.example/class/")


@pytest.mark.parametrize("root", ["/tina", "https://space.example/tina/"])
def test_the_path_below_which_a_proxy_has_the_page_is_a_part_of_links(monkeypatch, root: str) -> None:
    monkeypatch.setenv("GRADIO_ROOT_PATH", root)
    room = ask(client_of(base_url="https://space.example"), "open", kind="lesson", lang="en")
    assert room["link"] == f"https://space.example/tina/class/{room['code']}?lang=en"
    assert room["address"] == "space.example/tina/class"


def test_this_machines_address_is_no_loopback() -> None:
    found = reach.lan_address()
    assert found is None or not found.startswith("127.")
