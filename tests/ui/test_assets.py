"""Gradio's own files: the same as it would send, kept by the browser, and nothing but these."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradio.routes import BUILD_PATH_LIB
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tina.ui.server.assets import Assets


@pytest.fixture(scope="module")
def client() -> TestClient:
    rest = Route("/{path:path}", lambda request: PlainTextResponse("the app"), methods=["GET", "POST"])
    return TestClient(Starlette(routes=[rest], middleware=[Middleware(Assets)]))


@pytest.mark.parametrize("kind", ["js", "css"])
@pytest.mark.parametrize("takes", ["br, gzip", "identity"])
def test_a_file_arrives_as_it_is(client: TestClient, kind: str, takes: str) -> None:
    file = max(Path(BUILD_PATH_LIB).glob(f"index-*.{kind}"), key=lambda file: file.stat().st_size)
    answer = client.get(f"/assets/{file.name}", headers={"accept-encoding": takes})
    assert answer.content == file.read_bytes()
    assert answer.headers.get("content-encoding") == ("br" if "br" in takes else None)
    assert (int(answer.headers["content-length"]) < file.stat().st_size) is ("br" in takes)
    assert kind in answer.headers["content-type"] or "javascript" in answer.headers["content-type"]
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/", "/assets/no-such.js", "/assets/../routes.py", "/assets/%2e%2e/routes.py"])
def test_all_else_is_left_to_the_app(client: TestClient, path: str) -> None:
    assert client.get(path).text == "the app"


def test_only_reading_is_answered(client: TestClient) -> None:
    name = next(Path(BUILD_PATH_LIB).glob("index-*.js")).name
    assert client.post(f"/assets/{name}").text == "the app"
