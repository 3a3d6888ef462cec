"""The lesson: its steps and questions, and what Tina is asked for in them. The numbers are in `runs.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tina.prompts.prompt import ClassPrompt, Prompt
from tina.ui.learn import languages
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.worlds import World

PARTS = {
    "one": ("teach",),
    "two": ("inside", "noise", "steps", "seeds", "words"),
    "three": ("unknown", "light", "mend"),
}
STEPS = tuple(step for steps in PARTS.values() for step in steps)
QUIZ = {"q1": 1, "q2": 0, "q3": 2, "q4": 0, "q5": 1, "q6": 2}  # question -> the right choice

CLASSES = ("apple", "sailboat", "snail", "lighthouse", "penguin")
NONSENSE = ("blorp", "quizzle", "framjet", "ostiwar", "numpfel")
SEEDS = (0, 1, 2, 3)
OTHERS = ("guitar", "octopus", "key", "chair", "tulip")  # none of the classes
STREET = ("bicycle", "cat", "car", "bus")  # of which the first is seen in one light only


def _questions() -> dict[str, int]:
    """Everything that a room may be asked, and how many choices it has."""
    words = languages.load(languages.FIRST)
    keys = {name: f"steps.{name}" for name in STEPS} | {name: f"quiz.{name}" for name in QUIZ}
    return {name: len(words.part(f"{key}.choices")) for name, key in keys.items()}


QUESTIONS = _questions()


def classes_of(world: World) -> tuple[str, ...]:
    """The lesson's classes; in a world that does not have them, its first seen ones."""
    return CLASSES if all(name in world.things for name in CLASSES) else tuple(world.seen[: len(CLASSES)])


def others_of(world: World) -> tuple[str, ...]:
    """As many that are none of the lesson's."""
    if all(name in world.things for name in OTHERS):
        return OTHERS
    return tuple(name for name in world.seen if name not in classes_of(world))[: len(OTHERS)]


def has_street(world: World) -> bool:
    """Whether the story of the lorry can be told here."""
    return all(name in world.things and world.has_pictures(name) for name in STREET)


def prompt_of(labels: Sequence[str], texts: Sequence[str] | None = None, pictures: Sequence | None = None) -> Prompt:
    """A prompt with one text for each label (by default the label) and any pictures."""
    rows = zip(labels, texts or labels, pictures or [()] * len(labels), strict=True)
    return Prompt(tuple(ClassPrompt(label, (text,), tuple(some)) for label, text, some in rows))


def experiments(checkpoint: LoadedCheckpoint) -> Iterator[tuple[str, Prompt]]:
    """Ways of asking, each for classes that can be scored."""
    world, seen = checkpoint.world, classes_of(checkpoint.world)
    new = never(world)
    yield "names", prompt_of(seen)
    yield "another order", prompt_of(seen[::-1])
    yield "synonyms", prompt_of(seen, [_first(world.things[name].synonyms, name) for name in seen])
    yield "descriptions", prompt_of(seen, [_first(world.things[name].descriptions, name) for name in seen])
    yield "made-up words", prompt_of(seen, NONSENSE[: len(seen)])
    if len(new) > 1:
        yield "never seen, names", prompt_of(new)
        for count in (1, 5):
            pictures = [world.pictures("train", name, count) for name in new]
            yield f"never seen, with {count} picture{'s' * (count > 1)}", prompt_of(new, None, pictures)


def never(world: World) -> tuple[str, ...]:
    """Classes that were in nobody's training."""
    return tuple(world.unseen[: len(CLASSES)])


def _first(texts: Sequence[str], default: str) -> str:
    return texts[0] if texts else default
