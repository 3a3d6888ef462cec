"""What every blueprint is: named weights, how pictures become logits, and how weights become tokens and back.

The weights of a classifier of K classes are the blueprint's shared weights (`shapes`), a row for each class
(`head.weight`, K x width) and a number for each class (`head.bias`, K). Many classifiers of the same K are one such
dictionary with an axis more in front.

Rows are generated like everything else, or they are given: the vectors of the prompt, as they are (`rows_by`). Then
no token tells of them, no training moves them, and whoever turns tokens into weights says which vectors.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.encoder.encoder import Encoder
from tina.errors import UserError

HEAD = ("head.weight", "head.bias")  # a row and a number for each class
Weights = dict[str, Tensor]

# Of the longest rows a shared token holds this many (of shorter ones more): with one it would be twice as many tokens,
# and the generator's work grows with their number. It may be longer by this share where tokens are saved by it: four
# rows that are each half as long as the longest and a norm's scale and shift.
ROWS, SPARE = 2, 0.05


@dataclass(frozen=True)
class Tokens:
    """A classifier as the generator sees it; of a stack of classifiers, both have the stack's axes in front."""

    shared: Tensor  # S x D: each token has its place
    classes: Tensor  # K x (width + 1): row and bias of a class, in the classes' own order; K x 0 where rows are given


@dataclass(frozen=True)
class _Layer:
    """Weights that share a name up to the last dot, laid out as one row for each output channel."""

    name: str
    sizes: dict[str, int]  # name of a weight -> how many numbers of a row it has
    rows: int
    rows_a_token: int

    @property
    def tokens(self) -> int:
        return math.ceil(self.rows / self.rows_a_token)

    @property
    def length(self) -> int:
        """Numbers in a full token."""
        return self.rows_a_token * sum(self.sizes.values())


