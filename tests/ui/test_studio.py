"""A run from noise to classifier, what it is compared with, and what a visitor looks at afterwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.ui.conftest import LABELS, SEEN, STEPS
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.training.zoo.finetune import Schedule
from tina.ui.charts import poster
from tina.ui.learn import lesson
from tina.ui.panes import blending, race, take, watch, world_card
from tina.ui.panes import try_it as trial
from tina.ui.server.studio import Studio
from tina.ui.server.tuning import Trainer
from tina.ui.state import How, Run


def test_a_run_has_a_frame_of_noise_and_one_a_step(run: Run) -> None:
    assert [frame.number for frame in run.frames] == list(range(STEPS + 1))
    assert len(run.scores) == STEPS + 1
    assert run.finished


def test_the_last_frame_is_what_generate_gives(studio: Studio, run: Run) -> None:
    classifier = studio.tina.generate(", ".join(LABELS), steps=STEPS)
    for name, weight in classifier.weights.items():
        assert torch.allclose(weight, run.frames[-1].weights[name], atol=1e-5)
    assert classifier.score_on(studio.world).accuracy == pytest.approx(run.score.accuracy, abs=0.02)


def test_every_rival_is_scored_on_the_same_pictures(studio: Studio, run: Run) -> None:
    assert run.score.pictures == run.rivals["slice"].pictures == len(run.exam.y) == 150
    assert studio.exam(LABELS) is run.exam


def test_what_was_never_seen_has_no_slice_and_no_invented_one(studio: Studio) -> None:
    exam = studio.exam(["apple", "owl"])
    assert studio.never_seen(exam) == ["owl"]
    assert studio.catalogue_slice(exam) is None


def test_something_else_is_tried_on_other_classes_which_are_called_what_they_are(studio: Studio) -> None:
    *_, run = studio.run(parse("apple, something else, snail"), How(steps=1))
    of_each = [(run.exam.y == k).sum() for k in range(3)]
    assert len(set(map(int, of_each))) == 1
    others = {run.exam.shows[i] for i in (run.exam.y == 1).nonzero()[:, 0].tolist()}
    assert len(others) > 40
    assert not others & {"apple", "snail"}
    assert set(run.exam.task["something else"]) == set(SEEN) - {"apple", "snail"}  # nothing unseen is learnt from
    shown = [item for item in trial.held(run)["items"] if item["label"] == "something else"]
    assert all(item["shows"] in others for item in shown)
    first = [item["label"] for item in trial.held(run)["items"]].index("something else")
    assert f"something else: {shown[0]['shows']}" in trial.why(studio, run, first)
    assert run.rivals["slice"].pictures == run.score.pictures
    classifier = studio.tina.generate("apple, something else, snail", steps=1)
    for name, weight in classifier.weights.items():
        torch.testing.assert_close(run.frames[-1].weights[name], weight)


def test_without_pictures_there_is_no_accuracy(studio: Studio) -> None:
    *_, run = studio.run(parse("blorp, quizzle"), How(steps=1))
    assert run.exam is None
    assert run.score is None
    for html in (
        watch.strip(studio, run),
        watch.rival(run),
        watch.head(run),
        watch.compare(studio, run),
        watch.confusion(run),
    ):
        assert "%" not in html
    assert "blorp" in watch.weights(studio, run)
    assert trial.held(run)["items"] == []


def test_stopping_early_is_the_classifier_of_that_step(studio: Studio, run: Run) -> None:
    early = studio.classifier(run, 1)
    assert early.steps == 1
    assert early.scored == run.scores[1]
    assert "if it had stopped after step 1" in watch.strip(studio, run, 1)


def test_names_are_text_in_every_view(studio: Studio) -> None:
    evil = "<img src=x onerror=alert(1)>"
    *_, run = studio.run(parse(f"{evil}\napple"), How(steps=1))
    for view in watch.VIEWS:
        assert "<img src=x" not in watch.view(studio, run, view)
    assert "<img src=x" not in watch.head(run) + watch.strip(studio, run)


@pytest.mark.parametrize("view", watch.VIEWS)
def test_every_view_of_a_run_is_drawn(studio: Studio, run: Run, view: str) -> None:
    assert "<" in watch.view(studio, run, view)


def test_a_cell_shows_its_pictures(run: Run) -> None:
    was, said = next((i, j) for i, row in enumerate(run.score.confusion) for j, count in enumerate(row) if count)
    html = watch.confusion(run, None, (was, said))
    assert html.count("<img") == min(50, run.score.confusion[was][said])
    with pytest.raises(UserError):
        watch.confusion(run, None, (99, 0))


def test_why_shows_probabilities_and_the_likest_training_picture(studio: Studio, run: Run) -> None:
    html = trial.why(studio, run, 0)
    assert "apple" in html
    assert html.count("<img") == 2
    with pytest.raises(UserError):
        trial.why(studio, run, 10_000)


def test_held_out_pictures_are_one_sheet_that_stays(run: Run) -> None:
    first, last = trial.held(run, 0), trial.held(run)
    assert first["sheet"] == last["sheet"]
    assert len(last["items"]) == len(run.exam.shown()) == 15


def test_a_blend_begins_and_ends_with_its_prompts(studio: Studio, run: Run) -> None:
    found = blending.blend(studio, run.prompt, parse("lighthouse, penguin, banana"), run.how)
    assert len(found.weights) == blending.BLENDS
    for name, weight in run.frames[-1].weights.items():
        assert torch.allclose(found.weights[0][name], weight, atol=1e-4)
    assert "apple → lighthouse" in blending.blended(studio, found, 5)
    with pytest.raises(UserError, match="as many classes"):
        blending.blend(studio, run.prompt, parse("apple, snail"), run.how)


def test_the_rival_is_really_trained_and_kept(studio: Studio, run: Run) -> None:
    trainer = Trainer(studio, Schedule(steps=30, batch=16))
    *_, tuning = trainer.watch(run.exam)
    assert tuning.finished
    assert tuning.share == 1
    assert tuning.score.pictures == 150
    assert trainer.known(run.exam) is tuning
    assert not np.allclose(tuning.weights["head.weight"], trainer.start(run.exam)["head.weight"][0])


def test_an_unseen_class_is_trained_from_a_row_of_zeros(studio: Studio) -> None:
    apple, owl = Trainer(studio).start(studio.exam(["apple", "owl"]))["head.weight"][0]
    assert apple.any()
    assert not owl.any()


def test_training_stops_when_nobody_watches(studio: Studio, run: Run) -> None:
    trainer = Trainer(studio, Schedule(steps=100_000, batch=2))
    watching = trainer.watch(run.exam)
    tuning = next(watching)
    watching.close()
    assert tuning.training.left.is_set()
    tuning.training.future.result(timeout=30)
    assert not tuning.finished
    assert trainer.known(run.exam) is None


def test_what_waits_its_turn_is_not_begun_for_nobody(studio: Studio, run: Run) -> None:
    trainer = Trainer(studio, Schedule(steps=100_000, batch=2))
    first, second = trainer.watch(run.exam), trainer.watch(studio.exam(["apple", "snail"]))
    next(first)
    waiting = next(second)
    second.close()
    first.close()
    waiting.training.future.result(timeout=30)
    assert waiting.done == 0


def test_three_are_trained_on_side_by_side(studio: Studio, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "MARKS", (0, 1, 4))
    monkeypatch.setattr(race, "SCHEDULE", Schedule(4, batch=8, rate=3e-3))
    found = list(race.run(studio, run, STEPS))
    assert [len(scores["tina"]) for scores in found] == [1, 2, 3]
    last = found[-1]
    assert last["tina"][0] == run.score.accuracy
    assert last["other"][0] == run.rivals["slice"].accuracy
    assert race.drawn(last).count("<polyline") == 3


def test_seeds_are_chosen_by_the_visitors_pictures(studio: Studio) -> None:
    shown = {"snail": [np.full((32, 32, 3), 90, np.uint8)]}
    *_, one = studio.run(parse("apple, snail", shown), How(steps=1))
    html = watch.seeds(studio, one)
    assert html.count("for your pictures") == watch.SEEDS
    assert html.count("the best") == 1


def test_a_zip_comes_back_with_the_same_accuracy(studio: Studio, run: Run, tmp_path) -> None:
    file = studio.classifier(run).save(tmp_path / "mine.zip")
    again = take.reopened(studio, file)
    assert again.score == run.score
    assert again.labels == run.labels
    assert "file" in watch.head(again)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(file.read_bytes()[:500])
    with pytest.raises(UserError):
        take.reopened(studio, broken)


@pytest.mark.parametrize("how", [How(), How(steps=3), How(steps=1, sampler="dpm", guidance=1.5, seed=7)])
def test_the_python_that_is_copied_makes_the_same_classifier(
    studio: Studio, how: How, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, run = studio.run(parse("apple, “salt, pepper”"), how)
    monkeypatch.setattr(Tina, "from_pretrained", lambda name: {"sketchbook-cnn": studio.tina}[name])
    making = take.python(run, "sketchbook-cnn").split("print(")[0]
    found: dict = {}
    exec(making, found)
    assert found["classifier"].labels == run.labels
    for name, weight in found["classifier"].weights.items():
        torch.testing.assert_close(weight, run.frames[-1].weights[name], atol=1e-5, rtol=1e-5)


def test_the_python_that_is_copied_says_where_example_pictures_belong(studio: Studio) -> None:
    pictures = list(studio.world.pictures("test", "snail", 2))
    *_, run = studio.run(parse("apple, snail", {"snail": pictures}), How(steps=1))
    code = take.python(run, "any")
    compile(code, "copied", "exec")
    assert "tina.understand('apple, snail', {'snail': ['1.png', '2.png']}), seed=0, steps=1)" in code


@pytest.mark.parametrize(("kind", "start"), [("zip", b"PK"), ("html", b"<!doctype html>"), ("onnx", b"\x08")])
def test_files_are_packed(studio: Studio, run: Run, kind: str, start: bytes) -> None:
    import base64

    file = take.packed(studio.classifier(run), kind)
    assert file["name"] == f"tina-apple-sailboat-snail.{kind}"
    assert base64.b64decode(file["data"]).startswith(start)


def test_file_names_hold_nothing_that_a_disk_minds() -> None:
    assert take.file_name(["../../etc", "Ünï", "<b>"]) == "tina-etc-n-b"
    assert take.file_name(["🐌", "🐢"]) == "tina"


def test_the_lesson_breaks_it_in_every_way(studio: Studio) -> None:
    names = [name for name, _ in lesson.experiments(studio)]
    assert names[:2] == ["names", "another order"]
    html = lesson.break_it(studio)
    assert all(name in html for name in names)
    assert lesson.four_seeds(studio).count("<figure") == 4
    assert len(lesson.STEPS) == 6


def test_the_worlds_card_shows_every_class(studio: Studio, tmp_path) -> None:
    html = world_card.page(studio, tmp_path / "README.md")
    assert html.count("<article") == len(studio.world.names)
    rows = [{"method": "tina", "split": "ood", "accuracy": 0.8, "interval": [0.79, 0.81], "tasks": 200}]
    assert "80.0% ± 1.0" in world_card.table(rows)
    assert "†" not in world_card.table(rows)
    assert "† measured with an earlier version" in world_card.table([rows[0] | {"beside": "0123"}])


def test_the_poster_shows_every_step_once_a_round(studio: Studio, run: Run) -> None:
    from xml.etree import ElementTree

    svg = poster.animation(run, studio.scales)
    root = ElementTree.fromstring(svg)
    animations = list(root.iter("{http://www.w3.org/2000/svg}animate"))
    assert len(animations) == STEPS + 1
    assert all(one.get("keyTimes").startswith("0.0000") for one in animations)
    assert svg.count('display="inline"') == 1
