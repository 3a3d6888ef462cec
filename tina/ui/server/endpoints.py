"""What programs may ask of the page: named, typed, documented; by gradio_client, plain REST, or as MCP tools."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import gradio as gr

from tina.classifier.classifier import Classifier
from tina.errors import UserError
from tina.generator.guess import guess
from tina.prompts.prompt import CLASSES, PICTURES, Prompt, check_text
from tina.prompts.text import quoted
from tina.ui.server.limits import ANSWERING
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.packing import LARGEST_ZIP, packed
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.state import SamplingOptions
from tina.worlds.pictures import open_picture

LARGEST = 8 * 2**20  # characters of a picture in base64
LARGEST_TOGETHER = 4 * LARGEST  # of all example pictures


def add(registry: CheckpointRegistry, at_once: int = 16) -> None:
    """Inside a `gr.Blocks`: the endpoints `generate`, `classify` and `score`, answered by the default checkpoint or by
    another one that the page offers.

    Args:
        registry: of the page's checkpoints.
        at_once: questions that are answered at the same time, so that they can be written together.
    """

    def generate(
        classes: str,
        seed: int = 0,
        steps: int | None = None,
        pictures: dict[str, list[str]] | None = None,
        name_tags: dict[str, bool] | None = None,
        checkpoint: str = "",
    ) -> dict:
        """Write a classifier for some classes, without training.

        Args:
            classes: names after commas or on lines, `name: description` lines, or a sentence such as "things that fly"
            seed: of the noise that sampling starts from; the same seed gives the same classifier
            steps: of the sampler, 1 to 100; by default the checkpoint's own number
            pictures: example pictures by label, 16 of a label at most, each as for `classify`; with them `classes` may
                be empty
            name_tags: by label, true where it is only a label ("class 1"), false where it says what is seen; where
                nothing is said, Tina decides
            checkpoint: which of the page's Tinas answers, such as "photos-tiny"; by default the page's own
        Returns:
            labels, classes (label, number of pictures, whether the label was heard as a word, and its `reading` where
            that is "read as" another name, "described" or "unknown"), parameters, accuracy on held-out pictures with
            its interval (null where there are none; then `guess` says what may be expected), notes on how the prompt
            was read, and `zip`, the classifier's file in base64
        """
        prompt = _prompt(_checkpoint(registry, checkpoint), classes, pictures, name_tags)
        return _Writing(registry, checkpoint, prompt, seed, steps).told()

    def classify(
        picture: str,
        classes: str,
        seed: int = 0,
        pictures: dict[str, list[str]] | None = None,
        name_tags: dict[str, bool] | None = None,
        checkpoint: str = "",
    ) -> dict:
        """Say what is on a picture, out of some classes.

        Args:
            picture: a picture file's content in base64, or a data: address with it
            classes: as for `generate`
            seed: as for `generate`
            pictures: as for `generate`
            name_tags: as for `generate`
            checkpoint: as for `generate`
        Returns:
            a probability for each class, the most probable first
        """
        opened = open_picture(_content(picture, "picture"), "the picture")
        prompt = _prompt(_checkpoint(registry, checkpoint), classes, pictures, name_tags)
        classifier = _Writing(registry, checkpoint, prompt, seed).classifier()
        with registry.slots.taken():
            return classifier.predict(opened)

    for endpoint in (generate, classify, _scoring(registry)):
        gr.api(
            _with_user_errors(endpoint),
            api_name=endpoint.__name__,
            concurrency_id=ANSWERING,
            concurrency_limit=at_once,
        )


def _scoring(registry: CheckpointRegistry) -> Callable[..., dict]:
    """The endpoint `score`."""

    def score(zip: str, checkpoint: str = "") -> dict:
        """Score a classifier that `generate` gave on the world's held-out pictures.

        Args:
            zip: the classifier's file in base64
            checkpoint: whose world it is, as for `generate`
        Returns:
            accuracy, 95% interval, number of pictures, accuracy by class and confusion
        """
        loaded, content = _checkpoint(registry, checkpoint), _content(zip, "zip", base64_size(LARGEST_ZIP))
        key = "score", loaded.hash, hashlib.sha256(content).digest()
        with registry.slots.taken():
            return registry.kept.ask(key, lambda: _score(loaded, content), lambda found: 1e4)

    return score


def _checkpoint(registry: CheckpointRegistry, name: object) -> LoadedCheckpoint:
    if name is not None and not isinstance(name, str):
        raise UserError("The checkpoint is a name, such as “photos-tiny”.")
    return registry.get(name)


def _options(checkpoint: LoadedCheckpoint, seed: object, steps: object = None) -> SamplingOptions:
    """Of what a program asked for; the checkpoint's own number of steps where it said nothing."""
    steps = checkpoint.tina.usual_sampling.steps if steps is None else steps
    for value in (seed, steps):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UserError("Steps and seed are numbers.")
    return SamplingOptions.from_fields(steps, seed)


