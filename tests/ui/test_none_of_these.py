"""None of these on the page: a small network's others travel with it, and every way to ask says the same."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.ui.conftest import LABELS, STEPS
from tina.classifier.classifier import Classifier
from tina.classifier.webpage import as_model
from tina.generator.closed_form.none_of_these import NoneSettings
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui.panes import take, try_it
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.ui.state import Generation, SamplingOptions
from tina.worlds import drawn

OTHERS = ["bicycle", "umbrella", "key"]


@pytest.fixture(scope="module")
def fitted() -> ZooCheckpoint:
    """The shipped checkpoint with a level."""
    tina = Tina.from_pretrained("sketchbook-cnn")
    tina.settings = replace(tina.settings, none_of_these=NoneSettings(0.0))
    return ZooCheckpoint(tina)


@pytest.fixture(scope="module")
def told(fitted: ZooCheckpoint) -> Generation:
    *_, last = fitted.generate(parse(", ".join(LABELS)), SamplingOptions(steps=STEPS))
    return last


def pictures(fitted: ZooCheckpoint) -> list[np.ndarray]:
    return [one for name in (*LABELS, *OTHERS) for one in fitted.world.pictures("test", name, 6)]


def url(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_it_is_what_generate_gives(fitted: ZooCheckpoint, told: Generation) -> None:
    ours, theirs = fitted.classifier(told), fitted.tina.generate(", ".join(LABELS), steps=STEPS)
    assert ours.none_level == pytest.approx(theirs.none_level)
    assert ours.none_level is not None
    torch.testing.assert_close(vars(ours.others), vars(theirs.others))
    early = fitted.classifier(told, 1)
    assert (early.none_level, early.others) == (None, None)


def test_an_answer_agrees_with_the_classifier(fitted: ZooCheckpoint, told: Generation) -> None:
    classifier = fitted.classifier(told)
    found = [try_it.answer(fitted, told, url(one))["none"] for one in pictures(fitted)]
    assert found == [classifier.is_none_of_these(one) for one in pictures(fitted)]
    assert set(found) == {True, False}
    answer, picture = try_it.answer(fitted, told, url(pictures(fitted)[0])), pictures(fitted)[0]
    assert answer["shares"] == pytest.approx(classifier.probabilities([picture])[0].tolist())
    assert (answer["others"], answer["photo"]) == (True, False)


def test_the_browsers_model_has_the_same_numbers(fitted: ZooCheckpoint, told: Generation) -> None:
    classifier, model = fitted.classifier(told), try_it.model(fitted, told)
    assert classifier.others is not None
    assert model["none"] == {"level": classifier.none_level, "classes": len(fitted.tina.names)}
    rows = np.frombuffer(base64.b64decode(model["weights"]["others.rows"]), "<f4")
    assert np.array_equal(rows, classifier.others.rows.numpy().ravel())


def test_a_level_of_logits_is_told_and_none_is_not(fitted: ZooCheckpoint, told: Generation) -> None:
    classifier = fitted.classifier(told)
    plain = Classifier(classifier.blueprint, classifier.weights, classifier.prompt, none_level=1.5)
    assert as_model(plain)["none"] == {"level": 1.5, "classes": 0}
    plain.none_level, plain.others = None, classifier.others
    assert "none" not in as_model(plain)


def test_a_reopened_one_tells_as_before(fitted: ZooCheckpoint, told: Generation, tmp_path: Path) -> None:
    classifier = fitted.classifier(told)
    again = fitted.classifier(take.reopened(fitted, classifier.save(tmp_path / "a.zip")))
    assert again.none_level == classifier.none_level
    torch.testing.assert_close(vars(again.others), vars(classifier.others))


def test_drawings_that_are_shown_are_prepared(fitted: ZooCheckpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitted.tina, "blueprint", fitted.tina.blueprint.prepared_by(drawn.NAME))
    sheet = np.full((64, 64, 3), 255, np.uint8)
    sheet[20:40, 30:32] = 0
    prompt = parse("mine, yours", {"mine": [sheet]})
    vectors, _ = fitted.vectors([prompt])
    torch.testing.assert_close(vectors[0], fitted.tina.encode(prompt))
    assert not torch.equal(vectors[0], fitted.encoder.encode_prompt(prompt))
