"""Which of a world's classes a label stands for, which of them were in training, and which are near it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from tina.classifier.score import classes_meant
from tina.generator.base import BaseTina
from tina.prompts.prompt import ClassPrompt
from tina.prompts.something_else import is_something_else
from tina.ui.server.held_out import HeldOutSet
from tina.ui.state import Generation


class WorldClasses:
    """The classes of a Tina's world, looked up by label."""

    seen: frozenset[str]  # the world's classes that were in training

    def __init__(self, tina: BaseTina, remembered: int):
        """
        Args:
            tina: whose world it is.
            remembered: labels whose classes are kept.
        """
        self.tina, self.world = tina, tina.world
        self.encoder = tina.encoder  # loaded now, not while the first visitor waits
        self._name_vectors = self.encoder.encode_texts(self.world.names)  # (names, E)
        self._classes = lru_cache(remembered)(self._classes_of)
        self._lock = Lock()  # of the encoder

    def classes_of(self, label: str) -> tuple[str, ...]:
        """The world's classes that a label stands for by itself; none where the world does not have it."""
        return self._classes(label.casefold())

    def _classes_of(self, label: str) -> tuple[str, ...]:
        members = classes_meant(self.world, [label])
        return members[label] if members else ()

    def is_unseen(self, label: str) -> bool:
        """Whether nothing of what a label stands for was ever in training; also when the world does not have it."""
        return self.seen.isdisjoint(self.classes_of(label))

    def unseen_labels(self, generation: Generation) -> list[str]:
        """Those of its labels of which `is_unseen` says so, but for those that are only labels."""
        return [
            one.label
            for one in generation.prompt.classes
            if self.is_unseen(one.name) and not self.tina.is_name_tag(one)
        ]

    def unseen_classes(self, held_out: HeldOutSet) -> dict[str, list[str]]:
        """For each label, if there are any: which of the classes that it stands for were never in training."""
        unseen = {label: [name for name in names if name not in self.seen] for label, names in held_out.task.items()}
        return {label: names for label, names in unseen.items() if names}

    def nearest_class(self, label: str) -> str:
        """The world's class whose name is nearest to the label, by the encoder."""
        with self._lock:
            vector = self.encoder.encode_texts([label])[0]
        return self.world.names[int((self._name_vectors @ vector).argmax())]

    def similar_classes(self, labels: Sequence[str]) -> list[str]:
        """For each label another class of the world, the one whose name is nearest to it, each only once: if possible
        one with pictures, and for a label that was in training one that was, too. What is "something else" stays, and
        a label for which no class is left."""
        named = [label for label in labels if not is_something_else(label)]
        taken = {name for label in named for name in (label, *self.classes_of(label))}
        with self._lock:
            nearness = self.encoder.encode_texts(list(labels)) @ self._name_vectors.T  # (K, names)
        found = []
        for label, row in zip(labels, nearness, strict=True):
            nearest = [self.world.names[i] for i in row.argsort(descending=True).tolist()]
            free = [name for name in nearest if name not in taken]
            pictured = [name for name in free if self.world.present and self.world.has_pictures(name)]
            alike = [name for name in pictured if name in self.seen or self.is_unseen(label)]
            best = next((names[0] for names in (alike, pictured, free) if names), label)
            found.append(label if is_something_else(label) else best)
            taken.add(found[-1])
        return found

    def meaning(self, one: ClassPrompt) -> dict[str, Any]:
        """What a class's chip says beside its label: the world's classes behind it, or the one that it is nearest to;
        and in `title` how it was read."""
        names = self.classes_of(one.name)
        if not names:
            nearest = self.nearest_class(one.name)
            title = f"not in the {self.world.title}; near {nearest}"
            return {"means": f"near {nearest}", "title": title, "unseen": True}
        unseen = self.is_unseen(one.name)
        title = ", ".join(names) + (", never seen in training" if unseen else "")
        if names == (one.name,):
            return {"means": "", "title": title, "unseen": unseen}
        return {"means": f"{len(names)} classes" if len(names) > 1 else names[0], "title": title, "unseen": unseen}
