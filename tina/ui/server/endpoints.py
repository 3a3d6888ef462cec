"""What programs may ask of the page: named, typed, documented; by gradio_client, plain REST, or as MCP tools."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import gradio as gr

from tina.classifier.classifier import Classifier
from tina.errors import UserError
from tina.ui.server.limits import COMPUTE
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.packing import packed
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.state import SamplingOptions
from tina.worlds.pictures import open_picture

LARGEST = 8 * 2**20  # characters of a picture or zip in base64


def add(registry: CheckpointRegistry) -> None:
    """Inside a `gr.Blocks`: the endpoints `generate`, `classify` and `score`, answered by the default checkpoint."""

    def generate(classes: str, seed: int = 0, steps: int | None = None) -> dict:
        """Write a classifier for some classes, without training.

        Args:
            classes: names after commas or on lines, `name: description` lines, or a sentence such as "things that fly"
            seed: of the noise that sampling starts from; the same seed gives the same classifier
            steps: of the sampler, 1 to 100; by default the checkpoint's own number
        Returns:
            labels, parameters, accuracy on held-out pictures with its interval (null where there are none), and `zip`,
            the classifier's file in base64
        """
        checkpoint = registry.get()
        classifier = _generate(checkpoint, classes, seed, steps)
        scored = classifier.score_on(checkpoint.world)
        return {
            "labels": classifier.labels,
            "parameters": classifier.parameters,
            "accuracy": scored and scored.accuracy,
            "interval": scored and list(scored.interval),
            "zip": packed(classifier, "zip")["data"],
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
        opened = open_picture(_content(picture, "picture"), "the picture")
        return _generate(registry.get(), classes, seed).predict(opened)

    def score(zip: str) -> dict:
        """Score a classifier that `generate` gave on the world's held-out pictures.

        Args:
            zip: the classifier's file in base64
        Returns:
            accuracy, 95% interval, number of pictures, accuracy by class and confusion
        """
        world = registry.get().world
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "classifier.zip"
            file.write_bytes(_content(zip, "zip"))
            scored = Classifier.load(file).score_on(world)
        if scored is None:
            raise UserError("There are no held-out pictures of all these classes to score on.")
        return scored.to_dict()

    for endpoint in (generate, classify, score):
        gr.api(_with_user_errors(endpoint), api_name=endpoint.__name__, **COMPUTE)


def _generate(checkpoint: LoadedCheckpoint, classes: str, seed: int, steps: int | None = None) -> Classifier:
    own = checkpoint.tina.settings.sampling.steps
    options = SamplingOptions.from_fields(own if steps is None else steps, seed)
    return checkpoint.tina.generate(classes, steps=options.steps, seed=options.seed)


def _with_user_errors(endpoint: Callable[..., dict]) -> Callable[..., dict]:
    """The same endpoint, whose `UserError` reaches the caller as a sentence."""

    @wraps(endpoint)
    def call(*args: object, **kwargs: object) -> dict:
        try:
            return endpoint(*args, **kwargs)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call


def _content(text: str, what: str) -> bytes:
    """The bytes of base64 or of a data: address; `what` names it in an error."""
    if len(text) > LARGEST:
        raise UserError(f"The {what} is larger than {LARGEST >> 20} MB.")
    try:
        return base64.b64decode(text.partition(",")[2] if text.startswith("data:") else text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError(f"The {what} is not in base64.") from error
