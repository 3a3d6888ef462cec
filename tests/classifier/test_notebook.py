"""Classifiers and scores in a notebook: HTML that shows what they are, and runs nothing of what people call classes."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from PIL import Image

from tina.blueprints import get_blueprint
from tina.classifier.classifier import Classifier
from tina.classifier.notebook import ACROSS, MOST_CLASSES
from tina.classifier.record import Origin
from tina.classifier.score import Score
from tina.prompts.parsing import parse
from tina.prompts.prompt import Draft, make_class

SHARES = {"generator": 0.6, "prior": 0.3, "transfer": 0.1}
BLUEPRINT = get_blueprint("cnn-5k")


def make(labels: list[str], **more) -> Classifier:
    weights = BLUEPRINT.init(len(labels), torch.Generator().manual_seed(0))
    return Classifier(BLUEPRINT, weights, parse("\n".join(f'"{label}"' for label in labels)), **more)


class Balanced(HTMLParser):
    """Tags that are opened are closed, in order."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        assert tag != "script"
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def pictures(html: str) -> list[np.ndarray]:
    found = re.findall(r"data:image/png;base64,([^\"]+)", html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))) for one in found]


def test_a_classifier_shows_its_classes_its_rows_and_who_wrote_them() -> None:
    score = Score(("apple", "snail"), ((8, 2), (1, 9)))
    classifier = make(["apple", "snail"], scored=score, origin=Origin(provenance=SHARES))
    html = classifier._repr_html_()
    Balanced(html)
    assert "A classifier for 2 classes" in html
    assert f"{classifier.parameters:,} weights (cnn-5k)" in html
    assert "generator 60%, prior 30%, transfer 10%" in html
    assert "width:60.0%" in html
    assert score._repr_html_() in html
    assert "http" not in html
    rows = classifier.weights["head.weight"].numpy()
    first, second = pictures(html)
    assert first.shape == (1, rows.shape[1], 4)
    more = rows[0] > rows[1]
    assert (first[0, more, 0] > first[0, more, 2]).all()  # orange where it has more than the mean
    assert (second[0, more, 0] < second[0, more, 2]).all()


def test_a_score_shows_its_interval_and_what_is_taken_for_what() -> None:
    html = Score(("apple", "snail"), ((8, 2), (1, 9)))._repr_html_()
    Balanced(html)
    assert "<b>85.0%</b> of 20 held-out pictures right (95% interval: 64.0 to 94.8%)" in html
    cells = re.findall(r"<td style=\"[^\"]*rgba\(([\d,.]+)\)\">(\d*)</td>", html)
    assert [(colour.rsplit(",", 1)[1], count) for colour, count in cells] == [
        ("0.50", "8"),
        ("0.20", "2"),
        ("0.15", "1"),
        ("0.55", "9"),
    ]
    own = Score(("apple", "snail"), ((8, 2), (1, 9)), "your own pictures, 20 held out")
    assert "<b>85.0%</b> of your own pictures, 20 held out right" in own._repr_html_()


def test_what_a_class_is_called_is_only_text() -> None:
    html = make(["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])._repr_html_()
    Balanced(html)
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("count", [MOST_CLASSES, MOST_CLASSES + 3])
def test_of_many_classes_some_are_drawn(count: int) -> None:
    html = make([f"thing {k}" for k in range(count)])._repr_html_()
    assert len(pictures(html)) == MOST_CLASSES
    assert ("and 3 more" in html) == (count > MOST_CLASSES)


def test_a_long_row_goes_on_in_the_next_line() -> None:
    from tina.classifier.notebook import _strip

    pixels = _strip(np.ones(2 * ACROSS + 1, np.float32), 1.0)
    assert pixels.shape == (3, ACROSS, 4)
    assert pixels[..., 3].sum() == 255 * (2 * ACROSS + 1)


def test_prompts_and_drafts_show_their_classes_and_what_is_missing() -> None:
    prompt = parse('apple: it is "red" <b>\nsnail', {"snail": [np.zeros((4, 4, 3), np.uint8)]})
    html = prompt._repr_html_()
    Balanced(html)
    assert "A prompt for 2 classes" in html
    assert "it is &quot;red&quot; &lt;b&gt;" in html
    assert "1 picture<" in html
    draft = Draft((make_class("apple"),))._repr_html_()
    Balanced(draft)
    assert "A draft for 1 class<" in draft
    assert "needs at least two classes" in draft
    many = Draft(tuple(make_class(f"class {n}") for n in range(60)))._repr_html_()
    assert "and 20 more" in many
