"""The second pane: a run as it is being made, and afterwards from every side. Pure functions from a `Run` to HTML."""

from __future__ import annotations

import torch

from tina.errors import UserError
from tina.ui.charts import histograms, plots, weights_view
from tina.ui.markup import note, percent, picture, text
from tina.ui.server.studio import Studio
from tina.ui.server.tuning import Tuning
from tina.ui.state import Run

VIEWS = ("Weights", "Compare", "Confusion", "Seeds", "Blend", "Train on", "Details")
SEEDS = 6
MOST_PANELS = 16  # classes whose histograms are drawn one by one
NO_PICTURES = (
    "There are no held-out pictures of all these classes, so nothing can be scored. The classifier works all the same."
)

GIVEN_ROWS = "The rows are the prompt’s own vectors, which nobody writes or trains: only the adapter before them is."


# -- the strip --------------------------------------------------------------------------------------------------------
def strip(studio: Studio, run: Run, at: int | None = None) -> str:
    """Chance, the slice and Tina, on the same held-out pictures."""
    exam = run.exam
    if exam is None:
        return note(studio.world.advice or NO_PICTURES)
    unseen = studio.never_seen(exam)
    score = run.scores[-1 if at is None else at]
    sliced = run.rivals.get("slice")
    none = f"none: “{unseen[0]}” was never in training" if unseen else ""
    early = at is not None and at < len(run.frames) - 1
    if early:
        says = f"if it had stopped after step {at}"
    elif run.reopened:
        says = "scored again, from the file"
    else:
        says = f"{run.seconds:.2f} s of computing" if run.finished else ""
    rows = [
        ("chance", "chance", exam.chance, "guessing"),
        ("slice", "catalogue slice", sliced, none or "the generic network’s own rows"),
        ("tina", "Tina", score, says or f"step {run.frames[-1].number} of {run.how.steps}"),
    ]
    title = f"accuracy on the same {len(exam.y)} held-out pictures, with 95% intervals"
    return f'<p class="strip-title">{text(title)}</p>{plots.comparison(rows)}'


def rival(run: Run, tuning: Tuning | None = None) -> str:
    """The strip's last bar by itself, which changes while the others are looked at: one trained for these classes."""
    if run.exam is None:
        return ""
    if "tuned" in run.rivals:
        says = "really fine-tuned, here"
    elif tuning is None:
        says = "waiting for Tina"
    else:
        says = f"training: {percent(tuning.share)} of {tuning.steps:,} steps" if tuning.done else "waits its turn"
    return plots.comparison([("tuned", "trained for it", run.rivals.get("tuned"), says)])


# -- the figures ------------------------------------------------------------------------------------------------------
def head(run: Run, at: int | None = None) -> str:
    """One line and the accuracy by step; beside every view."""
    if run.reopened:
        says = f"brought back from a file: seed {run.how.seed}, checkpoint {run.checkpoint}"
        return f'<div class="watch-head"><span>{text(says)}</span></div>'
    frame = run.frames[-1 if at is None else at]
    stage = "only noise" if frame.number == 0 else f"step {frame.number} of {run.how.steps}"
    what = "the sampler starts here" if frame.number == 0 else "the weights as they stand"
    if frame.number == run.how.steps:
        what = "the answer"
    guess = '<span class="guess">its guess of the end</span>' if run.exam else ""
    line = f'<div class="watch-head"><span><b>{stage}</b>: {what}</span>{guess}</div>'
    if run.exam is None:
        return line + note(NO_PICTURES)
    marks = {
        name: run.rivals[id].accuracy for id, name in (("slice", "slice"), ("tuned", "trained")) if id in run.rivals
    }
    curve = plots.accuracy_by_step(
        [score.accuracy for score in run.scores],
        run.how.steps,
        run.exam.chance,
        marks,
        len(run.frames) - 1 if at is None else at,
        [frame.guessed for frame in run.frames if frame.guessed is not None],
    )
    return line + curve


def weights(studio: Studio, run: Run, at: int | None = None) -> str:
    frame = run.frames[-1 if at is None else at]
    per_class = run.scores[-1 if at is None else at].per_class if run.scores else None
    unseen = [label for label in run.labels if studio.is_unseen(label)] if run.finished else []
    figure = weights_view.figure(run.labels, frame.weights, studio.scales, per_class, unseen)
    return figure + note(GIVEN_ROWS) if studio.blueprint.rows_by else figure


def compare(studio: Studio, run: Run, at: int | None = None) -> str:
    """The weights beside those of the classifier that was trained for it."""
    if run.exam is None:
        return note("Nothing can be trained here for comparison: the world has no pictures of all these classes.")
    if run.tuned is None:
        return note("The classifier to compare with is still being trained: the strip says how far it is.")
    written = run.frames[-1 if at is None else at].weights
    layers = histograms.layers(written, run.tuned, not studio.blueprint.rows_by)
    panels = "".join(histograms.panel(one) for one in layers)
    key = (
        '<div class="key"><span><i class="tina"></i>Tina</span><span><i></i>trained for it</span>'
        "<span>beside it: QQ line</span></div>"
    )
    if studio.blueprint.rows_by:
        return key + panels + note(histograms.CAPTION) + note(GIVEN_ROWS)
    rows = histograms.rows(run.labels, written, run.tuned)
    by_class = "".join(histograms.panel(one) for one in rows[:MOST_PANELS])
    fold = f"<details><summary>Class by class</summary>{by_class}</details>"
    return key + panels + note(histograms.CAPTION) + histograms.table(rows) + fold


