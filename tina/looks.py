"""How the things that words name look, as far as that can be told from words like them: it stands beside their meaning.

A vector that says what a word means puts the bee next to honey. What a bee looks like is known from pictures of things
whose words are like it, so each of an encoder's texts gets both. Where each of two worlds has its own way of drawing
the same thing, it gets one look for each.
"""

from __future__ import annotations

from pathlib import Path

import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

FILE = "looks.safetensors"  # in an encoder's folder, beside open_clip's
REACH = 0.15  # how much less alike than its own words a text may be, and still count by 1/e
LENGTH = 0.3  # of each look beside the word's one


def likeness(texts: Tensor, others: Tensor) -> Tensor:
    """N x M: 1 where unit vectors are the same, less and less the further they are from one another."""
    return ((texts @ others.T - 1) / REACH).exp()


class Looks:
    """Of each world: `words` (M x dim), which look like the `weights` (M x A) make them look, and `axes` (A x dim), on
    which no word has anything to say."""

    def __init__(self, worlds: dict[str, dict[str, Tensor]]):
        self.worlds = worlds

    @classmethod
    def read(cls, folder: Path) -> Looks | None:
        """What is kept in an encoder's folder, if there is anything."""
        if not (folder / FILE).is_file():
            return None
        worlds: dict[str, dict[str, Tensor]] = {}
        for name, tensor in load_file(folder / FILE).items():
            world, _, part = name.partition(".")
            worlds.setdefault(world, {})[part] = tensor.float()
        return cls(worlds)

    def save(self, folder: Path) -> None:
        save_file({name: tensor.half().contiguous() for name, tensor in self.tensors()}, folder / FILE)

    def tensors(self) -> list[tuple[str, Tensor]]:
        return [(f"{world}.{part}", tensor) for world, parts in self.worlds.items() for part, tensor in parts.items()]

    def beside(self, texts: Tensor) -> Tensor:
        """The unit vectors of texts (N x dim), each with how the thing looks."""
        both = texts
        for world in self.worlds.values():
            words, weights, axes = (world[part].to(texts.device) for part in ("words", "weights", "axes"))
            both = both + LENGTH * F.normalize(likeness(texts, words) @ weights, dim=1) @ axes
        return F.normalize(both, dim=1)
