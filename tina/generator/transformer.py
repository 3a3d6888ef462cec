"""The network: noisy tokens of a classifier, the timestep and the prompt vectors in, the clean tokens out.

    config = TransformerConfig.sized("small", shared=24, shared_width=144, class_width=65, prompt_width=512)
    network = SetTransformer(config)
    shared, classes = network(shared, classes, t, prompts, mask)

A classifier is a set: class tokens have no place, only their class's prompt vector. So classes permute as the prompt
does, and any number of them will do. The blocks are those of DiT (Peebles & Xie, arXiv 2212.09748).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.errors import UserError

# Parameters without those that hang on the widths of tokens and prompts, which are few.
SIZES: dict[str, dict[str, int]] = {
    "tiny": {"width": 64, "depth": 2, "heads": 4},  # 0.18 M, for tests
    "mini": {"width": 128, "depth": 6, "heads": 4},  # 1.9 M, enough for rows alone
    "small": {"width": 256, "depth": 6, "heads": 4},  # 7.4 M, small enough for a CPU
    "S": {"width": 384, "depth": 12, "heads": 6},  # 32 M, as DiT-S
    "B": {"width": 768, "depth": 12, "heads": 12},  # 129 M, as DiT-B
    "L": {"width": 2048, "depth": 12, "heads": 16},  # 920 M, the width and depth of Text-to-Model
}
WAVES = 256  # sines and cosines that say the time


@dataclass(frozen=True)
class TransformerConfig:
    shared: int  # S: shared tokens of a classifier
    shared_width: int  # D: numbers in a shared token
    class_width: int  # C: numbers in a class token
    prompt_width: int  # E: numbers in a prompt vector
    width: int
    depth: int
    heads: int

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise UserError(f"A width of {self.width} does not divide into {self.heads} heads.")

    @classmethod
    def sized(cls, size: str, **tokens: int) -> TransformerConfig:
        """A named size from `SIZES`, for tokens and prompts of these widths."""
        if size not in SIZES:
            raise UserError(f"There is no generator size {size!r}: it is one of {', '.join(SIZES)}.")
        return cls(**tokens, **SIZES[size])


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """adaLN."""
    return x * (1 + scale) + shift


class TimestepEmbedder(nn.Module):
    """A timestep as a vector: slow and fast waves of it, then a small network."""

    def __init__(self, width: int):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(WAVES, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, t: Tensor) -> Tensor:
        half = WAVES // 2
        speed = torch.exp(-math.log(10_000) * torch.arange(half, device=t.device) / half)
        angle = t[:, None].float() * speed
        return self.mlp(torch.cat([angle.cos(), angle.sin()], dim=1).to(next(self.mlp.parameters()).dtype))


class Block(nn.Module):
    """Attention, then an MLP; the condition shifts and scales what enters each and gates what leaves it."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width))
        self.condition = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))

    def forward(self, x: Tensor, condition: Tensor, seen: Tensor) -> Tensor:
        shift1, scale1, gate1, shift2, scale2, gate2 = self.condition(condition)[:, None].chunk(6, dim=2)
        x = x + gate1 * self.attention(modulate(self.norm1(x), shift1, scale1), seen)
        return x + gate2 * self.mlp(modulate(self.norm2(x), shift2, scale2))

    def attention(self, x: Tensor, seen: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # B x heads x N x width/heads
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None, None])
        return self.out(x.transpose(1, 2).flatten(2))


class GeneratorNetwork(nn.Module):
    """The base of every layout: noisy tokens, timestep, prompt vectors, mask and drop in, clean tokens out."""

    config: TransformerConfig
    place: nn.Parameter
    null: nn.Parameter
    time: TimestepEmbedder
    blocks: nn.ModuleList  # of `Block`
    condition: nn.Sequential  # the last layer's modulation
    ordered = False  # whether classes have places, so that training has to shuffle them


def initialise(network: GeneratorNetwork, last: list[nn.Linear]) -> None:
    """Where a network of either layout starts: every block as the identity, the whole as the mean classifier."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    # In pure noise its place is all that tells a token from the others: let it be as loud as the token.
    nn.init.normal_(network.place)
    nn.init.normal_(network.null, std=network.config.prompt_width**-0.5)  # of about length one, like the others
    for parameter in network.time.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.02)
    modulations = [module.condition[1] for module in (*network.blocks, network) if hasattr(module, "condition")]
    for layer in (*modulations, *last):  # adaLN-Zero
        nn.init.zeros_(layer.weight)


def _linear(inputs: int, outputs: int) -> nn.Linear:
    """May be empty, of classifiers that are rows alone or have none; torch would warn of that at every loading."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")
        return nn.Linear(inputs, outputs)


class SetTransformer(GeneratorNetwork):
    """Class tokens are a set: they have no place, only their class's prompt vector."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config = config
        width = config.width
        self.shared_in = _linear(config.shared_width, width)
        self.place = nn.Parameter(torch.empty(config.shared, width))
        self.class_in = _linear(config.class_width, width)
        self.prompt_in = nn.Linear(config.prompt_width, width)
        self.null = nn.Parameter(torch.empty(config.prompt_width))  # the prompt vector that says nothing
        self.time = TimestepEmbedder(width)
        self.summary = nn.Linear(config.prompt_width, width)
        self.blocks = nn.ModuleList(Block(width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.condition = nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))
        self.shared_out = _linear(width, config.shared_width)
        self.class_out = _linear(width, config.class_width)
        initialise(self, [self.shared_out, self.class_out])

    def forward(
        self, shared: Tensor, classes: Tensor, t: Tensor, prompts: Tensor, mask: Tensor, drop: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """shared B x S x D, classes B x K x C, t B, prompts B x K x E, mask B x K (True: a class, False: padding).

        Where `drop` (B) is True, the prompt is withheld. Padded classes come out as zeros.
        """
        if drop is not None:
            prompts = torch.where(drop[:, None, None], self.null.to(prompts.dtype), prompts)
        prompts = prompts * self.config.prompt_width**0.5  # unit vectors become numbers of about one
        real = mask[..., None].to(prompts.dtype)
        condition = self.time(t) + self.summary((prompts * real).sum(1) / real.sum(1))  # B x width

        x = torch.cat([self.shared_in(shared) + self.place, self.class_in(classes) + self.prompt_in(prompts)], dim=1)
        seen = torch.cat([mask.new_ones(shared.shape[:2]), mask], dim=1)  # B x (S + K)
        for block in self.blocks:
            x = block(x, condition, seen)

        x = modulate(self.norm(x), *self.condition(condition)[:, None].chunk(2, dim=2))
        shared, classes = x.split([shared.shape[1], classes.shape[1]], dim=1)
        return self.shared_out(shared), self.class_out(classes) * real