def confusion(run: Run, at: int | None = None, cell: tuple[int, int] | None = None) -> str:
    """The table, and below it the pictures of the cell that was clicked."""
    if run.exam is None:
        return note(NO_PICTURES)
    at = len(run.frames) - 1 if at is None else at
    table = plots.confusion(run.scores[at], cell)
    if cell is None:
        return table + note("Click a cell to see its pictures.")
    was, said = cell
    if not (0 <= was < len(run.labels) and 0 <= said < len(run.labels)):
        raise UserError("There is no such cell.")
    found = ((run.exam.y == was) & (run.frames[at].answers == said)).nonzero()[:, 0].tolist()
    names = run.labels[was], run.labels[said]
    alt = f"{names[0]}, taken for {names[1]}"
    pictures = "".join(picture(run.exam.pictures[i], alt) for i in found[:50])
    says = (
        f"{len(found)} pictures of “{names[0]}”, taken for “{names[1]}”"
        if was != said
        else f"{len(found)} of “{names[0]}”, recognised"
    )
    return f'{table}<h3>{text(says)}</h3><div class="album">{pictures}</div>'


def seeds(studio: Studio, run: Run) -> str:
    """The same prompt from other noise."""
    wanted = [run.how.seed + i for i in range(SEEDS)]
    vectors, _ = studio.vectors([run.prompt])
    found = studio.write(vectors.expand(SEEDS, -1, -1), wanted, run.how)
    shown = any(one.pictures for one in run.prompt.classes)
    own = studio.leave_one_out(run.prompt, wanted, run.how).tolist() if shown else [None] * SEEDS
    best = own.index(max(own)) if shown else None
    figures = []
    for i, (seed, one, share) in enumerate(zip(wanted, found, own, strict=True)):
        score = run.exam and run.exam.score(run.exam.answers(one))
        says = f" <b>{percent(score.accuracy, 1)}</b>" if score else ""
        if share is not None:
            says += f", {percent(share, 1)} for your pictures{', <b>the best</b>' if i == best else ''}"
        figures.append(
            f"<figure>{weights_view.thumbnail(one, studio.scales)}<figcaption>seed {seed}{says} "
            f'<button type="button" class="plain" data-seed="{seed}">use</button></figcaption></figure>'
        )
    given = studio.blueprint.rows_by is not None
    what, names = ("adapters", studio.blueprint.shapes) if given else ("last layers", ["head.weight"])
    row = [torch.cat([one[name].flatten() for name in names]) for one in found]
    alike = torch.corrcoef(torch.stack(row))[0, 1:].mean()
    says = f"Same prompt, other noise. Their {what} correlate at {alike:.2f} with the first one’s on average."
    if shown:
        says += " For your pictures: the probability of the right class, by classifiers written without that picture."
    return f'<div class="seeds">{"".join(figures)}</div>{note(says)}'


def details(studio: Studio, run: Run) -> str:
    rows = {
        "classes": ", ".join(run.labels),
        "weights": f"{studio.blueprint.parameters(len(run.labels)):,}, blueprint {studio.blueprint.id}",
        "generator": f"{studio.tina.parameter_count:,} weights, checkpoint {run.checkpoint}",
        "world": f"{studio.world.title}, {len(studio.world.seen)} seen and {len(studio.world.unseen)} unseen classes",
        "sampling": f"{run.how.steps} steps, {run.how.sampler}, guidance {run.how.guidance:g}, seed {run.how.seed}",
        "held-out pictures": str(len(run.exam.y)) if run.exam else "none",
        "computing": f"{run.seconds:.3f} s; shown more slowly, to be watched",
    }
    if run.score:
        low, high = run.score.interval
        rows["accuracy"] = f"{percent(run.score.accuracy, 1)}, 95% interval {percent(low, 1)} to {percent(high, 1)}"
    body = "".join(f'<tr><th scope="row">{text(k)}</th><td>{text(v)}</td></tr>' for k, v in rows.items())
    return f'<table class="numbers"><tbody>{body}</tbody></table>'


def view(studio: Studio, run: Run, name: str, at: int | None = None) -> str:
    """What the chosen view shows of a run; blending has its own inputs."""
    if name == "Weights":
        return weights(studio, run, at)
    if name == "Compare":
        return compare(studio, run, at)
    if name == "Confusion":
        return confusion(run, at)
    if name == "Seeds":
        return seeds(studio, run)
    if name == "Details":
        return details(studio, run)
    if name == "Train on":
        return note("Fine-tunes this classifier for a few steps, beside the generic network and one from nothing.")
    return note("Write a second prompt with as many classes: the slider goes from one to the other.")
