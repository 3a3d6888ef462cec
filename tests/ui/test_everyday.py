"""Everyday photographs on the page, where there are no test pictures but those that a visitor brings."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from tests.training.tower.test_adopt import write_encoder
from tina.classifier.classifier import Classifier
from tina.classifier.own_pictures import fingerprint
from tina.errors import MissingData, UserError
from tina.training.tower.adopt import adopt
from tina.ui import layout
from tina.ui.handlers import Handlers
from tina.ui.panes import describe, examples, fetching, generating, take, try_it, watch, world_card
from tina.ui.server import background, links, packing
from tina.ui.server import registry as registry_module
from tina.ui.server.features import SeenPictures
from tina.ui.server.jobs import Job
from tina.ui.server.registry import BETTER, CheckpointRegistry
from tina.ui.server.tower_checkpoint import TowerCheckpoint
from tina.ui.state import Brought, SamplingOptions, Visitor
from tina.worlds.archives import Source
from tina.worlds.everyday import Everyday, TestPhotographs
from tina.worlds.sketchbook import draw

LABELS = ["class 1", "class 2"]


def pictures(thing: str, count: int, first: int = 0, size: int = 256) -> list[np.ndarray]:
    return [draw(thing, "test", first + i, size) for i in range(count)]


def url(picture: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.fixture(scope="module")
def no_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cache, and no archive anywhere."""
    folder = tmp_path_factory.mktemp("nothing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINA_CACHE", str(folder / "cache"))
        patch.setattr("tina.worlds.archives.places", lambda: [folder / "cache" / "data"])
        yield folder


@pytest.fixture(scope="module")
def registry(no_archive: Path) -> CheckpointRegistry:
    return CheckpointRegistry("everyday")


@pytest.fixture(scope="module")
def checkpoint(registry: CheckpointRegistry) -> TowerCheckpoint:
    return registry.get("everyday")


def made(registry: CheckpointRegistry, text: str, brought: Brought) -> generating.Update:
    *_, last = generating.generate(registry, "everyday", text, brought, SamplingOptions(steps=1))
    assert last.generation is not None, last.chips["error"]
    return last


@pytest.fixture(scope="module")
def many(registry: CheckpointRegistry) -> generating.Update:
    """Nine pictures of each class."""
    brought = Brought({"class 1": pictures("mushroom", 9), "class 2": pictures("teapot", 9)})
    return made(registry, ", ".join(LABELS), brought)


@pytest.fixture(scope="module")
def few(registry: CheckpointRegistry) -> generating.Update:
    brought = Brought({"class 1": pictures("mushroom", 3), "class 2": pictures("teapot", 3)})
    return made(registry, "", brought)


def test_it_is_offered_beside_the_others_under_a_short_name(registry: CheckpointRegistry) -> None:
    assert ("Everyday photos", "everyday") in registry.choices()
    assert ("Sketchbook (cnn-5k)", "sketchbook-cnn") in registry.choices()


# -- what is scored ----------------------------------------------------------------------------------------------------
def test_names_alone_are_untested_and_it_is_said_what_to_do(registry: CheckpointRegistry) -> None:
    last = made(registry, "pizza, teapot, blorp", Brought())
    assert (last.generation.score, last.generation.left_out, last.generation.held_out) == (None, None, None)
    for words in ("untested", "[Mm]ore than six pictures of", "the button is under Try"):
        assert re.search(words, str(last.strip))
    assert "no held-out pictures" in last.held_out["note"]
    assert last.fine_tuned_bar == ""


def test_of_many_pictures_part_is_kept_aside_and_scored(many: generating.Update) -> None:
    generation = many.generation
    shown = {fingerprint(one) for part in generation.prompt.classes for one in part.pictures}
    assert [len(one.pictures) for one in generation.prompt.classes] == [6, 6]
    assert [sum(chip["kept"]) for chip in many.chips["classes"]] == [3, 3]
    assert shown.isdisjoint(map(fingerprint, [pictures("mushroom", 9)[i] for i in kept(many, 0)]))
    assert generation.score.pictures == 6
    assert generation.score.on == "your own pictures, 6 held out"
    assert "accuracy on your own pictures, 6 held out, with 95% intervals" in many.strip
    assert torch.equal(generation.held_out.y, torch.tensor([0, 0, 0, 1, 1, 1]))
    assert generation.left_out is None


