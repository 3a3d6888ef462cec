"""The table of rivals: every way of getting a classifier for a task, each a function of a workbench and tasks.

Most give a stack of weights of the checkpoint's blueprint; what is no such classifier (an encoder, a network that knows
more classes) gives answers instead. All get the same tasks, the same words and example pictures, and are scored on the
same held-out ones. What needs fine-tuned classifiers (the zoo's, or one made for the task) says so in its title.
"""

from __future__ import annotations

from tina.research.judge.ablations import ABLATIONS
from tina.research.judge.by_encoder import nearest_vector
from tina.research.judge.by_tina import STEPS, lifted, tina_with
from tina.research.judge.experts import EXPERTS, mixture_of_experts
from tina.research.judge.fine_tuned import tuned, tuned_head, tuned_label_only
from tina.research.judge.method import ALL, ELSE, NAMED, NEW, SEEN, SHOTS, Method, by_prompt_kind
from tina.research.judge.of_generic import (
    nearest_row,
    rows_of_pictures,
    slice_generic,
    slice_label_only,
    transferred,
    whole_generic,
)
from tina.research.judge.of_zoo import ridge_with, zoo_average, zoo_class_average, zoo_nearest, zoo_noisy
from tina.research.judge.unsure import CONFIDENCE, CONFIDENCES, tina_if_confident
from tina.training.zoo.finetune import HEADS, NETWORKS

PROMPTED = ("transfer", "ridge", "encoder", "tina")  # the rivals that take every kind of prompt
STEPS_OF_TUNING = f"{NETWORKS.steps:,} steps ({HEADS.steps} where only rows are)"


def if_sure(confidence: float, default: bool = True) -> Method:
    title = f"Tina without “something else”: an answer below {confidence:.0%} is that"
    return Method(title, tina_if_confident(confidence), ELSE, default=default)


METHODS: dict[str, Method] = {
    "slice": Method("the generic network, its rows sliced", slice_generic, (*NAMED, *ELSE), independent=True),
    "label-only": Method(
        "a generic network trained on labels alone, its rows sliced",
        slice_label_only,
        NAMED,
        label_only=True,
        independent=True,
    ),
    "whole": Method(
        "the generic network whole: all its classes may be answered",
        whole_generic,
        (*NAMED, "mixed", *ELSE),
        independent=True,
    ),
    "nearest row": Method("the generic network, the row of the nearest seen name", nearest_row, ALL),
    **{
        f"rows {key}": Method(f"the generic network, rows from {key} a class", rows_of_pictures(shots), NEW)
        for key, shots in SHOTS.items()
    },
    "transfer": Method("the generic network, rows transferred from the encoder", transferred(), ALL),
    **by_prompt_kind("transfer", "transferred rows", transferred),
    "zoo average": Method("all zoo classifiers averaged, weight by weight", zoo_average, zoo=True, independent=True),
    "zoo class average": Method(
        "average kernels, each class's average row", zoo_class_average, SEEN, zoo=True, independent=True
    ),
    "zoo nearest": Method("the zoo classifier with the nearest names", zoo_nearest, zoo=True),
    "zoo noisy": Method("the same with noise on its weights", zoo_noisy, zoo=True),
    "experts": Method(f"a mixture of {EXPERTS} experts, mixed by the prompt", mixture_of_experts, NAMED, zoo=True),
    "ridge": Method("ridge regression from prompt vectors to weights", ridge_with(), ALL, zoo=True),
    **by_prompt_kind("ridge", "ridge regression", ridge_with, zoo=True),
    "encoder": Method("the encoder, zero-shot: the nearest name", nearest_vector(), ALL),
    **by_prompt_kind("encoder", "the encoder's nearest", nearest_vector),
    "tina 1 step": Method("Tina, 1 step", tina_with(steps=1)),
    "tina 2 steps": Method("Tina, 2 steps", tina_with(steps=2)),
    "tina 5 steps": Method("Tina, 5 steps", tina_with(steps=5)),
    "tina": Method(f"Tina, {STEPS} steps (the default)", tina_with(), (*ALL, *ELSE)),
    "tina 10 steps": Method("Tina, 10 steps (the page, to be watched)", tina_with(steps=10)),
    "tina if sure": if_sure(CONFIDENCE),
    "tina 50 steps": Method("Tina, 50 steps", tina_with(steps=50), default=False),
    "tina temperature 1": Method(
        f"Tina, {STEPS} steps from noise of temperature 1", tina_with(temperature=1.0), default=False
    ),
    "tina ddpm 1000": Method(
        "Tina, DDPM: 1000 steps, temperature 1",
        tina_with(steps=1000, sampler="ddpm", temperature=1.0),
        default=False,
    ),
    **by_prompt_kind("tina", "Tina", tina_with),
    "tuned head": Method(
        f"its rows alone fine-tuned for the task, {STEPS_OF_TUNING}", tuned_head, ALL, independent=True
    ),
    "tuned": Method(f"really fine-tuned for the task, {STEPS_OF_TUNING}", tuned, (*ALL, *ELSE), independent=True),
    "tuned label-only": Method(
        "fine-tuned from the generic network trained on labels alone",
        tuned_label_only,
        SEEN,
        label_only=True,
        independent=True,
    ),
}

# By how much to lift is a setting: it is chosen in a rehearsal, by `mixed-val harmonic`, before it is tried on `mixed`
LIFTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
METHODS |= {
    f"{name} lifted {by:g}": Method(
        f"{METHODS[name].title}, unseen rows lifted by {by:g}",
        lifted(METHODS[name].make, by),
        ("mixed",),
        METHODS[name].zoo,
        default=False,
    )
    for name in ("ridge", "ridge name + 5 pictures", "tina", "tina name + 5 pictures")
    for by in LIFTS
}
METHODS |= {f"tina if {confidence:.0%} sure": if_sure(confidence, default=False) for confidence in CONFIDENCES}
METHODS |= ABLATIONS
TITLES = {"chance": "chance"} | {name: method.title for name, method in METHODS.items()}
