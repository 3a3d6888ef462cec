"""Shared weights as tokens and back: the layout that a blueprint's shapes have.

Letters in shapes: S shared tokens of D numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

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


class TokenLayout:
    """Which shared weights stand where in the S x D shared tokens."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]):
        """
        Args:
            shapes: shared weights, name -> shape with the output channels first.
        """
        self.shapes = shapes

    @property
    def count(self) -> int:
        """S: how many shared tokens there are."""
        return sum(layer.tokens for layer in self._layers)

    @cached_property
    def length(self) -> int:
        """D: numbers in a shared token, padding included."""
        least = CHANNELS_A_TOKEN * max(self._channel_lengths.values(), default=0)
        channels = {name.rpartition(".")[0]: shape[0] for name, shape in self.shapes.items()}

        def tokens(length: int) -> int:
            return sum(math.ceil(channels[layer] / (length // one)) for layer, one in self._channel_lengths.items())

        return min(range(least, int(least * (1 + SPARE)) + 1), key=tokens)

    @property
    def mask(self) -> Tensor:
        """S x D, True where a shared token holds a weight, False where it is padded."""
        return self.join({name: torch.ones(shape) for name, shape in self.shapes.items()}, ()).bool()

    @cached_property
    def names(self) -> list[str]:
        """What each of the S shared tokens holds, for figures: 'conv1 channels 0-9'."""
        names = []
        for layer in self._layers:
            for first in range(0, layer.channels, layer.channels_a_token):
                last = min(first + layer.channels_a_token, layer.channels) - 1
                names.append(f"{layer.name} " + (f"channels {first}-{last}" if last > first else f"channel {first}"))
        return names

    def join(self, weights: Weights, lead: Sequence[int], like: Tensor | None = None) -> Tensor:
        """Shared weights as tokens, bit for bit.

        Args:
            weights: of one classifier, or a stack.
            lead: the stack's axes; none of one classifier.
            like: of the dtype and device of the tokens where there are no shared weights.

        Returns:
            ... x S x D; what does not fill a token is padded with zeros.
        """
        parts = [(torch.empty(0) if like is None else like).new_zeros(*lead, 0, self.length)]
        for layer in self._layers:
            columns = [weights[name].reshape(*lead, layer.channels, size) for name, size in layer.sizes.items()]
            matrix = torch.cat(columns, -1)  # (..., channels, weights of a channel)
            matrix = F.pad(matrix, (0, 0, 0, layer.tokens * layer.channels_a_token - layer.channels))
            part = matrix.reshape(*lead, layer.tokens, layer.length)
            parts.append(F.pad(part, (0, self.length - layer.length)))
        return torch.cat(parts, dim=-2)

    def split(self, shared: Tensor) -> Weights:
        """The inverse of `join`.

        Args:
            shared: ... x S x D; the padding is ignored.

        Returns:
            The shared weights, with the tokens' leading axes.
        """
        weights = {}
        parts = shared.split([layer.tokens for layer in self._layers], dim=-2)
        for layer, part in zip(self._layers, parts, strict=True):
            matrix = part[..., : layer.length].unflatten(-1, (layer.channels_a_token, -1)).flatten(-3, -2)
            columns = matrix[..., : layer.channels, :].split(list(layer.sizes.values()), dim=-1)
            for name, column in zip(layer.sizes, columns, strict=True):
                weights[name] = column.reshape(*shared.shape[:-2], *self.shapes[name])
        return weights

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
            layers.append(_Layer(layer, sizes, channels, min(channels, self.length // length)))
        return layers
