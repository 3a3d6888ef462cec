"""From one prompt to another: the classifiers in between, and how they do on the pictures of both ends."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from tina.blueprints import Weights
from tina.classifier.classifier import Score
from tina.errors import UserError
from tina.prompts.prompt import Prompt
from tina.ui.charts import plots, weights_view
from tina.ui.server.studio import Studio
from tina.ui.state import How

BLENDS = 11


@dataclass(frozen=True)
class Blend:
    """Classifiers on the way from one prompt to another, and how they do on the pictures of both ends."""

    first: Prompt
    second: Prompt
    weights: tuple[Weights, ...]
    scores: tuple[tuple[Score, ...] | None, tuple[Score, ...] | None]


def blend(studio: Studio, first: Prompt, second: Prompt, how: How) -> Blend:
    if len(first.classes) != len(second.classes):
        raise UserError(
            f"Both prompts need as many classes: the first has {len(first.classes)}, the second {len(second.classes)}."
        )
    ends, _ = studio.vectors([first, second])
    share = torch.linspace(0, 1, BLENDS)[:, None, None]
    vectors = torch.nn.functional.normalize((1 - share) * ends[0] + share * ends[1], dim=-1)
    found = studio.write(vectors, [how.seed] * BLENDS, how)
    scores = []
    for prompt in (first, second):
        exam = studio.exam(prompt.labels)
        scores.append(exam and tuple(exam.score(exam.answers(one)) for one in found))
    return Blend(first, second, tuple(found), tuple(scores))


def blended(studio: Studio, found: Blend, at: int) -> str:
    """Both curves over the way, and the weights at one point of it."""
    series = {
        kind: [score.accuracy for score in scores]
        for scores, kind in zip(found.scores, ("tina", "other"), strict=True)
        if scores
    }
    says = "Accuracy on both prompts' pictures on the way from one to the other"
    curve = plots.lines(series, [""] * BLENDS, says, at)
    labels = [a if a == b else f"{a} → {b}" for a, b in zip(found.first.labels, found.second.labels, strict=True)]
    key = (
        '<div class="key"><span><i class="tina"></i>on the first prompt’s pictures</span>'
        "<span><i></i>on the second’s</span></div>"
    )
    return key + curve + weights_view.figure(labels, found.weights[at], studio.scales)
