"""The page as it is built, without a browser: endpoints, limits, and that building it says nothing."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from tina.errors import UserError
from tina.ui import layout
from tina.ui.handlers import Handlers
from tina.ui.layout import Layout
from tina.ui.page import build_page
from tina.ui.panes import describe, generating, try_it, world_card
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.state import Brought, Generation, SamplingOptions, Visitor
from tina.ui.templates import render


@pytest.fixture(scope="module")
def registry(checkpoint_folder: str) -> CheckpointRegistry:
    return CheckpointRegistry(checkpoint_folder)


def test_three_endpoints_are_public_and_documented(checkpoint_folder: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        page = build_page(checkpoint_folder)
    public = {fn.api_name: fn for fn in page.fns.values() if fn.api_visibility == "public"}
    assert set(public) == {"generate", "classify", "score"}
    assert all("Args:" in fn.fn.__doc__ for fn in public.values())
    assert "learn" in [page[0] for page in page.pages]


def test_no_address_of_ours_begins_at_the_root() -> None:
    """A proxy may have the page below a path of its own."""
    here = Path(layout.__file__).parent
    for file in [*(here / "static").glob("*.js"), *(here / "templates").glob("*.html")]:
        found = re.findall(r"(?:href|src|action)=\"/[^\"]*|fetch\([\"'`]/[^\"'`]*", file.read_text("utf-8"))
        assert not found, (file.name, found)


def test_only_what_is_on_the_shelf_is_opened(registry: CheckpointRegistry) -> None:
    assert registry.get() is registry.get(registry.default)
    with pytest.raises(UserError, match="There is no Tina"):
        registry.get("/etc")


def test_what_is_shown_step_by_step(registry: CheckpointRegistry) -> None:
    *before, last = generating.generate(registry, None, "apple, snail", Brought(), SamplingOptions(steps=2))
    assert len(before) == 2
    assert last.generation.finished
    assert last.model["labels"] == ["apple", "snail"]
    assert last.take["ready"]
    assert "step 2 of 2" in last.head


@pytest.fixture
def page(registry: CheckpointRegistry) -> Iterator[Layout]:
    with gr.Blocks():
        yield layout.build(registry)


def asked(registry: CheckpointRegistry, page: Layout) -> dict:
    """What is in the fields."""
    return {
        page.state.visitor: Visitor(),
        page.state.brought: Brought(),
        page.describe.text: "apple, snail",
        page.describe.steps: 3,
        page.describe.seed: 0,
        page.header.checkpoint: registry.default,
        page.watch.view: "Weights",
    }


def test_what_is_wrong_with_a_change_stays_while_the_classifier_before_it_is_still_written(
    registry: CheckpointRegistry, page: Layout
) -> None:
    do, values = Handlers(registry, page), asked(registry, page)
    generating = do.generate(values)
    next(generating)
    assert next(generating)[page.describe.chips]["error"] == ""
    renamed = SimpleNamespace(_data={"action": "rename", "label": "snail", "to": "apple"})
    updates = do.edit({**values, page.describe.chips: None}, renamed)
    assert "a class “apple” already" in updates[page.describe.chips]["error"]
    left = [*generating]
    assert left
    assert not any(page.describe.chips in update for update in left)


def test_the_contact_sheet_is_not_sent_again_with_every_step_that_is_looked_at(
    registry: CheckpointRegistry, page: Layout
) -> None:
    values = asked(registry, page)
    _, *updates = Handlers(registry, page).generate(values)
    assert len(updates) == 4
    assert all(update[page.describe.chips] == updates[0][page.describe.chips] for update in updates)
    values |= {page.state.generation: updates[-1][page.state.generation], page.watch.step: 1}
    seen, scrubbed = updates[0][page.try_it.held_out], Handlers(registry, page).scrub(values)[page.try_it.held_out]
    assert seen["sheet"].startswith("data:image")
    assert scrubbed["sheet"] == ""
    assert scrubbed["of"] == seen["of"]
    assert len(scrubbed["items"]) == len(seen["items"]) > 0


def test_another_sheet_has_another_mark(registry: CheckpointRegistry, generation: Generation) -> None:
    *_, other = registry.get().generate(generation.prompt, SamplingOptions(steps=1, seed=1))
    assert try_it.held_out(other)["of"] == try_it.held_out(generation)["of"]  # the same pictures
    *_, last = generating.generate(registry, None, "apple, snail", Brought(), SamplingOptions(steps=1))
    assert last.held_out["of"] != try_it.held_out(generation)["of"]


def test_the_footer_claims_nothing_that_a_world_may_not_have(registry: CheckpointRegistry) -> None:
    footer = render("footer.html")
    assert "A table of results under “About this world”, where there is one, is stored" in footer
    assert "Stored results" not in world_card.page(registry.get(), registry.folder(registry.default))
    assert "by the machine that serves this page, or by your browser" in footer


def test_what_cannot_be_made_is_one_sentence(registry: CheckpointRegistry) -> None:
    (shown,) = generating.generate(registry, None, "apple", Brought(), SamplingOptions())
    assert "at least two classes" in shown.chips["error"]
    assert shown.generation is None
    typing = generating.understood(registry, None, "apple", Brought(), {"classes": [], "notes": []})
    assert "two classes" in typing["error"]


def test_pictures_alone_make_a_prompt(registry: CheckpointRegistry) -> None:
    from tests.ui.test_describe import URL

    brought = Brought({"my cat": [describe.received(URL, 64)], "my dog": [describe.received(URL, 64)]})
    *_, last = generating.generate(registry, None, "", brought, SamplingOptions(steps=1))
    assert last.generation.labels == ["my cat", "my dog"]
    assert last.generation.score is None
