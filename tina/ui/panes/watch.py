"""The second pane: a generation as it is being made, and afterwards from every side. Functions from it to HTML."""

from __future__ import annotations

from markupsafe import Markup

from tina.classifier.archive import Origin
from tina.errors import UserError
from tina.ui.charts import bars, confusion, histograms, lines, weights_view
from tina.ui.markup import note, picture
from tina.ui.panes import race
from tina.ui.panes.seeds import seeds
from tina.ui.panes.strip import NO_PICTURES
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
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
            generation.provenance, generation.finished, step.number == steps, checkpoint.writers
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
    names = {"slice": "slice", "fine-tuned": "trained"}
    baselines = {name: generation.baselines[id].accuracy for id, name in names.items() if id in generation.baselines}
    return lines.accuracy_by_step(
        [step.score.accuracy for step in generation.steps],
        generation.options.steps,
        generation.held_out.chance,
        baselines,
        index,
        [step.estimate_score.accuracy for step in generation.steps if step.estimate_score],
    )


def weights(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> Markup:
    """All weights after step `index`, with the accuracy of each class."""
    step = generation.steps[index]
    unseen = checkpoint.unseen_labels(generation) if generation.finished else []
    per_class = step.score and step.score.per_class
    drawn = checkpoint.drawn(step.weights)
    figure = weights_view.figure(generation.labels, drawn, checkpoint.scales, per_class, unseen)
    return figure + note(GIVEN_ROWS) if checkpoint.blueprint.rows_by else figure


def compare(checkpoint: LoadedCheckpoint, generation: Generation, index: int = -1) -> Markup:
    """The weights beside those of the classifier that was fine-tuned for the same classes."""
    if generation.fine_tuned is None and not checkpoint.can_train:
        return note(NOTHING_TRAINED)
    if generation.fine_tuned is None and (not generation.held_out or not checkpoint.can_train_on(generation.held_out)):
        return note("Nothing can be trained here for comparison: the world has no pictures of all these classes.")
    if generation.fine_tuned is None:
        return note("The classifier to compare with is still being trained: the strip says how far it is.")
    written, given = generation.steps[index].weights, checkpoint.blueprint.rows_by is not None
    rows = [] if given else histograms.rows(generation.labels, written, generation.fine_tuned)
    return render(
        "compare.html",
        panels=[histograms.panel(one) for one in histograms.layers(written, generation.fine_tuned, not given)],
        caption=histograms.CAPTION,
        given=GIVEN_ROWS if given else "",
        table="" if given else histograms.table(rows),
        class_panels=[histograms.panel(one) for one in rows[:MOST_PANELS]],
    )


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


def view(checkpoint: LoadedCheckpoint, generation: Generation, name: str, index: int = -1) -> Markup:
    """What the view called `name` shows after step `index`; blending and training on have inputs of their own."""
    if name == "Weights":
        return weights(checkpoint, generation, index)
    if name == "Compare":
        return compare(checkpoint, generation, index)
    if name == "Confusion":
        return confusions(generation, index)
    if name == "Seeds":
        return seeds(checkpoint, generation)
    if name == "Details":
        return details(checkpoint, generation)
    if name == "Train on":
        rivals = "the generic network and random weights"
        return note(f"Fine-tunes this classifier for {race.MARKS[-1]} steps, beside {rivals}.")
    return note("Write a second prompt with as many classes: the slider goes from one to the other.")
