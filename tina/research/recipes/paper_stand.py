"""Made-up things to measure on: blueprints without an encoder's weights, pictures and features of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tina import compat
from tina.blueprints import Blueprint, get_blueprint
from tina.blueprints.adapter import Adapter
from tina.blueprints.heads import NetworkHeads, Rows
from tina.training.zoo.bank import Bank
from tina.worlds import Thing, World

WIDTH = 512  # of CLIP ViT-B/32's vectors, and of a ResNet-18's features
CLASSES = 100  # of the generic network


@dataclass(frozen=True)
class Stand:
    """A blueprint, taken apart, without an encoder's weights."""

    top: Blueprint  # what a zoo's classifiers are trained as
    whole: Blueprint  # what the generic network is trained as
    tower: nn.Module | None  # what looks at pictures once and for all
    clip: nn.Module  # what looks at example pictures, for prompts
    size: int


class _Texts:
    """What an adapter asks of an encoder."""

    dim, scale = WIDTH, 100.0

    def encode_texts_cached(self, texts: Sequence[str]) -> Tensor:
        return nn.functional.normalize(torch.randn(len(texts), WIDTH), dim=-1)


class _MadeUp(World):
    """Black pictures of so many classes."""

    id = title = "made up"
    licence = "none"

    def __init__(self, classes: int, size: int):
        super().__init__([Thing(str(number)) for number in range(classes)], ())
        self.size = size

    def counts(self) -> dict[str, int]:
        return {}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        return np.zeros((4, self.size, self.size, 3), np.uint8)


def made_up_bank(blueprint: Blueprint, device: torch.device) -> Bank:
    """Pictures for a network, features for rows."""
    rows = isinstance(blueprint, Rows)
    world = _MadeUp(CLASSES, 1 if rows else blueprint.size)
    bank = Bank(world, world.names, ("train",), device)
    if rows:
        bank.pictures = torch.randn(len(bank.pictures), blueprint.width, device=device)
    return bank


def stand_of(kind: str, on_resnet: bool) -> Stand:
    """What a kind of classifier stands on.

    Args:
        kind: the blueprint's id, without its encoder's.
        on_resnet: the encoder is a ResNet-18 beside CLIP's text tower, and not CLIP.
    """
    clip = untrained("vit_base_patch32_clip_224", num_classes=WIDTH)
    if kind == "encoder-head":
        top: Blueprint = Rows(kind, WIDTH)
    elif kind == "encoder-adapter":
        top = Adapter(kind, _Texts())
    else:
        blueprint = get_blueprint(kind)
        if not isinstance(blueprint, NetworkHeads):
            return Stand(blueprint, blueprint, None, clip, blueprint.size)
        network = blueprint.whole.module(blueprint.whole.init(10, torch.Generator().manual_seed(0)))
        return Stand(blueprint.top, blueprint.whole, network[:-1], clip, blueprint.size)
    tower = untrained("resnet18", num_classes=0) if on_resnet else clip
    return Stand(top, top, tower, tower, 224)


@lru_cache
def untrained(name: str, **options: Any) -> nn.Module:
    """A network without training."""
    compat.prepare()
    import timm

    return timm.create_model(name, **options).requires_grad_(False)
