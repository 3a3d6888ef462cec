"""`rehearsal:WORLD`: a world to choose settings in, so that nothing is chosen on what the world itself is tested on.

    python -m tina.zoo --world rehearsal:photos --out runs/rehearsal/zoo       # then training and tables as usual

Its classes are the seen ones, a fifth of them taken for unseen; the world's own unseen classes are not in it at all.
Its test pictures are every second one of the split `zoo`; the world's own test pictures are not in it either. So a
choice made by a table of a rehearsal used neither classes nor pictures of the real table, and the checkpoint that is
made afterwards with these settings may learn from every seen class.

Its limit: the embedded encoder has learnt from `train` pictures of all seen classes, so it is better on those taken for
unseen here than on really unseen ones. Numbers of a rehearsal are for choosing, not for showing.
"""

from __future__ import annotations

import numpy as np

from tina.worlds.base import World, share

SHARE = 0.2  # of the seen classes, by a hash of the name: the same ones in every world


class Rehearsal(World):
    """A part of another world."""

    def __init__(self, world: World):
        """
        Args:
            world: whose seen classes are taken.
        """
        self.world = world
        self.id, self.title = f"rehearsal:{world.id}", f"{world.title}, a rehearsal"
        self.licence, self.home, self.size = world.licence, world.home, world.size
        self.preparation = world.preparation
        unseen = [name for name in world.seen if share(f"rehearsal/{name}") < SHARE]
        super().__init__([world.things[name] for name in world.seen], unseen)

    @property
    def present(self) -> bool:
        return self.world.present

    def counts(self) -> dict[str, int]:
        if not self.present:
            return {}
        return {split: sum(len(self._pictures(split, n, None)) for n in self.names) for split in self.world.counts()}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        if split == "train":
            return self.world.pictures("train", name, count)
        return self.world.pictures("zoo", name)[split == "test" :: 2][:count]
