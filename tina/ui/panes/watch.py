"""The second pane: a generation as it is being made, and afterwards from every side. Functions from it to HTML."""

from __future__ import annotations

from collections.abc import Collection

from gradio.components.plot import PlotData
from markupsafe import Markup

from tina.classifier.record import Origin
from tina.errors import UserError
from tina.ui.charts import bars, confusion, histograms, lines, weights_view
from tina.ui.markup import note, picture
from tina.ui.panes import race
from tina.ui.panes.fires import fires
from tina.ui.panes.seeds import seeds
from tina.ui.panes.strip import NO_PICTURES
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.tuning import FineTuning
from tina.ui.state import Generation
from tina.ui.templates import percent, render

FOLLOWING_VIEWS = ("Weights", "Compare", "Confusion")  # that change with the step that is looked at
MOST_PANELS = 16  # classes whose histograms are drawn one by one
ALBUM = 50  # pictures of a confusion cell that are shown
GIVEN_ROWS = "The rows are the prompt’s own vectors, which nobody writes or trains: only the adapter before them is."
NOTHING_TRAINED = (
    "Nothing is trained on photographs here, and so there is nothing to compare with. Show pictures of every class: "
    "then ordinary training on these pictures stands beside what Tina wrote."
)
NOT_RECORDED = "not recorded"


