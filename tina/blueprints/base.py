"""What every blueprint is: named weights, how pictures become logits, and how weights become tokens and back.

The weights of a classifier of K classes are the blueprint's shared weights (`shapes`), a row for each class, which is
its weight vector in the last layer (`head.weight`, K x width), and a bias for each class (`head.bias`, K). A stack of M
classifiers of the same K is one such dictionary with M in front.

Rows are generated like all other weights, or they are given: the vectors of the prompt, as they are (`rows_by`). Given
rows are in no token, are not trained, and have to be handed to `from_tokens`.

Letters in shapes: M classifiers, B pictures, K classes, S shared tokens of D numbers.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.encoder.encoder import Encoder
from tina.errors import UserError

HEAD = ("head.weight", "head.bias")  # a row and a bias for each class
Weights = dict[str, Tensor]

# A shared token has room for this many output channels of the layer with the most weights per channel (for more of
# others): with one there would be twice as many tokens, and the generator's work grows with their number. It may be
# longer by this share where that saves tokens: four channels that are each half as long, a norm's scale and shift too.
CHANNELS_A_TOKEN, SPARE = 2, 0.05


@dataclass(frozen=True)
class Tokens:
    """A classifier as the generator sees it; of a stack of classifiers, both have the stack's axes in front."""

    shared: Tensor  # S x D: token i always holds the same weights
    classes: Tensor  # K x (width + 1): row and bias of each class, in the classes' order; K x 0 where rows are given


@dataclass(frozen=True)
class _Layer:
    """Weights that share a name up to the last dot, laid out as a matrix with one row for each output channel."""

    name: str
    sizes: dict[str, int]  # name of a weight -> how many columns are its
    channels: int
    channels_a_token: int

    @property
    def tokens(self) -> int:
        return math.ceil(self.channels / self.channels_a_token)

    @property
    def length(self) -> int:
        """Numbers in a full token."""
        return self.channels_a_token * sum(self.sizes.values())


