"""The recipe of `everyday`: the words it learns from, and the whole of it on made-up pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from torch import nn

from tests.training.tower.test_tower_training import WIDTH, feature_set
from tina.generator.tina import Tina
from tina.research.judge.photo_archives import SHOWN, TESTED, Picture
from tina.research.judge.photo_features import Features
from tina.research.judge.photo_sets import PhotoSet
from tina.research.recipes import everyday, everyday_rows, everyday_words
from tina.research.recipes.everyday_words import known_words, make_lexicon

# offset, names, what it is a kind of, gloss; in WordNet's own format below
NOUNS = [
    (1, ["animal"], None, "a living thing that moves"),
    (2, ["cat", "true_cat"], 1, "a feline with soft fur"),
    (3, ["tabby", "queen"], 2, "a cat with stripes"),
    (4, ["Persian_cat"], 2, "a cat with long fur"),
    (5, ["lynx"], 2, "a wild cat with tufts on its ears"),
    (6, ["crane"], 1, "a large long-necked wading bird"),
    (7, ["crane"], 1, "a machine that lifts heavy things"),
    (8, ["idea"], None, "what is thought"),
]
WNIDS, NAMES = ("n00000003", "n00000004", "n00000006", "n00000007"), ("tabby", "Persian cat", "crane", "crane")


@pytest.fixture
def wordnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    lines = []
    for offset, names, above, gloss in NOUNS:
        words = " ".join(f"{name} 0" for name in names)
        pointer = f"001 @ {above:08} n 0000" if above else "000"
        kind = "09" if names == ["idea"] else "05"
        lines.append(f"{offset:08} {kind} n {len(names):02x} {words} {pointer} | {gloss}\n")
    (tmp_path / "data.noun").write_text("".join(lines))
    monkeypatch.setenv("TINA_WORDNET", str(tmp_path))
    likes = tmp_path / "likes.txt"
    likes.write_text("# a comment\nsofa: tabby, true cat, crane\nsaucer: nothing known\n")
    monkeypatch.setattr(everyday_words, "LIKES", likes)
    everyday_words._nouns.cache_clear()
    yield
    everyday_words._nouns.cache_clear()


def test_words_are_names_synonyms_and_glosses_of_the_classes_and_of_what_is_above_them(wordnet: None) -> None:
    words = known_words(WNIDS, NAMES)
    found = list(zip(words.kinds, words.texts, words.classes, strict=True))
    assert ("name", "tabby", (0,)) in found
    assert ("synonym", "queen", (0,)) in found
    assert ("gloss", "a cat with long fur", (1,)) in found
    assert ("above", "true cat", (0, 1)) in found
    assert ("gloss above", "a living thing that moves", (0, 1, 2, 3)) in found
    assert ("like", "sofa", (0, 2)) in found  # of two cranes it is the first; "true cat" is none of the classes
    assert not any("saucer" in text or "lynx" in text for text in words.texts)
    assert words.shares(4)[words.texts.index("true cat")].tolist() == [1, 1, 0, 0]
    assert words.ridges[words.texts.index("sofa")] == 2 * words.ridges[words.texts.index("tabby")]


def test_what_is_left_out_leaves_no_trace_in_the_words(wordnet: None) -> None:
    words = known_words(WNIDS, NAMES)
    assert "sofa" not in words.without(frozenset({"sofa"})).texts
    assert "tabby" in words.without(frozenset({"tabby"})).texts  # a class's own name is no comparison
    fewer = words.without_classes({0})
    assert not {"tabby", "queen", "a cat with stripes"} & set(fewer.texts)
    assert fewer.classes[fewer.texts.index("cat")] == (1,)
    assert not fewer.shares(4)[:, 0].any()


def test_a_lexicon_has_names_kinds_and_physical_relatives(wordnet: None) -> None:
    lexicon = make_lexicon(WNIDS, NAMES)
    assert lexicon.classes("queen") == (0,)
    assert lexicon.classes("cranes") == (2, 3)
    assert lexicon.members("cat") == (0, 1)
    assert lexicon.kin("lynx") == (0, 1)
    assert not lexicon.has("idea")


def test_a_classs_own_name_is_no_synonym_of_another(wordnet: None) -> None:
    assert make_lexicon(WNIDS, ("tabby", "queen", "crane", "crane")).classes("queen") == (1,)


class Bench:
    """Sets of made-up features, and a tower whose last layer has four rows."""

    tower = SimpleNamespace(hash="made up", generic=nn.Linear(WIDTH, 4))

    def load(self, id: str) -> tuple[PhotoSet, Features]:
        group = {"caltech": "caltech", "photo": "pacs", "scans": "few-shot", "imagenet-1000": "imagenet"}[id]
        data = feature_set(id, seed=len(id))
        at = slice(0, 4) if id == "imagenet-1000" else slice(None)
        labels = list(WNIDS) if id == "imagenet-1000" else [f"{id} {k}" for k in data.labels.tolist()]
        pictures = [Picture(str(i), label) for i, label in enumerate(labels)]
        names = dict.fromkeys(labels)
        photos = PhotoSet(id, id, group, None, pictures, {label: label for label in names})
        return photos, Features(data.whole[at].half(), data.middle[at].half())


@pytest.fixture
def small(wordnet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(everyday, "SHARES", {"caltech": 0.5, "photo": 0.3, "scans": 0.2})
    for module in (everyday, everyday_rows):
        monkeypatch.setattr(module, "thousand", lambda: dict(zip(WNIDS, NAMES, strict=True)))
    monkeypatch.setattr(everyday, "RANK", 6)
    monkeypatch.setattr(everyday, "ROW_AXES", 4)
    monkeypatch.setattr(everyday, "TEXT_AXES", 5)


def test_the_recipe_makes_a_checkpoint(small: None, tmp_path: Path) -> None:
    tina = everyday.make(Bench(), 1.0, steps=3, batches=2)
    assert tina.network.class_out.weight.any()
    assert tina.temperature.weights.any()
    assert tina.other_level.weights.any()
    tina.save_pretrained(tmp_path)
    loaded = Tina.from_pretrained(tmp_path)
    assert loaded.hash == tina.hash
    assert loaded.words.lexicon.classes("queen") == (0,)


def test_closed_form_is_a_tina_that_has_learnt_nothing(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(everyday, "NINE", ("caltech", "photo", "scans"))
    used = []
    real = everyday.fit_features
    monkeypatch.setattr(everyday, "fit_features", lambda s, r: used.append([one.name for one in s]) or real(s, r))
    tina = everyday.closed_form(Bench(), "pacs")
    assert used == [["caltech", "scans"]]
    assert tina.words.lexicon.classes("queen") == (0,)
    assert not tina.network.class_out.weight.any()
    assert not tina.temperature.weights.any()


def test_of_a_group_that_is_left_out_nothing_is_asked_for(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    real = everyday.fit_features
    monkeypatch.setattr(everyday, "fit_features", lambda s, r: used.append([one.name for one in s]) or real(s, r))
    tina = everyday.make(Bench(), 1.0, without="pacs", hidden=(0,), steps=1, batches=1)
    assert used == [["caltech", "scans"], ["scans"], ["caltech"]]  # hers; then of each group what others say
    assert tina.words.lexicon.classes("Persian cat") == (1,)
    assert not tina.words.lexicon.classes("queen")


def test_test_pictures_and_unseen_classes_are_learnt_by_nobody(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, unseen = Bench(), "caltech 2"
    monkeypatch.setattr(everyday, "unseen_names", lambda: {"caltech-101": [unseen], "photos": ["photo 0"]})
    photos, features = bench.load("caltech")
    tested = [replace(picture, part=TESTED if i % 3 else SHOWN) for i, picture in enumerate(photos.pictures)]
    photos = replace(photos, pictures=tested, descriptions={"caltech 0": "round", unseen: "flat"})
    real = bench.load
    bench.load = lambda id: (photos, features) if id == "caltech" else real(id)
    monkeypatch.setattr(everyday, "SHARES", {"caltech": 0.5, "caltech described": 0.2, "photo": 0.3})
    sets = {data.name: data for data in everyday.feature_sets(bench)}
    wanted = [i for i, one in enumerate(photos.pictures) if one.part == SHOWN and one.label != unseen]
    assert sets["caltech"].names == tuple(label for label in photos.names if label != unseen)
    assert sets["caltech"].middle.equal(features.g[wanted])
    assert [sets["caltech"].names[k] for k in sets["caltech"].labels] == [photos.pictures[i].label for i in wanted]
    assert sets["caltech described"].names == ("round",)
    round_ones = [i for i in wanted if photos.pictures[i].label == "caltech 0"]
    assert sets["caltech described"].middle.equal(features.g[round_ones])
    assert "photo 0" in sets["photo"].names  # only Caltech's pictures are on the page
    assert [*{data.name: 0 for data in everyday.feature_sets(bench, "caltech")}] == ["photo"]
