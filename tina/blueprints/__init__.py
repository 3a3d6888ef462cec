"""Blueprints: the kinds of classifier Tina can write.

    blueprint = get_blueprint("cnn-5k")
    tokens = blueprint.to_tokens(weights)       # what the generator learns from and writes
    weights = blueprint.from_tokens(tokens)
    logits = blueprint.forward(weights, blueprint.prepare(pictures))

`BLUEPRINTS` is the table of them. A new blueprint is one file that lists its layers, as `cnn.py` does, and one entry in
the table; `tests/blueprints/` tries every entry. Where only rows are generated, `heads.py` says what they stand on.
"""

from __future__ import annotations

from functools import cache

from tina.encoder import Encoder
from tina.errors import UserError

from .base import HEAD, Blueprint, Tokens, Weights
from .cnn import Cnn
from .heads import ENCODER_HEAD, EncoderHeads, NetworkHeads
from .residual import Residual

BLUEPRINTS: dict[str, Blueprint] = {
    "cnn-5k": Cnn("cnn-5k", 16, 32),  # 5,088 shared weights in 18 tokens, and 33 weights a class
    "cnn-14k": Cnn("cnn-14k", 28, 52),  # 13,940 shared weights in 28 tokens, and 53 weights a class
    "tiny-5k": Residual("tiny-5k", 4),  # 4,996 in 20, and 17
    "tiny-20k": Residual("tiny-20k", 8),  # 19,528 in 35, and 33
    "resnet20-head": NetworkHeads("resnet20-head", Residual("resnet20", 16, blocks=3)),  # none, and 65 a class
}


def get_blueprint(id: str) -> Blueprint:
    """From the table, or rows on an encoder's image tower: encoder-head:embedded, encoder-head:ViT-B-32/openai."""
    if id.startswith(ENCODER_HEAD):
        return _on_encoder(id.removeprefix(ENCODER_HEAD))
    if id not in BLUEPRINTS:
        known = ", ".join([*BLUEPRINTS, f"{ENCODER_HEAD}ENCODER"])
        raise UserError(f"There is no blueprint {id!r}: it is one of {known}.")
    return BLUEPRINTS[id]


@cache
def _on_encoder(id: str) -> EncoderHeads:
    return EncoderHeads(Encoder(id))


__all__ = ["BLUEPRINTS", "HEAD", "Blueprint", "Tokens", "Weights", "get_blueprint"]
