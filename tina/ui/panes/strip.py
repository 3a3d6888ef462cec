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
            "catalogue slice",
            generation.baselines.get("slice"),
            missing or checkpoint.slice_caption,
            missing=bool(missing),
        ),
        Bar("tina", "Tina", generation.steps[index].score, _caption(generation, index)),
    ]
    pictures = held_out.on or f"the same {len(held_out.y)} held-out pictures"
    title = f"accuracy on {pictures}, with 95% intervals"
    return render("strip.html", title=title, bars=bars.comparison(rows))


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
