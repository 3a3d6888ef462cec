"""A checkpoint's card, filled in from the files beside it: config, recipe, table.

python -m tina.research.card checkpoints/sketchbook-cnn
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tina.blueprints import get_blueprint
from tina.blueprints.heads import EncoderHeads, Heads
from tina.encoder.encoder import EMBEDDED
from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.research import tower_card
from tina.research.judge.ablations import ABLATIONS
from tina.research.judge.report import markdown, without_parts
from tina.research.recipes.checkpoint import Recipe
from tina.training.losses import LossConfig
from tina.training.zoo.tasks import FEWEST, KINDS, MOST, SHARES
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
- **Trained on**: {classifiers:,} classifiers of {fewest} to {most} classes ({broad:.0%} of the tasks with broad classes
  such as "fruit", {alike:.0%} of look-alikes), each fine-tuned for {tuning:,} steps from one generic network of
  {generic}, on {pictures_of} of the {seen} seen classes of the world `{world}`.
- **For** {stages}.{note}
{prior}- **Classes that it was not trained on** have {unknown}.
- **Prompts** go through the encoder `{encoder}` (hash {encoder_hash}).
- **Rebuild it**: `python -m tina recipe {name}` (about {minutes:.0f} minutes in all, by `recipe.json`).

## Terms

{terms}

## How good it is

Accuracy in percent on held-out pictures that nothing was trained on ({pictures} a class), tasks of {ways} classes, mean
and 95% interval over {tasks} tasks a split, or as many as a line says. `id`: class sets of the zoo; `ood`: new sets of
the same classes; `unseen`: sets of classes of which neither encoder nor zoo nor generator was trained on a picture.

{table}

Command: `python -m tina table {name} --zoo runs/{name}/zoo{label_only} --out checkpoints/{name}/table.json`;
`table.json` has every rival's accuracy task by task.
{parts}{knowing}
## What it cannot do

It was trained on pictures like those of its world and on no others. On classes that were not in training it is right
for {of_unseen} of the pictures by name{by_pictures}; on new sets of those that were, for {of_seen}. A classifier
answers with one of its classes for any picture, unless "something else" is one of them.
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
LOSSES = {  # (with the diffusion loss, with the task loss)
    (True, False): "the diffusion loss",
    (True, True): "the diffusion loss and the task loss",
    (False, True): "the task loss alone",
    (False, False): "no loss",
}
PARTS = """
What each part is worth, by switching it off, on the same tasks (`python -m tina table {} --tasks {}
--methods ablations`). Negative: the part pays. Of `mixed` it is the accuracy over all classes.

{}
"""
KNOWING = """
## What it knows, and what it knows that it does not

New sets of {ways} seen classes, names alone, held-out pictures; {tasks} sets. Expected calibration error in points.

| pictures | right, % | calibration error |
|---|---|---|
{styles}
{none}
Command: `python -m tina.research.knowing {name}{photographs} --out checkpoints/{name}/knowing.json`.
"""
NONE = """
"None of these?": how well the likeness to any of the classes tells pictures of them from others (AUROC), and how many
of these are told to be none. {alarm:.0%} of the pictures of its own classes are, too. The photographs are those of PACS
(Li, Yang, Song, Hospedales, 2017).

| pictures | AUROC | told |
|---|---|---|
{others}
"""


def card(folder: Path) -> str:
    """The text of a checkpoint's README.md."""
    about = json.loads((folder / "config.json").read_text("utf-8"))
    if about.get("kind") == TowerTina.kind:
        return tower_card.card(folder)
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
        fewest=FEWEST,
        most=MOST,
        broad=SHARES[KINDS.index("broad")],
        alike=SHARES[KINDS.index("look-alikes")],
        **_accuracies(table),
        tasks=max(row["tasks"] for row in table["rows"]),
        table=markdown({"rows": [row for row in table["rows"] if row["method"] not in ABLATIONS]}),
        label_only=" --label-only runs/label-only"
        if any(row["method"] == "label-only" for row in table["rows"])
        else "",
        terms=_terms(world.id, world.licence, about["encoder"]),
        parts=_parts(folder.name, table),
        knowing=_knowing(folder),
    )


def _accuracies(table: dict) -> dict[str, str]:
    """Tina's on seen and on unseen classes, as the card says them in a sentence."""
    found = {(row["method"], row["split"]): f"{row['accuracy']:.0%}" for row in table["rows"]}
    pictures = found.get(("tina 5 pictures", "unseen"))
    return {
        "of_seen": found["tina", "ood"],
        "of_unseen": found["tina", "unseen"],
        "by_pictures": f" and {pictures} by five pictures each" if pictures else "",
    }


def _parts(name: str, table: dict) -> str:
    """What each part is worth, if any ablation was measured."""
    text = without_parts(table)
    tasks = [row["beside"]["tasks"] for row in table["rows"] if "beside" in row]
    return PARTS.format(name, max(tasks), text) if text else ""


def _knowing(folder: Path) -> str:
    """What `tina.research.knowing` measured, if it did."""
    if not (folder / "knowing.json").is_file():
        return ""
    found = json.loads((folder / "knowing.json").read_text("utf-8"))
    told, of_style = found["told to be none"], found["styles"].items()
    styles = (f"| {style} | {100 * of['accuracy']:.1f} | {100 * of['ece']:.1f} |" for style, of in of_style)
    others = "\n".join(f"| {kind} | {value:.3f} | {told[kind]:.0%} |" for kind, value in found["auroc"].items())
    return KNOWING.format(
        name=folder.name,
        ways=found["ways"],
        tasks=found["tasks"],
        styles="\n".join(styles),
        none=NONE.format(others=others, alarm=told["its own classes"]) if others else "",
        photographs=" --photographs pacs.zip" if "photographs" in told else "",
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
    """How long it was trained with which losses: the diffusion loss has a weight of 1 unless a stage says otherwise."""
    minutes = dict.fromkeys(LOSSES, 0.0)
    for stage in stages:
        losses = LossConfig(**{key: stage[key] for key in ("diffusion", "tasks") if key in stage})
        minutes[losses.diffusion > 0, losses.tasks > 0] += stage["minutes"]
    parts = [f"{spent:g} minutes with {LOSSES[losses]}" for losses, spent in minutes.items() if spent]
    count = f"{len(stages)} stage{'s' * (len(stages) > 1)}"
    return f"{' and '.join(parts)}, in {count} (`recipe.json`)"


def main(folder: Path) -> None:
    """Write a checkpoint's card into its folder."""
    (folder / "README.md").write_text(card(folder), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
