"""Classifiers as files that a browser can save: zip, web page, ONNX; and how large a zip may be that comes back."""

from __future__ import annotations

import base64
import copy
import re
import tempfile
from dataclasses import replace
from pathlib import Path

from tina.classifier.classifier import Classifier
from tina.classifier.webpage import to_webpage
from tina.errors import UserError
from tina.ui.server.own_names import without_place

LARGEST_ZIP = 30 * 2**20  # bytes: one with a photo tower in it has 16 MB and more
MIMES = {"zip": "application/zip", "html": "text/html", "onnx": "application/octet-stream"}


def packed(classifier: Classifier, kind: str) -> dict:
    """A file of `kind` as the browser takes it: name, MIME type, content in base64."""
    if kind not in MIMES:
        raise UserError("That is no file that can be had here.")
    data = base64.b64encode(_content(_to_take(classifier), kind)).decode()
    return {"name": f"{file_name(classifier.labels)}.{kind}", "mime": MIMES[kind], "data": data}


def file_name(labels: list[str]) -> str:
    """From the first labels: letters, digits and dashes, nothing that a disk could mind."""
    words = "-".join(re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-") for label in labels[:3])
    return f"tina-{words.strip('-')[:40]}".rstrip("-")


def _to_take(classifier: Classifier) -> Classifier:
    """The same, of a world that is called by no path of this machine."""
    if not classifier.origin.world:
        return classifier
    taken = copy.copy(classifier)
    taken.origin = replace(classifier.origin, world=without_place(classifier.origin.world))
    return taken


def _content(classifier: Classifier, kind: str) -> bytes:
    if kind == "onnx":
        return classifier.to_onnx()
    if kind == "html":
        return to_webpage(classifier).encode()
    with tempfile.TemporaryDirectory() as folder:
        return classifier.save(Path(folder) / "classifier.zip").read_bytes()
