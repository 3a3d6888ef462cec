"""A prompt as tensors, and what closed form makes of it: the rows that the transformer writes a difference from.

    reading = read(shown, settings)       # `Shown`: pictures and words of M prompts -> `Reading`

Shown pictures are a set: each of them is kept, centred by part of the mean of them all, so that what they have in
common (a table, the light) counts less. A row is their mean, the row that the name predicts, or both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import wraps

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.tower.settings import TowerSettings
from tina.generator.tower.words import Said

OWN_POWER = 12  # of the share of the names that are the tower's own
LEARNT_WEIGHT = 2.0  # of a learnt class's row beside the mean of pictures that are shown of it


@dataclass(frozen=True)
class Shown:
    """What M prompts of up to K classes say and show; P is the most pictures of a class."""

    mask: Tensor  # (M, K), False for padding
    named: Tensor  # (M, K): whether words say something of the class
    pictures: Tensor  # (M, K, P, F): z of the shown pictures
    shown: Tensor  # (M, K, P), False for padding
    said: Said  # its tensors with (M, K) in front
    remembered: Tensor | None = None  # (M, K, F): mean z of classes that were learnt with pictures; zeros for others

    @property
    def counts(self) -> Tensor:
        """(M, K): pictures of each class."""
        return self.shown.sum(2)

    @property
    def described(self) -> Tensor:
        """(M, K): the classes that anything is known of."""
        return self.mask & (self.named | (self.counts > 0))

    @property
    def pictured(self) -> Tensor:
        """(M,): the prompts that have pictures of any class."""
        return (self.counts > 0).any(1)

    @property
    def learnt(self) -> Tensor:
        """(M, K): the classes that were learnt, asked for by name."""
        if self.remembered is None:
            return torch.zeros_like(self.named)
        return self.remembered.any(2) & self.named & self.mask

    @property
    def by_memory(self) -> Tensor:
        """(M,): the prompts of learnt names and nothing else."""
        return self.described.any(1) & (self.learnt == self.described).all(1) & ~self.pictured

    def to(self, device: torch.device) -> Shown:
        """The same elsewhere."""
        said = Said(*(getattr(self.said, field.name).to(device) for field in fields(Said)))
        mask, named, pictures, shown = (part.to(device) for part in (self.mask, self.named, self.pictures, self.shown))
        remembered = None if self.remembered is None else self.remembered.to(device)
        return Shown(mask, named, pictures, shown, said, remembered)

    def part(self, at: slice) -> Shown:
        """Some of the prompts."""
        said = Said(*(getattr(self.said, field.name)[at] for field in fields(Said)))
        remembered = None if self.remembered is None else self.remembered[at]
        return Shown(self.mask[at], self.named[at], self.pictures[at], self.shown[at], said, remembered)

    def without_words(self) -> Shown:
        """As if every label were only a label."""
        return replace(self, named=torch.zeros_like(self.named))


@dataclass(frozen=True)
class Reading:
    """What closed form makes of `Shown`."""

    centre: Tensor  # (M, F): taken away from z before it is compared with rows
    pictures: Tensor  # (M, K, P, F): centred unit vectors; zeros for padding
    means: Tensor  # (M, K, F): unit means of these; zeros where there are no pictures
    names: Tensor  # (M, K, F): m, less its mean over the prompt's names; zeros where nothing is said
    plain: Tensor  # (M, K, F): r, likewise
    rows: Tensor  # (M, K, F): on z, before the transformer's difference and the regression
    plain_weight: Tensor  # (M, K): how loud `plain` is beside `rows`
    row_weight: Tensor  # (M,): how loud `rows` are, and what is written beside them: less than one for the tower's own
    kept: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)  # see `once`


def once(work: Callable[[Shown, Reading], Tensor]) -> Callable[[Shown, Reading], Tensor]:
    """What is worked out of a `Reading`, and of the `Shown` that it was read from, is worked out once."""

    @wraps(work)
    def kept(shown: Shown, reading: Reading) -> Tensor:
        if work.__name__ not in reading.kept:
            reading.kept[work.__name__] = work(shown, reading)
        return reading.kept[work.__name__]

    return kept


def read(shown: Shown, settings: TowerSettings) -> Reading:
    """The closed form of a batch of prompts."""
    counts, named = shown.counts, shown.named & shown.mask
    some = counts > 0  # (M, K)
    real = shown.shown[..., None].to(shown.pictures.dtype)  # (M, K, P, 1)
    class_means = (shown.pictures * real).sum(2) / counts.clamp(min=1)[..., None]  # (M, K, F)
    seen, learnt = some, shown.learnt
    if shown.remembered is not None:
        class_means = torch.where((learnt & ~some)[..., None], shown.remembered, class_means)
        seen = some | learnt
    centre = settings.centring * _mean(class_means, seen)  # (M, 1, F)
    pictures = F.normalize(shown.pictures - centre[:, None], dim=-1) * real
    means = F.normalize(pictures.sum(2), dim=-1)
    names, plain = (_centred(part, named) for part in (shown.said.row, shown.said.plain))
    loud = torch.where(learnt, LEARNT_WEIGHT, settings.name_weight)[..., None]
    both = F.normalize(means + loud * names, dim=-1)
    any_pictures = some.any(1, keepdim=True)  # (M, 1)
    ratio = _plain_beside_z(shown, settings)[:, None]  # (M, 1)
    cosine = (1 + ratio.square()).rsqrt()  # both together are as loud as ever
    rows = torch.where(any_pictures[..., None], both, cosine[..., None] * names)
    weight = torch.where(any_pictures, settings.name_on_plain, ratio * cosine * shown.said.length) * named
    row_weight = torch.where(any_pictures, 1, 2**0.5 * cosine)[:, 0]
    return Reading(centre[:, 0], pictures, means, names, plain, rows, weight, row_weight)


def level_of_names(shown: Shown, settings: TowerSettings) -> Tensor:
    """(M, K): a cosine that classes which are only named gain where others are pictured; zeros in other prompts.

    Pictures are nearer to a row that several of them made than to one that a name predicts: without this, they are
    taken for a pictured class too often.
    """
    some = shown.counts > 0  # (M, K)
    count = shown.counts.sum(1) / some.sum(1).clamp(min=1)  # (M,)
    level = settings.name_level * (1 - 2 / count.clamp(min=2))
    return level[:, None] * (shown.named & shown.mask & ~some & ~shown.learnt)


def _plain_beside_z(shown: Shown, settings: TowerSettings) -> Tensor:
    """(M,): of names alone, how loud rows on u are beside those on z. Both count the same for names that the tower has
    not learnt. Its own classes' rows on u are what it learnt with a million photographs: where all, or nearly all
    names are of these, there is next to nothing that rows on z can add, and the less the more classes there are."""
    named = shown.named & shown.mask  # (M, K)
    ways = named.sum(1).clamp(min=1)
    own = (shown.said.kind[..., 0] * named).sum(1) / ways  # the share of its own
    return 1 + (settings.own_on_plain * (ways / 10).clamp(min=1).sqrt() - 1) * own.pow(OWN_POWER)


def stack_said(parts: Sequence[Said], ways: int) -> Said:
    """What several prompts say, padded with zeros to as many classes: (M, K, ...)."""

    def padded(name: str) -> Tensor:
        tensors = [getattr(part, name) for part in parts]
        found = tensors[0].new_zeros(len(parts), ways, *tensors[0].shape[1:])
        for m, tensor in enumerate(tensors):
            found[m, : len(tensor)] = tensor
        return found

    return Said(*(padded(field.name) for field in fields(Said)))


def _mean(parts: Tensor, mask: Tensor) -> Tensor:
    """(M, K, F), (M, K) -> (M, 1, F); zeros where there is none."""
    real = mask[..., None].to(parts.dtype)
    return (parts * real).sum(1, keepdim=True) / real.sum(1, keepdim=True).clamp(min=1)


def _centred(rows: Tensor, named: Tensor) -> Tensor:
    """Rows less what a prompt's names have in common; a name that is alone has nothing in common with others."""
    several = (named.sum(1) > 1)[:, None, None]
    return F.normalize(rows - _mean(rows, named) * several, dim=-1) * named[..., None]
