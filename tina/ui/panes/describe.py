"""The first pane: what a visitor typed or uploaded, and what was understood of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
from PIL import Image

from tina.classifier.own_pictures import MOST, held_out_flags
from tina.classifier.score import classes_meant
from tina.errors import BadPicture, UserError
from tina.prompts.prompt import CLASSES, ClassPrompt, Draft, Prompt, PromptError, make_class
from tina.prompts.readings import OTHER, UNKNOWN
from tina.prompts.something_else import is_something_else
from tina.prompts.text import key_of, quoted
from tina.ui.markup import data_url, thumbnail
from tina.ui.prompt_text import as_text, labels_of
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.own_worlds import WorldLimits, is_offered
from tina.ui.state import Brought, of_label
from tina.worlds.pictures import open_picture, square

LARGEST = 300_000  # characters of a picture that is sent
THUMBNAIL = 48  # pixels of a picture on a chip
NOT_KNOWN = "no word that is known here: add pictures of it, or describe it after a colon"
MOST_TESTS = 24  # test pictures of a class
ADDING = ("add", "pick")  # what can be done to the cards where there are none


def read(checkpoint: LoadedCheckpoint, text: str, brought: Brought) -> Prompt:
    """What the checkpoint understands of the text field and of what was brought beside it.

    What was brought for a class that the text does not name any more waits for it to be named again; where there is no
    text at all, pictures make the prompt.
    """
    named = {key_of(label) for label in labels_of(text or "")}
    if named:
        brought = Brought(*({n: v for n, v in part.items() if key_of(n) in named} for part in brought.parts))
    return checkpoint.understand(text or "", brought)


def draft(checkpoint: LoadedCheckpoint, text: str, brought: Brought, from_nothing: bool = False) -> Prompt:
    """`read`, also where something is still missing: a class beside the only one, pictures of what nobody knows, or
    (`from_nothing`) all of it."""
    try:
        return read(checkpoint, text, brought)
    except PromptError as error:
        if not error.classes and not (from_nothing and not (text or "").strip()):
            raise
        return Draft(error.classes)


def in_world(checkpoint: LoadedCheckpoint, text: str) -> bool:
    """Whether the checkpoint's world has every class that a text asks for."""
    try:
        return classes_meant(checkpoint.world, read(checkpoint, text, Brought()).labels) is not None
    except UserError:
        return False


def empty_chips() -> dict:
    """No classes, and nothing wrong."""
    most = {"most": MOST, "most_tests": MOST_TESTS}
    return {"classes": [], "notes": [], "error": "", "world": "", "side": 0, "teach": 0, **most}


def chips(checkpoint: LoadedCheckpoint, prompt: Prompt, brought: Brought) -> dict:
    """What the chips show of each class: its label, how sure its reading is, what it was taken for, whether it is new,
    whether it is only a label, its pictures and which of them are kept aside, its test pictures. And how many pictures
    of each class make a world that can be trained on; 0 where none is made."""
    return {
        **empty_chips(),
        "classes": [_chip(checkpoint, one, brought) for one in prompt.classes],
        "notes": list(prompt.notes),
        "world": checkpoint.world.id,
        "side": checkpoint.picture_side,
        "teach": least_to_teach(checkpoint),
    }


def least_to_teach(checkpoint: LoadedCheckpoint) -> int:
    """How many pictures of each class make a world of one's own; 0 where none is made: of small drawings, or here."""
    return WorldLimits.least if checkpoint.tina.kind == "tower" and is_offered() else 0


def to_teach(prompt: Prompt, brought: Brought) -> dict[str, list[np.ndarray]]:
    """The pictures of each class; "something else" has none of its own, and is no class of a world."""
    labels = [label for label in prompt.labels if not is_something_else(label)]
    return {label: of_label(brought.pictures, label) for label in labels}


