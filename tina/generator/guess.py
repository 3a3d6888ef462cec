"""How good a classifier may be that cannot be tested: what a checkpoint's stored table says of prompts like its own.

    guess(tina, prompt)      # names like these: about 5 in 10 right (from 1 to 10, by the kind of pictures)

A guess is of tasks of ten classes, on other pictures than the ones that somebody will bring: it is no measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from tina.classifier.score import classes_meant
from tina.prompts.prompt import ClassPrompt, Prompt
from tina.prompts.readings import DESCRIBED, PICTURES, UNKNOWN
from tina.prompts.something_else import is_something_else

if TYPE_CHECKING:
    from tina.generator.base import BaseTina

SHOWN = (16, 5, 2, 1)  # pictures of a class that tables have
MOST_CLASSES = 20  # of more classes, tasks of ten say nothing
OWN_GROUP = "imagenet"  # sets of the tower's own classes: nobody brings these


@dataclass(frozen=True)
class Guess:
    """Shares that were right in a table's tasks: their mean, and of several sets of pictures the least and the most."""

    of: str
    accuracy: float
    least: float
    most: float

    def __str__(self) -> str:
        """A sentence without its full stop."""
        low, high = (round(10 * share) for share in (self.least, self.most))
        between = f" (from {low} to {high}, by the kind of pictures)" if high > low else ""
        return f"{self.of}: about {round(10 * self.accuracy)} in 10 right{between}"


def guess(tina: BaseTina, prompt: Prompt) -> Guess | None:
    """What may be expected of the classifier that a Tina writes for a prompt; None where her table does not say.

    Args:
        tina: whose `table` is read.
        prompt: what the classifier is for.
    """
    classes = [one for one in prompt.classes if not is_something_else(one.label)]
    readings = [tina.reading(one).kind for one in classes]
    if not tina.table or len(classes) > MOST_CLASSES or UNKNOWN in readings:
        return None
    find = _of_sets if "sets" in tina.table else _of_splits
    return find(tina, tina.table, classes, _kind(classes, readings))


def _kind(classes: Sequence[ClassPrompt], readings: Sequence[str]) -> str:
    """The kind of prompt, as tables call it. Of classes with and without pictures it is the harder one."""
    fewest = min(len(one.pictures) for one in classes)
    if not fewest:
        return "descriptions" if set(readings) == {DESCRIBED} else "names"
    count = next(count for count in SHOWN if count <= fewest)
    pictures = f"{count} picture{'s' * (count > 1)}"
    return pictures if PICTURES in readings else f"name + {pictures}"


def _of_sets(tina: BaseTina, table: Mapping[str, Any], classes: Sequence[ClassPrompt], kind: str) -> Guess | None:
    """Of a tower's table: the mean over groups of sets of other people's pictures."""
    groups: dict[str, list[float]] = {}
    for row in table["rows"]:
        group = table["sets"][row["set"]]["group"]
        if (row["method"], row["prompt"], row["ways"]) == ("tina", kind, "10") and group != OWN_GROUP:
            groups.setdefault(group, []).append(row["accuracy"])
    means = [mean(accuracies) for accuracies in groups.values()]
    return Guess(_said(kind), mean(means), min(means), max(means)) if means else None


def _of_splits(tina: BaseTina, table: Mapping[str, Any], classes: Sequence[ClassPrompt], kind: str) -> Guess | None:
    """Of a table of splits: the one whose classes were in training like these."""
    meant = [(classes_meant(tina.world, [one.name]) or {}).get(one.name, ()) for one in classes]
    seen = [bool(names) and set(names) <= set(tina.world.seen) for names in meant]
    split = "ood" if all(seen) else "mixed" if any(seen) else "unseen"
    method = "tina" if kind == "names" else f"tina {kind}"
    row = next((row for row in table["rows"] if (row["method"], row["split"]) == (method, split)), None)
    if row is None:
        return None
    known = {"ood": "", "mixed": ", some never seen in training", "unseen": ", never seen in training"}[split]
    return Guess(_said(kind) + known, row["accuracy"], row["accuracy"], row["accuracy"])


def _said(kind: str) -> str:
    """A kind of prompt in plain words."""
    shown = f"{kind.replace('name +', 'names and')} of each class"
    return f"{kind} like these" if kind in ("names", "descriptions") else shown
