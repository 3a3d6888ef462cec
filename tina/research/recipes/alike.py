"""The text tower's second lesson: to tell a thing from others of its kind.

Among any other things a description is told by its kind alone. Every animal of the sea is near "sea animal with eight
arms"; that the arms make it the octopus need not be learnt. So here most of a batch are of one kind, as WordNet's
lexicographers divided their work; the worlds' things are one more. All else stays as it is: texts are held to the
vectors that the tower gave before, which takes no teacher, and its last matrix does not change, so that texts are
written on the same axes.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

from safetensors.torch import load_model
from torch import Tensor

from tina.errors import UserError
from tina.research.recipes import wordnet
from tina.research.recipes.clock import Clock
from tina.research.recipes.text_tower import (
    Pairs,
    described,
    encode_all,
    far_off,
    glosses,
    held_out_texts,
    learn,
    mixed,
    tell_apart,
    without,
)
from tina.storage import save_tensors
from tina.training.resume import read_progress
from tina.worlds import Thing

SHARES = {"glosses": 0.8, "worlds' descriptions": 0.2}  # of the batches


def train(
    model, tokenizer, run: Path, minutes: float, things: Collection[Thing], accelerator, rate: float = 5e-4
) -> dict:
    """The second lesson; it begins with the result of the first in the folder `run`, and keeps its own beside it."""
    tower, begin, state = model.text, run / "text.safetensors", run / "alike-state.safetensors"
    if not begin.is_file():
        raise UserError(f"There is no text tower in {run} yet: run the stage text first.")
    load_model(tower, begin)
    tower.requires_grad_(True)
    tower.text_projection.requires_grad_(False)
    before = partial(encode_all, tower, tokenizer)
    nouns = wordnet.synsets(("noun",))
    forbidden = held_out_texts(nouns)  # of other words none are held out
    of_nouns, of_worlds = (without(forbidden, pairs) for pairs in (glosses(nouns), described(things)))
    kinds = {s.gloss: s.kind for s in nouns}
    clock = Clock(minutes, read_progress(state))
    seed = 1 + accelerator.process_index + clock.steps
    sources = {
        "glosses": Pairs(of_nouns, tokenizer, before, seed, kinds),
        "worlds' descriptions": Pairs(of_worlds, tokenizer, before, seed + 50),
    }
    learn(tower, state, mixed(sources, SHARES, 7 + clock.steps), of_pairs, clock, accelerator, rate)
    if accelerator.is_main_process:
        save_tensors(tower.state_dict(), run / "alike.safetensors")
    return {name: len(source) for name, source in sources.items()} | {"steps": clock.steps}


def of_pairs(vectors: list[Tensor], before: list[Tensor]) -> Tensor:
    """Descriptions near their names, and all where they were."""
    return tell_apart(*vectors) + sum(map(far_off, vectors, before)) / 2
