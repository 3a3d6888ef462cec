"""Classifiers on an encoder's image tower: too large for a browser, and everything on the page all the same."""

from __future__ import annotations

import base64
import re
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import picture_bytes
from tina.classifier.classifier import Classifier
from tina.encoder.encoder import Encoder
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.training.schedule import TrainSchedule
from tina.ui.charts import histograms, weights_view
from tina.ui.panes import blending, generating, race, take, try_it, watch, world_card
from tina.ui.server import packing
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.server.tuning import FineTuner
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.ui.state import Brought, Generation, SamplingOptions
from tina.worlds.pictures import open_picture

PNG = picture_bytes(size=(64, 64))
URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
STEPS = 2


@pytest.fixture(scope="module", params=["rows", "adapter"])
def registry(request: pytest.FixtureRequest, on_towers: dict[str, Path]) -> CheckpointRegistry:
    return CheckpointRegistry(str(on_towers[request.param]))


@pytest.fixture(scope="module")
def checkpoint(registry: CheckpointRegistry) -> LoadedCheckpoint:
    return registry.get()


@pytest.fixture(scope="module")
def generation(checkpoint: LoadedCheckpoint) -> Generation:
    *_, generation = checkpoint.generate(parse("apple, kite, tractor"), SamplingOptions(steps=STEPS))
    *_, tuning = FineTuner(checkpoint, TrainSchedule(steps=5, batch=8)).watch(generation.held_out)
    generation.fine_tuned, generation.baselines["fine-tuned"] = tuning.weights, tuning.score
    return generation


