"""The page as it is built, without a browser: endpoints, limits, and that building it says nothing."""

from __future__ import annotations

import warnings

import pytest

from tina.errors import UserError
from tina.ui.page import build_page
from tina.ui.panes import describe, generating
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.state import SamplingOptions


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


def test_only_what_is_on_the_shelf_is_opened(registry: CheckpointRegistry) -> None:
    assert registry.get() is registry.get(registry.default)
    with pytest.raises(UserError, match="There is no Tina"):
        registry.get("/etc")


def test_what_is_shown_step_by_step(registry: CheckpointRegistry) -> None:
    *before, last = generating.generate(registry, None, "apple, snail", {}, SamplingOptions(steps=2))
    assert len(before) == 2
    assert last.generation.finished
    assert last.model["labels"] == ["apple", "snail"]
    assert last.take["ready"]
    assert "step 2 of 2" in last.head


def test_what_cannot_be_made_is_one_sentence(registry: CheckpointRegistry) -> None:
    (shown,) = generating.generate(registry, None, "apple", {}, SamplingOptions())
    assert "at least two classes" in shown.chips["error"]
    assert shown.generation is None
    typing = generating.understood(registry, None, "apple", {}, {"classes": [], "notes": []})
    assert "two classes" in typing["error"]


def test_pictures_alone_make_a_prompt(registry: CheckpointRegistry) -> None:
    from tests.ui.test_describe import URL

    pictures = {"my cat": [describe.received(URL)], "my dog": [describe.received(URL)]}
    *_, last = generating.generate(registry, None, "", pictures, SamplingOptions(steps=1))
    assert last.generation.labels == ["my cat", "my dog"]
    assert last.generation.score is None
