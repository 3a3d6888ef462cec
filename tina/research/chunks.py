"""The papers' layout, to be measured against: a classifier as a sequence of fixed chunks, each with its place.

All weights end to end, class rows padded to the most classes there may be, are cut into chunks; the prompt's vectors
are tokens of their own before them, with places too. That the order of classes does not matter is nothing the network
is built on: it has to learn it, from classes that are shuffled at every step (`ordered` tells training to).
Text-to-Model (arXiv 2405.14132), section 3; blocks, time and signature are those of the set layout.

    python -m tina.research.chunks --zoo runs/sketchbook/zoo --out runs/chunks --minutes 15    # as python -m tina.train

Importing this module makes the layout known as "chunks": to train a checkpoint that has it, and to load one.
"""

from __future__ import annotations

import sys

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.blueprints.slicing import pad_rows
from tina.errors import exit_on_user_error
from tina.generator.tina import LAYOUTS
from tina.generator.transformer import (
    Block,
    GeneratorNetwork,
    TimestepEmbedder,
    TransformerConfig,
    initialise,
    modulate,
)

CLASSES = 16  # the most there may be: rows of smaller classifiers are padded to as many


class ChunkTransformer(GeneratorNetwork):
    ordered = True

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config = config
        width, self.length = config.width, config.shared_width or config.class_width
        numbers = config.shared * config.shared_width + CLASSES * config.class_width
        self.chunks = -(-numbers // self.length)
        self.chunk_in = nn.Linear(self.length, width)
        self.place = nn.Parameter(torch.empty(self.chunks + CLASSES, width))
        self.prompt_in = nn.Linear(config.prompt_width, width)
        self.null = nn.Parameter(torch.empty(config.prompt_width))
        self.time = TimestepEmbedder(width)
        self.blocks = nn.ModuleList(Block(width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.condition = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))
        self.chunk_out = nn.Linear(width, self.length)
        initialise(self, [self.chunk_out])

    def forward(
        self, shared: Tensor, classes: Tensor, t: Tensor, prompts: Tensor, mask: Tensor, drop: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The same words in and out as `SetTransformer.forward`, for 16 classes at most."""
        if drop is not None:
            prompts = torch.where(drop[:, None, None], self.null.to(prompts.dtype), prompts)
        flat = torch.cat([shared.flatten(1), pad_rows(classes, CLASSES).flatten(1)], dim=1)
        chunks = F.pad(flat, (0, self.chunks * self.length - flat.shape[1])).unflatten(1, (self.chunks, self.length))
        prompts = pad_rows(prompts * self.config.prompt_width**0.5, CLASSES)
        x = torch.cat([self.prompt_in(prompts), self.chunk_in(chunks)], dim=1) + self.place
        seen = torch.cat([pad_rows(mask, CLASSES), mask.new_ones(len(mask), self.chunks)], dim=1)
        condition = self.time(t)
        for block in self.blocks:
            x = block(x, condition, seen)
        x = modulate(self.norm(x), *self.condition(condition)[:, None].chunk(2, dim=2))
        flat = self.chunk_out(x[:, CLASSES:]).flatten(1)
        size = shared[0].numel()
        rows = flat[:, size : size + CLASSES * classes.shape[2]].unflatten(1, (CLASSES, -1))[:, : classes.shape[1]]
        return flat[:, :size].unflatten(1, shared.shape[1:]), rows * mask[..., None]


LAYOUTS["chunks"] = ChunkTransformer


def main(argv: list[str] | None = None) -> None:
    """Trains a generator of this layout; arguments are those of `python -m tina.train`."""
    from tina.training.train import main as train

    train([*(sys.argv[1:] if argv is None else argv), "--layout", "chunks"])


if __name__ == "__main__":
    exit_on_user_error(main)
