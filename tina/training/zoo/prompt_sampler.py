"""The many kinds of prompts for the same class, as vectors: what the generator is trained and judged with.

    prompt_sampler = PromptSampler(world, encoder, seen_families(world))
    prompt_sampler.sample(tasks, "names")                       # M x K x E; the name of every class
    prompt_sampler.sample(tasks, "pictures", generator, shots=5)
    prompt_sampler.sample_mixed(tasks, generator)               # a kind of its own for every task

A class's pictures come from the split `zoo`, which the encoder was not trained on, as it was not on a visitor's (from
`train` where a small folder has none there).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.encoder.encoder import Encoder
from tina.prompts.something_else import is_something_else
from tina.worlds import World
from tina.worlds.task import Task

TEXTS = ("names", "synonyms", "descriptions")
KINDS = (*TEXTS, "pictures", "both")
PROMPT_MIX = {  # shares of KINDS in training
    "mixed": (0.35, 0.15, 0.15, 0.2, 0.15),
    "texts": (0.5, 0.25, 0.25, 0.0, 0.0),
    "pictures": (0.0, 0.0, 0.0, 1.0, 0.0),
}
SHOTS = (1, 2, 5, 16)
PICTURES = 64  # of a class, to draw examples from


class PromptSampler:
    """Draws prompts for classes of a world: its texts and pictures as vectors, each encoded once."""

    def __init__(
        self,
        world: World,
        encoder: Encoder,
        families: Mapping[str, Sequence[str]],
        names: Sequence[str] | None = None,
    ):
        """For `names` (by default the seen classes) and, as broad classes, for families of them."""
        self.names = list(names or world.seen)
        self.labels = {label: i for i, label in enumerate([*self.names, *families])}
        texts: dict[str, int] = {}
        lists: list[list[list[int]]] = []  # by label, by kind
        for label in self.labels:
            thing = world.things.get(label)
            said = (thing.synonyms, thing.descriptions) if thing else ((), ())
            lists.append([[texts.setdefault(t, len(texts)) for t in kind or (label,)] for kind in ((label,), *said)])
        self.text_vectors = encoder.encode_texts_cached(list(texts))
        self.texts, self.text_firsts, self.text_counts = _flat([kind for label in lists for kind in label])
        self.encoder, self.world, self._families = encoder, world, families

    @cached_property
    def _vectors_by_class(self) -> list[Tensor]:
        """Of every class the vectors of its pictures: the slow part, and prompts of words alone need none."""
        return [self.encoder.encode_images(list(example_pictures(self.world, name, PICTURES))) for name in self.names]

    @cached_property
    def picture_vectors(self) -> Tensor:
        return torch.cat(self._vectors_by_class)

    @cached_property
    def _picture_lists(self) -> tuple[Tensor, Tensor, Tensor]:
        """As `_flat`, of every label its pictures: a broad class has its members'."""
        ends = torch.tensor([len(part) for part in self._vectors_by_class]).cumsum(0).tolist()
        own = [list(range(end - len(part), end)) for part, end in zip(self._vectors_by_class, ends, strict=True)]
        broad = [[i for name in members for i in own[self.labels[name]]] for members in self._families.values()]
        return _flat([*own, *broad])

    @property
    def width(self) -> int:
        return self.text_vectors.shape[1]

    def sample(
        self,
        tasks: Sequence[Task],
        kind: str | Tensor,
        generator: torch.Generator | None = None,
        shots: int | Tensor = 5,
    ) -> Tensor:
        """Prompt vectors of the tasks' classes, M x K x E, padded with zeros. `kind` and `shots` may be one a task."""
        labels = torch.full((len(tasks), max(map(len, tasks))), -1)
        for m, task in enumerate(tasks):
            labels[m, : len(task)] = torch.tensor([self._number(label) for label in task])
        kinds = torch.full((len(tasks),), KINDS.index(kind)) if isinstance(kind, str) else kind
        kinds = kinds[:, None].expand_as(labels)
        real = labels >= 0
        found = torch.zeros(*labels.shape, self.width)
        found[real] = self._vectors(labels[real], kinds[real], _expanded(shots, labels)[real], generator)
        return found

    def sample_mixed(self, tasks: Sequence[Task], generator: torch.Generator, mix: str = "mixed") -> Tensor:
        """Every task with a kind and a number of pictures of its own, drawn from a mix of PROMPT_MIX."""
        kinds = torch.multinomial(torch.tensor(PROMPT_MIX[mix]), len(tasks), replacement=True, generator=generator)
        shots = torch.tensor(SHOTS)[torch.randint(len(SHOTS), (len(tasks),), generator=generator)]
        return self.sample(tasks, kinds, generator, shots)

    def class_texts(self) -> list[Tensor]:
        """Of every label all its texts, each once."""
        lists = [[self.texts[first : first + count] for first, count in self._lists(i)] for i in self.labels.values()]
        return [self.text_vectors[torch.cat(parts).unique()] for parts in lists]

    def image_means(self) -> Tensor:
        """Of every label the mean of its pictures."""
        return F.normalize(torch.stack([self._picture_mean(i) for i in self.labels.values()]), dim=-1)

    def class_keys(self, names: Sequence[str]) -> Tensor:
        """2 x R x E: of each class the mean of its texts, and of its pictures."""
        at = [self.labels[name] for name in names]
        texts = [self._mean(self.text_vectors, self.texts, self._lists(i)) for i in at]
        pictures = [self._picture_mean(i) for i in at]
        return F.normalize(torch.stack([torch.stack(texts), torch.stack(pictures)]), dim=-1)

    def _number(self, label: str) -> int:
        """Where a label stands; -1 for "something else", which has neither words nor pictures of its own."""
        return -1 if label not in self.labels and is_something_else(label) else self.labels[label]

    def _lists(self, label: int) -> list[tuple[int, int]]:
        """Where a label's names, synonyms and descriptions stand."""
        kinds = range(label * len(TEXTS), (label + 1) * len(TEXTS))
        return [(int(self.text_firsts[i]), int(self.text_counts[i])) for i in kinds]

    def _picture_mean(self, label: int) -> Tensor:
        pictures, firsts, counts = self._picture_lists
        return self._mean(self.picture_vectors, pictures, [(int(firsts[label]), int(counts[label]))])

    @staticmethod
    def _mean(vectors: Tensor, places: Tensor, lists: Sequence[tuple[int, int]]) -> Tensor:
        """The mean over lists of the mean of a list's vectors."""
        return torch.stack([vectors[places[first : first + count]].mean(0) for first, count in lists]).mean(0)

    def _vectors(self, labels: Tensor, kinds: Tensor, shots: Tensor, generator: torch.Generator | None) -> Tensor:
        from_pictures = kinds >= len(TEXTS)
        list_numbers = labels * len(TEXTS) + torch.where(from_pictures, 0, kinds)
        at = self.text_firsts[list_numbers] + _below(self.text_counts[list_numbers], generator)
        vectors = self.text_vectors[self.texts[at]]
        if from_pictures.any():
            pictures, firsts, counts = self._picture_lists
            shown, count = labels[from_pictures], int(shots[from_pictures].max())
            at = firsts[shown, None] + _below(counts[shown, None].expand(-1, count), generator)
            taken = torch.arange(count) < shots[from_pictures, None]
            means = (self.picture_vectors[pictures[at]] * taken[..., None]).sum(1)
            prompts, with_text = F.normalize(means), kinds[from_pictures] == KINDS.index("both")
            if with_text.any():
                texts, counts = vectors[from_pictures][with_text], shots[from_pictures][with_text]
                prompts[with_text] = self.encoder.fuse(texts, means[with_text], counts)
            vectors[from_pictures] = prompts
        return vectors


