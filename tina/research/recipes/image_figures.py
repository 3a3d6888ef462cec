"""The encoder's accuracy on pictures: 10-way tasks on test pictures, with 95% intervals over the tasks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.worlds import World, load_world

TASKS, WAYS, SHOTS, SEED = 200, 10, 5, 0


def measure(encoder: Encoder, without_unseen: Encoder) -> dict:
    """Zero-shot and few-shot accuracies on both worlds.

    Args:
        encoder: the one to measure.
        without_unseen: the same, fitted without the unseen classes in its lexicon.

    Returns:
        The figures of the model card, by kind of task.
    """
    figures = {"tasks": TASKS, "ways": WAYS, "shots": SHOTS, "seed": SEED}
    figures |= {"zero-shot": {}, "zero-shot, not in the lexicon": {}, f"{SHOTS}-shot": {}}
    for id in ("photos", "sketchbook"):
        world = load_world(id)
        vectors = {name: encoder.encode_images(list(world.pictures("test", name))) for name in world.names}
        examples = {name: encoder.encode_images(list(world.pictures("train", name, 20))) for name in world.names}
        for kind, names in (("seen", world.seen), ("unseen", world.unseen)):
            figures["zero-shot"][f"{kind} {id}"] = over_tasks(world, names, vectors, by_name(encoder))
            figures[f"{SHOTS}-shot"][f"{kind} {id}"] = over_tasks(world, names, vectors, by_examples(examples))
        figures["zero-shot, not in the lexicon"][id] = over_tasks(world, world.unseen, vectors, by_name(without_unseen))
    return figures | {"known cosines": reference_cosines(encoder)}


def reference_cosines(encoder: Encoder) -> dict:
    """A few cosines that change with any change of weights, tokenizer or preprocessing, to test an encoder by."""
    texts = [("apple", "fruit"), ("small sailing vessel", "sailboat"), ("guitar", "snail")]
    sketches = [("apple", "apple"), ("snail", "sailboat"), ("castle", "a fortress with towers")]
    world = load_world("sketchbook")
    cosines = {}
    for name, text in sketches:
        picture = encoder.encode_images(list(world.pictures("test", name, 1)))[0]
        cosines[f"{name} | {text}"] = round(float(picture @ encoder.encode_texts([text])[0]), 4)
    pairs = {
        f"{a} | {b}": round(float(encoder.encode_texts([a])[0] @ encoder.encode_texts([b])[0]), 4) for a, b in texts
    }
    return {"texts": pairs, "sketch, text": cosines}


def by_name(encoder: Encoder):
    """Zero-shot rows, as `over_tasks` takes them: from C names to their text vectors (C x dim)."""
    return lambda names, random: encoder.encode_texts_cached(names)


def by_examples(examples: dict[str, Tensor]):
    """Few-shot rows, as `over_tasks` takes them: from C names to the means of SHOTS random examples (C x dim).

    Args:
        examples: name -> N x dim, vectors of its pictures.
    """

    def prototypes(names: list[str], random: np.random.Generator) -> Tensor:
        chosen = [examples[name][random.permutation(len(examples[name]))[:SHOTS]] for name in names]
        return torch.nn.functional.normalize(torch.stack([c.mean(0) for c in chosen]), dim=1)

    return prototypes


def over_tasks(world: World, names: list[str], vectors: dict[str, Tensor], rows_of) -> dict:
    """Mean accuracy over random tasks, in which each class counts the same.

    Args:
        world: whose classes they are.
        names: the classes that tasks are drawn from.
        vectors: name -> N x dim, unit vectors of its test pictures.
        rows_of: from a task's names and a random generator to its rows (WAYS x dim); the largest product wins.

    Returns:
        "accuracy" and half of its 95% "interval", in per cent.
    """
    random, scores = np.random.default_rng(SEED), []
    for _ in range(TASKS):
        task = [names[i] for i in random.permutation(len(names))[:WAYS]]
        rows = rows_of(task, random)
        correct = [((vectors[n] @ rows.T).argmax(1) == k).float().mean().item() for k, n in enumerate(task)]
        scores.append(100 * float(np.mean(correct)))
    return {
        "accuracy": round(float(np.mean(scores)), 1),
        "interval": round(1.96 * float(np.std(scores)) / TASKS**0.5, 1),
    }
