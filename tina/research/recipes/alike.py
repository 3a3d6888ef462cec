"""The text tower's second training phase: hard negatives, to discriminate between things of one kind.

With random negatives the kind alone identifies a description: every sea animal is close to "sea animal with eight
arms", and a low loss does not require that the arms make it the octopus. So here most of a batch are of one kind, as
WordNet's lexicographers divided their work; the worlds' things are one more kind. All else is unchanged: texts are
regularised towards the vectors that the tower gave before, which takes no teacher, and its last matrix is frozen, so
that the vectors stay on the same axes.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

from safetensors.torch import load_model
from torch import Tensor

from tina.errors import UserError
from tina.research.recipes import wordnet
from tina.research.recipes.text_batches import Pairs, description_pairs, filter_pairs, gloss_pairs, held_out_texts
from tina.research.recipes.text_tower import contrastive_loss, cosine_loss, encode_all, run_phase
from tina.training.clock import Clock
from tina.training.resume import read_progress
from tina.worlds import Thing

SHARES = {"glosses": 0.8, "worlds' descriptions": 0.2}  # of the batches


def train(
    model, tokenizer, run: Path, minutes: float, things: Collection[Thing], accelerator, rate: float = 5e-4
) -> dict:
    """Continue training the text tower with hard negatives, for so many minutes over all runs.

    Args:
        model: the open_clip model whose `text` is trained, in place.
        tokenizer: the model's own.
        run: a folder with "text.safetensors", the first phase's result. "alike-state.safetensors" (to resume from) and
            "alike.safetensors" (the result) are written to it.
        minutes: of training in all.
        things: of the worlds, with their names and descriptions.
        accelerator: accelerate's.
        rate: the highest learning rate.

    Returns:
        The number of descriptions by source, of "steps" and of "minutes".
    """
    tower, initial = model.text, run / "text.safetensors"
    if not initial.is_file():
        raise UserError(f"There is no text tower in {run} yet: run the stage text first.")
    load_model(tower, initial)
    tower.requires_grad_(True)
    tower.text_projection.requires_grad_(False)
    targets_of = partial(encode_all, tower, tokenizer)
    nouns = wordnet.synsets(("noun",))
    forbidden = held_out_texts(nouns)  # only nouns are held out
    of_nouns, of_worlds = (filter_pairs(pairs, forbidden) for pairs in (gloss_pairs(nouns), description_pairs(things)))
    kinds = {s.gloss: s.kind for s in nouns}
    clock = Clock(minutes, read_progress(run / "alike-state.safetensors"))
    seed = 1 + accelerator.process_index + clock.steps
    sources = {
        "glosses": Pairs(of_nouns, tokenizer, targets_of, seed, kinds),
        "worlds' descriptions": Pairs(of_worlds, tokenizer, targets_of, seed + 50),
    }
    return run_phase(tower, run / "alike.safetensors", sources, SHARES, pair_loss, clock, accelerator, rate)


def pair_loss(vectors: list[Tensor], targets: list[Tensor]) -> Tensor:
    """Contrastive loss of descriptions and names, and a regulariser towards the vectors before this phase.

    Args:
        vectors: of the descriptions and of their names, B x dim each.
        targets: their vectors before this phase, likewise.

    Returns:
        The loss, a scalar.
    """
    return contrastive_loss(*vectors) + sum(map(cosine_loss, vectors, targets)) / 2
