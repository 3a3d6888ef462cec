"""From one prompt to another: the classifiers in between, and how they do on the pictures of both ends."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tina.blueprints import Weights
from tina.classifier.score import Score
from tina.errors import UserError
from tina.prompts.prompt import Prompt
from tina.ui.charts import lines, weights_view
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import SamplingOptions
from tina.ui.templates import render

BLENDS = 11


@dataclass(frozen=True)
class Blend:
    """Classifiers on the way from one prompt to another, scored on the pictures of both where there are any."""

    first: Prompt
    second: Prompt
    weights: tuple[Weights, ...]  # BLENDS classifiers
    scores: tuple[tuple[Score, ...] | None, tuple[Score, ...] | None]


def blend(checkpoint: LoadedCheckpoint, first: Prompt, second: Prompt, options: SamplingOptions) -> Blend:
    """Writes classifiers for the vectors on the way from one prompt's to the other's, all from the same noise."""
    if len(first.classes) != len(second.classes):
        raise UserError(
            f"Both prompts need as many classes: the first has {len(first.classes)}, the second {len(second.classes)}."
        )
    stack = checkpoint.between(first, second, BLENDS, options)
    scores = []
    for prompt in (first, second):
        held_out = checkpoint.held_out(prompt.labels)
        scores.append(held_out and tuple(held_out.score_weights(weights) for weights in stack))
    return Blend(first, second, tuple(stack), tuple(scores))


def figure(checkpoint: LoadedCheckpoint, blended: Blend, index: int) -> Markup:
    """Both accuracy curves over the way, and the weights at one point of it."""
    series = {
        kind: [score.accuracy for score in scores]
        for scores, kind in zip(blended.scores, ("tina", "other"), strict=True)
        if scores
    }
    description = "Accuracy on both prompts' pictures on the way from one to the other"
    curve = lines.lines(series, [""] * BLENDS, description, index)
    pairs = zip(blended.first.labels, blended.second.labels, strict=True)
    labels = [a if a == b else f"{a} → {b}" for a, b in pairs]
    weights = weights_view.figure(labels, checkpoint.drawn(blended.weights[index]), checkpoint.scales)
    return render("blend.html", curve=curve, weights=weights)