class Blueprint(ABC):
    """The base of all blueprints: a subclass has `shapes` and `width`, and implements `features_many` and `module`."""

    rows_by: Encoder | None = None  # whose prompt vectors are the rows; None where rows are generated

    def __init__(self, id: str, width: int, shapes: dict[str, tuple[int, ...]], size: int = 32):
        """
        Args:
            id: its name, as in `BLUEPRINTS`.
            width: features before the head.
            shapes: shared weights, name -> shape with the output channels first.
            size: pictures are size x size.
        """
        self.id, self.width, self.shapes, self.size = id, width, shapes, size

    def __repr__(self) -> str:
        return f"<Blueprint {self.id}: {self.parameters(0):,} shared weights + {self.class_width} a class>"

    @property
    def class_width(self) -> int:
        """How many weights the generator writes for a class."""
        return 0 if self.rows_by else self.width + 1

    def parameters(self, classes: int) -> int:
        """How many weights the generator writes for a classifier of so many classes."""
        return sum(math.prod(shape) for shape in self.shapes.values()) + classes * self.class_width

    def init(self, classes: int, generator: torch.Generator) -> Weights:
        """Initial weights for training from scratch (He et al., 2015): biases are zero, norms' scales are one.

        Args:
            classes: K.
            generator: for the random numbers; the weights are on its device.

        Returns:
            The weights of one classifier.
        """
        shapes = self.shapes | {"head.weight": (classes, self.width), "head.bias": (classes,)}
        weights = {name: torch.zeros(shape, device=generator.device) for name, shape in shapes.items()}
        for name, weight in weights.items():
            if weight.ndim > 1:
                after: Literal["linear", "relu"] = "linear" if name == "head.weight" else "relu"
                nn.init.kaiming_normal_(weight, nonlinearity=after, generator=generator)
            elif name.endswith(".scale"):
                nn.init.ones_(weight)
        return weights

    def prepare(self, pictures: np.ndarray) -> Tensor:
        """Pictures as the classifier takes them, after a check of their dtype and shape.

        Args:
            pictures: uint8, B x size x size x 3.

        Returns:
            fp32, B x 3 x size x size, from -1 to 1.
        """
        if pictures.dtype != np.uint8 or pictures.shape[1:] != (self.size, self.size, 3):
            given = f"{pictures.dtype}, {' x '.join(map(str, pictures.shape))}"
            raise UserError(
                f"{self.id} wants pictures as uint8, n x {self.size} x {self.size} x 3, and not as {given}."
            )
        return self.scale(torch.tensor(pictures)).contiguous()

    def scale(self, pictures: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Pictures as the classifier takes them, unchecked.

        Args:
            pictures: uint8, ... x size x size x 3.
            dtype: what convolutions are to be computed in; features and logits are fp32 in any case.

        Returns:
            ... x 3 x size x size, from -1 to 1.
        """
        return (pictures.to(dtype) / 127.5 - 1).movedim(-1, -3)

    # -- the backbone that classifiers share: none where every weight is generated; `heads.py` overrides these

    @property
    def backbone_hash(self) -> str:
        """Identifies a backbone that is kept elsewhere; empty where there is none."""
        return ""

    @property
    def whole(self) -> Blueprint:
        """The blueprint of the zoo's generic network, in which every weight is trained."""
        return self

    def on(self, generic: nn.Module) -> Blueprint:
        """This blueprint with the frozen part of a generic network as its backbone.

        Args:
            generic: a module of `whole`. It is not copied.

        Returns:
            A blueprint that can compute features.
        """
        return self

    def complete(self, weights: Weights) -> Weights:
        """The weights of one classifier together with those of its backbone: all that `whole` has."""
        return weights

    # -- from pictures to logits

    @abstractmethod
    def features_many(self, weights: Weights, x: Tensor) -> Tensor:
        """What the heads of M classifiers are applied to.

        Args:
            weights: a stack of M.
            x: B x 3 x size x size for all of them, or M x B x 3 x size x size.

        Returns:
            M x B x width, fp32.
        """

    @abstractmethod
    def module(self, weights: Weights) -> nn.Module:
        """One classifier as an ordinary torch module.

        Args:
            weights: of one classifier; they are copied.

        Returns:
            A module in eval mode whose state dict has the same names (and those of a backbone of our own).
        """

    def features(self, weights: Weights, x: Tensor) -> Tensor:
        """What the head of one classifier is applied to, B x width, for prepared pictures (B x 3 x size x size)."""
        return self.features_many({name: weight[None] for name, weight in weights.items()}, x)[0]

    def forward(self, weights: Weights, x: Tensor) -> Tensor:
        """Logits of one classifier: B x K, for prepared pictures (B x 3 x size x size)."""
        return F.linear(self.features(weights, x), weights["head.weight"], weights["head.bias"])

    def forward_many(self, weights: Weights, x: Tensor) -> Tensor:
        """Logits of a stack of classifiers.

        Args:
            weights: a stack of M.
            x: prepared pictures, B x 3 x size x size for all of them, or M x B x 3 x size x size.

        Returns:
            M x B x K.
        """
        rows, biases = weights["head.weight"], weights["head.bias"]  # (M, K, width), (M, K)
        return torch.baddbmm(biases[:, None], self.features_many(weights, x), rows.mT)

    # -- from weights to tokens and back

    def to_tokens(self, weights: Weights) -> Tokens:
        """Weights as tokens, bit for bit.

        Args:
            weights: of one classifier, or a stack with any leading axes.

        Returns:
            Tokens with the same leading axes; what does not fill a token is padded with zeros (`shared_mask`).
        """
        head = torch.cat([weights["head.weight"], weights["head.bias"][..., None]], dim=-1)
        lead = head.shape[:-2]
        parts = [head.new_zeros(*lead, 0, self.token_length)]
        for layer in self._layers:
            columns = [weights[name].reshape(*lead, layer.channels, size) for name, size in layer.sizes.items()]
            matrix = torch.cat(columns, -1)  # (..., channels, weights of a channel)
            matrix = F.pad(matrix, (0, 0, 0, layer.tokens * layer.channels_a_token - layer.channels))
            part = matrix.reshape(*lead, layer.tokens, layer.length)
            parts.append(F.pad(part, (0, self.token_length - layer.length)))
        return Tokens(torch.cat(parts, dim=-2), head[..., : self.class_width])

    def from_tokens(self, tokens: Tokens, vectors: Tensor | None = None) -> Weights:
        """The inverse of `to_tokens`.

        Args:
            tokens: of one classifier, or of a stack; their padding is ignored.
            vectors: the classes' prompt vectors (K x width), needed where rows are given.

        Returns:
            The weights, with the tokens' leading axes.
        """
        lead = tokens.shared.shape[:-2]
        weights = {}
        parts = tokens.shared.split([layer.tokens for layer in self._layers], dim=-2)
        for layer, part in zip(self._layers, parts, strict=True):
            matrix = part[..., : layer.length].unflatten(-1, (layer.channels_a_token, -1)).flatten(-3, -2)
            columns = matrix[..., : layer.channels, :].split(list(layer.sizes.values()), dim=-1)
            for name, column in zip(layer.sizes, columns, strict=True):
                weights[name] = column.reshape(*lead, *self.shapes[name])
        if self.rows_by:
            if vectors is None:
                raise ValueError(f"The rows of {self.id} are prompt vectors: hand them over.")
            return weights | self.given_rows(vectors)
        head = tokens.classes
        return weights | {"head.weight": head[..., :-1].contiguous(), "head.bias": head[..., -1].contiguous()}

    def given_rows(self, vectors: Tensor) -> Weights:
        """Prompt vectors as rows: a logit is then the encoder's scale times a cosine.

        Args:
            vectors: ... x K x width, unit vectors.

        Returns:
            `head.weight` and `head.bias`, which is zero.
        """
        if self.rows_by is None:
            raise ValueError(f"The rows of {self.id} are generated.")
        return {"head.weight": self.rows_by.scale * vectors, "head.bias": vectors.new_zeros(vectors.shape[:-1])}

    @property
    def shared_tokens(self) -> int:
        """S: how many shared tokens there are."""
        return sum(layer.tokens for layer in self._layers)

    @cached_property
    def token_length(self) -> int:
        """D: numbers in a shared token, padding included."""
        least = CHANNELS_A_TOKEN * max(self._channel_lengths.values(), default=0)
        channels = {name.rpartition(".")[0]: shape[0] for name, shape in self.shapes.items()}

        def tokens(length: int) -> int:
            return sum(math.ceil(channels[layer] / (length // one)) for layer, one in self._channel_lengths.items())

        return min(range(least, int(least * (1 + SPARE)) + 1), key=tokens)

    @property
    def shared_mask(self) -> Tensor:
        """S x D, True where a shared token holds a weight, False where it is padded."""
        ones = {name: torch.ones(shape) for name, shape in self.shapes.items()}
        head = {"head.weight": torch.ones(0, self.width), "head.bias": torch.ones(0)}
        return self.to_tokens(ones | head).shared.bool()

    @cached_property
    def token_names(self) -> list[str]:
        """What each of the S shared tokens holds, for figures: 'conv1 channels 0-9'."""
        names = []
        for layer in self._layers:
            for first in range(0, layer.channels, layer.channels_a_token):
                last = min(first + layer.channels_a_token, layer.channels) - 1
                names.append(f"{layer.name} " + (f"channels {first}-{last}" if last > first else f"channel {first}"))
        return names

    @cached_property
    def _channel_lengths(self) -> dict[str, int]:
        """Layer -> weights of one output channel: kernel, bias, and a norm's scale and shift."""
        lengths: dict[str, int] = {}
        for name, (_, *rest) in self.shapes.items():
            layer = name.rpartition(".")[0]
            lengths[layer] = lengths.get(layer, 0) + math.prod(rest)
        return lengths

    @cached_property
    def _layers(self) -> list[_Layer]:
        layers = []
        for layer, length in self._channel_lengths.items():
            shapes = {name: shape for name, shape in self.shapes.items() if name.rpartition(".")[0] == layer}
            sizes = {name: math.prod(rest) for name, (_, *rest) in shapes.items()}
            (channels,) = {shape[0] for shape in shapes.values()}
            layers.append(_Layer(layer, sizes, channels, min(channels, self.token_length // length)))
        return layers
