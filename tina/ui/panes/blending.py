"""Two prompts side by side: their weights and accuracies; and, where both have as many classes, the classifiers on the
way from one to the other, and how these do on the pictures of both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tina.blueprints import Weights
from tina.classifier.score import Score
from tina.errors import UserError
from tina.prompts.prompt import Prompt
from tina.prompts.text import quoted
from tina.ui.charts import lines, weights_view
from tina.ui.markup import picture
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import SamplingOptions
from tina.ui.templates import percent, render

BLENDS = 11
AS_MANY = (
    "The slider between two prompts needs as many classes in both: the first has {first}, the second {second}. Side by "
    "side they stand all the same."
)


@dataclass(frozen=True)
class Blend:
    """Classifiers on the way from one prompt to another, scored on the pictures of both where there are any."""

    first: Prompt
    second: Prompt
    weights: tuple[Weights, ...]  # BLENDS classifiers
    scores: tuple[tuple[Score, ...] | None, tuple[Score, ...] | None]


@dataclass(frozen=True)
class Pair:
    """Two classifiers of prompts that cannot be blended."""

    prompts: tuple[Prompt, Prompt]
    weights: tuple[Weights, Weights]
    scores: tuple[Score | None, Score | None]


def two_prompts(checkpoint: LoadedCheckpoint, first: Prompt, second: Prompt, options: SamplingOptions) -> Blend | Pair:
    """Both classifiers, and those between them where both prompts have as many classes."""
    if len(first.classes) == len(second.classes):
        return blend(checkpoint, first, second, options)
    written, scores = [], []
    for prompt in (first, second):
        written += checkpoint.write_seeds(prompt, [options.seed], options)
        held_out = checkpoint.held_out(prompt.labels)
        scores.append(held_out and held_out.score_weights(written[-1]))
    return Pair((first, second), tuple(written), tuple(scores))


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


def suggestion(checkpoint: LoadedCheckpoint, first: Prompt) -> str:
    """A second prompt that goes with the first: for each of its classes the one of the world that is most like it."""
    return ", ".join(checkpoint.similar_classes(first.labels))


def figure(checkpoint: LoadedCheckpoint, written: Blend | Pair, index: int) -> Markup:
    """Two prompts side by side; of a blend also the classifier at one point of the way, and the accuracies along it."""
    return _blend(checkpoint, written, index) if isinstance(written, Blend) else _pair(checkpoint, written)


@dataclass(frozen=True)
class _Column:
    title: str
    lines: Sequence[str]  # what is known of it, the accuracy first
    pictures: Sequence[Markup] = ()  # of the rows
    kernels: Sequence[Markup] = ()


def _blend(checkpoint: LoadedCheckpoint, blended: Blend, index: int) -> Markup:
    """Row by row the first prompt's, the one in between and the second's; below them both accuracies over the way."""
    series = {
        kind: [score.accuracy for score in scores]
        for scores, kind in zip(blended.scores, ("tina", "other"), strict=True)
        if scores
    }
    description = "Accuracy on both prompts' pictures on the way from one to the other"
    curve = lines.lines(series, ["first", *[""] * (BLENDS - 2), "second"], description, index) if series else ""
    pairs = zip(blended.first.labels, blended.second.labels, strict=True)
    labels = [a if a == b else f"{a} → {b}" for a, b in pairs]
    first, second = blended.scores
    between = [
        f"{percent(scores[index].accuracy)} of the {which}’s pictures"
        for scores, which in zip(blended.scores, ("first", "second"), strict=True)
        if scores
    ]
    columns = [
        _column(checkpoint, "First prompt", _accuracy(first and first[0]), blended.weights[0], blended.first.labels),
        _column(checkpoint, f"{percent(index / (BLENDS - 1))} of the way", between, blended.weights[index], labels),
        _column(
            checkpoint, "Second prompt", _accuracy(second and second[-1]), blended.weights[-1], blended.second.labels
        ),
    ]
    return render("blend.html", columns=columns, labels=labels, curve=curve)


def _pair(checkpoint: LoadedCheckpoint, pair: Pair) -> Markup:
    """Each prompt's rows by themselves."""
    titles = ("First prompt", "Second prompt")
    columns = [
        (
            _column(checkpoint, title, _accuracy(score), weights, prompt.labels),
            weights_view.figure(
                prompt.labels, checkpoint.drawn(weights), checkpoint.scales, score and score.per_class, legend=False
            ),
        )
        for title, prompt, weights, score in zip(titles, pair.prompts, pair.weights, pair.scores, strict=True)
    ]
    counts = dict(zip(("first", "second"), (len(prompt.classes) for prompt in pair.prompts), strict=True))
    return render("pair.html", columns=columns, sentence=AS_MANY.format(**counts))


def _column(
    checkpoint: LoadedCheckpoint, title: str, known: Sequence[str], weights: Weights, labels: Sequence[str]
) -> _Column:
    drawn = checkpoint.drawn(weights)
    rows = weights_view.class_rows(drawn, checkpoint.scales["head.weight"])
    pictures = [picture(row, f"weights of {label}") for label, row in zip(labels, rows, strict=True)]
    kernels = [picture(part.pixels, part.caption) for part in weights_view.parts(drawn, checkpoint.scales)]
    return _Column(title, known, pictures, kernels)


def _accuracy(score: Score | None) -> list[str]:
    """Of a prompt on its own pictures."""
    if score is None:
        return ["untested: no pictures of all its classes"]
    worst, share = min(score.per_class.items(), key=lambda pair: pair[1])
    known = [f"{percent(score.accuracy)} of {score.pictures} pictures"]
    return known + [f"worst: {quoted(worst)}, {percent(share)}"] * (share < score.accuracy)
