"""How the things that words name look, as far as that can be told from words like them: it stands beside their meaning.

A vector that says what a word means puts the bee next to honey. What a bee looks like is known from pictures, and of
things that no picture was seen of from a lexicon of what is seen of them; a text looks like the words that it is like.
So each of an encoder's texts gets both. Where each of two worlds has its own way of drawing the same thing, it gets
one look for each.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

FILE = "looks.safetensors"  # in an encoder's folder, beside open_clip's
REACH = 0.15  # how much less alike than its own words a text may be, and still count by 1/e
LENGTH = 0.35  # of each look beside the word's one
KEPT = {"words": torch.float8_e4m3fn, "weights": torch.float8_e4m3fn, "axes": torch.float16}


def likeness(vectors: Tensor, others: Tensor, reach: float = REACH) -> Tensor:
    """N x M: 1 where unit vectors are the same, less and less the further they are from one another."""
    return ((vectors @ others.T - 1) / reach).exp()


def written_on(projection: Tensor) -> Tensor:
    """The axes that a text tower's last matrix (width x dim) writes on, the same ones on every machine."""
    q, r = torch.linalg.qr(projection.detach().float().cpu().T)
    return (q * r.diagonal().sign()).T


class Appearance:
    """`words` (M x width) say where on the axes that texts are written on (`meaning`, width x dim) the known words are.
    Of each world: these look like the `weights` (M x A) make them look, and `axes` (A x dim), on which no word has
    anything to say."""

    def __init__(self, meaning: Tensor, words: Tensor, worlds: dict[str, dict[str, Tensor]]):
        self.meaning, self.words, self.worlds = meaning, words, worlds

    @classmethod
    def read(cls, folder: Path, model: torch.nn.Module) -> Appearance | None:
        """What is kept in an encoder's folder, if there is anything."""
        if not (folder / FILE).is_file():
            return None
        worlds: dict[str, dict[str, Tensor]] = {}
        kept = {name: tensor.float() for name, tensor in load_file(folder / FILE).items()}
        words = kept.pop("words")
        for name, tensor in kept.items():
            world, _, part = name.partition(".")
            worlds.setdefault(world, {})[part] = tensor
        return cls(written_on(model.text.text_projection), words, worlds)

    def save(self, folder: Path) -> None:
        kept = {name: tensor.to(KEPT[name.split(".")[-1]]).contiguous() for name, tensor in self.tensors()}
        save_file(kept, folder / FILE)

    def tensors(self) -> list[tuple[str, Tensor]]:
        worlds = [(f"{world}.{part}", tensor) for world, parts in self.worlds.items() for part, tensor in parts.items()]
        return [("words", self.words), *worlds]

    def beside(self, texts: Tensor) -> Tensor:
        """The unit vectors of texts (N x dim), each with how the thing looks."""
        alike = likeness(texts @ self.meaning.to(texts.device).T, self.words.to(texts.device))
        both = texts
        for world in self.worlds.values():
            weights, axes = (world[part].to(texts.device) for part in ("weights", "axes"))
            both = both + LENGTH * F.normalize(alike @ weights, dim=1) @ axes
        return F.normalize(both, dim=1)
