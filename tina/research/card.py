"""A checkpoint's card, filled in from the files beside it: config, recipe, table. No figure is typed by hand.

python -m tina.research.card checkpoints/sketchbook-cnn
"""

from __future__ import annotations

import json
import re
import sys
from functools import partial
from pathlib import Path

from tina.blueprints import get_blueprint
from tina.blueprints.heads import EncoderHeads, Heads
from tina.encoder.encoder import EMBEDDED
from tina.generator.tina import Tina
from tina.paths import CHECKPOINTS
from tina.research.judge.ablations import ABLATIONS
from tina.research.judge.report import markdown, without_parts
from tina.research.recipes.checkpoint import Recipe
from tina.training.zoo.teacher import UNTIL
from tina.worlds import load_world

CARD = """---
license: apache-2.0
library_name: tina
pipeline_tag: image-classification
tags: [hypernetwork, weight-generation, diffusion, image-classification]
---

# Tina `{name}`

Writes the weights of a small image classifier (`{blueprint}`: {shared:,} weights and {row} a class) from names,
descriptions or pictures of its classes, without training: what closed form knows of the classes, and around it what a
diffusion transformer adds in {steps} steps.

    python -m tina generate "{example}" --checkpoint {name} --out mine.zip

- **Generator**: {parameters:.1f} M parameters, layout `{layout}`, {config[depth]} blocks of width {config[width]};
  saved in half precision, its modulations in eight bits ({size:.1f} MB). {steps} steps, sampler
  `{sampler}`.
- **Trained on**: {classifiers:,} classifiers of 2 to 16 classes (a fourth of the tasks with broad classes such as
  "fruit", a fourth of look-alikes), each fine-tuned for {tuning:,} steps from one generic network of {generic},
  on {pictures_of} of the {seen} seen classes of the world `{world}`.
- **For** {stages}.{note}
{prior}- **Classes that it was not trained on** have {unknown}.
- **Prompts** go through the encoder `{encoder}` (hash {encoder_hash}).
- **Rebuild it**: `python -m tina recipe {name}` (about {minutes:.0f} minutes on two CPU cores).

## Terms

{terms}

## How good it is

Accuracy in percent on held-out pictures that nothing was trained on ({pictures} a class), tasks of {ways} classes, mean
and 95% interval over {tasks} tasks a split, or as many as a line says. `id`: class sets of the zoo; `ood`: new sets of
the same classes; `unseen`: sets of classes of which neither encoder nor zoo nor generator was trained on a picture.

{table}

Command: `python -m tina table {name} --zoo runs/{name}/zoo{label_only} --out checkpoints/{name}/table.json`;
every task's accuracy is in `table.json`.
{parts}
## What it cannot do

It was trained on pictures like those of its world and on no others. Classes that were not in training work much worse
than those that were. A classifier answers with one of its classes for any picture, unless "something else" is one of
them.
"""
OF_ALL, OF_ROWS = "the `train` and `zoo` pictures", "the `zoo` pictures, on which the backbone was not trained,"
ROWS = """rows transferred from the encoder: a linear discriminant of how their
  pictures should look to the generic network"""
VECTORS = "their prompt's own vectors for rows, and so has every class that is given by pictures"
KERNELS = "the kernels that a ridge regression over the zoo gives for the prompt's classes"
DISTILLED = "\n  (in the first {:.0%} of them distilled from the encoder `{}`)"
AND_ROWS = "the generic network's rows of the prompt's classes"
TERMS = """- **Weights and code**: Apache-2.0.
- **Pictures**: {}
- **Encoder**: prompts go through `{}`{}."""
EMBEDDED_TERMS = """, which was trained on Tiny ImageNet and Caltech 101 too: its own card has
  its terms"""
OWN_PICTURES = "drawn by this project's code, under the same licence."
OF_PHOTOS = """it was trained on others' pictures, which have terms of their own. Tiny ImageNet is made of
  ImageNet's pictures, which are for non-commercial research and education; Caltech 101 is CC BY 4.0. Neither is part of
  this repository. Whether weights that were trained on them may be used for another purpose, Apache-2.0 does not
  decide: you have to judge for yourself."""
OF_OTHERS = "it was trained on others' pictures, which have terms of their own: {}."
PARTS = """
What each part is worth, by switching it off, on the same tasks (`python -m tina table {} --tasks 64
--methods ablations`). Negative: the part pays. Of `mixed` it is the accuracy over all classes: without transfer or
without moved biases seen classes win what unseen ones lose (`mixed harmonic` in `table.json`).

{}
"""


