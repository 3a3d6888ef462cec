"""The strip above the panes: chance, the catalogue slice, Tina and a fine-tuned classifier on the same pictures."""

from __future__ import annotations

from markupsafe import Markup

from tina.generator.guess import guess
from tina.ui.charts import bars
from tina.ui.charts.bars import Bar
from tina.ui.markup import note
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.tuning import FineTuning
from tina.ui.state import Generation
from tina.ui.templates import percent, render

NO_PICTURES = "This classifier is untested: there are no pictures of all these classes to test it on; add some."
HOW_TO_TEST = "Show more than six pictures of each class, and part is kept aside to test with; or add test pictures."


def strip(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> Markup:
    """The bars that are known at once; Tina's is of the classifier after step `index`."""
    held_out = generation.held_out
    if held_out is None:
        return _left_out(generation) if generation.left_out else untested(checkpoint, generation)
    missing = checkpoint.why_no_slice(held_out)
    rows = [
        Bar("chance", "chance", held_out.chance, "guessing"),
        Bar(
            "slice",
            "ready-made",
            generation.baselines.get("slice"),
            missing or checkpoint.slice_caption,
            missing=bool(missing),
        ),
        Bar("tina", "Tina", generation.steps[index].score, _caption(generation, index)),
    ]
    pictures = held_out.on or f"the same {len(held_out.y)} pictures that none of them has seen (held-out)"
    title = f"accuracy on {pictures}, with 95% intervals"
    return render("strip.html", title=title, bars=bars.comparison(rows))


def headline(checkpoint: LoadedCheckpoint, generation: Generation, tuning: FineTuning | None = None) -> Markup:
    """What only this can do: how long it took, beside how long training for the same classes takes and what that gains.

    All of it was measured here, a moment ago or, of a classifier that was trained before, when that was done.
    """
    return note(" ".join(filter(None, (_written(generation), _trained(checkpoint, generation, tuning)))), "headline")


def _written(generation: Generation) -> str:
    if generation.reopened:
        return "Read from a file, and nothing was written anew."
    if not generation.finished:
        return "Being written."
    return f"Written in {_seconds(generation.seconds)}, without training."


def _trained(checkpoint: LoadedCheckpoint, generation: Generation, tuning: FineTuning | None) -> str:
    """What training for the same classes would have taken and given, as far as that is known."""
    if not generation.finished or generation.held_out is None:
        return ""
    score, trained, ways = generation.score, generation.baselines.get("fine-tuned"), len(generation.labels)
    if trained is not None and score is not None:
        result = _points(round(100 * (trained.accuracy - score.accuracy)))
        if not generation.trained_seconds:
            return f"Ordinary training on your pictures alone is {result}."
        took = _seconds(generation.trained_seconds)
        return f"Training one for the same {ways} things took {took} here, in the background, and is {result}."
    if not checkpoint.can_train_on(generation.held_out):
        return ""
    so_far = f", {_seconds(tuning.seconds)} so far" if tuning is not None and tuning.done else ""
    return f"To compare, one is now trained for the same {ways} things{so_far}."


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def _points(points: int) -> str:
    if not points:
        return "as good"
    return f"{abs(points)} point{'s' * (abs(points) > 1)} {'better' if points > 0 else 'worse'}"


def _left_out(generation: Generation) -> Markup:
    """Where there is nothing to test on but the example pictures themselves."""
    score = generation.left_out
    rows = [
        Bar("chance", "chance", 1 / len(generation.labels), "guessing"),
        Bar("tina", "Tina", score, "with a 95% interval"),
    ]
    title = f"accuracy by {score.on}: each of them is answered by a classifier that was made without it"
    return render("strip.html", title=title, bars=bars.comparison(rows))


def untested(checkpoint: LoadedCheckpoint, generation: Generation) -> Markup:
    """That nothing is scored, what to do about it, and what may be expected."""
    world = checkpoint.world
    others = "Or fetch the test photographs: the button is under Try." if world.missing else world.advice
    guessed = guess(checkpoint.tina, generation.prompt)
    expected = f"A guess, from tasks of ten classes: {guessed}." if guessed else ""
    return note(" ".join(filter(None, (NO_PICTURES, HOW_TO_TEST, others, expected))))


def _caption(generation: Generation, index: int) -> str:
    if index not in (-1, len(generation.steps) - 1):
        return f"if it had stopped after step {index}"
    if generation.reopened:
        return "scored again, from the file"
    if generation.finished:
        return f"{generation.seconds:.2f} s of computing"
    return f"step {generation.steps[-1].number} of {generation.options.steps}"


def fine_tuned_bar(
    checkpoint: LoadedCheckpoint, generation: Generation, tuning: FineTuning | None = None
) -> Markup | str:
    """The strip's last bar by itself: it changes while its classifier is trained and the others are looked at."""
    if generation.held_out is None:
        return ""
    if "fine-tuned" in generation.baselines:
        caption = checkpoint.trained_caption
    elif not checkpoint.can_train_on(generation.held_out):
        return ""
    elif tuning is None:
        caption = "waiting for Tina"
    elif tuning.done:
        caption = f"training: {percent(tuning.progress)} of {tuning.steps:,} steps"
    else:
        caption = "waits its turn"
    score = generation.baselines.get("fine-tuned")
    return bars.comparison([Bar("fine-tuned", "trained for it", score, caption)])
