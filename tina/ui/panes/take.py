"""Taking a classifier away: files packed when asked for, code to paste, a link; and a zip brought back."""

from __future__ import annotations

import base64
import re
import tempfile
from pathlib import Path

import torch

from tina.classifier.archive import to_onnx
from tina.classifier.classifier import Classifier
from tina.classifier.webpage import to_webpage, too_large
from tina.errors import UserError
from tina.generator.tina import GUIDANCE, SAMPLER, STEPS
from tina.ui.panes import describe
from tina.ui.server import links
from tina.ui.server.studio import Studio
from tina.ui.state import MOST_STEPS, Frame, How, Run

MIMES = {"zip": "application/zip", "html": "text/html", "onnx": "application/octet-stream"}


def offer(studio: Studio, run: Run, checkpoint: str, ready: bool = True) -> dict:
    """What the buttons need: also why there is no web page, where there is none."""
    about = {"query": links.write(run, checkpoint), "python": python(run, checkpoint)}
    return {"ready": ready, **about, "no_page": too_large(studio.blueprint), "file": None}


def packed(classifier: Classifier, kind: str) -> dict:
    """A file as the browser takes it: name, type, content in base64."""
    if kind not in MIMES:
        raise UserError("That is no file that can be had here.")
    content = _content(classifier, kind)
    data = base64.b64encode(content).decode()
    return {"name": f"{file_name(classifier.labels)}.{kind}", "mime": MIMES[kind], "data": data}


def _content(classifier: Classifier, kind: str) -> bytes:
    if kind == "onnx":
        return to_onnx(classifier)
    if kind == "html":
        return to_webpage(classifier).encode()
    with tempfile.TemporaryDirectory() as folder:
        return classifier.save(Path(folder) / "classifier.zip").read_bytes()


def file_name(labels: list[str]) -> str:
    """From the first labels: letters, digits and dashes, nothing that a disk could mind."""
    words = "-".join(re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-") for label in labels[:3])
    return f"tina-{words.strip('-')[:40]}".rstrip("-")


def python(run: Run, checkpoint: str) -> str:
    """The lines that make the same classifier; of example pictures they can only say where they belong."""
    how, usual = run.how, {"steps": STEPS, "sampler": SAMPLER, "guidance": GUIDANCE}  # `generate` without a word
    extra = "".join(f", {name}={value!r}" for name, value in how.sampling.items() if value != usual[name])
    shown = {
        one.label: [f"{i + 1}.png" for i in range(len(one.pictures))] for one in run.prompt.classes if one.pictures
    }
    asked = repr(describe.as_text(run.prompt))
    if shown:
        asked = f"tina.understand({asked}, {shown})"  # the names of your files
    return (
        "from tina import Tina\n\n"
        f"tina = Tina.from_pretrained({checkpoint!r})\n"
        f"classifier = tina.generate({asked}, seed={how.seed}{extra})\n"
        'print(classifier.predict("picture.jpg"))\n'
        'classifier.save("classifier.zip")\n'
    )


def reopened(studio: Studio, file: str | Path) -> Run:
    """A run of one frame, from a zip that was taken away before: its classifier, scored here again."""
    classifier = Classifier.load(file)
    if classifier.blueprint.id != studio.blueprint.id:
        raise UserError(f"This classifier is a {classifier.blueprint.id}, and here they are {studio.blueprint.id}.")
    mine, its = (one.blueprint.complete({}) for one in (studio, classifier))
    if not all(torch.equal(mine[name], its[name]) for name in mine):
        raise UserError("This classifier stands on the backbone of another Tina.")
    usual = How()
    how = How.of(
        min(classifier.steps or usual.steps, MOST_STEPS),
        classifier.sampler or usual.sampler,
        usual.guidance if classifier.guidance is None else classifier.guidance,
        classifier.seed or 0,
    )
    exam = studio.exam(classifier.labels)
    run = Run(classifier.prompt, how, classifier.world or "", classifier.checkpoint or "", exam, reopened=True)
    run.add(Frame(how.steps, 0, classifier.weights, exam and exam.answers(classifier.weights)))
    return run
