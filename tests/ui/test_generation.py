"""A run from noise to classifier, what it is compared with, and what a visitor looks at afterwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.ui.conftest import LABELS, SEEN, STEPS
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui.charts import poster
from tina.ui.panes import blending, seeds, strip, take, try_it, watch
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.ui.state import Generation, SamplingOptions


def test_a_generation_has_its_start_and_its_steps_each_scored(generation: Generation) -> None:
    assert [frame.number for frame in generation.steps] == list(range(STEPS + 1))
    assert all(step.score.pictures == 150 for step in generation.steps)
    assert [step.estimate_score is None for step in generation.steps] == [True, False, False, False]
    assert generation.finished


def test_the_last_step_is_what_generate_gives(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    classifier = checkpoint.tina.generate(", ".join(LABELS), steps=STEPS)
    for name, weight in classifier.weights.items():
        assert torch.allclose(weight, generation.steps[-1].weights[name], atol=1e-5)
    assert classifier.score_on(checkpoint.world).accuracy == pytest.approx(generation.score.accuracy, abs=0.02)


def test_every_baseline_is_scored_on_the_same_pictures(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    assert generation.score.pictures == generation.baselines["slice"].pictures == len(generation.held_out.y) == 150
    assert checkpoint.held_out(LABELS) is generation.held_out


def test_what_was_never_seen_has_no_slice_and_no_invented_one(checkpoint: LoadedCheckpoint) -> None:
    held_out = checkpoint.held_out(["apple", "owl"])
    assert [label for label in held_out.labels if checkpoint.is_unseen(label)] == ["owl"]
    assert checkpoint.catalogue_slice(held_out) is None


def test_something_else_is_tried_on_other_classes_which_are_called_what_they_are(checkpoint: LoadedCheckpoint) -> None:
    *_, generation = checkpoint.generate(parse("apple, something else, snail"), SamplingOptions(steps=1))
    of_each = [(generation.held_out.y == k).sum() for k in range(3)]
    assert len(set(map(int, of_each))) == 1
    others = {generation.held_out.names[i] for i in (generation.held_out.y == 1).nonzero()[:, 0].tolist()}
    assert len(others) > 40
    assert not others & {"apple", "snail"}
    trained_on = set(generation.held_out.task["something else"])  # no unseen class is among them
    assert trained_on == set(SEEN) - {"apple", "snail"}
    shown = [item for item in try_it.held_out(generation)["items"] if item["label"] == "something else"]
    assert all(item["name"] in others for item in shown)
    first = [item["label"] for item in try_it.held_out(generation)["items"]].index("something else")
    assert f"something else: {shown[0]['name']}" in try_it.why(checkpoint, generation, first)
    assert generation.baselines["slice"].pictures == generation.score.pictures
    classifier = checkpoint.tina.generate("apple, something else, snail", steps=1)
    for name, weight in classifier.weights.items():
        torch.testing.assert_close(generation.steps[-1].weights[name], weight)


def test_without_pictures_there_is_no_accuracy(checkpoint: LoadedCheckpoint) -> None:
    *_, generation = checkpoint.generate(parse("blorp, quizzle"), SamplingOptions(steps=1))
    assert generation.held_out is None
    assert generation.score is None
    for html in (
        strip.strip(checkpoint, generation),
        strip.fine_tuned_bar(checkpoint, generation),
        watch.head(checkpoint, generation).split('<div class="provenance">')[0],
        watch.compare(checkpoint, generation),
        watch.confusions(generation),
    ):
        assert "%" not in html
    assert "blorp" in watch.weights(checkpoint, generation)
    assert try_it.held_out(generation)["items"] == []


def test_stopping_early_is_the_classifier_of_that_step(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    early = checkpoint.classifier(generation, 1)
    assert early.origin.steps == 1
    assert early.scored == generation.steps[1].score
    assert early.provenance is None
    assert "if it had stopped after step 1" in strip.strip(checkpoint, generation, 1)


def test_names_are_text_in_every_view(checkpoint: LoadedCheckpoint) -> None:
    evil = "<img src=x onerror=alert(1)>"
    *_, generation = checkpoint.generate(parse(f"{evil}\napple"), SamplingOptions(steps=1))
    for view in LoadedCheckpoint.views:
        assert "<img src=x" not in watch.view(checkpoint, generation, view)
    assert "<img src=x" not in watch.head(checkpoint, generation) + strip.strip(checkpoint, generation)


@pytest.mark.parametrize("view", LoadedCheckpoint.views)
def test_every_view_of_a_run_is_drawn(checkpoint: LoadedCheckpoint, generation: Generation, view: str) -> None:
    assert "<" in watch.view(checkpoint, generation, view)


def test_a_cell_shows_its_pictures(generation: Generation) -> None:
    was, said = next((i, j) for i, row in enumerate(generation.score.confusion) for j, count in enumerate(row) if count)
    html = watch.confusions(generation, -1, (was, said))
    assert html.count("<img") == min(50, generation.score.confusion[was][said])
    with pytest.raises(UserError):
        watch.confusions(generation, -1, (99, 0))


def test_why_shows_probabilities_and_the_likest_training_picture(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    html = try_it.why(checkpoint, generation, 0)
    assert "apple" in html
    assert html.count("<img") == 2
    with pytest.raises(UserError):
        try_it.why(checkpoint, generation, 10_000)


def test_held_out_pictures_are_one_sheet_that_stays(generation: Generation) -> None:
    first, last = try_it.held_out(generation, 0), try_it.held_out(generation)
    assert first["sheet"] == last["sheet"]
    assert len(last["items"]) == len(generation.held_out.shown_indices()) == 15


def test_a_blend_begins_and_ends_with_its_prompts(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    found = blending.blend(checkpoint, generation.prompt, parse("lighthouse, penguin, banana"), generation.options)
    assert len(found.weights) == blending.BLENDS
    for name, weight in generation.steps[-1].weights.items():
        assert torch.allclose(found.weights[0][name], weight, atol=1e-4)
    assert "apple → lighthouse" in blending.figure(checkpoint, found, 5)
    with pytest.raises(UserError, match="as many classes"):
        blending.blend(checkpoint, generation.prompt, parse("apple, snail"), generation.options)


def test_seeds_are_chosen_by_the_visitors_pictures(checkpoint: LoadedCheckpoint) -> None:
    shown = {"snail": [np.full((32, 32, 3), 90, np.uint8)]}
    *_, one = checkpoint.generate(parse("apple, snail", shown), SamplingOptions(steps=1))
    html = watch.seeds(checkpoint, one)
    assert html.count("for your pictures") == seeds.SEEDS
    assert html.count("the best") == 1


def test_who_wrote_it_is_counted_at_the_end_and_kept(tina: Tina, tmp_path) -> None:
    checkpoint = ZooCheckpoint(tina)
    heads, details = [], ""
    for generation in checkpoint.generate(parse("apple, kite"), SamplingOptions(steps=2)):
        heads.append(watch.head(checkpoint, generation))
        details = watch.details(checkpoint, generation)
    assert all("is counted at the end" in head for head in heads[:-1])
    assert sum(generation.provenance.values()) == pytest.approx(1, abs=1e-5)
    assert generation.provenance == pytest.approx(tina.generate("apple, kite", steps=2).provenance, abs=1e-4)
    assert "who wrote it" in heads[-1]
    assert "written by" in details
    again = take.reopened(checkpoint, checkpoint.classifier(generation).save(tmp_path / "mine.zip"))
    assert again.provenance == pytest.approx(generation.provenance)
    assert "who wrote it" in watch.head(checkpoint, again)


def test_the_poster_shows_every_step_once_a_round(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    from xml.etree import ElementTree

    svg = poster.animation(generation, checkpoint.scales)
    root = ElementTree.fromstring(svg)
    animations = list(root.iter("{http://www.w3.org/2000/svg}animate"))
    assert len(animations) == STEPS + 1
    assert all(one.get("keyTimes").startswith("0.0000") for one in animations)
    assert svg.count('display="inline"') == 1
