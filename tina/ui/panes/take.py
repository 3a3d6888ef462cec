"""Taking a classifier away: what the buttons need, code to paste, a link; and a zip brought back."""

from __future__ import annotations

from pathlib import Path

import torch

from tina.classifier.classifier import Classifier
from tina.classifier.webpage import too_large
from tina.errors import UserError
from tina.ui.prompt_text import as_text
from tina.ui.server import links
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.packing import LARGEST_ZIP
from tina.ui.state import MOST_STEPS, Generation, SamplingOptions

NO_RECIPE = "No link and no code: this classifier is from a file, and this Tina is not known to write the same weights."


def offer(
    checkpoint: LoadedCheckpoint, generation: Generation, name: str, source: str = "", ready: bool = True
) -> dict:
    """What the buttons need: whether they are enabled, link and code, and why one of them is not where it is not.

    `name` is the checkpoint's, as a link has it; `source` what `Tina.from_pretrained` takes where that is another.
    """
    no_recipe = "" if is_repeatable(checkpoint, generation) else NO_RECIPE
    query = "" if no_recipe else links.write(generation, name, checkpoint.watched_steps)
    code = "" if no_recipe else python(checkpoint, generation, source or name)
    no_page = too_large(checkpoint.blueprint)
    return {"ready": ready, "query": query, "python": code, "no_recipe": no_recipe, "no_page": no_page, "file": None}


def is_repeatable(checkpoint: LoadedCheckpoint, generation: Generation) -> bool:
    """Whether this checkpoint writes the same classifier from what a link says.

    Not one that a zip has of another checkpoint or sampler, or of more steps than the page takes; nor one that was
    stopped early, which has no shares of who wrote it.
    """
    origin, options = generation.origin, generation.options
    made = origin.checkpoint, origin.sampler, origin.steps, origin.seed
    here = checkpoint.hash, checkpoint.tina.usual_sampling.sampler, options.steps, options.seed
    return made == here and (origin.provenance is not None or not generation.reopened)


def python(checkpoint: LoadedCheckpoint, generation: Generation, name: str) -> str:
    """The lines that make the same classifier; for example pictures they only say where these belong."""
    options, defaults = generation.options, checkpoint.tina.usual_sampling
    steps = "" if options.steps == defaults.steps else f", steps={options.steps}"
    pictures = {
        one.label: [f"{i + 1}.png" for i in range(len(one.pictures))]
        for one in generation.prompt.classes
        if one.pictures
    }
    prompt = repr(as_text(generation.prompt))
    if pictures:
        tags = {one.label: one.name_tag for one in generation.prompt.classes if one.name_tag is not None}
        prompt = f"tina.understand({prompt}, {pictures}{f', {tags}' if tags else ''})"  # the names of your files
    return (
        "from tina import Tina\n\n"
        f"tina = Tina.from_pretrained({name!r})\n"
        f"classifier = tina.generate({prompt}, seed={options.seed}{steps})\n"
        'print(classifier.predict("picture.jpg"))\n'
        'classifier.save("classifier.zip")\n'
    )


def reopened(checkpoint: LoadedCheckpoint, file: str | Path) -> Generation:
    """A generation of one step from a zip that was taken away before: its classifier, scored here again."""
    if Path(file).stat().st_size > LARGEST_ZIP:
        raise UserError(f"A zip of at most {LARGEST_ZIP >> 20} MB is taken back here.")
    classifier = Classifier.load(file)
    if classifier.blueprint.id != checkpoint.blueprint.id:
        raise UserError(f"This classifier is a {classifier.blueprint.id}, and here they are {checkpoint.blueprint.id}.")
    mine, its = (one.blueprint.complete({}) for one in (checkpoint, classifier))
    if not all(torch.equal(mine[name], its[name]) for name in mine):
        raise UserError("This classifier stands on the backbone of another Tina.")
    if classifier.blueprint.preparation != checkpoint.blueprint.preparation:
        raise UserError("This classifier was written for pictures that are prepared in another way than here.")
    origin = classifier.origin
    options = SamplingOptions.from_fields(
        min(origin.steps or checkpoint.watched_steps, MOST_STEPS),
        origin.seed or 0,
    )
    held_out = checkpoint.held_out(classifier.labels)
    generation = Generation(classifier.prompt, options, origin, held_out, reopened=True)
    generation.none_level, generation.others = classifier.none_level, classifier.others
    generation.steps.append(checkpoint.step_result(held_out, options.steps, classifier.weights))
    return generation