class Blueprint(ABC):
    """The base of all blueprints: a subclass says `shapes` and `width`, and gives `features_many` and `module`."""

    rows_by: Encoder | None = None  # whose vectors of the prompt are the rows; without it rows are generated

    def __init__(self, id: str, width: int, shapes: dict[str, tuple[int, ...]], size: int = 32):
        self.id = id
        self.width = width  # features before the head
        self.shapes = shapes  # name -> shape of a shared weight, its output channels first
        self.size = size  # pictures are size x size

    def __repr__(self) -> str:
        return f"<Blueprint {self.id}: {self.parameters(0):,} shared weights + {self.class_width} a class>"

    @property
    def class_width(self) -> int:
        """How many weights the generator writes for a class."""
        return 0 if self.rows_by else self.width + 1

    def parameters(self, classes: int) -> int:
        """How many weights the generator writes for so many classes."""
        return sum(math.prod(shape) for shape in self.shapes.values()) + classes * self.class_width

    def init(self, classes: int, generator: torch.Generator) -> Weights:
        """Where training from nothing starts (He et al., 2015): biases are zero, norms' scales are one."""
        shapes = self.shapes | {"head.weight": (classes, self.width), "head.bias": (classes,)}
        weights = {name: torch.zeros(shape, device=generator.device) for name, shape in shapes.items()}
        for name, weight in weights.items():
            if weight.ndim > 1:
                after = "linear" if name == "head.weight" else "relu"
                nn.init.kaiming_normal_(weight, nonlinearity=after, generator=generator)
            elif name.endswith(".scale"):
                nn.init.ones_(weight)
        return weights

    def prepare(self, pictures: np.ndarray) -> Tensor:
        """uint8, n x size x size x 3 -> n x 3 x size x size, numbers from -1 to 1."""
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (self.size, self.size, 3):
            found = f"{pictures.dtype}, {' x '.join(map(str, pictures.shape))}"
            raise UserError(
                f"{self.id} wants pictures as uint8, n x {self.size} x {self.size} x 3, and not as {found}."
            )
        return self.scale(torch.tensor(pictures)).contiguous()

    def scale(self, pictures: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """uint8, ... x size x size x 3 -> ... x 3 x size x size, numbers from -1 to 1. Their dtype is what the
        convolutions are computed in; features and logits are fp32 in any case."""
        return (pictures.to(dtype) / 127.5 - 1).movedim(-1, -3)

    # What classifiers share: nothing, if every weight is generated. `heads.py` says what it is otherwise

    @property
    def backbone_hash(self) -> str:
        """Of a backbone that is kept elsewhere."""
        return ""

    @property
    def whole(self) -> Blueprint:
        """The blueprint of the generic network that a zoo starts from, every weight of which is trained."""
        return self

    def on(self, generic: nn.Module) -> Blueprint:
        """With the frozen part of a generic network as the backbone."""
        return self

    def complete(self, weights: Weights) -> Weights:
        """The weights of one classifier and of its backbone: all that `whole` wants."""
        return weights

    # From pictures to logits

    @abstractmethod
    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        """What the heads of M classifiers look at: M x B x width. The arguments are those of `forward_many`."""

    @abstractmethod
    def module(self, weights: Weights) -> nn.Module:
        """One classifier as an ordinary module with a copy of the weights in fp32, by the same names."""

    def features(self, weights: Weights, x: Tensor) -> Tensor:
        """What the head of one classifier looks at: B x width."""
        return self.features_many({name: weight[None] for name, weight in weights.items()}, x)[0]

    def forward(self, weights: Weights, x: Tensor) -> Tensor:
        """Logits of one classifier: B x K, for prepared pictures (B x 3 x size x size)."""
        return F.linear(self.features(weights, x), weights["head.weight"], weights["head.bias"])

    def forward_many(self, weights: Weights, x: Tensor) -> Tensor:
        """Logits of M classifiers: M x B x K. x is B x 3 x size x size, or with M in front: pictures for each."""
        rows, biases = weights["head.weight"], weights["head.bias"]
        return torch.baddbmm(biases[:, None], self.features_many(weights, x), rows.mT)

    # From weights to tokens and back

    def to_tokens(self, weights: Weights) -> Tokens:
        head = torch.cat([weights["head.weight"], weights["head.bias"][..., None]], dim=-1)
        lead = head.shape[:-2]
        parts = [head.new_zeros(*lead, 0, self.token_length)]
        for layer in self._layers:
            rows = torch.cat([weights[name].reshape(*lead, layer.rows, size) for name, size in layer.sizes.items()], -1)
            rows = F.pad(rows, (0, 0, 0, layer.tokens * layer.rows_a_token - layer.rows))
            part = rows.reshape(*lead, layer.tokens, layer.length)
            parts.append(F.pad(part, (0, self.token_length - layer.length)))
        return Tokens(torch.cat(parts, dim=-2), head[..., : self.class_width])

    def from_tokens(self, tokens: Tokens, vectors: Tensor | None = None) -> Weights:
        """The inverse of `to_tokens`; what stands in the padding does not matter. `vectors` are those of the classes'
        prompts (K x width): the rows, where these are given."""
        lead = tokens.shared.shape[:-2]
        weights = {}
        parts = tokens.shared.split([layer.tokens for layer in self._layers], dim=-2)
        for layer, part in zip(self._layers, parts, strict=True):
            rows = part[..., : layer.length].unflatten(-1, (layer.rows_a_token, -1)).flatten(-3, -2)
            columns = rows[..., : layer.rows, :].split(list(layer.sizes.values()), dim=-1)
            for name, column in zip(layer.sizes, columns, strict=True):
                weights[name] = column.reshape(*lead, *self.shapes[name])
        if self.rows_by:
            return weights | self.given_rows(vectors)
        head = tokens.classes
        return weights | {"head.weight": head[..., :-1].contiguous(), "head.bias": head[..., -1].contiguous()}

    def given_rows(self, vectors: Tensor) -> Weights:
        """Prompt vectors (K x width) as rows: a product with one is what the encoder makes of a cosine."""
        return {"head.weight": self.rows_by.scale * vectors, "head.bias": vectors.new_zeros(vectors.shape[:-1])}

    @property
    def shared_tokens(self) -> int:
        """S: how many shared tokens there are."""
        return sum(layer.tokens for layer in self._layers)

    @cached_property
    def token_length(self) -> int:
        """D: numbers in a shared token, padding included."""
        least = ROWS * max(self._row_lengths.values(), default=0)
        rows = {name.rpartition(".")[0]: shape[0] for name, shape in self.shapes.items()}

        def tokens(length: int) -> int:
            return sum(math.ceil(rows[layer] / (length // row)) for layer, row in self._row_lengths.items())

        return min(range(least, int(least * (1 + SPARE)) + 1), key=tokens)

    @property
    def shared_mask(self) -> Tensor:
        """S x D, True where a shared token holds a weight, False where it is padded."""
        ones = {name: torch.ones(shape) for name, shape in self.shapes.items()}
        head = {"head.weight": torch.ones(0, self.width), "head.bias": torch.ones(0)}
        return self.to_tokens(ones | head).shared.bool()

    @cached_property
    def token_names(self) -> list[str]:
        """What each shared token holds, for figures: 'conv1 channels 0-9'."""
        names = []
        for layer in self._layers:
            for first in range(0, layer.rows, layer.rows_a_token):
                last = min(first + layer.rows_a_token, layer.rows) - 1
                names.append(f"{layer.name} " + (f"channels {first}-{last}" if last > first else f"channel {first}"))
        return names

    @cached_property
    def _row_lengths(self) -> dict[str, int]:
        """Layer -> numbers in a row: everything that belongs to one output channel."""
        lengths: dict[str, int] = {}
        for name, (_, *rest) in self.shapes.items():
            layer = name.rpartition(".")[0]
            lengths[layer] = lengths.get(layer, 0) + math.prod(rest)
        return lengths

    @cached_property
    def _layers(self) -> list[_Layer]:
        layers = []
        for layer, length in self._row_lengths.items():
            shapes = {name: shape for name, shape in self.shapes.items() if name.rpartition(".")[0] == layer}
            sizes = {name: math.prod(rest) for name, (_, *rest) in shapes.items()}
            (rows,) = {shape[0] for shape in shapes.values()}
            layers.append(_Layer(layer, sizes, rows, min(rows, self.token_length // length)))
        return layers
