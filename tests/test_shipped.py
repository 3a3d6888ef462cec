"""The Tina that ships keeps its promises: it beats selection, generalises and understands other words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tina import Tina
from tina.paths import CHECKPOINTS, DEFAULT, shipped
from tina.research.card import card
from tina.research.judge.methods import METHODS
from tina.research.judge.photo_rivals import RIVALS
from tina.research.judge.photo_table import measure as measure_photos
from tina.research.judge.photo_tina import everyday_bench
from tina.research.judge.splits import tasks_of
from tina.research.judge.table import class_accuracies, measure
from tina.research.judge.workbench import Workbench
from tina.research.recipes.checkpoint import Recipe
from tina.worlds import load_world


@pytest.fixture(scope="module")
def shipped_tina() -> Tina:
    return Tina.from_pretrained(DEFAULT)


@pytest.mark.parametrize("name", shipped())
def test_its_card_is_made_of_its_own_table_and_recipe(name: str):
    folder, tina = CHECKPOINTS / name, Tina.from_pretrained(name)
    table = json.loads((folder / "table.json").read_text("utf-8"))
    if tina.kind == "tower":  # the table is of Tinas made without what they are judged on
        assert table["tower"] == tina.tower_hash
    else:
        assert table["checkpoint"] == tina.hash
    assert (folder / "README.md").read_text("utf-8") == card(folder)


def test_a_card_says_what_the_generic_network_was_distilled_from(monkeypatch: pytest.MonkeyPatch):
    recipe = Recipe.of(DEFAULT)
    assert "distilled" not in card(CHECKPOINTS / DEFAULT)
    monkeypatch.setattr(Recipe, "of", lambda folder: replace(recipe, teacher="embedded", generic_steps=60_000))
    text = " ".join(card(CHECKPOINTS / DEFAULT).split())
    assert "of 60,000 steps (in the first 70% of them distilled from the encoder `embedded`), on" in text


@pytest.mark.parametrize("name", shipped())
def test_a_card_says_what_the_terms_of_its_pictures_are(name: str):
    text = " ".join(card(CHECKPOINTS / name).split())
    of_imagenet = "ImageNet's pictures, which are for non-commercial research and education"
    assert (of_imagenet in text) == (name != DEFAULT)
    assert ("drawn by this project's code" in text) == name.startswith("sketchbook-")


@pytest.mark.parametrize("name", shipped("zoo"))
def test_its_card_has_the_command_for_all_its_rivals(name: str):
    rows = json.loads((CHECKPOINTS / name / "table.json").read_text("utf-8"))["rows"]
    others = {row["method"] for row in rows if METHODS.get(row["method"]) and METHODS[row["method"]].label_only}
    assert ("--label-only" in card(CHECKPOINTS / name)) == bool(others)


OF_PHOTOS = [name for name in shipped("zoo") if name.startswith("photos-")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.data) if name in OF_PHOTOS else name for name in shipped("zoo")]
)
def test_its_table_can_be_made_again(name: str):
    """The first tasks of the table, measured again, have the accuracy of the table."""
    rows = json.loads((CHECKPOINTS / name / "table.json").read_text("utf-8"))["rows"]
    before = {(row["method"], row["split"]): row.get("accuracies") for row in rows}
    zoo_tasks = Recipe.of(name).zoo_tasks()
    splits, methods = ["id", "ood", "unseen"], ["slice", "tina 1 step"]
    again = measure(Tina.from_pretrained(name), None, count=4, splits=splits, zoo_tasks=zoo_tasks, methods=methods)
    for row in again["rows"]:
        there = before[row["method"], row["split"]][: row["tasks"]]
        assert row["accuracies"] == pytest.approx(there, abs=0.011)  # a picture or two on another processor


@pytest.mark.slow
@pytest.mark.data
def test_the_table_of_photographs_can_be_made_again():
    """The first tasks, measured again for a rival that is chosen nothing for, and for one that is."""
    rows = json.loads((CHECKPOINTS / "everyday" / "table.json").read_text("utf-8"))["rows"]
    rivals, prompts = {name: RIVALS[name] for name in ("means", "zero-shot")}, ("5 pictures", "names")
    again = measure_photos(everyday_bench(), rivals, ["art", "coins"], prompts, count=3)
    assert len(again["rows"]) == 4
    for row in again["rows"]:
        before = next(old for old in rows if all(old[key] == row[key] for key in ("method", "set", "ways", "prompt")))
        assert row["accuracies"] == pytest.approx(before["accuracies"][:3], abs=0.02)


@pytest.mark.data
def test_photographs_that_nobody_has_learnt_from_are_told_apart():
    """What ships, on Caltech's test pictures: by name inside and outside the thousand, and for broad words."""
    tina = Tina.from_pretrained("everyday")
    for prompt, least in (
        ("airplane, butterfly, crab, elephant, helicopter, lamp, pizza, starfish, umbrella, soccer ball", 0.8),
        ("dollar bill, stapler, menorah, mandolin, anchor", 0.6),
        ("dog, fruit, vehicle, musical instrument", 0.9),
    ):
        scored = tina.generate(prompt).score_on(tina.world)
        assert scored.accuracy >= least, (prompt, scored.accuracy)


