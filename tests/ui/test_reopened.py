"""A zip that is brought back keeps what it says of itself, and is promised nothing that does not hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.conftest import STEPS
from tina.classifier.classifier import Classifier
from tina.classifier.record import Origin
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.ui.panes import take, watch
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.ui.state import Generation
from tina.worlds import drawn

SHARES = {"generator": 0.25, "prior": 0.5, "transfer": 0.25}
ELSEWHERE = Origin("photos", "0123456789abcdef", seed=7, steps=250, sampler="ddim", provenance=SHARES)


def reopened(checkpoint: LoadedCheckpoint, generation: Generation, origin: Origin, file: Path) -> Generation:
    """After a zip of the generation's weights that says it comes from `origin`."""
    weights = generation.steps[-1].weights
    Classifier(checkpoint.blueprint, weights, generation.prompt, origin=origin).save(file)
    return take.reopened(checkpoint, file)


@pytest.mark.parametrize("origin", [ELSEWHERE, replace(ELSEWHERE, seed=None), replace(ELSEWHERE, steps=1), Origin()])
def test_what_is_saved_again_says_where_it_came_from(
    checkpoint: LoadedCheckpoint, generation: Generation, origin: Origin, tmp_path: Path
) -> None:
    again = reopened(checkpoint, generation, origin, tmp_path / "first.zip")
    assert checkpoint.classifier(again).origin == origin
    assert Classifier.load(checkpoint.classifier(again, 0).save(tmp_path / "second.zip")).origin == origin


def test_the_page_shows_what_the_zip_says(checkpoint: LoadedCheckpoint, generation: Generation, tmp_path: Path) -> None:
    again = reopened(checkpoint, generation, ELSEWHERE, tmp_path / "mine.zip")
    assert "brought back from a file: seed 7, steps 250, checkpoint 0123456789abcdef" in watch.head(checkpoint, again)
    details = watch.details(checkpoint, again)
    assert "250 steps, seed 7" in details
    assert ">photos<" in details
    assert ">checkpoint 0123456789abcdef<" in details
    assert "diffusion 25.0%" in details
    nothing = watch.details(checkpoint, reopened(checkpoint, generation, Origin(), tmp_path / "bare.zip"))
    assert nothing.count("not recorded") == 3
    assert "None" not in nothing
    seedless = reopened(checkpoint, generation, replace(ELSEWHERE, seed=None), tmp_path / "seedless.zip")
    assert "250 steps" in watch.details(checkpoint, seedless)
    assert "None" not in watch.details(checkpoint, seedless)


@pytest.mark.parametrize(
    "other",
    [{"checkpoint": "0123456789abcdef"}, {"sampler": "ddim"}, {"steps": 250}, {"seed": None}, {"provenance": None}],
)
def test_no_link_and_no_code_promise_what_this_tina_would_not_write(
    checkpoint: LoadedCheckpoint, generation: Generation, other: dict, tmp_path: Path
) -> None:
    origin = checkpoint.classifier(generation).origin
    same = take.offer(checkpoint, reopened(checkpoint, generation, origin, tmp_path / "same.zip"), "sketchbook-cnn")
    assert "seed=0" in same["query"]
    assert f"seed=0, steps={STEPS}" in same["python"] or checkpoint.tina.settings.sampling.steps == STEPS
    assert same["no_recipe"] == ""
    again = reopened(checkpoint, generation, replace(origin, **other), tmp_path / "other.zip")
    offered = take.offer(checkpoint, again, "sketchbook-cnn")
    assert (offered["query"], offered["python"]) == ("", "")
    assert "not known to write the same weights" in offered["no_recipe"]


def test_a_step_on_the_way_is_one_that_stopped_early(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    whole = checkpoint.classifier(generation).origin
    assert whole == Origin(
        checkpoint.world.id,
        checkpoint.hash,
        seed=0,
        steps=STEPS,
        sampler=checkpoint.tina.settings.sampling.sampler,
        provenance=generation.provenance,
    )
    assert checkpoint.classifier(generation, STEPS).origin == whole
    assert checkpoint.classifier(generation, 1).origin == replace(whole, steps=1, provenance=None)


def test_of_a_step_on_the_way_no_link_is_given(
    checkpoint: LoadedCheckpoint, generation: Generation, tmp_path: Path
) -> None:
    """A run of one step does not write what the first of several steps did."""
    again = take.reopened(checkpoint, checkpoint.classifier(generation, 1).save(tmp_path / "early.zip"))
    assert take.offer(checkpoint, again, "sketchbook-cnn")["no_recipe"] == take.NO_RECIPE


def test_a_classifier_for_pictures_that_are_prepared_otherwise_is_not_shown(
    checkpoint: LoadedCheckpoint, generation: Generation, tmp_path: Path
) -> None:
    other = "" if checkpoint.blueprint.preparation else drawn.NAME
    weights = generation.steps[-1].weights
    file = Classifier(checkpoint.blueprint.prepared_by(other), weights, generation.prompt).save(tmp_path / "old.zip")
    with pytest.raises(UserError, match="prepared in another way than here"):
        take.reopened(checkpoint, file)


def test_drawings_keep_their_lines_until_they_are_prepared() -> None:
    tina = Tina.from_pretrained("sketchbook-cnn")
    for preparation, side in (("", 64), (drawn.NAME, 160)):
        tina.blueprint = tina.blueprint.prepared_by(preparation)
        assert ZooCheckpoint(tina).picture_side == side