def kept(update: generating.Update, k: int) -> list[int]:
    return [i for i, flag in enumerate(update.chips["classes"][k]["kept"]) if flag]


def test_what_the_page_scores_is_what_the_classifier_answers(checkpoint: TowerCheckpoint, many: Any) -> None:
    classifier = checkpoint.classifier(many.generation)
    own = {label: [pictures(thing, 9)[i] for i in kept(many, k)] for k, (label, thing) in enumerate(things())}
    assert classifier.score(own).confusion == many.generation.score.confusion
    assert classifier.scored.on == "your own pictures, 6 held out"


def things() -> list[tuple[str, str]]:
    return list(zip(LABELS, ("mushroom", "teapot"), strict=True))


def test_ordinary_training_on_the_same_pictures_stands_beside_it(checkpoint: TowerCheckpoint, many: Any) -> None:
    generation = many.generation
    assert generation.baselines["fine-tuned"].pictures == 6
    assert "logistic regression on your pictures alone" in many.fine_tuned_bar
    trained = Classifier(checkpoint.blueprint, generation.fine_tuned, generation.prompt)
    shown = {one.label: list(one.pictures) for one in generation.prompt.classes}
    assert trained.score(shown).accuracy == 1
    assert "cosine" in watch.compare(checkpoint, generation)
    assert not torch.equal(generation.fine_tuned["head.weight"], generation.steps[-1].weights["head.weight"])