def test_every_step_is_scored_on_what_the_tower_saw_once(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    assert generation.held_out.x.shape == (len(generation.held_out.pictures), checkpoint.blueprint.width)
    for number in (0, STEPS):
        answers = checkpoint.classifier(generation, number).probabilities(generation.held_out.pictures).argmax(1)
        assert torch.equal(answers, generation.steps[number].predictions)


def test_the_browser_is_told_whom_to_ask_and_that_other_weights_are_others(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    model = try_it.model(checkpoint, generation)
    assert {"where": "server", "labels": generation.labels, "size": 64} == {
        k: v for k, v in model.items() if k != "mark"
    }
    assert model == try_it.model(checkpoint, generation, STEPS)
    assert model["mark"] != try_it.model(checkpoint, generation, 1)["mark"]


def test_the_server_says_what_the_classifier_of_that_step_says(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    for at in (1, STEPS):
        shares = checkpoint.classifier(generation, at).predict(open_picture(PNG))
        assert try_it.answer(checkpoint, generation, URL, at)["shares"] == pytest.approx(
            [shares[label] for label in generation.labels]
        )


@pytest.mark.parametrize("url", ["", "data:text/html,hi", "data:image/png;base64,AAAA", URL + "A" * 300_000])
def test_what_is_no_picture_or_too_large_is_one_sentence(
    checkpoint: LoadedCheckpoint, generation: Generation, url: str
) -> None:
    with pytest.raises(UserError, match="picture"):
        try_it.answer(checkpoint, generation, url)


def test_a_run_of_another_kind_is_not_asked(generation: Generation, tina: Tina) -> None:
    with pytest.raises(UserError, match="still being written"):
        try_it.answer(ZooCheckpoint(tina), generation, URL)


def test_everything_but_the_web_page_is_taken_away(
    checkpoint: LoadedCheckpoint, generation: Generation, tmp_path: Path
) -> None:
    offered = take.offer(checkpoint, generation, "photos")
    assert "take the zip instead" in offered["no_page"]
    assert "world=photos" in offered["query"]
    with pytest.raises(UserError, match="take the zip instead"):
        packing.packed(checkpoint.classifier(generation), "html")
    assert base64.b64decode(packing.packed(checkpoint.classifier(generation), "onnx")["data"]).startswith(b"\x08")
    file = tmp_path / "mine.zip"
    file.write_bytes(base64.b64decode(packing.packed(checkpoint.classifier(generation), "zip")["data"]))
    taken = Classifier.load(file)
    assert taken.labels == generation.labels
    assert "/" in generation.origin.world  # where it lies here
    assert taken.origin.world == f"folder:{generation.origin.world.rpartition('/')[2]}"
    with zipfile.ZipFile(file) as archive:
        assert not any(tempfile.gettempdir().encode() in archive.read(name) for name in archive.namelist())
    assert take.reopened(checkpoint, file).score == generation.score


@pytest.mark.parametrize("view", LoadedCheckpoint.views)
@pytest.mark.parametrize("at", [0, -1])
def test_every_view_is_drawn(checkpoint: LoadedCheckpoint, generation: Generation, view: str, at: int) -> None:
    html = watch.view(checkpoint, generation, view, at)
    assert "<" in html
    assert "nan" not in re.sub(r"base64,[^\"]*", "", html)
    assert '<div class="kernels"></div>' not in html


def test_an_adapter_is_shown_and_its_rows_are_called_what_they_are(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    adapter = checkpoint.blueprint.rows_by is not None
    names = [one.name for one in histograms.layers(generation.steps[-1].weights, generation.fine_tuned, not adapter)]
    assert names == (["adapter"] if adapter else ["last layer"])
    for view in ("Weights", "Compare"):
        assert (watch.GIVEN_ROWS in watch.view(checkpoint, generation, view)) == adapter
    assert ("hidden units of adapter" in watch.weights(checkpoint, generation)) == adapter
    assert ("Their adapters correlate" in watch.seeds(checkpoint, generation)) == adapter


def test_a_long_row_goes_on_in_the_next_line_and_loses_nothing() -> None:
    weights = {"head.weight": torch.randn(3, 384), "head.bias": torch.randn(3)}
    drawn = weights_view.class_rows(weights, 1.0)
    assert drawn.shape == (3, 5, 77, 4)
    small = {"head.weight": weights["head.weight"][:, :64], "head.bias": weights["head.bias"]}
    assert np.array_equal(weights_view.class_rows(small, 1.0)[:, 0, :64], drawn.reshape(3, 385, 4)[:, :64])


def test_it_is_trained_on_blended_and_explained(
    checkpoint: LoadedCheckpoint, generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(race, "MARKS", (0, 2))
    monkeypatch.setattr(race, "SCHEDULE", TrainSchedule(2, batch=8, rate=3e-3))
    *_, last = race.train(checkpoint, generation, STEPS)
    assert last["tina"][0] == generation.score.accuracy
    found = blending.blend(checkpoint, generation.prompt, parse("banana, clock, pear"), generation.options)
    assert "apple → banana" in blending.figure(checkpoint, found, 5)
    assert try_it.why(checkpoint, generation, 0).count("<img") == 2
    assert try_it.why(checkpoint, generation, 0).count('class="photo"') == 2


def test_a_visitors_words_are_not_kept_on_disk(checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Encoder, "encode_texts_cached")
    *_, written = checkpoint.generate(parse("apple, clock, pear"), SamplingOptions(steps=1))
    assert written.score is not None
    assert set(FineTuner(checkpoint).start(written.held_out)) == set(written.steps[-1].weights)


def test_the_catalogue_slice_is_the_generic_networks_own(checkpoint: LoadedCheckpoint) -> None:
    for labels in (["apple", "kite"], ["apple", "kite", "something else"]):
        held_out = checkpoint.held_out(labels)
        stack = checkpoint.tina.generic_slice([held_out.task])
        for name, weight in checkpoint.catalogue_slice(held_out).items():
            assert torch.allclose(weight, stack[name][0].cpu(), atol=1e-5)


def test_without_the_archive_the_page_says_how_to_get_it_and_writes_all_the_same(
    registry: CheckpointRegistry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checkpoint = ZooCheckpoint(registry.get().tina)
    monkeypatch.setattr(type(checkpoint.world), "present", False)
    monkeypatch.setattr(type(checkpoint.world), "advice", "Put it there.")
    monkeypatch.setattr(registry, "get", lambda name=None: checkpoint)
    *_, last = generating.generate(registry, None, "apple, kite", Brought(), SamplingOptions(steps=1))
    assert last.generation.score is None
    assert "Put it there." in last.strip
    assert "no held-out pictures" in last.held_out["note"]
    assert [chip["unseen"] for chip in last.chips["classes"]] == [False, False]
    assert "near" not in str(last.chips)
    assert len(try_it.answer(checkpoint, last.generation, URL)["shares"]) == 2
    html = world_card.page(checkpoint, tmp_path / "README.md")
    assert "Put it there." in html
    assert "umbrella" in html
