"""Blueprints: the kinds of classifier Tina can write.

    blueprint = get_blueprint("cnn-5k")
    tokens = blueprint.to_tokens(weights)       # what the generator learns from and writes
    weights = blueprint.from_tokens(tokens)
    logits = blueprint.forward(weights, blueprint.prepare(pictures))

`BLUEPRINTS` is the table of them. A new blueprint is one file that lists its layers (`cnn.py` and `tiny.py` do) and one
entry in the table; `tests/blueprints/` tries every entry.
"""

from __future__ import annotations

from tina.errors import UserError

from .base import Blueprint, Tokens, Weights
from .cnn import Cnn
from .tiny import Tiny

BLUEPRINTS: dict[str, Blueprint] = {
    "cnn-5k": Cnn("cnn-5k", 16, 32),  # 5,088 shared weights in 18 tokens, and 33 weights a class
    "cnn-14k": Cnn("cnn-14k", 28, 52),  # 13,940 shared weights in 28 tokens, and 53 weights a class
    "tiny-5k": Tiny("tiny-5k", 4),  # 4,996 in 20, and 17
    "tiny-20k": Tiny("tiny-20k", 8),  # 19,528 in 35, and 33
}


def get_blueprint(id: str) -> Blueprint:
    if id not in BLUEPRINTS:
        raise UserError(f"There is no blueprint {id!r}: it is one of {', '.join(BLUEPRINTS)}.")
    return BLUEPRINTS[id]


__all__ = ["BLUEPRINTS", "Blueprint", "Tokens", "Weights", "get_blueprint"]