def card(folder: Path) -> str:
    about = json.loads((folder / "config.json").read_text("utf-8"))
    table = json.loads((folder / "table.json").read_text("utf-8"))
    recipe, tina = Recipe.of(folder), Tina.from_pretrained(folder)
    blueprint, world = get_blueprint(recipe.blueprint), load_world(recipe.world)
    return CARD.format(
        name=folder.name,
        blueprint=blueprint.id,
        shared=blueprint.parameters(0),
        row=blueprint.class_width,
        steps=tina.settings.sampling.steps,
        sampler=tina.settings.sampling.sampler,
        parameters=tina.parameter_count / 1e6,
        layout=tina.layout,
        config=about["network"],
        size=(folder / "model.safetensors").stat().st_size / 1e6,
        classifiers=recipe.classifiers,
        tuning=recipe.steps,
        generic=f"{recipe.generic_steps:,} steps" + (DISTILLED.format(UNTIL, recipe.teacher) if recipe.teacher else ""),
        pictures_of=OF_ROWS if isinstance(blueprint, Heads) else OF_ALL,
        unknown=VECTORS if isinstance(blueprint, EncoderHeads) else ROWS,
        example=", ".join(name for name in world.seen[:: len(world.seen) // 4] if "," not in name),
        seen=len(world.seen),
        world=world.id,
        stages=_minutes_of(recipe.stages),
        note=f" {recipe.note}" if recipe.note else "",
        prior=_around(tina),
        encoder=about["encoder"],
        encoder_hash=about["encoder_hash"],
        minutes=recipe.minutes,
        pictures=table["pictures"],
        ways=table["ways"],
        tasks=max(row["tasks"] for row in table["rows"]),
        table=markdown({"rows": [row for row in table["rows"] if row["method"] not in ABLATIONS]}),
        label_only=" --label-only runs/label-only"
        if any(row["method"] == "label-only" for row in table["rows"])
        else "",
        terms=_terms(world.id, world.licence, about["encoder"]),
        parts=PARTS.format(folder.name, parts) if (parts := without_parts(table)) else "",
    )


def _terms(world: str, licence: str, encoder: str) -> str:
    """Of the weights, and of the pictures that they were trained on."""
    of_pictures = {"sketchbook": OWN_PICTURES, "photos": OF_PHOTOS}.get(world, OF_OTHERS.format(licence))
    return TERMS.format(of_pictures, encoder, EMBEDDED_TERMS if encoder == EMBEDDED else "")


def _around(tina: Tina) -> str:
    """What the generator need not write."""
    prior = tina.closed_form.prior
    around = ", and ".join([KERNELS] * bool(prior.values.any()) + [AND_ROWS] * bool(prior.rows.any()))
    return f"- **Around a prior**: {around};\n  the generator writes what is left.\n" if around else ""


def _minutes_of(stages: tuple[dict, ...]) -> str:
    both = sum(stage["minutes"] for stage in stages if stage.get("tasks"))
    alone = sum(stage["minutes"] for stage in stages) - both
    with_tasks = f"{both:g} minutes with the task loss beside it" if both else ""
    parts = [f"{alone:g} minutes with the diffusion loss" if alone else "", with_tasks]
    count = f"{len(stages)} stage{'s' * (len(stages) > 1)}"
    return f"{' and '.join(filter(None, parts))}, in {count} (`recipe.json`)"


def speeds(bench: dict) -> str:
    """What `python -m tina bench` found, as a table."""
    zoo = bench["zoo"]
    return "\n".join(
        [
            f"| {bench['threads']} CPU threads, medians of {bench['rounds']} | |",
            "|---|---|",
            f"| prompt of ten classes to classifier, warm | {bench['warm_ms']:.0f} ms |",
            f"| the same in one step of diffusion | {bench['warm_one_step_ms']:.0f} ms |",
            f"| the verb `generate`, process start to scored zip | {bench['cold_s']:.1f} s |",
            f"| fine-tuning steps a second, many classifiers at once | {zoo['steps_a_second']:.0f} |",
            f"| one at a time, in an ordinary loop | {zoo['one_at_a_time']:.0f} ({zoo['times']:.1f} times less) |",
        ]
    )


PROMPTS = ("", " descriptions", " 5 pictures", " name + 5 pictures")
BRIEF = (
    *("chance", "slice", "label-only", "nearest row", "zoo nearest", "experts"),
    *(rival + words for rival in ("ridge", "encoder", "tina") for words in PROMPTS),
    *("tuned", "tuned label-only"),
)


def brief(table: dict) -> str:
    """The rivals that a reader wants to see first."""
    return markdown({"rows": [row for row in table["rows"] if row["method"] in BRIEF]}, parts=False)


# What is shown between two marks, and the file beside the checkpoint that it is made of
SHOWN = {"table": (partial(markdown, parts=False), "table"), "brief": (brief, "table"), "bench": (speeds, "bench")}


def reported(text: str) -> str:
    """A text with what was measured between its marks: <!-- table NAME --> ... <!-- /table -->, the same with
    "brief" and "bench"."""

    def filled(mark: re.Match) -> str:
        what, name = mark[1], mark[2]
        show, file = SHOWN[what]
        found = json.loads((CHECKPOINTS / name / f"{file}.json").read_text("utf-8"))
        return f"<!-- {what} {name} -->\n\n{show(found)}\n\n<!-- /{what} -->"

    return re.sub(rf"<!-- ({'|'.join(SHOWN)}) (\S+) -->.*?<!-- /\1 -->", filled, text, flags=re.DOTALL)


if __name__ == "__main__":
    place, *texts = map(Path, sys.argv[1:])
    (place / "README.md").write_text(card(place), "utf-8")
    for text in texts:
        text.write_text(reported(text.read_text("utf-8")), "utf-8")
