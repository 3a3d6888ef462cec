"""Classifiers on an encoder's image tower: too large for a browser, and everything on the page all the same."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import picture_bytes
from tina.classifier.classifier import Classifier
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.training.zoo.finetune import Schedule
from tina.ui.charts import histograms, weights_view
from tina.ui.panes import blending, generating, race, take, watch, world_card
from tina.ui.panes import try_it as trial
from tina.ui.server.shelf import Shelf
from tina.ui.server.studio import Studio
from tina.ui.server.tuning import Trainer
from tina.ui.state import How, Run
from tina.worlds.pictures import open_picture

PNG = picture_bytes(size=(64, 64))
URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
STEPS = 2


@pytest.fixture(scope="module", params=["rows", "adapter"])
def shelf(request: pytest.FixtureRequest, on_towers: dict[str, Path]) -> Shelf:
    return Shelf(str(on_towers[request.param]))


@pytest.fixture(scope="module")
def studio(shelf: Shelf) -> Studio:
    return shelf.studio()


@pytest.fixture(scope="module")
def run(studio: Studio) -> Run:
    *_, run = studio.run(parse("apple, kite, tractor"), How(steps=STEPS))
    *_, tuning = Trainer(studio, Schedule(steps=5, batch=8)).watch(run.exam)
    run.tuned, run.rivals["tuned"] = tuning.weights, tuning.score
    return run


def test_every_step_is_scored_on_what_the_tower_saw_once(studio: Studio, run: Run) -> None:
    assert run.exam.x.shape == (len(run.exam.pictures), studio.blueprint.width)
    for number in (0, STEPS):
        answers = studio.classifier(run, number).probabilities(run.exam.pictures).argmax(1)
        assert torch.equal(answers, run.frames[number].answers)


def test_the_browser_is_told_whom_to_ask_and_that_other_weights_are_others(studio: Studio, run: Run) -> None:
    model = trial.model(studio, run)
    assert {"where": "server", "labels": run.labels, "size": 64} == {k: v for k, v in model.items() if k != "mark"}
    assert model == trial.model(studio, run, STEPS)
    assert model["mark"] != trial.model(studio, run, 1)["mark"]


def test_the_server_says_what_the_classifier_of_that_step_says(studio: Studio, run: Run) -> None:
    for at in (1, STEPS):
        shares = studio.classifier(run, at).predict(open_picture(PNG))
        assert trial.answer(studio, run, URL, at)["shares"] == pytest.approx([shares[label] for label in run.labels])


@pytest.mark.parametrize("url", ["", "data:text/html,hi", "data:image/png;base64,AAAA", URL + "A" * 300_000])
def test_what_is_no_picture_or_too_large_is_one_sentence(studio: Studio, run: Run, url: str) -> None:
    with pytest.raises(UserError, match="picture"):
        trial.answer(studio, run, url)


def test_a_run_of_another_kind_is_not_asked(run: Run, tina: Tina) -> None:
    with pytest.raises(UserError, match="still being written"):
        trial.answer(Studio(tina), run, URL)


def test_everything_but_the_web_page_is_taken_away(studio: Studio, run: Run, tmp_path: Path) -> None:
    offered = take.offer(studio, run, "photos")
    assert "take the zip instead" in offered["no_page"]
    assert "world=photos" in offered["query"]
    with pytest.raises(UserError, match="take the zip instead"):
        take.packed(studio.classifier(run), "html")
    assert base64.b64decode(take.packed(studio.classifier(run), "onnx")["data"]).startswith(b"\x08")
    file = tmp_path / "mine.zip"
    file.write_bytes(base64.b64decode(take.packed(studio.classifier(run), "zip")["data"]))
    assert Classifier.load(file).labels == run.labels
    assert take.reopened(studio, file).score == run.score


@pytest.mark.parametrize("view", watch.VIEWS)
@pytest.mark.parametrize("at", [0, None])
def test_every_view_is_drawn(studio: Studio, run: Run, view: str, at: int | None) -> None:
    html = watch.view(studio, run, view, at)
    assert "<" in html
    assert "nan" not in re.sub(r"base64,[^\"]*", "", html)
    assert '<div class="kernels"></div>' not in html


def test_an_adapter_is_shown_and_its_rows_are_called_what_they_are(studio: Studio, run: Run) -> None:
    adapter = studio.blueprint.rows_by is not None
    names = [one.name for one in histograms.layers(run.frames[-1].weights, run.tuned, not adapter)]
    assert names == (["adapter"] if adapter else ["last layer"])
    for view in ("Weights", "Compare"):
        assert (watch.GIVEN_ROWS in watch.view(studio, run, view)) == adapter
    assert ("hidden units of adapter" in watch.weights(studio, run)) == adapter
    assert ("Their adapters correlate" in watch.seeds(studio, run)) == adapter


def test_a_long_row_goes_on_in_the_next_line_and_loses_nothing() -> None:
    weights = {"head.weight": torch.randn(3, 384), "head.bias": torch.randn(3)}
    drawn = weights_view.class_rows(weights, 1.0)
    assert drawn.shape == (3, 5, 77, 4)
    small = {"head.weight": weights["head.weight"][:, :64], "head.bias": weights["head.bias"]}
    assert np.array_equal(weights_view.class_rows(small, 1.0)[:, 0, :64], drawn.reshape(3, 385, 4)[:, :64])


def test_it_is_trained_on_blended_and_explained(studio: Studio, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "MARKS", (0, 2))
    monkeypatch.setattr(race, "SCHEDULE", Schedule(2, batch=8, rate=3e-3))
    *_, last = race.run(studio, run, STEPS)
    assert last["tina"][0] == run.score.accuracy
    found = blending.blend(studio, run.prompt, parse("banana, clock, pear"), run.how)
    assert "apple → banana" in blending.blended(studio, found, 5)
    assert trial.why(studio, run, 0).count("<img") == 2
    assert trial.why(studio, run, 0).count('class="photo"') == 2


def test_without_the_archive_the_page_says_how_to_get_it_and_writes_all_the_same(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    studio = Studio(shelf.studio().tina)
    monkeypatch.setattr(type(studio.world), "present", False)
    monkeypatch.setattr(type(studio.world), "advice", "Put it there.")
    monkeypatch.setattr(shelf, "studio", lambda name=None: studio)
    *_, last = generating.generate(shelf, None, "apple, kite", {}, How(steps=1))
    assert last.run.score is None
    assert "Put it there." in last.strip
    assert "no held-out pictures" in last.held["says"]
    assert [chip["unseen"] for chip in last.chips["classes"]] == [False, False]
    assert "near" not in str(last.chips)
    assert len(trial.answer(studio, last.run, URL)["shares"]) == 2
    html = world_card.page(studio, tmp_path / "README.md")
    assert "Put it there." in html
    assert "umbrella" in html
