"""What every blueprint is: named weights, how pictures become logits, and how weights become tokens and back.

The weights of a classifier of K classes are the blueprint's shared weights (`shapes`), a row for each class, which is
its weight vector in the last layer (`head.weight`, K x width), and a bias for each class (`head.bias`, K). A stack of M
classifiers of the same K is one such dictionary with M in front.

Rows are generated like all other weights, or they are given: the vectors of the prompt, as they are (`rows_by`). Given
rows are in no token, are not trained, and have to be handed to `from_tokens`.

Letters in shapes: M classifiers, B pictures, K classes, S shared tokens of D numbers.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Literal, Self

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from tina.blueprints.tokens import TokenLayout, Tokens, Weights
from tina.encoder.encoder import Encoder
from tina.errors import UserError
from tina.worlds import drawn
from tina.worlds.pictures import square

PREPARATIONS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "": lambda picture: picture,
    drawn.NAME: drawn.prepared,
}
HEAD = ("head.weight", "head.bias")  # a row and a bias for each class


class Blueprint(ABC):
    """The base of all blueprints: a subclass has `shapes` and `width`, and implements `features_many` and `module`."""

    rows_by: Encoder | None = None  # whose prompt vectors are the rows; None where rows are generated
    middle = 1.0  # the share of a picture's middle square that is looked at
    layout = torch.contiguous_format  # of prepared pictures in memory
    preparation = ""  # of drawings, before all else: one of `PREPARATIONS`

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

    def square(self, picture: Image.Image) -> np.ndarray:
        """The part of a picture that is looked at: uint8, size x size x 3. One of that size is taken as it is."""
        return square(self.prepared(picture), self.size)

    def prepared(self, picture: Image.Image) -> Image.Image:
        """A picture through this blueprint's preparation; one of the network's size has been through it."""
        if picture.size == (self.size, self.size):
            return picture
        return PREPARATIONS[self.preparation](picture)

    def prepared_by(self, preparation: str) -> Self:
        """The same blueprint for pictures that are prepared in this way; a UserError where there is none such."""
        if preparation not in PREPARATIONS:
            raise UserError(f"There is no preparation {preparation!r} of pictures in this version of Tina.")
        if preparation == self.preparation:
            return self
        other = copy.copy(self)
        other.preparation = preparation
        return other

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
        return self.scale(torch.tensor(pictures)).contiguous(memory_format=self.layout)

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
        head = torch.cat([weights["head.weight"], weights["head.bias"][..., None]], dim=-1)  # (..., K, width + 1)
        return Tokens(self._layout.join(weights, head.shape[:-2], head), head[..., : self.class_width])

    def from_tokens(self, tokens: Tokens, vectors: Tensor | None = None) -> Weights:
        """The inverse of `to_tokens`.

        Args:
            tokens: of one classifier, or of a stack; their padding is ignored.
            vectors: the classes' prompt vectors (K x width), needed where rows are given.

        Returns:
            The weights, with the tokens' leading axes.
        """
        return self._layout.split(tokens.shared) | self.head_from(tokens.classes, vectors)

    def head_from(self, classes: Tensor, vectors: Tensor | None = None) -> Weights:
        """The last layer.

        Args:
            classes: class tokens, ... x K x (width + 1); without numbers where rows are given.
            vectors: the classes' prompt vectors (... x K x width), needed where rows are given.

        Returns:
            `head.weight` and `head.bias`.
        """
        if self.rows_by is None:
            return {"head.weight": classes[..., :-1].contiguous(), "head.bias": classes[..., -1].contiguous()}
        if vectors is None:
            raise ValueError(f"The rows of {self.id} are prompt vectors: hand them over.")
        return self.given_rows(vectors)

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
        return self._layout.count

    @property
    def token_length(self) -> int:
        """D: numbers in a shared token, padding included."""
        return self._layout.length

    @property
    def shared_mask(self) -> Tensor:
        """S x D, True where a shared token holds a weight, False where it is padded."""
        return self._layout.mask

    @property
    def token_names(self) -> list[str]:
        """What each of the S shared tokens holds, for figures: 'conv1 channels 0-9'."""
        return self._layout.names

    @cached_property
    def _layout(self) -> TokenLayout:
        return TokenLayout(self.shapes)
