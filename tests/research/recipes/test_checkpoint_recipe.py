"""A shipped checkpoint's recipe is data, and the commands it stands for are ones that a person could type."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tina.errors import UserError
from tina.paths import CHECKPOINTS, shipped
from tina.research.recipes.checkpoint import Recipe, recipe_of
from tina.storage import save_json
from tina.training import train
from tina.training.zoo import build
from tina.worlds import load_world

RECIPE = {
    "world": "sketchbook",
    "blueprint": "cnn-5k",
    "seed": 3,
    "classifiers": 100,
    "generic_steps": 1000,
    "steps": 400,
    "zoo_minutes": 30,
    "stages": [{"minutes": 10, "batch": 8}, {"minutes": 20, "tasks": 4}],
}


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    (tmp_path / "recipe.json").write_text(json.dumps(RECIPE))
    return Recipe.of(tmp_path)


def test_every_stage_goes_on_from_the_one_before(recipe: Recipe):
    zoo, first, second = (shlex.split(step["command"]) for step in recipe.commands(Path("out")))
    assert zoo[:3] == ["python", "-m", "tina.zoo"]
    assert "--init-from" not in first
    assert second[second.index("--init-from") + 1] == first[first.index("--out") + 1]
    assert {command[command.index("--zoo") + 1] for command in (first, second)} == {zoo[zoo.index("--out") + 1]}


def test_fewer_minutes_are_shared_out(recipe: Recipe):
    whole, half = recipe.commands(Path("out")), recipe.commands(Path("out"), minutes=30)
    assert sum(step["minutes"] for step in whole) == 60
    assert [step["minutes"] for step in half] == [step["minutes"] / 2 for step in whole]
    assert "--generic-steps 500" in half[0]["command"]
    assert "--classifiers 100" in whole[0]["command"]


def test_the_programs_understand_every_word_of_it(recipe: Recipe, monkeypatch: pytest.MonkeyPatch):
    zoo, *stages = (shlex.split(step["command"]) for step in recipe.commands(Path("out")))
    plans = []
    monkeypatch.setattr(build, "build_zoo", lambda plan, folder: plans.append(plan) or SimpleNamespace(tasks=[]))
    build.main(zoo[3:])
    assert (plans[0].classifiers, plans[0].tuning.steps, plans[0].seed, plans[0].teacher) == (100, 400, 3, "")
    distilled = replace(recipe, teacher="embedded").commands(Path("out"))[0]["command"]
    build.main(shlex.split(distilled)[3:])
    assert plans[1] == replace(plans[0], teacher="embedded")
    minutes = [train.parser().parse_args(stage[3:]).minutes for stage in stages]
    assert minutes == [10, 20]


def test_a_stage_by_steps_is_the_same_on_every_machine(recipe: Recipe):
    steady = replace(recipe, stages=({"minutes": 90, "steps": 3000, "tasks": 4},), calibrate_minutes=5)
    assert steady.minutes == 125
    _zoo, stage, calibration = (shlex.split(step["command"]) for step in steady.commands(Path("out")))
    assert train.parser().parse_args(stage[3:]).steps == 3000
    assert train.parser().parse_args(stage[3:]).minutes is None
    assert calibration[:3] == ["python", "-m", "tina.training.calibrate"]
    assert calibration[calibration.index("--checkpoint") + 1] == stage[stage.index("--out") + 1]
    fewer = steady.commands(Path("out"), minutes=62.5)
    assert "--steps 1500" in fewer[1]["command"]
    assert sum(step["minutes"] for step in fewer) == pytest.approx(62.5)


def test_another_seed_is_another_seed_of_everything(recipe: Recipe):
    other = recipe.seeded(5)
    assert all("--seed 5" in step["command"] for step in other.commands(Path("out")))
    assert other.zoo_tasks() != recipe.zoo_tasks()
    assert other.minutes == recipe.minutes


def test_a_dry_run_runs_no_command(recipe: Recipe, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("subprocess.run", lambda *args, **kwargs: pytest.fail("something was run"))
    assert len(recipe.run(Path("out"), dry=True)) == 3


def test_the_zoos_tasks_follow_from_the_recipe_alone(recipe: Recipe):
    tasks = recipe.zoo_tasks()
    assert len(tasks) == 100
    assert tasks == recipe.zoo_tasks()


def test_they_are_those_that_the_zoo_is_built_of(recipe: Recipe, tmp_path: Path):
    zoo = build._planned(build.Plan(classifiers=100, seed=3), load_world("sketchbook"), tmp_path / "zoo")
    assert zoo.tasks == recipe.zoo_tasks()


def test_a_checkpoint_without_a_recipe_is_a_sentence(tmp_path: Path):
    for of in (Recipe.of, recipe_of):
        with pytest.raises(UserError, match="no recipe"):
            of(tmp_path)


def test_a_recipe_may_be_one_command(tmp_path: Path):
    save_json({"module": "tina.research.recipes.everyday", "minutes": 2.0, "seed": 0}, tmp_path / "recipe.json")
    made = recipe_of(tmp_path)
    assert made.run(Path("runs/x"), dry=True) == [
        {
            "minutes": 2.0,
            "command": "python -m tina.research.recipes.everyday --minutes 2.0 --seed 0 --out runs/x",
        }
    ]
    (step,) = made.seeded(3).run(Path("runs/x"), 0.5, dry=True)
    assert "--minutes 0.5 --seed 3" in step["command"]
    counted = {"module": "tina.research.recipes.everyday", "minutes": 2.0, "seed": 0, "steps": 1500}
    save_json(counted, tmp_path / "recipe.json")
    (step,) = recipe_of(tmp_path).run(Path("runs/x"), dry=True)
    assert step["command"] == "python -m tina.research.recipes.everyday --steps 1500 --seed 0 --out runs/x"
    assert step["minutes"] == 2.0
    (step,) = recipe_of(tmp_path).run(Path("runs/x"), 0.5, dry=True)
    assert step["command"] == "python -m tina.research.recipes.everyday --minutes 0.5 --seed 0 --out runs/x"
    with pytest.raises(UserError, match="not made of a zoo"):
        Recipe.of(tmp_path)
    assert isinstance(recipe_of("sketchbook-cnn"), Recipe)
    save_json({"command": "python -m tina adopt x/y", "minutes": 1.5, "seed": 0}, tmp_path / "recipe.json")
    with pytest.raises(UserError, match="made by: python -m tina adopt x/y"):
        recipe_of(tmp_path)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_checkpoint_has_its_recipe_card_and_table(name: str):
    folder = CHECKPOINTS / name
    assert recipe_of(name).minutes > 0
    for file in ("README.md", "table.json", "config.json", "model.safetensors"):
        assert (folder / file).is_file()
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 16e6
