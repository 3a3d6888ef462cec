""" "something else": a row by a formula, that leaves all others as they are and wins for what is none of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import picture_bytes
from tina.classifier.classifier import Classifier
from tina.generator.best_of import leave_one_out
from tina.generator.closed_form.other_class import OtherClassSettings
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.prompts.something_else import SOMETHING_ELSE
from tina.training.fit.other_class import measure_other_class
from tina.training.zoo.store import Zoo
from tina.worlds import World
from tina.worlds.pictures import open_picture
from tina.worlds.task import plain_task

HEAD = ("head.weight", "head.bias")
EXTRAPOLATION, THRESHOLD = OtherClassSettings().extrapolation, OtherClassSettings().threshold
ELSE = (SOMETHING_ELSE, "none of these", "Other")


def joined(weights: dict) -> torch.Tensor:
    return torch.cat([weights["head.weight"], weights["head.bias"][..., None]], dim=-1)


@pytest.mark.parametrize("typed", [f"apple, {ELSE[0]}, kite, clock", f"{ELSE[1]}, apple, kite, clock"])
def test_the_other_classes_are_written_as_if_it_were_not_there(tina: Tina, typed: str) -> None:
    without, having = tina.generate("apple, kite, clock", seed=2), tina.generate(typed, seed=2)
    assert having.labels == typed.split(", ")
    others = [k for k, label in enumerate(having.labels) if label not in ELSE]
    for name, weight in without.weights.items():
        torch.testing.assert_close(having.weights[name][others] if name in HEAD else having.weights[name], weight)


def test_its_row_is_the_formulas_wherever_it_stands(tina: Tina) -> None:
    """The mean of the others, away from what the generic network says of these classes, and the threshold."""
    first, last = (tina.generate(typed) for typed in (f"{ELSE[0]}, apple, kite", f"apple, kite, {ELSE[0]}"))
    row, generic = joined(last.weights)[2], joined(dict(tina.generic.state_dict()))
    near = generic[[tina.names.index("apple"), tina.names.index("kite")]].mean(0)
    expected = joined(last.weights)[:2].mean(0) + EXTRAPOLATION * (generic.mean(0) - near)
    expected[-1] += tina.settings.other_class.threshold
    torch.testing.assert_close(row, expected)
    torch.testing.assert_close(joined(first.weights)[0], expected)


def test_one_class_and_something_else_is_a_detector(tina: Tina, world: World, tmp_path: Path) -> None:
    detector = tina.generate("apple or something else")
    assert detector.labels == ["apple", SOMETHING_ELSE]
    again = Classifier.load(detector.save(tmp_path / "apple.zip"))
    assert again.predict(world.pictures("test", "kite", 1)[0]).keys() == {"apple", SOMETHING_ELSE}


def test_prompts_with_and_without_it_are_written_together_as_alone(tina: Tina) -> None:
    typed = [f"apple, {ELSE[0]}", "kite, clock, pear", f"{ELSE[2]}, tractor, grapes, banana"]
    for one, together in zip(typed, tina.generate_many(typed), strict=True):
        for name, weight in tina.generate(one).weights.items():
            torch.testing.assert_close(together.weights[name], weight, atol=1e-5, rtol=1e-4)


def test_with_pictures_of_it_it_is_a_class_like_any_other(tina: Tina) -> None:
    """Then it is what they show; the words still say nothing."""
    shown = [np.asarray(open_picture(picture_bytes(i))) for i in range(2)]
    prompt = parse(f"apple, {ELSE[0]}", {ELSE[1]: shown})
    apple, other = tina.encoder.encode_prompt(prompt)
    seen = tina.encoder.encode_images(shown).mean(0)
    torch.testing.assert_close(other, seen / seen.norm())
    torch.testing.assert_close(apple, tina.encoder.encode_texts_cached(["apple"])[0])
    assert not tina.encoder.encode_prompt(parse(f"apple, {ELSE[0]}"))[1].any()
    assert leave_one_out(tina, parse(f"apple, {ELSE[0]}", {ELSE[0]: shown[:1]}), [0]).isfinite().all()


def test_the_generic_networks_slice_gets_it_by_the_same_formula(tina: Tina) -> None:
    plain, task = plain_task(["apple", "kite"]), {SOMETHING_ELSE: ("clock", "pear"), **plain_task(["apple", "kite"])}
    found, without = tina.generic_slice([task, plain]), tina.generic_slice([plain])
    torch.testing.assert_close(joined(found)[0, 1:], joined(without)[0])
    torch.testing.assert_close(joined(found)[1, :2], joined(without)[0])
    mean = joined(without)[0].mean(0)
    expected = mean + EXTRAPOLATION * (joined(dict(tina.generic.state_dict())).mean(0) - mean)
    expected[-1] += tina.settings.other_class.threshold
    torch.testing.assert_close(joined(found)[0, 0], expected)
    assert not joined(found)[1, 2].any()  # padding stays padding


def test_the_threshold_lets_go_of_as_many_as_it_keeps(tina: Tina, world: World, zoo: Zoo, monkeypatch) -> None:
    """Measured on `zoo` pictures; on test pictures of the same made-up colours it has to hold."""
    too_few = measure_other_class(tina.blueprint, zoo.generic, world.seen[:2], world)
    assert too_few == OtherClassSettings()
    measured = measure_other_class(tina.blueprint, zoo.generic, world.seen, world)
    monkeypatch.setattr(tina, "settings", replace(tina.settings, other_class=measured))
    rng, own, others = np.random.default_rng(1), [], []
    for _ in range(30):
        named = rng.permutation(world.seen)[:2].tolist()
        task = plain_task(named) | {SOMETHING_ELSE: ("pear",)}
        weights = {name: weight[0] for name, weight in tina.generic_slice([task]).items()}
        classifier = Classifier(tina.blueprint, weights, parse(", ".join(task)))
        for name in world.seen:
            answers = classifier.probabilities(world.pictures("test", name, 4)).argmax(1)
            right = float(((answers == 2) != (name in named)).float().mean())
            (own if name in named else others).append(right)
    assert abs(np.mean(own) - np.mean(others)) < 0.15
    assert np.mean(own) + np.mean(others) > 1.2


def test_a_checkpoint_keeps_its_threshold(tina: Tina, tmp_path: Path) -> None:
    tina.save_pretrained(tmp_path / "mine")
    file = tmp_path / "mine" / "config.json"
    about = json.loads(file.read_text())
    assert about["settings"]["other_class"]["threshold"] == tina.settings.other_class.threshold
    about["settings"]["other_class"]["threshold"] = 3.25
    file.write_text(json.dumps(about))
    changed = Tina.from_pretrained(tmp_path / "mine")
    assert changed.settings.other_class.threshold == 3.25
    assert changed.hash != tina.hash