def _chip(checkpoint: LoadedCheckpoint, one: ClassPrompt, brought: Brought) -> dict:
    pictures, tests = of_label(brought.pictures, one.label), of_label(brought.tests, one.label)
    meaning = {"means": "", "title": "what is none of the others", "unseen": False, "other": True}
    reading = checkpoint.tina.reading(one)
    return {
        "label": one.label,
        **(meaning if is_something_else(one.label) else checkpoint.meaning(one)),
        **({"title": NOT_KNOWN} if reading.kind == UNKNOWN else {}),
        "tag": checkpoint.tina.is_name_tag(one),
        "reading": reading.kind,
        "says": "" if reading.kind == OTHER else str(reading),
        "pictures": [data_url(thumbnail(picture, THUMBNAIL)) for picture in pictures],
        "kept": held_out_flags(pictures),
        "tests": [data_url(thumbnail(picture, THUMBNAIL)) for picture in tests],
    }


def chips_with_error(chips: Mapping | None, error: UserError) -> dict:
    """The chips as they were, and a sentence."""
    return {**(chips or empty_chips()), "error": str(error)}


def wrong(checkpoint: LoadedCheckpoint, before: Mapping | None, error: UserError, brought: Brought) -> dict:
    """A sentence, and the chips of what was understood all the same; where nothing was, those of before."""
    classes = error.classes if isinstance(error, PromptError) else ()
    return chips_with_error(chips(checkpoint, Draft(classes), brought) if classes else before, error)


def changed(prompt: Prompt, brought: Brought, detail: Mapping, side: int) -> tuple[str, Brought]:
    """The text and what was brought, after a visitor did something to the chips.

    Args:
        prompt: what the chips show.
        brought: what was brought before; it is left as it is.
        detail: the browser's event.
        side: pixels of pictures that come in.
    """
    action, label = detail.get("action"), str(detail.get("label", ""))
    parts = {
        "pictures": {name: list(some) for name, some in brought.pictures.items()},
        "tests": {name: list(some) for name, some in brought.tests.items()},
        "name_tags": dict(brought.name_tags),
    }
    if action == "remove":
        prompt = prompt.without(label)
        parts = {part: {n: v for n, v in some.items() if key_of(n) != key_of(label)} for part, some in parts.items()}
    elif action == "add":
        prompt = prompt.with_class(label)
    elif action == "pick":
        taken = {key_of(str(one)) for one in detail["remove"]}
        kept = tuple(one for one in prompt.classes if key_of(one.label) not in taken)
        prompt = Draft((*kept, *(make_class(str(one)) for one in list(detail["add"])[: CLASSES + 1])))
    elif action == "rename":
        place = [key_of(one) for one in prompt.labels].index(key_of(label))
        prompt = prompt.renamed(label, str(detail["to"]))
        new = prompt.labels[place]
        parts = {
            part: {new if key_of(n) == key_of(label) else n: v for n, v in some.items()} for part, some in parts.items()
        }
        parts["name_tags"].pop(new, None)  # what was said of one label is not true of another
    elif action == "order":
        order = {str(name): i for i, name in enumerate(detail["labels"])}
        prompt = type(prompt)(tuple(sorted(prompt.classes, key=lambda one: order.get(one.label, len(order)))))
    elif action in ("pictures", "tests"):
        part, most = parts[action], MOST if action == "pictures" else MOST_TESTS
        name = next((name for name in part if key_of(name) == key_of(label)), label)
        part.setdefault(name, []).extend(received(url, side) for url in list(detail["add"])[: most + 1])
        if len(part[name]) > most:
            raise UserError(f"{quoted(label)} has {len(part[name])} pictures, and here a class takes {most} at most.")
    elif action in ("unpicture", "untest"):
        part = parts["pictures" if action == "unpicture" else "tests"]
        del next(some for name, some in part.items() if key_of(name) == key_of(label))[int(detail["index"])]
    elif action == "tag":
        parts["name_tags"][label] = bool(detail["tag"])
    return as_text(prompt), Brought(**parts)


def received(url: str, side: int) -> np.ndarray:
    """A picture that the browser sent as a data: address, checked and cut to `side` pixels square."""
    return square(sent(url), side)


def sent(url: str) -> Image.Image:
    """A picture that the browser sent as a data: address, checked."""
    kind, _, content = str(url)[:LARGEST].partition(",")
    if not kind.startswith("data:image/") or len(str(url)) > LARGEST:
        raise BadPicture("That is no picture, or it is too large.")
    try:
        return open_picture(base64.b64decode(content, validate=True), "the picture")
    except ValueError as error:  # binascii.Error is one, too
        raise BadPicture("The picture is damaged or cut short.") from error