def test_few_pictures_are_left_out_one_by_one_and_that_is_said(checkpoint: TowerCheckpoint, few: Any) -> None:
    score = few.generation.left_out
    assert few.generation.held_out is None
    assert (score.pictures, score.on) == (6, "leave-one-out on your 6 pictures")
    assert "accuracy by leave-one-out on your 6 pictures: each of them is answered by" in few.strip
    assert "untested" not in few.strip + few.head
    assert "By leave-one-out" in watch.confusions(few.generation)
    assert "leave-one-out" in watch.details(checkpoint, few.generation)
    (alone,) = checkpoint.tina.leave_one_out(few.generation.prompt, [0], steps=1)
    assert score.correct == sum(int(row.argmax()) == i // 3 for i, row in enumerate(alone))


def test_one_picture_of_a_class_proves_nothing(registry: CheckpointRegistry) -> None:
    brought = Brought({"class 1": pictures("mushroom", 1), "class 2": pictures("teapot", 3)})
    assert made(registry, "", brought).generation.left_out is None


def test_the_tray_is_scored_without_copies_of_what_was_shown(registry: CheckpointRegistry) -> None:
    shown = pictures("mushroom", 2)
    tests = {"Pizza": [*shown, *pictures("mushroom", 3, 2)], "teapot": pictures("teapot", 2)}
    generation = made(registry, "pizza, teapot", Brought({"pizza": shown}, tests)).generation
    assert generation.score.on == "your own pictures, 5 held out"
    assert [sum(row) for row in generation.score.confusion] == [3, 2]
    some = made(registry, "pizza, teapot, cup", Brought({}, {"pizza": tests["Pizza"]})).generation
    assert some.score.on == "your own pictures, 5 held out, of 1 of 3 classes"
    assert some.score.per_class["cup"] is None


def test_pictures_are_looked_at_once(registry: CheckpointRegistry, few: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(registry.get("everyday").blueprint), "look", lambda *_: pytest.fail("looked at again"))
    brought = Brought({"class 1": pictures("mushroom", 3), "class 2": pictures("teapot", 3)})
    again = made(registry, "", brought).generation
    assert again.left_out == few.generation.left_out


def test_of_features_only_the_last_ones_are_kept(checkpoint: TowerCheckpoint) -> None:
    seen, three = SeenPictures(checkpoint.blueprint, 2), pictures("apple", 3)
    first = seen.look(three)
    assert torch.allclose(first, checkpoint.tina.see(three), atol=1e-5)
    assert list(seen._features) == [fingerprint(one) for one in three[1:]]
    assert seen.look([]).shape == (0, checkpoint.blueprint.width)


# -- labels ------------------------------------------------------------------------------------------------------------
def test_a_label_that_says_nothing_is_called_only_a_label_until_somebody_says_otherwise(
    registry: CheckpointRegistry, checkpoint: TowerCheckpoint, few: Any
) -> None:
    chips = few.chips["classes"]
    assert [(chip["tag"], chip["unseen"]) for chip in chips] == [(True, False)] * 2
    assert "only a label: its pictures count" in chips[0]["title"]
    named = Brought({label: pictures("apple", 1) for label in ("okapi", "tulips", "Lisa")})
    tags = [checkpoint.tina.is_name_tag(one) for one in describe.read(checkpoint, "", named).classes]
    assert tags == [False, False, True]
    brought = Brought({"mushroom": pictures("mushroom", 2), "teapot": pictures("teapot", 2)})
    prompt = describe.read(checkpoint, "", brought)
    assert [chip["tag"] for chip in describe.chips(checkpoint, prompt, brought)["classes"]] == [False, False]
    _, brought = describe.changed(prompt, brought, {"action": "tag", "label": "mushroom", "tag": True}, 256)
    last = made(registry, "mushroom, teapot", brought)
    assert [chip["tag"] for chip in last.chips["classes"]] == [True, False]
    assert [one["heard"] for one in checkpoint.tina.heard(last.generation.prompt)] == [False, True]
    assert "{'mushroom': True})" in take.python(checkpoint, last.generation, "everyday")


def test_what_is_said_of_a_label_is_in_the_zip_and_comes_back(
    registry: CheckpointRegistry, checkpoint: TowerCheckpoint, tmp_path: Path
) -> None:
    brought = Brought({"mushroom": pictures("mushroom", 2)}, {}, {"mushroom": True})
    generation = made(registry, "mushroom, teapot", brought).generation
    file = tmp_path / "mine.zip"
    file.write_bytes(base64.b64decode(packing.packed(checkpoint.classifier(generation), "zip")["data"]))
    with gr.Blocks():
        page = layout.build(registry)
    values = {page.try_it.zip: file, page.state.visitor: Visitor(), page.header.checkpoint: "everyday"}
    updates = Handlers(registry, page).reopen(values)
    assert updates[page.state.brought] == Brought(name_tags={"mushroom": True})
    assert updates[page.state.generation].none_level == pytest.approx(generation.none_level)


@pytest.mark.parametrize(
    ("typed", "means", "title", "unseen"),
    [
        ("teapot, mug", "", "one of the tower’s own thousand classes", False),
        ("bird, mug", "59 kinds", "a kind of thing, of which the tower has 59", False),
        ("helicopter, mug", "", "a known word, and none of the tower’s own classes", True),
        ("grey beast with trunk, mug", "near lion", "no word that is known here", True),
        ("elephant: it has a trunk\nmug", "described", "its name and what you said of it", False),
        ("something else, mug, cup", "", "what is none of the others", False),
    ],
)
def test_a_chip_says_how_it_was_read(
    checkpoint: TowerCheckpoint, typed: str, means: str, title: str, unseen: bool
) -> None:
    prompt = describe.read(checkpoint, typed, Brought())
    chip = describe.chips(checkpoint, prompt, Brought())["classes"][0]
    assert (chip["means"], chip["unseen"]) == (means, unseen)
    assert title in chip["title"]


def test_a_class_takes_no_more_pictures_than_are_used(checkpoint: TowerCheckpoint) -> None:
    prompt = describe.read(checkpoint, "cup, mug", Brought())
    picture = url(pictures("apple", 1)[0])
    full = {"action": "pictures", "label": "cup", "add": [picture] * 24}
    _, brought = describe.changed(prompt, Brought(), full, checkpoint.picture_side)
    assert {one.shape for one in brought.pictures["cup"]} == {(256, 256, 3)}
    with pytest.raises(UserError, match="25 pictures, and here a class takes 24 at most"):
        describe.changed(prompt, brought, {**full, "add": [picture]}, checkpoint.picture_side)


# -- answers, views, what is taken away --------------------------------------------------------------------------------
def test_an_answer_says_whether_it_is_none_of_these(checkpoint: TowerCheckpoint, many: Any) -> None:
    classifier, found = checkpoint.classifier(many.generation), set()
    assert try_it.model(checkpoint, many.generation)["size"] == 256
    for picture in [*pictures("mushroom", 3, 20), np.full((256, 256, 3), 128, np.uint8), *pictures("house", 3)]:
        answer = try_it.answer(checkpoint, many.generation, url(picture))
        sent = describe.received(url(picture), 256)
        assert answer["none"] == classifier.is_none_of_these(sent)
        assert answer["shares"] == pytest.approx(classifier.probabilities([sent])[0].tolist(), abs=1e-5)
        found.add(answer["none"])
    assert found == {True, False}


@pytest.mark.parametrize("view", TowerCheckpoint.views)
def test_every_view_is_drawn(checkpoint: TowerCheckpoint, many: Any, few: Any, view: str) -> None:
    for generation in (many.generation, few.generation):
        html = watch.view(checkpoint, generation, view)
        assert "<" in html
        assert "nan" not in re.sub(r"base64,[^\"]*", "", html)


def test_what_needs_noise_or_training_pictures_is_not_offered(registry: CheckpointRegistry, many: Any) -> None:
    assert not {"Seeds", "Train on"} & set(TowerCheckpoint.views)
    with gr.Blocks():
        page = layout.build(registry)
    values = {page.state.visitor: Visitor(), page.state.generation: many.generation, page.header.checkpoint: "everyday"}
    (updates,) = Handlers(registry, page).train_on(values)
    assert "no pictures" in updates[page.watch.figure]
    assert list(generating.fine_tune(registry, "everyday", many.generation)) == []


def test_the_start_is_closed_form_and_the_end_what_was_measured(checkpoint: TowerCheckpoint, many: Any) -> None:
    assert checkpoint.watched_steps == checkpoint.tina.usual_sampling.steps
    assert "closed form, before the transformer" in watch.head(checkpoint, many.generation, 0)
    assert "logistic regression on the pictures shown" in watch.head(checkpoint, many.generation)
    written = checkpoint.tina.generate(many.generation.prompt).weights
    for name, weight in many.generation.steps[-1].weights.items():
        assert torch.allclose(weight, written[name], atol=1e-4)
    assert links.read({}, checkpoint.watched_steps).options.steps == 1
    assert "steps" not in links.write(many.generation, "everyday", checkpoint.watched_steps)


def test_a_picture_is_explained_by_what_was_shown(checkpoint: TowerCheckpoint, many: Any) -> None:
    html = try_it.why(checkpoint, many.generation, 0)
    assert re.search("Of 6 of “class [12]”’s shown pictures the one nearest", html)


def test_rows_are_drawn_on_the_axes_that_tell_classes_apart(checkpoint: TowerCheckpoint, many: Any) -> None:
    axes = len(checkpoint.tina.reader.axes)
    weights = many.generation.steps[-1].weights
    assert checkpoint.drawn(weights)["head.weight"].shape == (2, axes)  # no words, so nothing stands on u
    named = checkpoint.tina.generate("cup, teapot").weights
    assert checkpoint.drawn(named)["head.weight"].shape == (2, 2 * axes)


def test_an_example_is_shown_and_not_named(registry: CheckpointRegistry, checkpoint: TowerCheckpoint) -> None:
    html = examples.buttons(checkpoint.world)
    (name,) = re.findall(r'data-shown="([^"]+)"', html)
    brought = examples.brought(checkpoint.world, name, checkpoint.picture_side)
    assert [len(some) for some in brought.pictures.values()] == [9, 9, 9]
    last = made(registry, "", brought)
    assert last.generation.score.on == "your own pictures, 9 held out"
    assert examples.brought(checkpoint.world, "nonsense", 256) == Brought()


def test_its_card_shows_the_table_of_photo_sets(registry: CheckpointRegistry, checkpoint: TowerCheckpoint) -> None:
    html = world_card.page(checkpoint, registry.folder("everyday"))
    for words in ("Stored results: 5 pictures", "Euro coins", "logistic regression on the shown pictures"):
        assert words in html
    assert html.count('<th scope="row">Caltech-101</th>') == html.count("python -m tina table everyday") == 3


# -- what is fetched ---------------------------------------------------------------------------------------------------
def test_where_the_archive_cannot_be_had_that_is_a_sentence(
    registry: CheckpointRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MissingData("It is not there.")

    monkeypatch.setattr(Source, "get", refuse)
    *_, last = registry.fetch_pictures("everyday")
    assert "It is not there." in fetching.progress(last)
    with gr.Blocks():
        page = layout.build(registry)
    *_, updates = Handlers(registry, page).fetch({page.header.checkpoint: "everyday"})
    assert updates[page.try_it.fetch]["visible"]
    assert "137 MB" in updates[page.try_it.fetch]["value"]


def test_pictures_that_were_fetched_are_scored_on(
    registry: CheckpointRegistry, checkpoint: TowerCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checkpoint.held_out(["pizza", "cup"]) is None
    here: list[bool] = []

    def get(self: Source, progress: Any) -> Path:
        progress(self.size // 2)
        here.append(True)
        return Path()

    monkeypatch.setattr(Source, "get", get)
    monkeypatch.setattr(TestPhotographs, "present", property(lambda self: bool(here)))
    drawn = {"pizza": "mushroom", "cup": "teapot"}
    monkeypatch.setattr(
        Everyday, "_pictures", lambda self, split, name, count: np.stack(pictures(drawn.get(name, "apple"), 3, 0, 224))
    )
    *_, last = registry.fetch_pictures("everyday")
    assert (last.error, last.doing) == ("", "reading the pictures")
    held_out = checkpoint.held_out(["pizza", "cup"])
    assert held_out.on == ""
    assert len(held_out.y) == 6
    again = checkpoint._backbone_features("pizza", 3)  # from the disk this time
    assert torch.equal(again, held_out.x[:3])
    checkpoint.forget_held_out()


def test_long_work_is_done_once_and_a_bug_in_it_is_not_hidden() -> None:
    begun = []
    job = Job(lambda state: begun.append(state) or setattr(state, "share", 1.0))
    assert [list(job.watch())[-1].share for _ in range(2)] == [1.0, 1.0]
    assert len(begun) == 1
    with pytest.raises(ZeroDivisionError):
        list(Job(lambda state: 1 / 0).watch())


def test_better_eyes_are_made_once_and_can_be_chosen(
    no_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINA_CACHE", str(tmp_path / "cache"))
    encoder = f"local-dir:{write_encoder(tmp_path / 'small')}"
    monkeypatch.setattr(registry_module, "BETTER_ENCODER", encoder)
    monkeypatch.setattr(background, "adopt", partial(adopt, steps=1, batches=1))
    registry = CheckpointRegistry("everyday")
    with gr.Blocks():
        page = layout.build(registry)
    do = Handlers(registry, page)
    values = {page.header.checkpoint: "everyday", page.describe.text: "cup, mug", page.watch.view: "Seeds"}
    arrived = do.change_world(values)
    assert arrived[page.describe.better]["visible"]
    assert arrived[page.watch.view]["value"] == "Weights"
    *_, progress, done = do.fetch_better({})
    assert "done" in progress[page.describe.fetching_better]
    assert (registry.title(BETTER), BETTER) in done[page.header.checkpoint]["choices"]
    assert not do.change_world(values)[page.describe.better]["visible"]
    *_, last = generating.generate(registry, BETTER, "cup, fork", Brought(), SamplingOptions(steps=1))
    assert last.generation.labels == ["cup", "fork"]
    assert BETTER in CheckpointRegistry("everyday").names
    assert f"from_pretrained({str(registry.better_folder)!r})" in last.take["python"]
