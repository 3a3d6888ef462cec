"""From one prompt to another: the classifiers in between, and how they do on the pictures of both ends."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from tina.blueprints import Weights
from tina.classifier import Score
from tina.errors import UserError
from tina.prompts import Prompt

from . import plots, weights_view
from .markup import percent
from .runs import How
from .studio import Studio

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
        scores.append(exam and tuple(exam.score(exam.answers(studio.blueprint, one)) for one in found))
    return Blend(first, second, tuple(found), tuple(scores))


def blended(studio: Studio, found: Blend, at: int) -> str:
    """Both curves over the way, and the weights at one point of it."""
    width, height, pad = plots.WIDTH, 150, 30
    parts = []
    for share in (0, 0.5, 1):
        y = pad / 2 + (height - pad) * (1 - share)
        parts.append(f'<line class="grid" x1="{pad + 10}" x2="{width - 10}" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts.append(f'<text x="{pad + 4}" y="{y + 4:.0f}" text-anchor="end">{percent(share)}</text>')
    step = (width - pad - 20) / (BLENDS - 1)
    for scores, kind in zip(found.scores, ("tina", "other"), strict=True):
        if scores:
            points = " ".join(
                f"{pad + 10 + i * step:.1f},{pad / 2 + (height - pad) * (1 - score.accuracy):.1f}"
                for i, score in enumerate(scores)
            )
            parts.append(f'<polyline class="{kind}" points="{points}"/>')
    x = pad + 10 + at * step
    parts.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{pad / 2}" y2="{height - pad / 2}"/>')
    curve = plots.svg(
        "".join(parts), width, height, "Accuracy on both prompts' pictures on the way from one to the other"
    )
    labels = [a if a == b else f"{a} → {b}" for a, b in zip(found.first.labels, found.second.labels, strict=True)]
    key = (
        '<div class="key"><span><i class="tina"></i>on the first prompt’s pictures</span>'
        "<span><i></i>on the second’s</span></div>"
    )
    return key + curve + weights_view.figure(labels, found.weights[at], studio.scales)