def head(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> Markup:
    """Which step is looked at, the accuracy by step, and who wrote the classifier; beside every view."""
    step, steps = generation.steps[index], generation.options.steps
    stage, detail = f"step {step.number} of {steps}", "the weights as they stand"
    if step.number == 0:
        stage, detail = "step 0", checkpoint.start
    elif step.number == steps:
        detail = "finished"
    return render(
        "watch_head.html",
        stage=stage,
        detail=detail,
        origin=_of_file(generation.origin) if generation.reopened else "",
        curve=None if generation.reopened else _curve(generation, index),
        scored=generation.held_out is not None,
        no_pictures="" if generation.left_out else NO_PICTURES,
        provenance=bars.provenance(
            generation.provenance,
            generation.finished,
            step.number == steps,
            checkpoint.writers,
            checkpoint.writers_explained,
        ),
    )


def _of_file(origin: Origin) -> str:
    """What a zip says of how its classifier was made."""
    facts = {"seed": origin.seed, "steps": origin.steps, "checkpoint": origin.checkpoint}
    known = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
    return f"brought back from a file: {known}" if known else "brought back from a file"


def _curve(generation: Generation, index: int) -> Markup | None:
    """Accuracy by step, with chance and the baselines that there are; None where nothing is scored."""
    if generation.held_out is None:
        return None
    names = {"slice": "ready-made", "fine-tuned": "trained"}
    baselines = {name: generation.baselines[id].accuracy for id, name in names.items() if id in generation.baselines}
    return lines.accuracy_by_step(
        [step.score.accuracy for step in generation.steps],
        generation.options.steps,
        generation.held_out.chance,
        baselines,
        index,
        [step.estimate_score.accuracy for step in generation.steps if step.estimate_score],
    )


def weights(
    checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1, opened: Collection[int] | None = None
) -> Markup:
    """All weights after step `index`, with the accuracy of each class.

    `opened`: the classes of which it is shown what they fire on; None where they cannot be clicked.
    """
    step = generation.steps[index]
    unseen = checkpoint.unseen_labels(generation) if generation.finished else []
    per_class = step.score and step.score.per_class
    drawn = checkpoint.drawn(step.weights)
    fired = None
    if opened is not None:
        fired = {k: fires(checkpoint, generation, k, index) for k in opened if k < len(generation.labels)}
    figure = weights_view.figure(generation.labels, drawn, checkpoint.scales, per_class, unseen, fired)
    return figure + note(GIVEN_ROWS) if checkpoint.blueprint.rows_by else figure


def can_compare(checkpoint: LoadedCheckpoint, generation: Generation) -> bool:
    """Whether there is, or will be, a fine-tuned classifier to compare with."""
    if generation.fine_tuned is not None:
        return True
    return bool(generation.held_out) and checkpoint.can_train_on(generation.held_out)


def compare(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> Markup:
    """The weights beside those of the classifier that was fine-tuned for the same classes, in words and numbers; until
    it is there, what there will be to see."""
    if generation.fine_tuned is None and not checkpoint.can_train:
        return note(NOTHING_TRAINED)
    if not can_compare(checkpoint, generation):
        return note("Nothing can be trained here for comparison: the world has no pictures of all these classes.")
    if generation.fine_tuned is None:
        return render("compare_waiting.html", caption=histograms.CAPTION)
    written, given = generation.steps[index].weights, checkpoint.blueprint.rows_by is not None
    rows = [] if given else histograms.rows(generation.labels, written, generation.fine_tuned)
    return render(
        "compare.html",
        parts=histograms.layers(written, generation.fine_tuned, not given),
        caption=histograms.CAPTION,
        given=GIVEN_ROWS if given else "",
        table="" if given else histograms.table(rows),
        class_panels=[histograms.panel(one) for one in rows[:MOST_PANELS]],
    )


def compare_chart(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> PlotData | None:
    """The same as a chart; None until there is something to compare with."""
    if generation.fine_tuned is None:
        return None
    from tina.ui.charts import plots  # plotly is loaded when the first of them is wanted

    given = checkpoint.blueprint.rows_by is not None
    return plots.compared(histograms.layers(generation.steps[index].weights, generation.fine_tuned, not given))


def rival(generation: Generation | None, tuning: FineTuning | None) -> Markup:
    """How far the classifier is that is fine-tuned to be compared with, and how long it still takes."""
    share, doing = 0.0, "It begins when Tina has finished."
    if tuning is not None:
        share, left = tuning.progress, tuning.seconds_left
        doing = "It waits its turn: another classifier is trained before it."
        if tuning.done:
            doing = f"{tuning.done:,} of {tuning.steps:,} steps" + (f", {_about(left)}" if left is not None else "")
    count = len(generation.labels) if generation else 0
    return render("rival.html", share=share, doing=doing, count=count)


def _about(seconds: float) -> str:
    """How long something still takes, as a person would say it."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s to go"
    return f"about {round(seconds / 60)} min to go"


def confusions(generation: Generation, index: int = -1, cell: confusion.Cell | None = None) -> Markup:
    """The confusion table, and below it the pictures of the cell that was clicked."""
    held_out, step = generation.held_out, generation.steps[index]
    if held_out is None and generation.left_out:
        return confusion.confusion(generation.left_out, None) + note(f"By {generation.left_out.on}.")
    if held_out is None:
        return note(NO_PICTURES)
    table = confusion.confusion(step.score, cell)
    if cell is None:
        return table + note("Click a cell to see its pictures.")
    true, answered = cell
    if not (0 <= true < len(generation.labels) and 0 <= answered < len(generation.labels)):
        raise UserError("There is no such cell.")
    indices = ((held_out.y == true) & (step.predictions == answered)).nonzero()[:, 0].tolist()
    names = generation.labels[true], generation.labels[answered]
    title = f"{len(indices)} pictures of “{names[0]}”, taken for “{names[1]}”"
    if true == answered:
        title = f"{len(indices)} of “{names[0]}”, recognised"
    pictures = [picture(held_out.pictures[i], f"{names[0]}, taken for {names[1]}") for i in indices[:ALBUM]]
    return render("confusion_cell.html", table=table, title=title, pictures=pictures)


def details(checkpoint: LoadedCheckpoint, generation: Generation) -> Markup:
    """Everything about a generation that is a number or a name."""
    origin, score, world = generation.origin, generation.score or generation.left_out, checkpoint.world
    held_out = generation.held_out
    generator, place = f"checkpoint {origin.checkpoint}", origin.world
    if origin.checkpoint == checkpoint.hash:
        generator = f"{checkpoint.tina.parameter_count:,} weights, {generator}"
    if origin.world == world.id:
        place = f"{world.title}, {len(world.seen)} seen and {len(world.unseen)} unseen classes"
    sampling = {f"{origin.steps} steps": origin.steps, f"seed {origin.seed}": origin.seed}
    rows = {
        "classes": ", ".join(generation.labels),
        "weights": f"{checkpoint.blueprint.parameters(len(generation.labels)):,}, blueprint {checkpoint.blueprint.id}",
        "generator": generator if origin.checkpoint else NOT_RECORDED,
        "world": place or NOT_RECORDED,
        "sampling": ", ".join(fact for fact, value in sampling.items() if value is not None) or NOT_RECORDED,
        "held-out pictures": str(len(held_out.y)) if held_out else "none",
    }
    if not generation.reopened:
        rows["computing"] = f"{generation.seconds:.3f} s; shown more slowly, to be watched"
    if held_out and held_out.on:
        rows["held-out pictures"] = held_out.on
    if score:
        low, high = score.interval
        by = f" (by {generation.left_out.on})" if score is generation.left_out else ""
        rows["accuracy"] = f"{percent(score.accuracy, 1)}, 95% interval {percent(low, 1)} to {percent(high, 1)}{by}"
    if generation.provenance:
        shares = generation.provenance.items()
        rows["written by"] = ", ".join(f"{checkpoint.writers[part]} {percent(share, 1)}" for part, share in shares)
    return render("details.html", rows=rows)


def view(
    checkpoint: LoadedCheckpoint, generation: Generation, name: str, index: int = -1, opened: Collection[int] = ()
) -> Markup:
    """What the view called `name` shows after step `index`; two prompts and training on have inputs of their own.

    `opened`: the classes of which the weights' view shows what they fire on.
    """
    if name == "Weights":
        return weights(checkpoint, generation, index, opened)
    if name == "Compare":
        return compare(checkpoint, generation, index)
    if name == "Confusion":
        return confusions(generation, index)
    if name == "Seeds":
        return seeds(checkpoint, generation)
    if name == "Details":
        return details(checkpoint, generation)
    if name == "Train on":
        return note(race.EXPECTED.format(steps=race.MARKS[-1]))
    return note("Write a second prompt: both stand side by side, and with as many classes a slider goes between them.")
