"""What programs may ask of the page: with example pictures, with labels that are only labels, of any Tina it offers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.conftest import picture_bytes
from tina.classifier.classifier import Classifier
from tina.ui.server import endpoints
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.server.rest import LARGEST_BODY, BodyLimit, RestBlocks

PICTURES = [base64.b64encode(picture_bytes(seed)).decode() for seed in range(3)]


@pytest.fixture(scope="module")
def ask(checkpoint_folder: str) -> dict[str, Callable[..., dict]]:
    with gr.Blocks() as page:
        endpoints.add(CheckpointRegistry(checkpoint_folder))
    return {fn.api_name: fn.fn for fn in page.fns.values()}


def test_a_classifier_of_pictures_and_of_labels_that_are_only_labels(ask, tmp_path: Path) -> None:
    shown, files = {"apple": PICTURES[:2], "class 1": PICTURES[2:]}, []
    for label, tag in (("class 1", True), ("class 2", True), ("class 2", False)):
        pictures = {"apple": shown["apple"], label: shown["class 1"]}
        made = ask["generate"]("", steps=2, pictures=pictures, name_tags={label: tag})
        assert made["labels"] == ["apple", label]
        assert made["classes"] == [
            {"label": "apple", "pictures": 2, "heard": True},
            {"label": label, "pictures": 1, "heard": not tag},
        ]
        file = tmp_path / "c.zip"
        file.write_bytes(base64.b64decode(made["zip"]))
        files.append(Classifier.load(file).weights["head.weight"])
    assert files[0].equal(files[1])
    assert not files[1].equal(files[2])
    asked = {"pictures": shown, "name_tags": {"class 1": True}}
    answer = ask["classify"](f"data:image/png;base64,{PICTURES[0]}", "apple, snail", **asked)
    assert set(answer) == {"apple", "snail", "class 1"}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"pictures": {"apple": "x"}}, "lists of files in base64, by label"),
        ({"pictures": {"apple": [3]}}, "lists of files in base64, by label"),
        ({"pictures": {"apple": ["?"]}}, "The picture is not in base64"),
        ({"pictures": {"apple": ["aGFsbG8="]}}, "a picture of “apple”: this is not a picture"),
        ({"pictures": {"apple": PICTURES[:1] * 17}}, "16 pictures at most"),
        ({"pictures": {"apple": ["A" * endpoints.LARGEST] * 5}}, "larger than 32 MB together"),
        ({"name_tags": {"apple": "yes"}}, "true or false, by label"),
        ({"name_tags": {"pear": True}}, "There is no class “pear”"),
        ({"checkpoint": "/etc"}, "There is no Tina '/etc' here"),
        ({"checkpoint": 5}, "The checkpoint is a name"),
        ({"checkpoint": "x" * 10**6}, "There is no Tina"),
        ({"classes": 5}, "The classes are a text"),
        ({"classes": ["apple", "snail"]}, "The classes are a text"),
        ({"classes": None}, "There is nothing to recognise yet"),
        ({"classes": "x" * 10_000_000}, "10,000,000 characters, and a prompt takes 10,000"),
        ({"classes": "x" * 9_000}, "9000 characters, and a label takes 80"),
        ({"seed": 1.9}, "Steps and seed are whole numbers"),
        ({"seed": "1"}, "Steps and seed are numbers"),
        ({"seed": True}, "Steps and seed are numbers"),
        ({"seed": None}, "Steps and seed are numbers"),
        ({"seed": float("nan")}, "Steps and seed are numbers"),
        ({"seed": float("inf")}, "Steps and seed are numbers"),
        ({"seed": 2**31}, "A seed is a whole number from 0"),
        ({"seed": -1}, "A seed is a whole number from 0"),
        ({"steps": {}}, "Steps and seed are numbers"),
        ({"steps": 2.5}, "Steps and seed are whole numbers"),
        ({"steps": 10**9}, "from 1 to 100 steps"),
        ({"pictures": 5}, "lists of files in base64, by label"),
        ({"pictures": {str(i): PICTURES[:1] for i in range(101)}}, "100 classes at most"),
        ({"name_tags": [True]}, "true or false, by label"),
    ],
)
def test_what_cannot_be_is_one_sentence(ask, asked: dict, sentence: str) -> None:
    with pytest.raises(gr.Error, match=sentence) as error:
        ask["generate"](**{"classes": "apple, snail"} | asked)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("content", [None, 5, [], {}, True, 1.5])
def test_a_file_that_is_no_text_is_a_sentence(ask, content: object) -> None:
    with pytest.raises(gr.Error, match="The zip is a file in base64"):
        ask["score"](content)
    with pytest.raises(gr.Error, match="The picture is a file in base64"):
        ask["classify"](content, "apple, snail")


def test_every_zip_that_generate_gives_is_taken_back(monkeypatch: pytest.MonkeyPatch, ask) -> None:
    """One with a photo tower is larger than any picture may be; what is larger is refused unread."""
    zip = ask["generate"]("apple, snail", steps=2)["zip"]
    monkeypatch.setattr(endpoints, "LARGEST", 1000)
    assert len(zip) > 1000
    assert 0 <= ask["score"](zip)["accuracy"] <= 1
    assert endpoints.LARGEST_ZIP > 1.5 * 15.6e6  # what `everyday` writes for two classes
    assert endpoints.base64_size(endpoints.LARGEST_ZIP) < LARGEST_BODY
    with pytest.raises(gr.Error, match="The zip is larger than 40 MB"):
        ask["score"]("A" * (endpoints.base64_size(endpoints.LARGEST_ZIP) + 1))


# -- plain REST -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def rest(checkpoint_folder: str) -> Iterator[Callable[..., dict | str]]:
    """Asks a running server as curl would."""
    with RestBlocks() as page:
        endpoints.add(CheckpointRegistry(checkpoint_folder))
    url = page.queue(api_open=False).launch(prevent_thread_lock=True, quiet=True, show_error=True)[1]

    def call(name: str, *data: object) -> dict | str:
        event = httpx.post(f"{url}gradio_api/call/{name}", json={"data": data}, timeout=60).json()["event_id"]
        kind, content = httpx.get(f"{url}gradio_api/call/{name}/{event}", timeout=60).text.strip().split("\n")
        found = json.loads(content.removeprefix("data: "))
        return found[0] if kind == "event: complete" else found["error"]

    call.url = url
    yield call
    page.close()


def test_what_has_a_default_may_be_left_out(rest) -> None:
    """As /info says."""
    told = httpx.get(f"{rest.url}gradio_api/info", timeout=60).json()["named_endpoints"]["/generate"]["parameters"]
    assert [one["parameter_name"] for one in told if not one["parameter_has_default"]] == ["classes"]
    made = rest("generate", "apple, snail")
    assert made["labels"] == ["apple", "snail"]
    assert rest("generate", "apple, snail", 0, None)["zip"] == made["zip"]
    assert rest("score", made["zip"])["pictures"] == 100
    assert rest("generate") == "The argument 'classes' is missing."
    assert rest("generate", 5).startswith("The classes are a text")


def test_what_is_too_large_is_not_read_on() -> None:
    async def echo(request: Request) -> Response:
        return Response(str(len(await request.body())))

    app = Starlette(routes=[Route("/", echo, methods=["POST"])], middleware=[Middleware(BodyLimit, largest=1000)])
    client = TestClient(app)
    assert client.post("/", content=b"x" * 1000).text == "1000"
    refused = client.post("/", content=b"x" * 1001)
    assert (refused.status_code, refused.json()["detail"][:21]) == (413, "What was sent is larg")
    with pytest.raises(ClientDisconnect):  # nothing says beforehand how much it will be
        client.post("/", content=iter([b"x" * 900, b"x" * 900]))


def test_any_tina_that_is_offered_answers(ask, checkpoint_folder: str) -> None:
    named = ask["classify"](PICTURES[0], "apple, snail", checkpoint=checkpoint_folder)
    assert named == ask["classify"](PICTURES[0], "apple, snail")
    with pytest.raises(gr.Error, match="There is no Tina"):
        ask["score"]("", checkpoint="nowhere")
