"""The first pane: what a visitor typed or showed, and what was understood of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

import numpy as np

from tina.classifier.classifier import meant_by
from tina.errors import BadPicture, UserError
from tina.prompts.parsing import parse
from tina.prompts.prompt import PICTURES, Prompt
from tina.prompts.something_else import is_something_else
from tina.ui.markup import data_url
from tina.ui.server.studio import Studio
from tina.worlds.pictures import open_picture, square

SIDE = 64  # of an example picture that is kept
LARGEST = 300_000  # characters of one that is sent

Pictures = dict[str, list[np.ndarray]]  # by label


def read(studio: Studio, typed: str, pictures: Mapping[str, Sequence[np.ndarray]]) -> Prompt:
    """A list as it is; a sentence as the classes that it means."""
    return studio.tina.understand(typed or "", {label: list(shown) for label, shown in pictures.items() if shown})


def knows(studio: Studio, typed: str) -> bool:
    """Whether everything that is asked for is in a world."""
    try:
        return meant_by(studio.world, read(studio, typed, {}).labels) is not None
    except UserError:
        return False


def as_text(prompt: Prompt) -> str:
    """Text that means the same classes again: one line of names, or a line a class where there are descriptions."""
    if all(wanted.texts == (wanted.label,) for wanted in prompt.classes):
        forms = [
            ", ".join(prompt.labels),
            ", ".join(_quoted(label) for label in prompt.labels),
            "\n".join(f"“{label}”" for label in prompt.labels),
        ]
        return next((form for form in forms if _labels(form) == prompt.labels), forms[-1])
    return "\n".join(
        _line(wanted.label, said)
        for wanted in prompt.classes
        for said in ([one for one in wanted.texts if one != wanted.label] or [""])
    )


def _line(label: str, said: str) -> str:
    """A class and a description of it; in quotes what would be torn apart."""
    if not said:
        return _quoted(label)
    plain = f"{_quoted(label)}: {said}"
    return plain if _labels(f"{plain}\nzzz") == [label, "zzz"] else f"{_quoted(label)}: “{said}”"


def _quoted(label: str) -> str:
    """In quotes where a list would tear it apart."""
    return label if _labels(f"{label}, zzz") == [label, "zzz"] else f"“{label}”"


def _labels(typed: str) -> list[str]:
    """What a list of names is read as; nothing where it is none."""
    try:
        return parse(typed).labels
    except UserError:
        return []


def chips(studio: Studio, prompt: Prompt) -> dict:
    """What the chips show: a class's name, what it was taken for, whether it is new, and its pictures."""
    return {
        "classes": [
            {
                "label": wanted.label,
                **_meaning(studio, wanted.label),
                "pictures": [data_url(np.asarray(picture)) for picture in wanted.pictures],
            }
            for wanted in prompt.classes
        ],
        "notes": list(prompt.notes),
        "error": "",
    }


def trouble(before: Mapping, error: UserError) -> dict:
    """The chips as they were, and a sentence."""
    return {**before, "error": str(error)}


def _meaning(studio: Studio, label: str) -> dict:
    """The world's classes behind a label, or the class that it is nearest to."""
    if is_something_else(label):
        return {"means": "", "title": "what is none of the others", "unseen": False, "other": True}
    members = meant_by(studio.world, [label])
    if members is None:
        nearest = studio.nearest(label)
        return {"means": f"near {nearest}", "title": f"not in the {studio.world.title}; near {nearest}", "unseen": True}
    (names,) = members.values()
    unseen = studio.is_unseen(label)
    title = ", ".join(names) + (", never seen in training" if unseen else "")
    if names == (label,):
        return {"means": "", "title": title, "unseen": unseen}
    return {"means": f"{len(names)} classes" if len(names) > 1 else names[0], "title": title, "unseen": unseen}


def changed(prompt: Prompt, pictures: Pictures, detail: Mapping) -> tuple[str, Pictures]:
    """The text and the pictures after what a visitor did to the chips."""
    action, label = detail.get("action"), str(detail.get("label", ""))
    pictures = {name: list(shown) for name, shown in pictures.items()}
    if action == "remove":
        prompt = prompt.without(label)
        pictures = {name: shown for name, shown in pictures.items() if name.casefold() != label.casefold()}
    elif action == "add":
        prompt = prompt.with_class(label)
    elif action == "rename":
        place = [one.casefold() for one in prompt.labels].index(label.casefold())
        prompt = prompt.renamed(label, str(detail["to"]))
        new = prompt.labels[place]
        pictures = {new if name.casefold() == label.casefold() else name: shown for name, shown in pictures.items()}
    elif action == "order":
        order = {str(name): i for i, name in enumerate(detail["labels"])}
        prompt = Prompt(tuple(sorted(prompt.classes, key=lambda wanted: order.get(wanted.label, len(order)))))
    elif action == "pictures":
        pictures.setdefault(label, []).extend(received(one) for one in list(detail["add"])[: PICTURES + 1])
    elif action == "unpicture":
        del pictures.get(label, [])[int(detail["index"])]
    return as_text(prompt), pictures


def received(url: str, side: int = SIDE) -> np.ndarray:
    """A picture that the browser sent: small, and looked at before it is believed."""
    kind, _, content = str(url)[:LARGEST].partition(",")
    if not kind.startswith("data:image/") or len(str(url)) > LARGEST:
        raise BadPicture("That is no picture, or it is too large.")
    try:
        return square(open_picture(base64.b64decode(content, validate=True), "the picture"), side)
    except binascii.Error as error:
        raise BadPicture("The picture is damaged or cut short.") from error
