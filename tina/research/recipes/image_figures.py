"""How well the encoder knows pictures: 10-way tasks on test pictures, with 95% intervals over the tasks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.worlds import World, load_world

TASKS, WAYS, SHOTS, SEED = 200, 10, 5, 0


def measure(encoder: Encoder, untold: Encoder) -> dict:
    """Of an encoder, and of what it would be if the lexicon did not tell it of the unseen classes."""
    figures = {"tasks": TASKS, "ways": WAYS, "shots": SHOTS, "seed": SEED}
    figures |= {"zero-shot": {}, "zero-shot, not in the lexicon": {}, f"{SHOTS}-shot": {}}
    for id in ("photos", "sketchbook"):
        world = load_world(id)
        vectors = {name: encoder.encode_images(list(world.pictures("test", name))) for name in world.names}
        examples = {name: encoder.encode_images(list(world.pictures("train", name, 20))) for name in world.names}
        for kind, names in (("seen", world.seen), ("unseen", world.unseen)):
            figures["zero-shot"][f"{kind} {id}"] = over_tasks(world, names, vectors, by_name(encoder))
            figures[f"{SHOTS}-shot"][f"{kind} {id}"] = over_tasks(world, names, vectors, by_examples(examples))
        figures["zero-shot, not in the lexicon"][id] = over_tasks(world, world.unseen, vectors, by_name(untold))
    return figures | {"known cosines": known_cosines(encoder)}


def known_cosines(encoder: Encoder) -> dict:
    """A few likenesses that change with any change of weights, tokenizer or preparation."""
    texts = [("apple", "fruit"), ("small sailing vessel", "sailboat"), ("guitar", "snail")]
    sketches = [("apple", "apple"), ("snail", "sailboat"), ("castle", "a fortress with towers")]
    world = load_world("sketchbook")
    likeness = {}
    for name, text in sketches:
        picture = encoder.encode_images(list(world.pictures("test", name, 1)))[0]
        likeness[f"{name} | {text}"] = round(float(picture @ encoder.encode_texts([text])[0]), 4)
    pairs = {
        f"{a} | {b}": round(float(encoder.encode_texts([a])[0] @ encoder.encode_texts([b])[0]), 4) for a, b in texts
    }
    return {"texts": pairs, "sketch, text": likeness}


def by_name(encoder: Encoder):
    return lambda names, random: encoder.encode_texts_cached(names)


def by_examples(examples: dict[str, Tensor]):
    def prototypes(names: list[str], random: np.random.Generator) -> Tensor:
        chosen = [examples[name][random.permutation(len(examples[name]))[:SHOTS]] for name in names]
        return torch.nn.functional.normalize(torch.stack([c.mean(0) for c in chosen]), dim=1)

    return prototypes


def over_tasks(world: World, names: list[str], vectors: dict[str, Tensor], rows_of) -> dict:
    """Mean accuracy (each class counts the same) over random tasks, nearest row wins."""
    random, scores = np.random.default_rng(SEED), []
    for _ in range(TASKS):
        task = [names[i] for i in random.permutation(len(names))[:WAYS]]
        rows = rows_of(task, random)
        right = [((vectors[n] @ rows.T).argmax(1) == k).float().mean().item() for k, n in enumerate(task)]
        scores.append(100 * float(np.mean(right)))
    return {
        "accuracy": round(float(np.mean(scores)), 1),
        "interval": round(1.96 * float(np.std(scores)) / TASKS**0.5, 1),
    }
