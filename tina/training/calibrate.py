"""Fits from where on a picture is none of a prompt's classes, and writes it into a checkpoint's config.json.

    python -m tina.training.calibrate --checkpoint runs/sketchbook/stage-1

The checkpoint writes classifiers for made-up tasks, and sees pictures of their classes and of the others: fresh ones,
on which nothing was trained. A logistic regression tells them apart by the classifier's log odds and by how much of the
world the prompt covers; where it says one half is the level.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tina.classifier.others import Others
from tina.errors import UserError
from tina.generator.closed_form.none_of_these import NoneSettings, covered, prior_log_odds
from tina.generator.tina import Tina
from tina.options import whole
from tina.training.fit.linear import logistic
from tina.training.zoo.prompt_sampler import PromptSampler
from tina.training.zoo.tasks import draw_task, seen_families
from tina.worlds.sketchbook import Sketchbook

TASKS, PICTURES, SEED = 300, 8, 7


@torch.no_grad()
def fit_none_of_these(tina: Tina, tasks: int = TASKS, pictures: int = PICTURES) -> NoneSettings:
    """The settings of a trained Tina.

    Args:
        tina: of the Sketchbook, whose pictures can be drawn anew.
        tasks: of the seen classes, in all kinds and wordings.
        pictures: of each class.
    """
    world = tina.world
    if not isinstance(world, Sketchbook):
        raise UserError("Only of the Sketchbook there are pictures that nothing was trained on.")
    shown = {name: tina.blueprint.scale(torch.from_numpy(world.fresh(name, pictures))) for name in world.seen}
    sampler, rng = PromptSampler(world, tina.encoder, seen_families(world)), np.random.default_rng(SEED)
    draw = torch.Generator().manual_seed(SEED)
    inside: list[Tensor] = []
    outside: list[Tensor] = []
    for number in range(tasks):
        task = draw_task(world.seen, seen_families(world), rng)
        vectors = sampler.sample_mixed([task], draw)
        mask = torch.ones(vectors.shape[:2], dtype=torch.bool)
        weights = {name: weight[0] for name, weight in tina.write(vectors, mask, [number]).items()}
        shares = covered(tina.closed_form.prior.class_shares(vectors), mask)[0]
        others = Others(tina._generic_rows, shares)
        own = {name for names in task.values() for name in names}
        for found, names in ((inside, sorted(own)), (outside, sorted(shown.keys() - own))):
            x = torch.cat([shown[name] for name in names])
            odds = others.log_odds(tina.blueprint.features(weights, x))
            chosen = torch.from_numpy(rng.permutation(len(odds))[: PICTURES * 2])
            found.append(torch.stack([odds[chosen], prior_log_odds(shares).expand(len(chosen))], dim=1))
    return _level(torch.cat(inside), torch.cat(outside))


def _level(inside: Tensor, outside: Tensor) -> NoneSettings:
    """Where a logistic regression of log odds and prior (N, 2) does not know."""
    x = torch.cat([inside, outside])
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    weights = logistic(x, torch.cat([torch.ones(len(inside)), torch.zeros(len(outside))]))
    odds, prior, constant = weights.tolist()
    return NoneSettings(round(-constant / odds, 4), round(-prior / odds, 4))


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tina.training.calibrate", description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", type=Path, required=True, help="its folder, which is written anew")
    parser.add_argument("--tasks", type=whole("--tasks", 1), default=TASKS)
    args = parser.parse_args(argv)
    tina = Tina.from_pretrained(args.checkpoint)
    none = fit_none_of_these(tina, args.tasks)
    tina.settings = replace(tina.settings, none_of_these=none)
    tina.save_pretrained(args.checkpoint)
    print(f"None of these below {none.level} {none.slope:+} times the prior log odds.", file=sys.stderr)


if __name__ == "__main__":
    main()
