"""What will be done to make a Tina of one's own photographs, how long it takes and how much disk."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path

from tina.training.own.course import Stage, duration
from tina.training.own.zoo import subsets
from tina.worlds.own_photos import PREFIX, OwnPhoto

STAGES = ("looking at pictures", "closed form", "the zoo", "training", "the table")
WIDTH = 1280  # of the everyday tower's features: what disk is needed is said by it


@dataclass(frozen=True)
class Plan:
    """What will be done, and what it takes."""

    world: str  # folder:PATH
    out: Path
    base: str  # the checkpoint that it begins with
    photos: list[OwnPhoto]
    refused: list[str]
    seed: int
    steps: int
    stages: tuple[Stage, ...]  # what is still to do
    spoken: tuple[str, str] = ("", "")  # what everything made calls folder and result, where not by their paths
    threads: int | None = None  # that look at pictures; None for one a core

    @property
    def names(self) -> list[str]:
        """The classes."""
        return list(dict.fromkeys(photo.class_name for photo in self.photos))

    @property
    def digest(self) -> str:
        """Of the pictures, their classes and splits."""
        lines = (f"{photo.class_name}/{photo.digest}/{photo.split}" for photo in self.photos)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    @property
    def named(self) -> str:
        """The world as the result calls it: by its path, or as is to be said of one that nobody else can reach."""
        return f"{PREFIX}{self.spoken[0]}" if self.spoken[0] else self.world

    @property
    def seconds(self) -> float:
        """That it takes, as measured here."""
        return sum(stage.total for stage in self.stages)

    @property
    def disk(self) -> dict[str, int]:
        """Bytes, by what they are for."""
        kept, _ = subsets(len(self.names), self.seed)
        ways = max(map(len, kept))
        return {
            "checkpoint": 12_000_000 + 4 * WIDTH * len(self.names),
            "features": 4 * WIDTH * len(self.photos),
            "zoo": 4 * len(kept) * WIDTH * (2 * ways + 1),
        }

    @property
    def command(self) -> str:
        """That makes it again."""
        folder, out = self.spoken if any(self.spoken) else (self.world.removeprefix(PREFIX), str(self.out))
        return shlex.join(["python", "-m", "tina", "train", folder, "--out", out])

    def text(self) -> str:
        """In words, for whoever waits."""
        tested = sum(photo.split == "test" for photo in self.photos)
        count = len(self.photos)
        lines = [
            f"{len(self.names)} classes, {count:,} pictures: {count - tested:,} to learn from, {tested:,} held out"
            + (f"; {len(self.refused)} files are left out" if self.refused else ""),
        ]
        units = {stage.doing: stage.units for stage in self.stages}
        what = (
            f"look at {units[STAGES[0]]:,} pictures",
            "fit closed form",
            f"fine-tune a zoo of {units[STAGES[2]]:,} classifiers",
            f"train the transformer for {units[STAGES[3]]:,} steps",
            f"measure {units[STAGES[4]]} tasks",
        )
        lines += [f"  {duration(s.total):>8}  {doing}" for s, doing in zip(self.stages, what, strict=True)]
        sizes = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in self.disk.items())
        lines.append(
            f"about {duration(self.seconds)} on this machine, "
            f"{sum(self.disk.values()) / 1e6:.0f} MB in {self.spoken[1] or self.out} ({sizes})"
        )
        return "\n".join(lines)
