"""What a rival is: a way of getting a classifier for a task, its title in a table, and where it makes sense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tina.blueprints import Weights
from tina.research.judge.workbench import Answers, Workbench
from tina.worlds.task import Task

Make = Callable[[Workbench, Sequence[Task]], Weights | Answers]

SEEN = ("id", "ood")
NAMED = (*SEEN, "broad")  # where the generic network has rows for every class
NEW = ("ood", "unseen")
ALL = ("id", "ood", "unseen", "mixed", "broad")
ELSE = ("else",)

# Prompts other than names: what a method's id ends with -> what its title ends with, and how vectors are drawn
SHOTS = {"1 picture": 1, "2 pictures": 2, "5 pictures": 5, "16 pictures": 16}
PROMPT_KINDS = {
    "synonyms": ("prompted with a synonym", {"kind": "synonyms"}),
    "descriptions": ("prompted with a description", {"kind": "descriptions"}),
}
PROMPT_KINDS |= {key: (f"prompted with {key} a class", {"kind": "pictures", "shots": n}) for key, n in SHOTS.items()}
PROMPT_KINDS |= {f"name + {key}": (f"name and {key}", {"kind": "both", "shots": n}) for key, n in SHOTS.items()}
FIVE = ("5 pictures", "name + 5 pictures")


@dataclass(frozen=True)
class Method:
    title: str  # in a table
    make: Make  # classifiers for tasks
    splits: tuple[str, ...] = (*SEEN, "unseen")  # kinds of tasks that it makes sense for
    zoo: bool = False  # whether the zoo is needed
    default: bool = True  # whether a table has it when no methods are named
    label_only: bool = False  # whether it needs another generic network, one that was not distilled
    independent: bool = False  # of generator and encoder: another version of these changes nothing


def by_prompt_kind(name: str, title: str, make: Callable[..., Make], zoo: bool = False) -> dict[str, Method]:
    """A method for each kind of prompt beside names, on the splits where the kind makes a difference.

    make: gives the method for keyword arguments `kind` and `shots`.
    """
    return {
        f"{name} {key}": Method(f"{title}, {ending}", make(**how), (*NEW, "mixed") if key in FIVE else NEW, zoo)
        for key, (ending, how) in PROMPT_KINDS.items()
    }
