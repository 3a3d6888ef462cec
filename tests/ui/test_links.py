"""Settings in the address, and the code of it that a phone reads from the wall."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from urllib.parse import parse_qs

import gradio as gr
import pytest

from tina.errors import UserError
from tina.ui import layout
from tina.ui.handlers import Handlers
from tina.ui.learn import present
from tina.ui.server import limits, links
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.state import Generation, SamplingOptions, Visitor


def test_an_empty_address_asks_for_the_usual() -> None:
    assert links.read({}) == links.LinkSettings("", SamplingOptions())


def test_an_address_is_read() -> None:
    link = links.read({"classes": "cat, dog", "seed": "7", "steps": "5", "world": "x", "mode": "present"})
    assert link == links.LinkSettings("cat, dog", SamplingOptions(seed=7, steps=5), "x", "present")


@pytest.mark.parametrize("query", [{"seed": "-1"}, {"seed": "x"}, {"steps": "9999"}, {"steps": "<b>"}])
def test_nonsense_in_an_address_is_the_usual(query: dict) -> None:
    assert links.read(query).options == SamplingOptions()


def test_a_link_asks_for_the_same_again(generation: Generation) -> None:
    query = {name: values[0] for name, values in parse_qs(links.write(generation, "sketchbook-cnn")).items()}
    link = links.read(query)
    assert link.classes == "apple, sailboat, snail"
    assert link.options == generation.options
    assert link.checkpoint == "sketchbook-cnn"


@pytest.mark.parametrize(("steps", "seed"), [(0, 0), (101, 0), (10, -1), (10, 2**31)])
def test_settings_have_limits(steps: int, seed: int) -> None:
    with pytest.raises(UserError):
        SamplingOptions(steps=steps, seed=seed)


def test_a_code_is_one_path_that_says_what_it_is() -> None:
    drawing = present.svg("http://127.0.0.1:7860/")
    assert drawing.count("<svg") == 1
    assert drawing.count("<path") == 1
    assert 'role="img" aria-label="QR code of this link"' in drawing


def test_a_drawn_code_is_the_code_with_its_quiet_border() -> None:
    """The first rows of version 1-M for "a": finder, format and timing patterns."""
    drawing = present.svg("a")
    assert 'viewBox="0 0 29 29"' in drawing
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawing)}
    rows = [[int((x, y) in dark) for x in range(29)] for y in range(29)]
    assert not any(any(row[:4] + row[25:]) for row in rows)
    assert not any(any(row) for row in rows[:4] + rows[25:])
    rows = [row[4:25] for row in rows[4:25]]
    assert rows[0][:7] == [1] * 7
    assert rows[6][:9] == [1, 1, 1, 1, 1, 1, 1, 0, 1]
    assert [row[6] for row in rows][7:14] == [0, 1, 0, 1, 0, 1, 0]
    assert rows[13][8] == 1  # the dark module


def test_codes_grow_with_their_text_and_end_with_a_sentence() -> None:
    size = 17 + 4 * 14 + 2 * 4  # version 14 and its border
    assert f'viewBox="0 0 {size} {size}"' in present.svg("x" * 362)
    for length in (363, 600, 6000):
        assert "too long" in present.svg("x" * length)
        assert "<svg" not in present.svg("x" * length)


def test_the_code_on_the_wall_leads_to_the_same_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    def request(**query: str) -> SimpleNamespace:
        url = SimpleNamespace(scheme="http", netloc="x")
        return SimpleNamespace(request=SimpleNamespace(url=url), headers={"host": "tina.local"}, query_params=query)

    assert present.address(request(mode="present")) == "http://tina.local/"
    assert present.address(request(mode="present", classes="a, b")) == "http://tina.local/?classes=a%2C+b"
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/below")
    assert present.address(request(mode="present")) == "http://tina.local/below/"
    assert present.qr_code(request(), links.read({})) == ""
    assert present.qr_code(request(), links.read({"mode": "present"})).startswith("<svg")


def test_what_was_begun_last_ends_what_was_begun_before() -> None:
    visitor = Visitor()
    first = visitor.begin()
    following = visitor.follow()
    assert first()
    second = visitor.begin()
    assert not first()
    assert not following()
    assert second()


def test_who_begins_too_much_at_once_waits_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    settings = limits.LimitSettings()
    bucket, other = limits.TokenBucket(), limits.TokenBucket()
    for _ in range(settings.burst):
        bucket.spend()
    with pytest.raises(UserError, match="wait a few seconds"):
        bucket.spend()
    other.spend()  # another visitor has not lost anything
    now += 2.5 / settings.per_second
    bucket.spend()
    bucket.spend()
    with pytest.raises(UserError):
        bucket.spend()
    now += 3600
    for _ in range(settings.burst):
        bucket.spend()
    with pytest.raises(UserError):
        bucket.spend()


def test_who_has_to_wait_reads_so_and_what_was_begun_goes_on(checkpoint_folder: str) -> None:
    registry = CheckpointRegistry(checkpoint_folder)
    with gr.Blocks():
        page = layout.build(registry)
    empty = limits.TokenBucket(tokens=0, updated=time.monotonic() + 60)
    do, visitor = Handlers(registry, page), Visitor(bucket=empty)
    is_newest = visitor.begin()
    values = {page.state.visitor: visitor, page.header.checkpoint: registry.default}
    _, updates = do.generate(values)
    assert "wait a few seconds" in updates[page.describe.chips]["error"]
    values[page.state.generation] = SimpleNamespace(held_out=SimpleNamespace(on=""))
    (updates,) = do.train_on(values)
    assert "wait a few seconds" in updates[page.watch.figure]
    assert is_newest()
