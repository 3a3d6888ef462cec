"""A classifier as one HTML file: small, inert, and with nothing to fetch."""

from __future__ import annotations

import json
import re

from tina.classifier.webpage import as_model, to_webpage
from tina.prompts.parsing import parse
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation, SamplingOptions


def test_it_is_small_and_asks_for_nothing(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    page = to_webpage(checkpoint.classifier(generation))
    assert len(page.encode()) <= 150_000
    assert not re.search(r"https?://|src=\"/|@import", page)
    assert "default-src 'none'" in page


def test_its_model_is_the_classifier(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    page = to_webpage(checkpoint.classifier(generation))
    model = json.loads(re.search(r'<script type="application/json" id="model">(.*?)</script>', page, re.S)[1])
    assert model == as_model(checkpoint.classifier(generation))
    assert model["labels"] == generation.labels


def test_names_are_inert_in_it(checkpoint: LoadedCheckpoint) -> None:
    evil = "</script><script>alert(1)</script>"
    *_, generation = checkpoint.generate(parse(f"{evil}\n<!--<script>\n{{{{model}}}}"), SamplingOptions(steps=1))
    page = to_webpage(checkpoint.classifier(generation))
    assert "<script>alert" not in page
    assert "<!--" not in page
    assert page.count("</script>") == 3
