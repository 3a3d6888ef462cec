"""What programs may ask of the page: with example pictures, with labels that are only labels, of any Tina it offers."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest

from tests.conftest import picture_bytes
from tina.classifier.classifier import Classifier
from tina.ui.server import endpoints
from tina.ui.server.registry import CheckpointRegistry

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
    ],
)
def test_what_cannot_be_is_one_sentence(ask, asked: dict, sentence: str) -> None:
    with pytest.raises(gr.Error, match=sentence):
        ask["generate"]("apple, snail", **asked)


def test_any_tina_that_is_offered_answers(ask, checkpoint_folder: str) -> None:
    named = ask["classify"](PICTURES[0], "apple, snail", checkpoint=checkpoint_folder)
    assert named == ask["classify"](PICTURES[0], "apple, snail")
    with pytest.raises(gr.Error, match="There is no Tina"):
        ask["score"]("", checkpoint="nowhere")
