"""Which prompt the page had better open with: python -m tina.research.openings [--checkpoint C] [--train] [PROMPT ...]

Of each prompt the percentage of held-out pictures that the generic network's own rows get right, and Tina's classifier,
and how many points lie between them; with --train also of a classifier fine-tuned for it, and the seconds that took.
The one that gains most comes first. Without prompts it takes `CANDIDATES`: things far apart, and sets of look-alikes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence

from tina.blueprints import Weights
from tina.classifier.classifier import Classifier
from tina.classifier.score import members_of
from tina.errors import UserError
from tina.generator.base import unstack
from tina.generator.tina import Tina
from tina.paths import DEFAULT
from tina.training.zoo.bank import finetuning_data
from tina.training.zoo.finetune import finetune_schedule, train_many

CANDIDATES = (
    "apple, sailboat, snail, lighthouse, penguin, umbrella, bicycle, mushroom, guitar, moon",
    "apple, cherry, strawberry, beach ball, sun, moon, ladybug, doughnut, pizza, drum",
    "fork, spoon, knife, key, hammer, saw, axe, shovel, pencil, ladder",
    "cat, rabbit, elephant, giraffe, pig, turtle, fish, whale, shark, penguin",
    "house, castle, lighthouse, church, tent, bridge, ladder, bed, book, television",
    "car, bus, bicycle, sailboat, airplane, rocket, hot-air balloon, kite, butterfly, bee",
    "apple, sailboat, cherry, strawberry, kite, tent, beach ball, moon, ladybug, doughnut",
    "apple, sailboat, cherry, beach ball, sun, moon, ladybug, doughnut, pizza, drum",
    "apple, sailboat, strawberry, tent, kite, pizza, ice cream, hat, castle, church",
)


def measure(tina: Tina, text: str, train: bool = False) -> dict[str, str | float]:
    """One prompt; a `UserError` where the world has no pictures of it, or the generic network no rows."""
    classifier, world = tina.generate(text), tina.world
    task, score = members_of(world, classifier.labels), classifier.score_on(world)
    if task is None or score is None or any(name in world.unseen for names in task.values() for name in names):
        raise UserError(f"Not all of {text!r} was in training.")

    def percent(weights: Weights) -> float:
        one = Classifier(tina.blueprint, unstack(weights, 0, len(task)), classifier.prompt).score_on(world)
        return 100 * one.accuracy if one else 0.0

    start = tina.generic_slice([task])
    rows = percent(start)
    found: dict[str, str | float] = {"prompt": text}
    found |= {"gain": 100 * score.accuracy - rows, "rows": rows, "tina": 100 * score.accuracy}
    if train:
        blueprint, bank = finetuning_data(tina.blueprint, world, world.seen, tina.device)
        begun = time.perf_counter()
        found["trained"] = percent(train_many(blueprint, start, [task], bank, finetune_schedule(blueprint), seed=0))
        found["seconds"] = time.perf_counter() - begun
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Which prompt the page had better open with.")
    parser.add_argument("prompts", nargs="*", metavar="PROMPT")
    parser.add_argument("--checkpoint", default=DEFAULT)
    parser.add_argument("--train", action="store_true", help="fine-tune for each, too: most of a minute each")
    options = parser.parse_args(arguments)
    tina = Tina.from_pretrained(options.checkpoint)
    found = [measure(tina, text, options.train) for text in options.prompts or CANDIDATES]
    for one in sorted(found, key=lambda one: -float(one["gain"])):
        print(json.dumps({key: round(value, 1) if isinstance(value, float) else value for key, value in one.items()}))


if __name__ == "__main__":
    main()
