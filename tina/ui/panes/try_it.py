"""The third pane: held-out pictures right or wrong and why, and the classifier itself for pictures of one's own: in the
browser where it is small enough, and else here, by the visitor's own run."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import torch
import torch.nn.functional as F

from tina.blueprints import HEAD
from tina.blueprints.heads import Heads
from tina.classifier.webpage import as_model, runs_in_a_page
from tina.errors import UserError
from tina.ui.charts.plots import bars
from tina.ui.markup import data_url, is_photo, picture, text
from tina.ui.panes.describe import received
from tina.ui.server.studio import Studio
from tina.ui.state import Run

EXAMPLES_A_CLASS = 40  # training pictures among which the most alike is looked for
SENT = 224  # a browser sends pictures of at most so many pixels a side


def held(run: Run, at: int | None = None) -> dict:
    """Held-out pictures on one sheet, and what the classifier says to each. The sheet is the same at every step."""
    if run.exam is None:
        return {"sheet": "", "items": [], "photos": False, "says": "There are no held-out pictures to show here."}
    at = len(run.frames) - 1 if at is None else at
    shown = run.exam.shown()
    answers = run.frames[at].answers.tolist()
    items = [
        {"label": run.labels[int(run.exam.y[i])], "shows": run.exam.shows[i], "answer": run.labels[answers[i]]}
        for i in shown
    ]
    return {"sheet": sheet(run), "items": items, "photos": is_photo(run.exam.pictures[0])}


def sheet(run: Run) -> str:
    """The shown pictures side by side, made once a run."""
    if not run.sheet:
        run.sheet = data_url(np.concatenate([run.exam.pictures[i] for i in run.exam.shown()], axis=1))
    return run.sheet


def model(studio: Studio, run: Run, at: int | None = None) -> dict:
    """The classifier for the browser, that answers as one draws; where it is too large for that, whom to ask instead
    and a mark, which is another one for other weights."""
    if runs_in_a_page(studio.blueprint):
        return as_model(studio.classifier(run, at))
    mark = 0
    for weight in run.frames[-1 if at is None else at].weights.values():
        mark = crc32(weight.numpy().tobytes(), mark)
    return {"where": "server", "labels": run.labels, "size": min(studio.blueprint.size, SENT), "mark": mark}


def answer(studio: Studio, run: Run, url: str, at: int | None = None) -> dict:
    """A share for each class, in their order, of a picture that the browser sent. Nothing of it is kept."""
    weights, blueprint = run.frames[-1].weights, studio.blueprint
    if set(weights) != {*blueprint.shapes, *HEAD} or weights["head.weight"].shape[1] != blueprint.width:
        raise UserError("This world’s classifier is still being written.")
    shown = received(url, min(blueprint.size, SENT))
    return {"shares": studio.classifier(run, at).probabilities([shown])[0].tolist()}


def why(studio: Studio, run: Run, index: int, at: int | None = None) -> str:
    """One picture: the probabilities, and the training picture that this classifier finds most alike."""
    shown = run.exam.shown() if run.exam else []
    if not 0 <= index < len(shown):
        raise UserError("There is no such picture.")
    one, label = shown[index], run.labels[int(run.exam.y[shown[index]])]
    classifier = studio.classifier(run, at)
    shares = classifier.predict(run.exam.pictures[one])
    best = next(iter(shares))
    near = nearest_example(studio, run, at, one, best)
    verdict = "recognised" if best == label else f"taken for “{best}”"
    really = run.exam.shows[one]
    name = label if really == label else f"{label}: {really}"
    return (
        f'<div class="why"><div>{picture(run.exam.pictures[one], label)}</div><div>'
        f"<p><b>{text(name)}</b>, {text(verdict)}</p>{bars(dict(list(shares.items())[:4]), label)}</div>"
        f"<div>{picture(near, f'the training picture of {best} most like it')}</div>"
        f"<p>Of “{text(best)}”’s training pictures the one most like it, to this classifier’s eyes.</p></div>"
    )


def nearest_example(studio: Studio, run: Run, at: int | None, one: int, label: str) -> np.ndarray:
    """By the cosine of what the classifier's last layer looks at."""
    names = run.exam.task[label]
    share = max(1, EXAMPLES_A_CLASS // len(names))
    shown = np.concatenate([studio.world.pictures("train", name, share) for name in names])
    weights = run.frames[-1 if at is None else at].weights
    with torch.inference_mode():
        x = studio.blueprint.prepare(shown)
        if isinstance(studio.blueprint, Heads):
            x = studio.blueprint.look(x)
        found, asked = (run.exam.top.features(weights, some) for some in (x, run.exam.x[one : one + 1]))
    return shown[int(F.cosine_similarity(found, asked).argmax())]
