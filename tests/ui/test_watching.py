"""Watching: what a row fires on, what the colours mean, two prompts, the chart of comparing, and the honest lines."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch

from tests.ui.conftest import LABELS
from tina.blueprints import get_blueprint
from tina.prompts.parsing import parse
from tina.training.schedule import TrainSchedule
from tina.ui.charts import histograms, plots, weights_view
from tina.ui.panes import blending, race, seeds, watch
from tina.ui.panes.fires import STRIP, fires
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.tower_checkpoint import TowerCheckpoint
from tina.ui.server.tuning import FineTuner, FineTuning
from tina.ui.state import Generation, SamplingOptions, Visitor

BLUEPRINT = get_blueprint("cnn-5k")


def weights(seed: int = 0) -> dict:
    return BLUEPRINT.init(3, torch.Generator().manual_seed(seed))


# -- what a row fires on ----------------------------------------------------------------------------------------------
def test_a_row_fires_most_where_it_adds_up_to_most(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    html = fires(checkpoint, generation, 1)
    most, others, least = (
        [float(number) for number in re.findall(r"<small>([+-][\d.]+)</small>", part)]
        for part in html.split("<h3>")[1:]
    )
    held_out = generation.held_out
    sums = held_out.blueprint.forward(generation.steps[-1].weights, held_out.x)
    above = (sums - sums.mean(1, keepdim=True))[:, 1]
    assert most == pytest.approx(above.sort(descending=True).values[:STRIP].tolist(), abs=0.06)
    assert least == pytest.approx(above.sort().values[:STRIP].tolist(), abs=0.06)
    assert others == pytest.approx(above[held_out.y != 1].sort(descending=True).values[:STRIP].tolist(), abs=0.06)
    assert f"Chosen from {len(held_out.y)} held-out pictures." in html
    assert 'class="own"' not in html.split("of other classes")[1].split("<h3>")[0]


def test_it_fires_on_what_was_shown_where_nothing_is_held_out(checkpoint: LoadedCheckpoint) -> None:
    draw = np.random.default_rng(0)
    shown = {name: [draw.integers(0, 255, (32, 32, 3)).astype(np.uint8) for _ in range(2)] for name in ("blip", "blop")}
    *_, with_pictures = checkpoint.generate(parse("blip, blop", shown), SamplingOptions(steps=1))
    html = fires(checkpoint, with_pictures, 0)
    assert "Chosen from the 4 pictures that you showed" in html
    *_, without = checkpoint.generate(parse("blip, blop"), SamplingOptions(steps=1))
    assert "There are no pictures here" in fires(checkpoint, without, 0)


def test_rows_are_opened_one_at_a_time_and_closed_by_another_run(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    assert watch.view(checkpoint, generation, "Weights").count("data-row=") == len(LABELS)
    opened = watch.view(checkpoint, generation, "Weights", opened=(1,))
    assert opened.count('aria-expanded="true"') == opened.count('class="fires"') == 1
    assert "data-row" not in watch.weights(checkpoint, generation)  # in the lesson nothing can be clicked
    assert "Click a class" not in watch.weights(checkpoint, generation)
    visitor = Visitor(opened=2)
    visitor.begin()
    assert visitor.opened is None


# -- what the colours mean --------------------------------------------------------------------------------------------
def test_the_legend_has_the_colours_and_the_numbers_of_the_rows(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    html = watch.view(checkpoint, generation, "Weights")
    scale = checkpoint.scales["head.weight"]
    assert f"{-scale:+.2g}" in html
    assert f"{scale:+.2g}" in html
    assert "Orange speaks for the class, blue against it" in html
    assert "recognised" in html
    unscored = weights_view.figure(["a", "b", "c"], weights(), weights_view.scales(weights()))
    assert "recognised" not in unscored


def test_a_part_says_how_it_is_read_and_where_its_kernels_are() -> None:
    some = weights()
    first, second = weights_view.parts(some, weights_view.scales(some))
    assert first.tiles == ()  # its kernels are apart already
    assert second.tiles == ((0, 96, 48, 3, 3),)
    assert second.pixels.shape[:2] == (48, 96)
    assert "Grey is nothing" in first.reading
    assert "what it reads from" in second.reading
    tiny = get_blueprint("tiny-20k").init(2, torch.Generator().manual_seed(0))
    for part in weights_view.parts(tiny, weights_view.scales(tiny)):
        for x, width, height, across, down in part.tiles:
            assert x + width <= part.pixels.shape[1]
            assert height <= part.pixels.shape[0]
            assert width % across == height % down == 0


@pytest.mark.parametrize("kind", [LoadedCheckpoint, TowerCheckpoint])
def test_who_wrote_it_is_explained_in_one_sentence(kind: type[LoadedCheckpoint]) -> None:
    for word in list(kind.writers.values())[:2]:
        assert word in kind.writers_explained.casefold()
    assert kind.writers_explained.count(".") == 1


# -- comparing --------------------------------------------------------------------------------------------------------
@pytest.fixture
def compared(checkpoint: LoadedCheckpoint, generation: Generation) -> Generation:
    *_, tuning = FineTuner(checkpoint, TrainSchedule(steps=5, batch=8)).watch(generation.held_out)
    from dataclasses import replace

    return replace(generation, fine_tuned=tuning.weights)


def test_the_chart_holds_every_weight_of_both(checkpoint: LoadedCheckpoint, compared: Generation) -> None:
    chart = json.loads(watch.compare_chart(checkpoint, compared).plot)
    assert {trace["type"] for trace in chart["data"]} == {"bar", "scatter"}  # what plotly.js 3 and 4 draw alike
    counts = [sum(trace["y"]) for trace in chart["data"] if trace.get("legendgroup")]
    sizes = [432, 4608, 32 * len(LABELS)]
    assert counts == [size for size in sizes for _ in range(2)]
    assert [trace["name"] for trace in chart["data"] if trace.get("showlegend")] == ["trained for it", "Tina"]
    titles = [note["text"] for note in chart["layout"]["annotations"]]
    assert titles[::2] == [
        f"<b>{one.name}</b>, cosine {one.cosine:.2f}"
        for one in histograms.layers(compared.steps[-1].weights, compared.fine_tuned)
    ]
    assert chart["config"]["toImageButtonOptions"]["filename"] == "tina-compare"


def test_the_qq_line_of_the_same_weights_is_the_dashed_one() -> None:
    chart = json.loads(plots.compared(histograms.layers(weights(), weights())).plot)
    for dashed, line in zip(chart["data"][2::4], chart["data"][3::4], strict=True):
        assert dashed["line"]["dash"] == "dash"
        assert dashed["x"] == dashed["y"]
        assert line["x"] == line["y"]


def test_numbers_and_words_stand_beside_the_chart(checkpoint: LoadedCheckpoint, compared: Generation) -> None:
    html = watch.compare(checkpoint, compared)
    for one in histograms.layers(compared.steps[-1].weights, compared.fine_tuned):
        assert f"<b>{one.name}</b> cosine {one.cosine:.2f}, distance {one.distance:.2f}: {one.in_words}" in html
    assert "1 is the same, 0 has nothing in common" in html
    assert "on the dashed line they are spread alike" in html


def test_until_it_is_trained_there_is_something_to_read_and_no_chart(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    html = watch.compare(checkpoint, generation)
    assert "What you will see here" in html
    assert "1 is the same, 0 has nothing in common" in html
    assert watch.compare_chart(checkpoint, generation) is None
    assert watch.can_compare(checkpoint, generation)
    *_, unknown = checkpoint.generate(parse("blip, blop"), SamplingOptions(steps=1))
    assert not watch.can_compare(checkpoint, unknown)
    assert "Nothing can be trained here" in watch.compare(checkpoint, unknown)


@pytest.mark.parametrize(
    ("done", "seconds", "says"),
    [
        (0, 0.0, "waits its turn"),
        (1, 0.0, "1 of 300 steps</b>"),
        (101, 10.0, "101 of 300 steps, about 20 s to go"),
        (11, 10.0, "11 of 300 steps, about 5 min to go"),
        (300, 10.0, "300 of 300 steps, about 1 s to go"),
    ],
)
def test_how_long_the_rival_still_takes(generation: Generation, done: int, seconds: float, says: str) -> None:
    tuning = FineTuning(generation.held_out, 300, done=done, seconds=seconds)
    html = watch.rival(generation, tuning)
    assert says in html
    assert "the same 3 classes" in html
    assert "begins when Tina has finished" in watch.rival(generation, None)


# -- two prompts ------------------------------------------------------------------------------------------------------
def test_a_second_prompt_is_suggested_with_as_many_other_classes(checkpoint: LoadedCheckpoint) -> None:
    found = checkpoint.similar_classes(["apple", "fruit", "owl", "blip", "something else"])
    assert found[-1] == "something else"
    assert len(set(found)) == 5
    assert not {"apple", "owl"} & set(found)
    assert not set(found) & set(checkpoint.classes_of("fruit"))
    assert found[0] in checkpoint.seen
    names = checkpoint.world.names
    assert checkpoint.similar_classes(names) == names  # none is left


def test_prompts_of_different_sizes_stand_side_by_side(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    pair = blending.two_prompts(checkpoint, generation.prompt, parse("banana, penguin"), generation.options)
    assert isinstance(pair, blending.Pair)
    for name, weight in generation.steps[-1].weights.items():
        assert torch.allclose(pair.weights[0][name], weight, atol=1e-4)
    assert pair.scores[0].accuracy == pytest.approx(generation.score.accuracy, abs=0.02)
    html = blending.figure(checkpoint, pair, 5)
    assert html.count("<section>") == 2
    assert "as many classes in both: the first has 3, the second 2" in html
    untested = blending.two_prompts(checkpoint, generation.prompt, parse("blip, blop"), generation.options)
    assert "untested" in blending.figure(checkpoint, untested, 0)


def test_a_blend_has_both_ends_and_the_point_between(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    found = blending.two_prompts(checkpoint, generation.prompt, parse("banana, penguin, snail"), generation.options)
    html = blending.figure(checkpoint, found, 3)
    for title in ("First prompt", "30% of the way", "Second prompt"):
        assert f"<b>{title}</b>" in html
    assert html.count("weights of snail") == 3  # the same at both ends
    assert "sailboat → penguin" in html


# -- seeds, and training on -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "answers", "says"),
    [
        (0.02, 0.0, "The seed changes the weights by 2.0%, and the answers by none: the prompt decides"),
        (0.003, 0.001, "by 0.3%, and 0.1% of the answers: the prompt decides, not the noise"),
        (0.6, 0.01, "by 60%, and 1.0% of the answers: there are many ways to write the same classifier"),
        (0.6, 0.3, "by 60%, and 30% of the answers: here the noise that it starts from matters"),
        (0.6, None, "no pictures here"),
    ],
)
def test_the_lesson_of_the_seeds(changed: float, answers: float | None, says: str) -> None:
    assert says in seeds.lesson(changed, answers)


def test_it_is_counted_from_what_is_shown() -> None:
    one, other = {"a": torch.tensor([3.0, 4.0])}, {"a": torch.tensor([3.0, 4.5])}
    assert seeds.weight_change([one, other, one]) == pytest.approx(0.05)
    first, second = torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 2, 0])
    assert seeds.answer_change([first, second, first]) == pytest.approx(0.125)


def test_what_training_on_gains_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "MARKS", (0, 10, 300))
    found = {"tina": [0.88, 0.88, 0.93], "other": [0.87, 0.89, 0.92], "blank": [0.1, 0.2, 0.5]}
    assert race.lesson({start: values[:2] for start, values in found.items()}) == ""
    line = race.lesson(found)
    assert "Tina’s weights gain 5 points in 300 steps, because they were written for these classes" in line
    assert "the generic network, trained for all classes, took 10 steps to get where they start" in line
    assert "random weights, with all to learn, ended 38 points below where they start" in line
    assert "hardly change" in race.lesson(found | {"tina": [0.88, 0.8, 0.884]})
    assert "lose 8 points" in race.lesson(found | {"tina": [0.88, 0.8, 0.8]})
    assert "began as well" in race.lesson(found | {"other": [0.9, 0.9, 0.9]})
    assert race.figure(found).count('<i class="line') == 6  # the key's lines and the table's are those of the plot