def jitter(vectors: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Unit vectors moved a random way by `amount` of their length: near meanings get near weights. Zeros stay."""
    moved = vectors + torch.randn(vectors.shape, generator=generator) * (amount / vectors.shape[-1] ** 0.5)
    return F.normalize(moved, dim=-1) * (vectors.abs().amax(-1, keepdim=True) > 0)


def example_pictures(world: World, name: str, count: int) -> np.ndarray:
    """Pictures to draw a class's examples from, `count` at most."""
    pictures = world.pictures("zoo", name, count)
    return pictures if len(pictures) else world.pictures("train", name, count)


def _below(limits: Tensor, generator: torch.Generator | None) -> Tensor:
    """A random whole number below each limit; without a generator always 0."""
    if generator is None:
        return torch.zeros_like(limits)
    return torch.minimum((torch.rand(limits.shape, generator=generator) * limits).long(), limits - 1)


def _expanded(value: int | Tensor, like: Tensor) -> Tensor:
    return torch.as_tensor(value).expand(len(like))[:, None].expand_as(like)


def _flat(lists: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor, Tensor]:
    """Lists end to end, where each begins, and how long it is."""
    counts = torch.tensor([len(part) for part in lists])
    return torch.tensor([i for part in lists for i in part]), counts.cumsum(0) - counts, counts
