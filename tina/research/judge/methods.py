"""The table of rivals: every way of getting a classifier for a task, each a function of a bench and tasks.

Most give a stack of weights of the checkpoint's blueprint; what is no such classifier (an encoder, a network that knows
more classes) gives answers instead. All get the same tasks, the same words and example pictures, and are scored on the
same held-out ones. What needs fine-tuned classifiers (the zoo's, or one made for the task) says so in its sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tina.blueprints import Weights
from tina.generator.tina import STEPS
from tina.research.judge.by_encoder import nearest_vector
from tina.research.judge.experts import EXPERTS, mixture_of_experts
from tina.research.judge.fine_tuned import OF_ROWS, TUNING, tuned, tuned_head, tuned_untaught
from tina.research.judge.of_generic import (
    nearest_row,
    rows_of_pictures,
    slice_generic,
    slice_untaught,
    transferred,
    whole_generic,
)
from tina.research.judge.of_zoo import ridge_with, zoo_average, zoo_class_average, zoo_nearest, zoo_noisy
from tina.research.judge.unsure import SURE, TRIED, tina_if_sure
from tina.research.judge.workbench import Answers, Bench
from tina.worlds.task import Task

Make = Callable[[Bench, Sequence[Task]], Weights | Answers]


def tina_with(**how) -> Callable[[Bench, Sequence[Task]], Weights]:
    """Tina, asked in one kind of words and with one way of sampling."""
    words = {key: how.pop(key) for key in ("kind", "shots") if key in how}

    def write(bench: Bench, tasks: Sequence[Task]) -> Weights:
        vectors, mask = bench.vectors(tasks, **words)
        return bench.tina.write(vectors, mask, [bench.seed + m for m in range(len(tasks))], **how)

    return write


def lifted(make: Make, by: float) -> Make:
    """The same classifiers with a number added to the logits of every class that nothing was trained on: beside seen
    classes, of which all is sure, such a class would else be named too rarely."""

    def lift(bench: Bench, tasks: Sequence[Task]) -> Weights:
        weights = make(bench, tasks)
        biases = weights["head.bias"].clone()
        for m, task in enumerate(tasks):
            biases[m, [k for k, label in enumerate(task) if label in bench.world.unseen]] += by
        return weights | {"head.bias": biases}

    return lift


@dataclass(frozen=True)
class Method:
    says: str
    make: Make
    splits: tuple[str, ...] = ("id", "ood", "unseen")
    zoo: bool = False  # whether the zoo is needed
    usual: bool = True  # whether a table has it that says nothing of methods
    untaught: bool = False  # whether it needs another generic network, which had no teacher
    alone: bool = False  # whether it hangs on neither generator nor encoder: another version of these changes nothing


SEEN = ("id", "ood")
NAMED = (*SEEN, "broad")  # where the generic network has rows for every class
NEW = ("ood", "unseen")
ALL = ("id", "ood", "unseen", "mixed", "broad")
ELSE = ("else",)

# The ways of asking beside names: what a table calls them, how it tells them, and how vectors are drawn
SHOTS = {"1 picture": 1, "2 pictures": 2, "5 pictures": 5, "16 pictures": 16}
WORDS = {
    "synonyms": ("asked with a synonym", {"kind": "synonyms"}),
    "descriptions": ("asked with a description", {"kind": "descriptions"}),
}
WORDS |= {shown: (f"shown {shown} a class", {"kind": "pictures", "shots": n}) for shown, n in SHOTS.items()}
WORDS |= {f"name + {shown}": (f"name and {shown}", {"kind": "both", "shots": n}) for shown, n in SHOTS.items()}
FIVE = ("5 pictures", "name + 5 pictures")


def asked(name: str, says: str, make: Callable[..., Make], zoo: bool = False) -> dict[str, Method]:
    """A rival for each way of asking it, on the splits where that makes a difference."""
    return {
        f"{name} {words}": Method(f"{says}, {told}", make(**how), (*NEW, "mixed") if words in FIVE else NEW, zoo)
        for words, (told, how) in WORDS.items()
    }


def if_sure(sure: float, usual: bool = True) -> Method:
    says = f"Tina without “something else”: what is less than {sure:.0%} sure is that"
    return Method(says, tina_if_sure(sure), ELSE, usual=usual)


STEPS_OF_TUNING = f"{TUNING.steps:,} steps ({OF_ROWS.steps} where only rows are)"
ASKED = ("transfer", "ridge", "encoder", "tina")  # the rivals that can be asked in all of them
METHODS: dict[str, Method] = {
    "slice": Method("the generic network, its rows sliced", slice_generic, (*NAMED, *ELSE), alone=True),
    "untaught": Method(
        "a generic network that learnt from labels alone, its rows sliced",
        slice_untaught,
        NAMED,
        untaught=True,
        alone=True,
    ),
    "whole": Method(
        "the generic network whole: all its classes may be answered",
        whole_generic,
        (*NAMED, "mixed", *ELSE),
        alone=True,
    ),
    "nearest row": Method("the generic network, the row of the nearest seen name", nearest_row, ALL),
    **{
        f"rows {shown}": Method(f"the generic network, rows from {shown} a class", rows_of_pictures(shots), NEW)
        for shown, shots in SHOTS.items()
    },
    "transfer": Method("the generic network, rows transferred from the encoder", transferred(), ALL),
    **asked("transfer", "transferred rows", transferred),
    "zoo average": Method("all zoo classifiers averaged, weight by weight", zoo_average, zoo=True, alone=True),
    "zoo class average": Method(
        "average kernels, each class's average row", zoo_class_average, SEEN, zoo=True, alone=True
    ),
    "zoo nearest": Method("the zoo classifier with the nearest names", zoo_nearest, zoo=True),
    "zoo noisy": Method("the same with noise on its weights", zoo_noisy, zoo=True),
    "experts": Method(f"a mixture of {EXPERTS} experts, mixed by the prompt", mixture_of_experts, NAMED, zoo=True),
    "ridge": Method("ridge regression from prompt vectors to weights", ridge_with(), ALL, zoo=True),
    **asked("ridge", "ridge regression", ridge_with, zoo=True),
    "encoder": Method("the encoder, zero-shot: the nearest name", nearest_vector(), ALL),
    **asked("encoder", "the encoder's nearest", nearest_vector),
    "tina 1 step": Method("Tina, 1 step", tina_with(steps=1)),
    "tina 2 steps": Method("Tina, 2 steps", tina_with(steps=2)),
    "tina 5 steps": Method("Tina, 5 steps", tina_with(steps=5)),
    "tina": Method(f"Tina, {STEPS} steps (the default)", tina_with(), (*ALL, *ELSE)),
    "tina 10 steps": Method("Tina, 10 steps (the page, to be watched)", tina_with(steps=10)),
    "tina if sure": if_sure(SURE),
    "tina 50 steps": Method("Tina, 50 steps", tina_with(steps=50), usual=False),
    "tina hot": Method(f"Tina, {STEPS} steps from noise of temperature 1", tina_with(temperature=1.0), usual=False),
    "tina ddpm 1000": Method(
        "Tina, DDPM: 1000 steps, temperature 1",
        tina_with(steps=1000, sampler="ddpm", temperature=1.0),
        usual=False,
    ),
    **asked("tina", "Tina", tina_with),
    "tuned head": Method(
        f"its rows alone fine-tuned for the task, {TUNING.steps:,} steps", tuned_head, ALL, alone=True
    ),
    "tuned": Method(f"really fine-tuned for the task, {STEPS_OF_TUNING}", tuned, (*ALL, *ELSE), alone=True),
    "tuned untaught": Method(
        "fine-tuned from the generic network that learnt from labels alone",
        tuned_untaught,
        SEEN,
        untaught=True,
        alone=True,
    ),
}

# By how much to lift is a setting: it is chosen in a rehearsal, by `mixed-val harmonic`, before it is tried on `mixed`
LIFTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
METHODS |= {
    f"{name} lifted {by:g}": Method(
        f"{METHODS[name].says}, unseen rows lifted by {by:g}",
        lifted(METHODS[name].make, by),
        ("mixed",),
        METHODS[name].zoo,
        usual=False,
    )
    for name in ("ridge", "ridge name + 5 pictures", "tina", "tina name + 5 pictures")
    for by in LIFTS
}
METHODS |= {f"tina if {sure:.0%} sure": if_sure(sure, usual=False) for sure in TRIED}
