"""The third pane: held-out pictures right or wrong and why, and the classifier itself for pictures of one's own: in the
browser, with the image tower that it stands on; here, by the visitor's own generation, where no browser can run it."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import torch
import torch.nn.functional as F
from markupsafe import Markup

from tina.blueprints import HEAD
from tina.blueprints.heads import Heads
from tina.classifier.classifier import as_array
from tina.classifier.webpage import as_model, as_rows, runs_in_a_page
from tina.errors import UserError
from tina.ui.charts import bars
from tina.ui.markup import data_url, is_photo, picture, thumbnail
from tina.ui.panes.describe import sent
from tina.ui.panes.strip import HOW_TO_TEST
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation
from tina.ui.templates import render
from tina.worlds.pictures import square

TRAINING_PICTURES = 40  # of a label, among which the most similar one is looked for; at least one of each class
SENT_SIDE = 256  # a browser sends pictures of at most so many pixels a side
THUMBNAIL = 96  # of a held-out picture
TOP = 4  # probabilities that are listed of one picture


def held_out(generation: Generation, index: int = -1, with_sheet: bool = True) -> dict:
    """Held-out pictures on one contact sheet, and the classifier's answer to each after step `index`.

    The sheet stays while a generation is looked at: without it, `of` says which one the answers belong to.
    """
    pictures = generation.held_out
    if pictures is None:
        note = f"There are no held-out pictures to show here. {HOW_TO_TEST}"
        return {"sheet": "", "of": 0, "items": [], "photos": False, "note": note}
    answers = generation.steps[index].predictions.tolist()
    items = [
        {
            "label": generation.labels[int(pictures.y[i])],
            "name": pictures.names[i],
            "answer": generation.labels[answers[i]],
        }
        for i in pictures.shown_indices()
    ]
    sheet, photos = _contact_sheet(generation), is_photo(pictures.pictures[0])
    return {"sheet": sheet if with_sheet else "", "of": crc32(sheet.encode()), "items": items, "photos": photos}


def _contact_sheet(generation: Generation) -> str:
    """The shown pictures side by side: the same at every step, so made once for each generation."""
    if not generation.contact_sheet:
        pictures = generation.held_out
        row = np.concatenate([thumbnail(pictures.pictures[i], THUMBNAIL) for i in pictures.shown_indices()], axis=1)
        generation.contact_sheet = data_url(row)
    return generation.contact_sheet


def model(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> dict:
    """The classifier for the browser, which answers as one draws: its weights, or its rows and which tower they stand
    on; and how large a picture is sent where this browser cannot. Where none can: that the server is to be asked, and a
    checksum of the weights, so that the browser sees when they change."""
    classifier, side = checkpoint.classifier(generation, index), _sent_side(checkpoint)
    if runs_in_a_page(checkpoint.blueprint):
        return as_model(classifier) | {"sent": side}
    if (tower := checkpoint.tower_file) is not None:
        about = {"address": tower.address, "bytes": tower.size, "middle": checkpoint.blueprint.middle}
        return as_rows(classifier) | {"size": side, "tower": about}
    checksum = 0
    for weight in generation.steps[index].weights.values():
        checksum = crc32(weight.numpy().tobytes(), checksum)
    return {"where": "server", "labels": generation.labels, "size": side, "mark": checksum}


def _sent_side(checkpoint: LoadedCheckpoint) -> int:
    """Pixels of a picture that the server is asked about: all that the classifier looks at, and the border that it
    leaves out. Of a drawing more, for it is trimmed first."""
    if checkpoint.blueprint.preparation:
        return SENT_SIDE
    return min(round(checkpoint.blueprint.size / checkpoint.blueprint.middle), SENT_SIDE)


def answer(checkpoint: LoadedCheckpoint, generation: Generation, url: str, index: int = -1) -> dict:
    """A probability for each class, in their order, of a picture that the browser sent, and whether it is none of them,
    where the classifier can tell. Nothing of it is kept."""
    weights, blueprint = generation.steps[-1].weights, checkpoint.blueprint
    if set(weights) != {*blueprint.shapes, *HEAD} or weights["head.weight"].shape[1] != blueprint.width:
        raise UserError("This world’s classifier is still being written.")
    classifier = checkpoint.classifier(generation, index)
    picture = sent(url)
    found = classifier.answer(square(picture, min(_sent_side(checkpoint), *picture.size)))  # made no larger
    return {
        "shares": found.probabilities.tolist(),
        "none": found.none,
        "others": classifier.others is not None,
        "photo": found.photograph,
    }


def why(checkpoint: LoadedCheckpoint, generation: Generation, number: int, index: int = -1) -> Markup:
    """Of the shown picture `number`: the probabilities, and the training picture that is nearest in features."""
    pictures = generation.held_out
    shown = pictures.shown_indices() if pictures else []
    if not 0 <= number < len(shown):
        raise UserError("There is no such picture.")
    i = shown[number]
    label, name = generation.labels[int(pictures.y[i])], pictures.names[i]
    shares = checkpoint.classifier(generation, index).predict(pictures.pictures[i])
    best = next(iter(shares))
    nearest, searched, kind = _nearest_picture(checkpoint, generation, index, i, best)
    alt = f"of {searched} {kind} pictures of {best} the one most similar to it"
    return render(
        "why.html",
        picture=picture(pictures.pictures[i], label),
        title=label if name == label else f"{label}: {name}",
        verdict="recognised" if best == label else f"taken for “{best}”",
        probabilities=bars.probabilities(dict(list(shares.items())[:TOP]), label),
        best=best,
        searched=searched,
        kind=kind,
        nearest=None if nearest is None else picture(nearest, alt),
    )


def _nearest_picture(
    checkpoint: LoadedCheckpoint, generation: Generation, index: int, i: int, label: str
) -> tuple[np.ndarray | None, int, str]:
    """Of a label's pictures that were learnt from the nearest to held-out picture `i`, by the cosine of the features
    that the classifier's last layer gets; of how many; and what these are called. None where there are none."""
    pictures, weights = generation.held_out, generation.steps[index].weights
    shown = [one for known in generation.prompt.classes if known.label == label for one in known.pictures]
    names = pictures.task.get(label, ())
    if checkpoint.can_train and names:
        each = max(1, TRAINING_PICTURES // len(names))
        shown = np.concatenate([checkpoint.world.pictures("train", name, each) for name in names])
    kind = "training" if checkpoint.can_train and names else "shown"
    if not len(shown):
        return None, 0, kind
    squares = np.stack([as_array(one, checkpoint.blueprint) for one in shown])
    with torch.inference_mode():
        x = checkpoint.blueprint.prepare(squares)
        if isinstance(checkpoint.blueprint, Heads):
            x = checkpoint.blueprint.look(x)
        theirs, its = (pictures.blueprint.features(weights, some) for some in (x, pictures.x[i : i + 1]))
    return squares[int(F.cosine_similarity(theirs, its).argmax())], len(squares), kind
