"""The first pane: what a visitor typed or uploaded, and what was understood of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

import numpy as np

from tina.classifier.score import classes_meant
from tina.errors import BadPicture, UserError
from tina.prompts.prompt import PICTURES, Prompt
from tina.prompts.something_else import is_something_else
from tina.ui.markup import data_url
from tina.ui.prompt_text import as_text
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.worlds.pictures import open_picture, square

SIDE = 64  # of an example picture that is kept
LARGEST = 300_000  # characters of one that is sent

Pictures = dict[str, list[np.ndarray]]  # by label


def read(checkpoint: LoadedCheckpoint, text: str, pictures: Mapping[str, Sequence[np.ndarray]]) -> Prompt:
    """What the checkpoint understands of the text field and of the example pictures that there are."""
    return checkpoint.understand(text or "", {label: list(some) for label, some in pictures.items() if some})


def in_world(checkpoint: LoadedCheckpoint, text: str) -> bool:
    """Whether the checkpoint's world has every class that a text asks for."""
    try:
        return classes_meant(checkpoint.world, read(checkpoint, text, {}).labels) is not None
    except UserError:
        return False


def empty_chips() -> dict:
    """No classes, and nothing wrong."""
    return {"classes": [], "notes": [], "error": ""}


def chips(checkpoint: LoadedCheckpoint, prompt: Prompt) -> dict:
    """What the chips show of each class: its label, what that was taken for, whether it is unseen, its pictures."""
    return {
        "classes": [
            {
                "label": one.label,
                **_meaning(checkpoint, one.label),
                "pictures": [data_url(np.asarray(picture)) for picture in one.pictures],
            }
            for one in prompt.classes
        ],
        "notes": list(prompt.notes),
        "error": "",
    }


def chips_with_error(chips: Mapping | None, error: UserError) -> dict:
    """The chips as they were, and a sentence."""
    return {**(chips or empty_chips()), "error": str(error)}


def _meaning(checkpoint: LoadedCheckpoint, label: str) -> dict:
    """The world's classes behind a label, or the class that it is nearest to."""
    if is_something_else(label):
        return {"means": "", "title": "what is none of the others", "unseen": False, "other": True}
    names = checkpoint.classes_of(label)
    if not names:
        nearest, title = checkpoint.nearest_class(label), checkpoint.world.title
        return {"means": f"near {nearest}", "title": f"not in the {title}; near {nearest}", "unseen": True}
    unseen = checkpoint.is_unseen(label)
    title = ", ".join(names) + (", never seen in training" if unseen else "")
    if names == (label,):
        return {"means": "", "title": title, "unseen": unseen}
    return {"means": f"{len(names)} classes" if len(names) > 1 else names[0], "title": title, "unseen": unseen}


def changed(prompt: Prompt, pictures: Pictures, detail: Mapping) -> tuple[str, Pictures]:
    """The text and the pictures after a visitor did something to the chips; `detail` is the browser's event."""
    action, label = detail.get("action"), str(detail.get("label", ""))
    pictures = {name: list(some) for name, some in pictures.items()}
    if action == "remove":
        prompt = prompt.without(label)
        pictures = {name: some for name, some in pictures.items() if name.casefold() != label.casefold()}
    elif action == "add":
        prompt = prompt.with_class(label)
    elif action == "rename":
        place = [one.casefold() for one in prompt.labels].index(label.casefold())
        prompt = prompt.renamed(label, str(detail["to"]))
        new = prompt.labels[place]
        pictures = {new if name.casefold() == label.casefold() else name: some for name, some in pictures.items()}
    elif action == "order":
        order = {str(name): i for i, name in enumerate(detail["labels"])}
        prompt = Prompt(tuple(sorted(prompt.classes, key=lambda one: order.get(one.label, len(order)))))
    elif action == "pictures":
        pictures.setdefault(label, []).extend(received(url) for url in list(detail["add"])[: PICTURES + 1])
    elif action == "unpicture":
        del pictures.get(label, [])[int(detail["index"])]
    return as_text(prompt), pictures


def received(url: str, side: int = SIDE) -> np.ndarray:
    """A picture that the browser sent as a data: address, checked and cut to `side` pixels square."""
    kind, _, content = str(url)[:LARGEST].partition(",")
    if not kind.startswith("data:image/") or len(str(url)) > LARGEST:
        raise BadPicture("That is no picture, or it is too large.")
    try:
        return square(open_picture(base64.b64decode(content, validate=True), "the picture"), side)
    except binascii.Error as error:
        raise BadPicture("The picture is damaged or cut short.") from error