class _Writing:
    """A classifier that a program asked for, and what is told of it."""

    def __init__(self, registry: CheckpointRegistry, name: str, prompt: Prompt, seed: object, steps: object = None):
        self.registry, self.prompt = registry, prompt
        self.loaded, self.together = registry.get(name), registry.together(name)
        self.options = _options(self.loaded, seed, steps)

    def classifier(self) -> Classifier:
        """Written now, or for somebody who asked the same."""
        return self.together.generate(self.prompt, self.options.seed, self.options.steps)

    def told(self) -> dict:
        """All that `generate` says of it."""
        key = self.together.key(self.prompt, self.options.seed, self.options.steps)
        return self.registry.kept.ask(key and ("told", *key), self._tell, lambda told: len(told["zip"]))

    def _tell(self) -> dict:
        classifier, loaded = self.classifier(), self.loaded
        with self.registry.slots.taken():
            scored = classifier.score_on(loaded.world)
            return {
                "labels": classifier.labels,
                "classes": loaded.tina.heard(classifier.prompt),
                "parameters": classifier.parameters,
                "accuracy": scored and scored.accuracy,
                "interval": scored and list(scored.interval),
                "guess": None if scored else _guessed(loaded, classifier.prompt),
                "notes": list(classifier.prompt.notes),
                "zip": packed(classifier, "zip")["data"],
            }


def _guessed(checkpoint: LoadedCheckpoint, prompt: Prompt) -> str | None:
    guessed = guess(checkpoint.tina, prompt)
    return guessed and str(guessed)


def _prompt(checkpoint: LoadedCheckpoint, classes: str, pictures: object, name_tags: object) -> Prompt:
    """What a program asked for, in which anything may stand."""
    check_text("" if classes is None else classes)
    pictures = {} if pictures is None else pictures
    name_tags = {} if name_tags is None else name_tags
    if not isinstance(pictures, dict) or not all(isinstance(some, list) for some in pictures.values()):
        raise UserError("The pictures are lists of files in base64, by label.")
    if not isinstance(name_tags, dict) or not all(tag is None or isinstance(tag, bool) for tag in name_tags.values()):
        raise UserError("The name tags are true or false, by label.")
    files = [file for some in pictures.values() for file in some]
    if not all(isinstance(file, str) for file in files):
        raise UserError("The pictures are lists of files in base64, by label.")
    if len(pictures) > CLASSES or len(name_tags) > CLASSES:
        raise UserError(f"A classifier takes {CLASSES} classes at most.")
    if any(len(some) > PICTURES for some in pictures.values()):
        raise UserError(f"A class takes {PICTURES} pictures at most.")
    if sum(map(len, files)) > LARGEST_TOGETHER:
        raise UserError(f"The pictures are larger than {LARGEST_TOGETHER >> 20} MB together.")
    opened = {
        label: [open_picture(_content(file, "picture"), f"a picture of {quoted(label)}") for file in some]
        for label, some in pictures.items()
    }
    return checkpoint.tina.understand(classes or "", opened, name_tags)


def _score(checkpoint: LoadedCheckpoint, content: bytes) -> dict:
    """Of a classifier's zip on the held-out pictures of a checkpoint's world."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "classifier.zip"
        file.write_bytes(content)
        scored = Classifier.load(file).score_on(checkpoint.world)
    if scored is None:
        raise UserError("There are no held-out pictures of all these classes to score on.")
    return scored.to_dict()


def _with_user_errors(endpoint: Callable[..., dict]) -> Callable[..., dict]:
    """The same endpoint, whose `UserError` reaches the caller as a sentence."""

    @wraps(endpoint)
    def call(*args: object, **kwargs: object) -> dict:
        try:
            return endpoint(*args, **kwargs)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call


def base64_size(size: int) -> int:
    """How many characters so many bytes are in base64."""
    return 4 * -(-size // 3)


def _content(text: object, what: str, most: int = LARGEST) -> bytes:
    """The bytes of base64 or of a data: address; `what` names it in an error."""
    if not isinstance(text, str):
        raise UserError(f"The {what} is a file in base64, as a text.")
    if len(text) > most:
        raise UserError(f"The {what} is larger than {most >> 20} MB in base64.")
    try:
        return base64.b64decode(text.partition(",")[2] if text.startswith("data:") else text, validate=True)
    except ValueError as error:  # binascii.Error is one, too
        raise UserError(f"The {what} is not in base64.") from error
