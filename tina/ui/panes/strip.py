"""The strip above the panes: chance, the catalogue slice, Tina and a fine-tuned classifier on the same pictures."""

from __future__ import annotations

from markupsafe import Markup

from tina.ui.charts import bars
from tina.ui.charts.bars import Bar
from tina.ui.markup import note
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.tuning import FineTuning
from tina.ui.state import Generation
from tina.ui.templates import percent, render

NO_PICTURES = (
    "There are no held-out pictures of all these classes here, so nothing is scored: how good this classifier is, is "
    "untested."
)


def strip(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> Markup:
    """The bars that are known at once; Tina's is of the classifier after step `index`."""
    held_out = generation.held_out
    if held_out is None:
        return note(checkpoint.world.advice or NO_PICTURES)
    unseen = checkpoint.unseen_classes(held_out)
    of_slice = "the generic network’s own rows" if not unseen else _no_slice(checkpoint, *next(iter(unseen.items())))
    rows = [
        Bar("chance", "chance", held_out.chance, "guessing"),
        Bar("slice", "catalogue slice", generation.baselines.get("slice"), of_slice, missing=bool(unseen)),
        Bar("tina", "Tina", generation.steps[index].score, _caption(generation, index)),
    ]
    title = f"accuracy on the same {len(held_out.y)} held-out pictures, with 95% intervals"
    return render("strip.html", title=title, bars=bars.comparison(rows))


def _no_slice(checkpoint: LoadedCheckpoint, label: str, names: list[str]) -> str:
    """Why there is no catalogue slice: a label was never in training, or some of the classes that it stands for."""
    if checkpoint.is_unseen(label):
        return f"none: “{label}” was never in training"
    listed = ", ".join(f"“{name}”" for name in names)
    return f"none: {listed}, in “{label}”, {'was' if len(names) == 1 else 'were'} never in training"


def _caption(generation: Generation, index: int) -> str:
    if index not in (-1, len(generation.steps) - 1):
        return f"if it had stopped after step {index}"
    if generation.reopened:
        return "scored again, from the file"
    if generation.finished:
        return f"{generation.seconds:.2f} s of computing"
    return f"step {generation.steps[-1].number} of {generation.options.steps}"


def fine_tuned_bar(generation: Generation, tuning: FineTuning | None = None) -> Markup | str:
    """The strip's last bar by itself: it changes while its classifier is trained and the others are looked at."""
    if generation.held_out is None:
        return ""
    if "fine-tuned" in generation.baselines:
        caption = "really fine-tuned, here"
    elif tuning is None:
        caption = "waiting for Tina"
    elif tuning.done:
        caption = f"training: {percent(tuning.progress)} of {tuning.steps:,} steps"
    else:
        caption = "waits its turn"
    score = generation.baselines.get("fine-tuned")
    return bars.comparison([Bar("fine-tuned", "trained for it", score, caption)])
