"""What programs may ask of the page: named, typed, documented; by gradio_client, plain REST, or as MCP tools."""

from __future__ import annotations

import base64
import binascii
import tempfile
from functools import wraps
from pathlib import Path

import gradio as gr

from tina.classifier.classifier import Classifier
from tina.errors import UserError
from tina.generator.tina import STEPS
from tina.ui.panes import take
from tina.ui.server.shelf import Shelf
from tina.ui.state import How
from tina.worlds.pictures import open_picture

LARGEST = 8 * 2**20  # characters of a picture or zip in base64


def add(shelf: Shelf) -> None:
    """Inside a `gr.Blocks`: generate, classify, score."""

    def generate(classes: str, seed: int = 0, steps: int = STEPS, guidance: float = 1.0) -> dict:
        """Write a classifier for some classes, without training.

        Args:
            classes: names after commas or on lines, `name: description` lines, or a sentence such as "things that fly"
            seed: another one gives another classifier for the same classes
            steps: of the sampler, 1 to 100
            guidance: how strongly the prompt counts, 1 is the usual
        Returns:
            labels, parameters, accuracy on held-out pictures with its interval (null where there are none), and `zip`,
            the classifier's file in base64
        """
        studio = shelf.studio()
        how = How.of(steps, How().sampler, guidance, seed)
        classifier = studio.tina.generate(classes, **how.sampling, seed=how.seed)
        scored = classifier.score_on(studio.world)
        return {
            "labels": classifier.labels,
            "parameters": classifier.parameters,
            "accuracy": scored and scored.accuracy,
            "interval": scored and list(scored.interval),
            "zip": take.packed(classifier, "zip")["data"],
        }

    def classify(picture: str, classes: str, seed: int = 0) -> dict:
        """Say what is on a picture, out of some classes.

        Args:
            picture: a picture file's content in base64, or a data: address with it
            classes: as for `generate`
            seed: as for `generate`
        Returns:
            a probability for each class, the most probable first
        """
        studio = shelf.studio()
        shown = open_picture(_content(picture, "picture"), "the picture")
        return studio.tina.generate(classes, seed=How.of(10, "dpm", 1, seed).seed).predict(shown)

    def score(zip: str) -> dict:
        """Score a classifier that `generate` gave on the world's held-out pictures.

        Args:
            zip: the classifier's file in base64
        Returns:
            accuracy, 95% interval, number of pictures, accuracy by class and confusion
        """
        studio = shelf.studio()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "classifier.zip"
            file.write_bytes(_content(zip, "zip"))
            scored = Classifier.load(file).score_on(studio.world)
        if scored is None:
            raise UserError("There are no held-out pictures of all these classes to score on.")
        return scored.to_dict()

    for endpoint in (generate, classify, score):
        gr.api(_said(endpoint), api_name=endpoint.__name__, concurrency_id="compute")


def _said(endpoint):
    """The same endpoint, what a caller did wrong being a sentence to the caller."""

    @wraps(endpoint)
    def say(*args, **kwargs):
        try:
            return endpoint(*args, **kwargs)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return say


def _content(text: str, what: str) -> bytes:
    if len(text) > LARGEST:
        raise UserError(f"The {what} is larger than {LARGEST >> 20} MB.")
    try:
        return base64.b64decode(text.partition(",")[2] if text.startswith("data:") else text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError(f"The {what} is not in base64.") from error
