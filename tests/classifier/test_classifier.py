"""A classifier looks at pictures, is scored on held-out ones, and says how sure that score is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tiny import Numbered
from tina.blueprints import get_blueprint
from tina.classifier.classifier import Classifier
from tina.classifier.score import Score, held_out, held_out_of, members_of, wilson
from tina.errors import BadPicture, UserError
from tina.prompts.parsing import parse
from tina.training.zoo.finetune import losses_many
from tina.worlds import load_world

COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (40, 40, 210)}


def painted(name: str, count: int = 20, size: int = 32) -> np.ndarray:
    noise = np.random.default_rng(len(name)).integers(-30, 30, (count, size, size, 3))
    return np.clip(noise + COLOURS[name], 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Tells three colours apart, after a few steps of training."""
    blueprint = get_blueprint("cnn-5k")
    weights = {k: w.requires_grad_() for k, w in blueprint.init(3, torch.Generator().manual_seed(0)).items()}
    optimizer = torch.optim.Adam(weights.values(), 1e-2)
    pictures = torch.from_numpy(np.concatenate([painted(name) for name in COLOURS]))[None]
    labels = torch.arange(3).repeat_interleave(20)[None]
    for _ in range(30):
        stack = {name: weight[None] for name, weight in weights.items()}
        loss = losses_many(blueprint, stack, pictures, labels, torch.ones(1, 3, dtype=torch.bool))
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
    return Classifier(blueprint, {name: weight.detach() for name, weight in weights.items()}, parse("red, green, blue"))


def test_it_takes_paths_pictures_and_arrays_of_any_size(classifier: Classifier, tmp_path: Path):
    big = np.asarray(Image.fromarray(painted("green")[0]).resize((300, 200)))
    Image.fromarray(big).save(tmp_path / "green.png")
    for picture in (tmp_path / "green.png", str(tmp_path / "green.png"), Image.fromarray(big), big):
        answer = classifier.predict(picture)
        assert next(iter(answer)) == "green"
        assert sum(answer.values()) == pytest.approx(1, abs=1e-5)


def test_several_pictures_give_a_list_in_their_order(classifier: Classifier):
    answers = classifier.predict([painted("blue")[0], painted("red")[0]])
    assert [next(iter(answer)) for answer in answers] == ["blue", "red"]
    assert classifier.predict([]) == []


def test_a_batch_is_answered_as_one_by_one(classifier: Classifier):
    pictures = painted("red")
    together = classifier.probabilities(pictures)
    alone = torch.cat([classifier.probabilities(pictures[i : i + 1]) for i in range(len(pictures))])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


def test_what_is_no_picture_is_refused_in_a_sentence(classifier: Classifier, tmp_path: Path):
    (tmp_path / "note.png").write_text("not a picture")
    for bad in (tmp_path / "note.png", tmp_path / "missing.png", np.zeros((32, 32), np.uint8), np.zeros((32, 32, 3))):
        with pytest.raises(BadPicture, match=r"\.$"):
            classifier.predict([bad])


def test_the_score_counts_every_picture_once(classifier: Classifier):
    mixed = np.concatenate([painted("red", 6), painted("blue", 4)])  # four of these are no red
    score = classifier.score({"red": mixed, "green": painted("green", 10)})
    assert score.confusion == ((6, 0, 4), (0, 10, 0), (0, 0, 0))
    assert (score.pictures, score.accuracy) == (20, 0.8)
    assert score.per_class == {"red": 0.6, "green": 1.0, "blue": None}
    assert score.interval[0] < 0.8 < score.interval[1]


def test_a_label_it_does_not_know_cannot_be_scored(classifier: Classifier):
    with pytest.raises(UserError, match="no class 'pink'"):
        classifier.score({"pink": painted("red")})
    with pytest.raises(UserError, match="no pictures"):
        classifier.score({"red": []})


@pytest.mark.parametrize(
    ("correct", "count", "low", "high"), [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (50, 100, 0.404, 0.596)]
)
def test_the_interval_is_wilsons(correct: int, count: int, low: float, high: float):
    assert wilson(correct, count) == pytest.approx((low, high), abs=1e-3)


def test_labels_are_found_in_a_world_by_name_synonym_or_family():
    world = load_world("sketchbook")
    found = members_of(world, ["Apple", "fruit"])
    assert found is None  # an apple is a fruit: its pictures cannot belong to both
    found = members_of(world, ["snail", "fruit"])
    assert found["snail"] == ("snail",)
    assert "apple" in found["fruit"]
    synonym = world.things["sailboat"].synonyms[0]
    assert members_of(world, [synonym, "snail"])[synonym] == ("sailboat",)
    assert members_of(world, ["apple", "my left shoe"]) is None


def test_a_broad_class_is_scored_on_pictures_of_all_its_members():
    world = load_world("sketchbook")
    members = ("apple", "pear", "banana")
    shown, shows = held_out(world, members, 9)
    assert shows == ["apple"] * 3 + ["pear"] * 3 + ["banana"] * 3
    own = [picture.tobytes() for name in members for picture in world.pictures("test", name, 3)]
    assert [picture.tobytes() for picture in shown] == own


def test_something_else_is_scored_on_as_many_pictures_of_other_classes():
    world = load_world("sketchbook")
    labels = ["apple", "none of these", "vehicle"]
    members = members_of(world, labels)
    assert list(members) == labels
    others = members["none of these"]
    assert sorted(["apple", *members["vehicle"], *others]) == sorted(world.names)
    for count, expected in ((20, 20), (None, 100 * len(members["vehicle"]))):
        found = held_out_of(world, members, count)
        assert len(found["none of these"][0]) == expected
    pictures, shows = held_out_of(world, members, 20)["none of these"]
    assert len(set(shows)) == 20
    for picture, name in zip(pictures, shows, strict=True):
        assert np.array_equal(picture, world.pictures("test", name, 1)[0])
    assert members_of(world, [*world.names, "other"]) is None  # there is nothing else


def test_a_worlds_own_class_of_that_name_is_meant_by_it():
    world = Numbered({"other": 3, "apple": 3, "kite": 3})
    assert members_of(world, ["apple", "other"]) == {"apple": ("apple",), "other": ("other",)}


def test_a_score_survives_being_looked_at_as_json(classifier: Classifier):
    score = classifier.score({name: painted(name) for name in COLOURS})
    told = score.to_dict()
    assert Score(tuple(told["per_class"]), tuple(map(tuple, told["confusion"]))) == score