def test_labels_that_are_only_labels_change_nothing():
    """Pictures under two labels that say nothing make the same rows, whatever these are."""
    tina = Tina.from_pretrained("everyday")
    draw = np.random.default_rng(0)
    shown = [list(draw.integers(0, 256, (2, 64, 64, 3), np.uint8)) for _ in range(2)]
    one, other = (
        tina.generate(tina.understand("", dict(zip(labels, shown, strict=True))))
        for labels in (("class 1", "class 2"), ("Lisa", "left shelf"))
    )
    assert one.weights["head.weight"].equal(other.weights["head.weight"])
    heard = tina.generate(tina.understand("", dict(zip(("tabby", "class 2"), shown, strict=True))))
    assert not heard.weights["head.weight"].equal(one.weights["head.weight"])


@pytest.mark.parametrize("count", [4, pytest.param(24, marks=pytest.mark.slow)])
def test_new_sets_of_classes_are_told_apart_better_than_by_selecting_rows(shipped_tina: Tina, count: int):
    """Everything generated, from names alone: on new tasks, each weight of the network made for them."""
    bench = Workbench(shipped_tina, shipped_tina.world, None)
    tasks = tasks_of("ood", bench.world, Recipe.of(DEFAULT).zoo_tasks(), count)
    found = {
        name: class_accuracies(shipped_tina.blueprint, METHODS[name].make(bench, tasks), bench.world, tasks).nanmean(1)
        for name in ("slice", "tina", "tina descriptions")
    }
    assert found["tina"].mean() > found["slice"].mean()
    assert found["tina descriptions"].mean() > 0.7


def test_any_number_of_classes_works(shipped_tina: Tina):
    names = shipped_tina.world.seen
    for ways, least in ((2, 0.8), (5, 0.7), (32, 0.4)):
        classifier = shipped_tina.generate("\n".join(f'"{name}"' for name in names[::3][:ways]))
        assert len(classifier.labels) == ways
        assert classifier.score_on(shipped_tina.world, 20).accuracy > least


@pytest.mark.slow
def test_pictures_of_things_it_never_saw_make_a_classifier(shipped_tina: Tina):
    """Five pictures a class of classes that nothing was trained on: far above guessing."""
    bench = Workbench(shipped_tina, shipped_tina.world, None)
    tasks = tasks_of("unseen", bench.world, [], 12)
    weights = METHODS["tina 5 pictures"].make(bench, tasks)
    assert class_accuracies(shipped_tina.blueprint, weights, bench.world, tasks).nanmean() > 0.45


def test_permuting_the_classes_permutes_the_output(shipped_tina: Tina):
    names, order = ["apple", "sailboat", "snail", "lighthouse", "piano"], [3, 0, 4, 2, 1]
    vectors = shipped_tina.encoder.encode_texts_cached(names)
    config = shipped_tina.network.config
    draw = torch.Generator().manual_seed(0)
    shared = torch.randn(1, config.shared, config.shared_width, generator=draw)
    classes = torch.randn(1, 5, config.class_width, generator=draw)
    t, mask = torch.tensor([700]), torch.ones(1, 5, dtype=torch.bool)
    with torch.no_grad():
        there = shipped_tina.network(shared, classes, t, vectors[None], mask)
        back = shipped_tina.network(shared, classes[:, order], t, vectors[None, order], mask)
    torch.testing.assert_close(back[0], there[0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(back[1], there[1][:, order], atol=1e-5, rtol=1e-5)


def test_a_prompt_becomes_a_classifier_in_three_passes_of_the_network(shipped_tina: Tina):
    """What that takes is measured by `python -m tina bench`."""
    passes = []
    hook = shipped_tina.network.register_forward_hook(lambda *_: passes.append(1))
    shipped_tina.generate("apple, sailboat, snail, lighthouse, piano, key, owl, cup, tractor, cactus")
    hook.remove()
    assert len(passes) == 3


def test_no_unseen_class_was_in_the_training(shipped_tina: Tina):
    world = load_world(shipped_tina.world_id)
    assert not set(shipped_tina.names) & set(world.unseen)
    trained = {name for task in Recipe.of(DEFAULT).zoo_tasks() for names in task.values() for name in names}
    assert not trained & set(world.unseen)
