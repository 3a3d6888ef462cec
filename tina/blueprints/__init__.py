"""Blueprints: the kinds of classifier Tina can write.

    blueprint = get_blueprint("cnn-5k")
    tokens = blueprint.to_tokens(weights)       # what the generator learns from and writes
    weights = blueprint.from_tokens(tokens)
    logits = blueprint.forward(weights, blueprint.prepare(pictures))

`BLUEPRINTS` is the table of them. A new blueprint is one file that lists its layers, as `cnn.py` does, and one entry in
the table; `tests/blueprints/` tries every entry. Where only the last layers are generated, see `heads.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from tina.blueprints.adapter import Adapter
from tina.blueprints.base import HEAD, Blueprint
from tina.blueprints.cnn import Cnn
from tina.blueprints.heads import EncoderHeads, NetworkHeads, Rows
from tina.blueprints.residual import Residual
from tina.blueprints.tokens import Tokens, Weights
from tina.blueprints.tower import TowerHeads
from tina.encoder.encoder import EMBEDDED, Encoder
from tina.errors import UserError

BLUEPRINTS: dict[str, Blueprint] = {
    "cnn-5k": Cnn("cnn-5k", 16, 32),  # 5,088 shared weights in 18 tokens, and 33 a class
    "cnn-14k": Cnn("cnn-14k", 28, 52),  # 13,940 in 28, and 53
    "tiny-5k": Residual("tiny-5k", 4),  # 4,996 in 20, and 17
    "tiny-20k": Residual("tiny-20k", 8),  # 19,528 in 35, and 33
    "resnet20-head": NetworkHeads("resnet20-head", Residual("resnet20", 16, blocks=3)),  # none, and 65 a class
}

ON_ENCODERS: dict[str, Callable[[str, Encoder], Rows]] = {  # kinds that are built on an image tower
    "encoder-head": lambda id, encoder: Rows(id, encoder.dim),  # width + 1 weights a class
    "encoder-adapter": Adapter,  # 33 times the width and 16, and none a class
}


TOWER_ROWS = "tower-rows"  # the kind that is built on a pretrained image tower
TOWERS = 8  # of each kind that stay in memory, which takes up to a gigabyte each


def get_blueprint(id: str) -> Blueprint:
    """A blueprint by its id.

    Args:
        id: a key of `BLUEPRINTS`, one on an encoder's image tower (encoder-head:embedded,
            encoder-adapter:ViT-B-32/openai), or one on a pretrained tower (tower-rows:everyday).

    Returns:
        The blueprint; the same object every time.
    """
    kind, _, encoder = id.partition(":")
    if kind == TOWER_ROWS:
        return _on_tower(encoder)
    if kind in ON_ENCODERS:
        return _on_encoder(kind, encoder or EMBEDDED)
    if id not in BLUEPRINTS:
        choices = ", ".join([*BLUEPRINTS, *(f"{kind}:ENCODER" for kind in ON_ENCODERS), f"{TOWER_ROWS}:TOWER"])
        raise UserError(f"There is no blueprint {id!r}: it is one of {choices}.")
    return BLUEPRINTS[id]


@lru_cache(TOWERS)
def _on_encoder(kind: str, id: str) -> EncoderHeads:
    encoder = Encoder(id)
    return EncoderHeads(ON_ENCODERS[kind](f"{kind}:{id}", encoder), encoder)


@lru_cache(TOWERS)
def _on_tower(id: str) -> TowerHeads:
    return TowerHeads(f"{TOWER_ROWS}:{id}", id)


__all__ = ["BLUEPRINTS", "HEAD", "ON_ENCODERS", "Blueprint", "Tokens", "Weights", "get_blueprint"]
