"""A Tina on a tower: a set of classes in, rows out; alone or together, in any order; saved and loaded."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import picture_bytes
from tests.generator.tower.conftest import make_shown, make_tina, permuted
from tina.classifier.classifier import Classifier
from tina.encoder.encoder import Encoder
from tina.encoder.everyday import open_tower
from tina.errors import UserError
from tina.generator.best_of import answers, leave_one_out
from tina.generator.tina import Tina
from tina.generator.tower.reading import read
from tina.generator.tower.tina import TowerTina
from tina.prompts.parsing import parse
from tina.worlds.pictures import open_picture

MIXED = [[2, 0, 3], [1, 1, -1]]


def test_the_order_of_classes_does_not_matter(tower_tina: TowerTina) -> None:
    shown, order = make_shown([[2, 0, 3, 1]], named=[[1, 1, 0, 1]]), [3, 1, 0, 2]
    one, other = (tower_tina.write(some, [0], temperature=0.0) for some in (shown, permuted(shown, order)))
    torch.testing.assert_close(one["head.weight"][:, order], other["head.weight"], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(one["centre.weight"], other["centre.weight"])


def test_together_is_as_alone_and_the_last_step_is_the_answer(tower_tina: TowerTina) -> None:
    shown = make_shown(MIXED)
    both = tower_tina.write(shown, [3, 4], steps=3)
    alone = tower_tina.write(permuted_rows(shown, 1, 2), [4], steps=3)
    torch.testing.assert_close(both["head.weight"][1, :2], alone["head.weight"][0], atol=1e-4, rtol=1e-4)
    *before, last = tower_tina.steps(shown, [3, 4], steps=3)
    assert [step.number for step in (*before, last)] == [0, 1, 2, 3]
    torch.testing.assert_close(last.current["head.weight"], both["head.weight"])


def permuted_rows(shown, m: int, ways: int):
    some = permuted(shown, list(range(ways)))
    said = type(some.said)(*(part[m : m + 1] for part in vars(some.said).values()))
    parts = (some.mask, some.named, some.pictures, some.shown)
    return type(some)(*(part[m : m + 1] for part in parts), said)


def test_what_the_transformer_writes_is_a_small_difference(tower_tina: TowerTina) -> None:
    shown = make_shown(MIXED)
    reading = read(shown, tower_tina.settings)
    nothing = torch.zeros(2, 3, tower_tina.network.config.class_width)
    rows = tower_tina.add_difference(nothing, shown, reading)
    torch.testing.assert_close(rows[shown.described], reading.rows[shown.described])
    written = tower_tina.denoise(shown, reading, [0, 0], tower_tina.sampling(steps=1))
    assert not torch.allclose(
        tower_tina.add_difference(written, shown, reading)[shown.described], rows[shown.described], atol=1e-3
    )
    for shares, of in zip(
        tower_tina.provenance(written, shown, reading), tower_tina.provenance(nothing, shown, reading), strict=True
    ):
        assert sum(shares.values()) == pytest.approx(1)
        assert shares["generator"] > 0 == of["generator"]
        assert shares["transfer"] > 0


def test_something_else_has_no_row_and_wins_where_nothing_is_near(tower_tina: TowerTina) -> None:
    shown = make_shown([[2, 2, 0]], named=[[1, 1, 0]])
    weights = tower_tina.write(shown, [0])
    assert not weights["head.weight"][0, 2].any()
    assert weights["head.bias"][0].tolist()[:2] == [0, 0]
    reading = read(shown, tower_tina.settings)
    heat, level = tower_tina.heat(shown, reading), tower_tina.other_level(shown, reading)
    assert weights["head.bias"][0, 2] == pytest.approx(float(heat[0] * level[0]))
    assert level[0]


def test_it_is_a_checkpoint_of_its_kind(tower_tina: TowerTina, tmp_path: Path) -> None:
    tower_tina.save_pretrained(tmp_path)
    loaded = Tina.from_pretrained(tmp_path)
    assert isinstance(loaded, TowerTina)
    assert loaded.hash == tower_tina.hash
    shown = make_shown(MIXED)
    again = tmp_path / "again"
    loaded.save_pretrained(again)
    twice = Tina.from_pretrained(again)
    assert torch.equal(loaded.write(shown, [0, 1])["head.weight"], twice.write(shown, [0, 1])["head.weight"])
    torch.testing.assert_close(
        loaded.write(shown, [0, 1])["centre.weight"], tower_tina.write(shown, [0, 1])["centre.weight"]
    )
    other = make_tina()
    other.settings = type(other.settings)(name_weight=0.5)
    assert other.hash != tower_tina.hash


def test_on_another_tower_it_is_one_sentence(tower_tina: TowerTina) -> None:
    with pytest.raises(UserError, match="made on another version of the tower 'everyday'"):
        _ = tower_tina.blueprint


@pytest.fixture(scope="module")
def whole() -> TowerTina:
    """Random numbers on the real tower and the real texts."""
    tower, encoder = open_tower(), Encoder(device="cpu")
    tina = make_tina(tower.width, encoder.dim, tower_hash=tower.hash)
    tina.encoder_hash = encoder.hash
    tina.features.axes.copy_(torch.linalg.qr(torch.randn(tower.width, tina.features.axes.shape[1]))[0])
    return tina


def test_from_pictures_to_a_classifier_and_through_a_zip(whole: TowerTina, tmp_path: Path) -> None:
    """Pictures that were shown are told apart, by the classifier and by what is loaded from its zip."""
    cups = [open_picture(picture_bytes(seed, (90 + seed, 70))) for seed in (1, 2)]
    forks = [np.full((80, 60, 3), shade, np.uint8) for shade in (40, 200)]
    prompt = parse("", {"my cup": cups, "its fork": forks})
    classifier = whole.generate(prompt)
    assert classifier.labels == ["my cup", "its fork"]
    assert [next(iter(one)) for one in classifier.predict([*cups, *forks])] == ["my cup"] * 2 + ["its fork"] * 2
    assert sum(classifier.provenance.values()) == pytest.approx(1)
    loaded = Classifier.load(classifier.save(tmp_path / "cups.zip"))
    torch.testing.assert_close(loaded.probabilities([*cups, *forks]), classifier.probabilities([*cups, *forks]))
    assert whole.generate(prompt).weights["head.weight"].equal(classifier.weights["head.weight"])


def test_many_pictures_are_seen_a_few_at_a_time(whole: TowerTina, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [open_picture(picture_bytes(seed, (60, 50))) for seed in range(5)]
    together = whole.see(pictures)
    monkeypatch.setattr("tina.blueprints.tower.TOGETHER", 2)
    torch.testing.assert_close(whole.see(pictures), together, atol=1e-4, rtol=1e-4)
    assert whole.see([]).shape == (0, together.shape[1])


def test_its_zip_runs_without_tina(whole: TowerTina, tmp_path: Path) -> None:
    """The program in the zip looks at the same part of a picture."""
    file = tmp_path / "photo.png"
    file.write_bytes(picture_bytes(5, (150, 100)))
    classifier = whole.generate(
        parse("", {"a": [open_picture(picture_bytes(1))], "b": [open_picture(picture_bytes(2))]})
    )
    with zipfile.ZipFile(classifier.save(tmp_path / "c.zip")) as archive:
        archive.extractall(tmp_path / "c")
    said = (tmp_path / "c" / "README.md").read_text("utf-8")
    assert f"{classifier.provenance['transfer']:.0%} logistic regression on the pictures shown" in said
    assert "carried over from the encoder" not in said
    done = subprocess.run(
        [sys.executable, str(tmp_path / "c" / "predict.py"), str(file)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout).values()
    assert found == pytest.approx(classifier.predict(file), abs=0.02)


def test_what_is_none_of_the_classes_is_told_alike_in_python_and_by_the_zip(whole: TowerTina, tmp_path: Path) -> None:
    """By the level that "something else" would have: a picture that is shown is over it, another under it."""
    file = tmp_path / "photo.png"
    file.write_bytes(picture_bytes(5, (150, 100)))
    pictures = {"a": [np.full((80, 60, 3), 30, np.uint8)], "b": [np.full((80, 60, 3), 220, np.uint8)]}
    classifier = whole.generate(parse("", pictures))
    assert not classifier.is_none_of_these(pictures["a"][0])
    other = whole.generate(parse("something else", pictures))
    (at,) = (k for k, label in enumerate(other.labels) if label == "something else")
    assert other.weights["head.bias"][at] == pytest.approx(other.none_level)
    highest = float(classifier.logits([file]).max())
    for level, expected in ((highest + 0.5, True), (highest - 0.5, False), (None, None)):
        classifier.none_level = level
        assert classifier.is_none_of_these(file) is expected
        saved = classifier.save(tmp_path / f"{expected}.zip")
        assert Classifier.load(saved).none_level == level
        assert Classifier.load(saved).is_none_of_these(file) is expected
        with zipfile.ZipFile(saved) as archive:
            archive.extractall(tmp_path / str(expected))
        done = subprocess.run(
            [sys.executable, str(tmp_path / str(expected) / "predict.py"), str(file)],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert ("none of these?" in done.stderr) == bool(expected)
        assert set(*json.loads(done.stdout).values()) == {"a", "b"}


def test_a_mere_label_is_not_taken_for_a_description(whole: TowerTina) -> None:
    """Pictures under "class 1" say all there is; a name that is known is heard beside them, a description too."""
    pictures = {label: [open_picture(picture_bytes(seed))] for seed, label in enumerate(("class 1", "tabby", "Lisa"))}
    shown = whole.encode([parse("Lisa: a striped cat", pictures)])
    named = dict(zip(parse("Lisa: a striped cat", pictures).labels, shown.named[0].tolist(), strict=True))
    assert named == {"Lisa": True, "class 1": False, "tabby": True}
    alone = whole.encode([parse("", {label: some for label, some in pictures.items() if label != "Lisa"})])
    other = whole.encode([parse("", {"box B": pictures["class 1"], "tabby": pictures["tabby"]})])
    torch.testing.assert_close(whole.write(alone, [0])["head.weight"], whole.write(other, [0])["head.weight"])
    assert whole.encode([parse("class 1, Lisa")]).named.all()  # without pictures there is nothing but the words


def test_somebody_may_say_whether_a_label_is_only_a_label(whole: TowerTina) -> None:
    prompt = parse("", {label: [open_picture(picture_bytes(seed))] for seed, label in enumerate(("Lisa", "tabby"))})
    assert [whole.is_name_tag(one) for one in prompt.classes] == [True, False]
    turned = prompt.with_name_tag("Lisa", False).with_name_tag("tabby", True)
    assert [whole.is_name_tag(one) for one in turned.classes] == [False, True]
    assert whole.encode([turned]).named[0].tolist() == [True, False]
    without = parse("Lisa, tabby").with_name_tag("Lisa", True)  # there is nothing else to go by
    assert whole.encode([without]).named[0].tolist() == [True, True]


def test_a_shown_picture_is_judged_by_what_was_written_without_it(
    whole: TowerTina, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tower sees each picture once for all seeds; a lone picture's class is left with its label."""
    pictures = {"tabby": [1, 2], "Lisa": [3], "my cup": [4, 5]}
    shown = {label: [open_picture(picture_bytes(seed)) for seed in seeds] for label, seeds in pictures.items()}
    prompt, seen, look = parse("", shown), [], whole.blueprint.look
    monkeypatch.setattr(whole.blueprint, "look", lambda x: (seen.append(len(x)), look(x))[1])
    found = whole.leave_one_out(prompt, [0, 4], steps=2)
    assert found.shape == (2, 5, 3)
    assert seen == [5]
    for n, (label, i) in enumerate([("tabby", 0), ("tabby", 1), ("Lisa", 0), ("my cup", 0), ("my cup", 1)]):
        rest = {**shown, label: [p for j, p in enumerate(shown[label]) if j != i]}
        without = parse(", ".join(shown), rest)
        classifier = whole.generate(without, seed=4, steps=2)
        expected = classifier.predict(shown[label][i])
        assert found[1, n].tolist() == pytest.approx([expected[one] for one in prompt.labels], abs=1e-4)
    assert torch.equal(
        whole.leave_one_out(prompt, [4], features=whole.see([p for of in shown.values() for p in of]), steps=2)[0],
        found[1],
    )
    shares = leave_one_out(whole, prompt, [0, 4], steps=2)
    assert shares.tolist() == pytest.approx(found[:, range(5), [0, 0, 1, 2, 2]].mean(1).tolist())
    told = answers(whole, prompt, seed=4, steps=2)
    assert {label: len(of) for label, of in told.items()} == {"tabby": 2, "Lisa": 1, "my cup": 2}
    assert [one for of in told.values() for one in of] == [prompt.labels[k] for k in found[1].argmax(1)]
