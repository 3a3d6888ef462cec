"""The two halves of an open_clip model as this project runs them: texts without their padding, pictures as tensors."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

Ids = Tensor  # N x context length, whole numbers: a tokenizer's output


def text_encoder(model: Any) -> Callable[[Ids], Tensor]:
    """How to turn token ids into vectors: `encode_cut` where the text tower allows it, otherwise open_clip's own way.

    Args:
        model: an open_clip model.

    Returns:
        A function from ids (N x context length) to vectors (N x dim), not normalised.
    """
    tower = getattr(model, "text", None)
    if _is_plain_causal(tower):
        return partial(encode_cut, tower)
    return partial(encode_cut, model) if _is_first_clip(model) else model.encode_text


def encode_cut(tower: Any, ids: Ids) -> Tensor:
    """The text tower on texts cut to the longest one's length: the same vectors, several times as fast for names.

    With a causal mask nothing that follows a text's end token can reach it, so padding need not be computed.

    Args:
        tower: open_clip's TextTransformer, read off at the end token (`_is_plain_causal`).
        ids: N x context length; the end token has the largest id.

    Returns:
        N x dim, not normalised.
    """
    ends = ids.argmax(1)  # (N,)
    length = int(ends.max()) + 1
    x = tower.token_embedding(ids[:, :length]) + tower.positional_embedding[:length]  # (N, L, width)
    x = tower.transformer(x, attn_mask=tower.attn_mask[:length, :length])
    x = tower.ln_final(x[torch.arange(len(x)), ends])  # (N, width)
    vectors: Tensor = x @ tower.text_projection
    return vectors


def _is_plain_causal(tower: Any) -> bool:
    """Is it open_clip's causal transformer, read off at the end token?"""
    return (
        type(tower).__name__ == "TextTransformer"
        and tower.attn_mask is not None
        and tower.pool_type == "argmax"
        and tower.cls_emb is None
        and not tower.use_pad_mask
        and isinstance(tower.text_projection, Tensor)
    )


def _is_first_clip(model: Any) -> bool:
    """Is it open_clip's CLIP, which has such a transformer in itself?"""
    return (
        type(model).__name__ == "CLIP"
        and model.attn_mask is not None
        and model.text_pool_type == "argmax"
        and isinstance(model.text_projection, Tensor)
    )


def image_encoder(model: Any) -> Callable[[Tensor], Tensor]:
    """How to turn prepared pictures into vectors: an EfficientNet after `fold`, otherwise open_clip's own way.

    Args:
        model: an open_clip model.

    Returns:
        A function from pictures (N x 3 x size x size) to vectors (N x dim), not normalised.
    """
    if not is_efficient_net(getattr(model.visual, "trunk", None)):
        return model.encode_image
    visual = copy.copy(model.visual)
    visual._modules = visual._modules | {"trunk": fold(copy.deepcopy(model.visual.trunk))}
    return visual


def is_efficient_net(network: Any) -> bool:
    """Is it timm's EfficientNet? Only its norms are known to come right after the convolutions before them."""
    return type(network).__name__ == "EfficientNet"


def fold(network: nn.Module) -> nn.Module:
    """Make timm's EfficientNet one for inference: norms are in the convolutions' weights, memory is channels-last.

    Args:
        network: in eval mode; it is changed. On PyTorch's device "meta" it gets the form alone.

    Returns:
        The network. Its outputs are the same, in less time.
    """
    for parent in list(network.modules()):
        before: nn.Module | None = None
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
                _fold_norm(before, child)
                setattr(parent, name, getattr(child, "act", nn.Identity()))  # timm's norms contain the activation
            before = child
    return network.requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _fold_norm(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    if conv.weight.is_meta:
        conv.bias = nn.Parameter(norm.running_mean)
        return
    conv.weight, conv.bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )


def to_pair(size: int | Sequence[int]) -> tuple[int, int]:
    """open_clip's size of a picture, which may be a number or two, as two."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


class ImageTower(nn.Module):
    """An image tower for blueprints to stand on: prepared pictures in, features of about unit variance out."""

    mean: Tensor
    std: Tensor

    def __init__(self, visual: Any, dim: int, device: torch.device):
        """
        Args:
            visual: the image tower of an open_clip model, with its `preprocess_cfg`.
            dim: how many numbers its vectors have.
            device: where the tower is.
        """
        super().__init__()
        self.visual, self.dim = visual, dim
        for name in ("mean", "std"):
            channels = torch.tensor(visual.preprocess_cfg[name], device=device)
            self.register_buffer(name, channels[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        """
        Args:
            x: B x 3 x size x size, from -1 to 1.

        Returns:
            B x dim: unit vectors times sqrt(dim), so that their entries are about one.
        """
        vectors = self.visual(((x + 1) / 2 - self.mean) / self.std)  # (B, dim)
        features: Tensor = F.normalize(vectors.float(), dim=1) * self.dim**0.5
        return features
