"""One prompt as many: each of its pictures left out of one of them.

some = without_pictures(shown, alone, torch.arange(4))     # a `Shown` of four prompts
"""

from __future__ import annotations

from dataclasses import fields

import torch
from torch import Tensor

from tina.generator.tower.reading import Shown
from tina.generator.tower.words import Said

NUMBERS = 2**24  # of the pictures of all prompts that are written together


def at_once(shown: Shown) -> int:
    """How many such prompts may be written together."""
    return max(1, NUMBERS // max(1, shown.pictures[0].numel()))


def without_pictures(shown: Shown, alone: Shown, at: Tensor) -> Shown:
    """A prompt without some of its pictures, each by itself.

    Args:
        shown: one prompt.
        alone: the same prompt without any picture: a class whose only picture is left out says what it says there, as
            a label that is only a label is all that is left.
        at: the numbers of M pictures, in the order of their classes.

    Returns:
        M prompts.
    """
    many, each = len(at), torch.arange(len(at), device=shown.shown.device)
    k, i = shown.shown[0].nonzero()[at.to(each.device)].unbind(1)  # (M,) each
    flags, pictures, named = (
        part.expand(many, *part.shape[1:]).clone() for part in (shown.shown, shown.pictures, shown.named)
    )
    flags[each, k, i], pictures[each, k, i] = False, 0
    only = torch.zeros_like(named)  # (M, K)
    only[each, k] = shown.counts[0, k] == 1
    named = torch.where(only, alone.named, named)
    said = Said(*(_where(only, getattr(alone.said, f.name), getattr(shown.said, f.name)) for f in fields(Said)))
    remembered = None if shown.remembered is None else shown.remembered.expand(many, -1, -1)
    return Shown(shown.mask.expand(many, -1), named, pictures, flags, said, remembered)


def _where(mask: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """(M, K), and (1, K, ...) twice -> (M, K, ...)."""
    return torch.where(mask.reshape(*mask.shape, *[1] * (one.ndim - 2)), one, other)
