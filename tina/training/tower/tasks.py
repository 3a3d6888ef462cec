"""Made-up prompts of real pictures: which classes, how many pictures are shown, whether they are named, or wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from tina.generator.tower.reading import Shown
from tina.generator.tower.words import Said
from tina.training.tower.data import TaskSource

COUNTS, COUNT_SHARES = (0, 1, 2, 5, 10), (0.2, 0.3, 0.15, 0.3, 0.05)  # pictures shown of a class
NAMED = 0.65  # of the prompts with pictures have names, too
UNEVEN = 0.3  # of them have fewer pictures of some classes
MISNAMED = 0.15  # of the named ones have the names of other classes
WAYS = tuple(range(3, 11))  # classes of a task, each number as often as another
TESTED = 5  # pictures of a class that a loss is computed on


@dataclass(frozen=True)
class Batch:
    """M tasks of K classes."""

    shown: Shown
    tested: tuple[Tensor, Tensor]  # z and u of other pictures of the same classes, (M, K TESTED, F) each
    labels: Tensor  # (M, K TESTED)
    means: Tensor  # (M, K, F): of all pictures of each class, tested ones too: what a perfect row would be made of
    difference: Tensor | None = None  # (M, K, F): what a zoo's classifiers of these tasks added to closed form's rows

    def part(self, at: slice) -> Batch:
        """Some of the tasks."""
        return Batch(
            self.shown.part(at),
            (self.tested[0][at], self.tested[1][at]),
            self.labels[at],
            self.means[at],
            None if self.difference is None else self.difference[at],
        )


class TaskSampler:
    """Draws batches of tasks, the same for the same seed."""

    def __init__(
        self,
        sources: Sequence[TaskSource],
        shares: Sequence[float],
        seed: int,
        together: int = 6,
        ways: Sequence[int] = WAYS,
    ):
        """
        Args:
            sources: to draw from.
            shares: how often each is drawn.
            seed: of all that is drawn.
            together: M.
            ways: K, each as often as another.
        """
        self.sources, self.together, self.ways = list(sources), together, ways
        self.shares = np.array(shares) / sum(shares)
        self.draw = np.random.default_rng(seed)
        self._means = [torch.stack([source.z[at].mean(0) for at in source.of_class]) for source in sources]

    def batch(self) -> Batch:
        """The next M tasks: of the same size, each from a source that has so many classes."""
        draw = self.draw
        count = int(draw.choice(COUNTS, p=COUNT_SHARES))
        named = count == 0 or draw.random() < NAMED
        asked = [i for i, source in enumerate(self.sources) if source.named or count]
        classes = {i: len(self._eligible(i, count)) for i in asked}
        ways = min(int(draw.choice(self.ways)), max(classes.values()))
        can = [i for i in asked if classes[i] >= ways]
        shares = self.shares[can] / self.shares[can].sum()
        chosen = draw.choice(can, self.together, p=shares)
        return stack([self._task(i, draw.permutation(self._eligible(i, count))[:ways], count, named) for i in chosen])

    def _eligible(self, number: int, count: int) -> list[int]:
        """The classes of a source that have pictures left to test, when so many are shown."""
        return [k for k, at in enumerate(self.sources[number].of_class) if len(at) >= count + 2]

    def _task(self, number: int, classes: Sequence[int] | np.ndarray, count: int, named: bool) -> Batch:
        source, draw, ways = self.sources[number], self.draw, len(classes)
        shown = torch.zeros(ways, max(count, 1), dtype=torch.bool)
        pictures = torch.zeros(ways, max(count, 1), source.z.shape[1])
        tested, labels = [], []
        uneven = count > 1 and draw.random() < UNEVEN
        for k, name in enumerate(classes):
            at = source.of_class[name][torch.from_numpy(draw.permutation(len(source.of_class[name])))]
            some = int(draw.integers(1, count + 1)) if uneven else count
            pictures[k, :some], shown[k, :some] = source.z[at[:some]], True
            rest = at[some:]
            tested.append(rest[torch.arange(TESTED) % len(rest)])
            labels += [k] * TESTED
        at, of = torch.cat(tested), torch.tensor([int(name) for name in classes])
        said = _take(source.said, of)
        if named and count and source.remembered is None and draw.random() < MISNAMED:
            other = self.sources[int(draw.choice([i for i, s in enumerate(self.sources) if s.named]))]
            said = _take(other.said, torch.from_numpy(draw.integers(0, len(other.said.plain), ways)))
        mask = torch.ones(ways, dtype=torch.bool)
        remembered = None if source.remembered is None else source.remembered[of]
        return Batch(
            Shown(mask, mask & named, pictures, shown, said, remembered),
            (source.z[at], source.u[at]),
            torch.tensor(labels),
            self._means[number][of],
        )


def _take(said: Said, at: Tensor) -> Said:
    return Said(*(getattr(said, field.name)[at] for field in fields(Said)))


def stack(tasks: Sequence[Batch]) -> Batch:
    """Tasks of as many classes each, one after the other."""
    said = Said(*(torch.stack([getattr(t.shown.said, field.name) for t in tasks]) for field in fields(Said)))
    mask, named, pictures, flags = (
        torch.stack([getattr(t.shown, part) for t in tasks]) for part in ("mask", "named", "pictures", "shown")
    )
    first = tasks[0].shown.remembered
    memory = None if first is None else torch.stack([t.shown.remembered for t in tasks])  # type: ignore[misc]
    shown = Shown(mask, named, pictures, flags, said, memory)
    z, u = (torch.stack([t.tested[i] for t in tasks]) for i in (0, 1))
    labels, means = torch.stack([t.labels for t in tasks]), torch.stack([t.means for t in tasks])
    return Batch(shown, (z, u), labels, means)


def by_name(said: Said, classes: Sequence[int], remembered: Tensor | None = None) -> Shown:
    """One prompt of some classes, without pictures.

    Args:
        said: what the names of C classes say.
        classes: the numbers of K of them.
        remembered: (C, F), see `TaskSource`.
    """
    of = torch.tensor(list(classes))
    mask = torch.ones(1, len(of), dtype=torch.bool)
    pictures, shown = torch.zeros(1, len(of), 1, said.row.shape[1]), torch.zeros(1, len(of), 1, dtype=torch.bool)
    some = Said(*(getattr(said, field.name)[of][None] for field in fields(Said)))
    return Shown(mask, mask, pictures, shown, some, None if remembered is None else remembered[of][None])
