"""The page as it is built, without a browser: endpoints, limits, and that building it says nothing."""

from __future__ import annotations

import warnings

import pytest

from tina.errors import UserError
from tina.ui.page import build_page
from tina.ui.panes import describe, generating
from tina.ui.server.shelf import Shelf
from tina.ui.server.studio import Studio
from tina.ui.state import How


@pytest.fixture(scope="module")
def checkpoint(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tina")
    studio.tina.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def shelf(checkpoint: str) -> Shelf:
    return Shelf(checkpoint)


def test_three_endpoints_are_public_and_documented(checkpoint: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        page = build_page(checkpoint)
    public = {fn.api_name: fn for fn in page.fns.values() if fn.api_visibility == "public"}
    assert set(public) == {"generate", "classify", "score"}
    assert all("Args:" in fn.fn.__doc__ for fn in public.values())
    assert "learn" in [page[0] for page in page.pages]


def test_only_what_is_on_the_shelf_is_opened(shelf: Shelf) -> None:
    assert shelf.studio() is shelf.studio(shelf.default)
    with pytest.raises(UserError, match="There is no Tina"):
        shelf.studio("/etc")


def test_what_is_shown_step_by_step(shelf: Shelf) -> None:
    *before, last = generating.generate(shelf, None, "apple, snail", {}, How(steps=2))
    assert len(before) == 2
    assert last.run.finished
    assert last.model["labels"] == ["apple", "snail"]
    assert last.take["ready"]
    assert "step 2 of 2" in last.head


def test_what_cannot_be_made_is_one_sentence(shelf: Shelf) -> None:
    (shown,) = generating.generate(shelf, None, "apple", {}, How())
    assert "at least two classes" in shown.chips["error"]
    assert shown.run is None
    typing = generating.understood(shelf, None, "apple", {}, {"classes": [], "notes": []})
    assert "two classes" in typing["error"]


def test_pictures_alone_make_a_prompt(shelf: Shelf) -> None:
    from tests.ui.test_describe import URL

    pictures = {"my cat": [describe.received(URL)], "my dog": [describe.received(URL)]}
    *_, last = generating.generate(shelf, None, "", pictures, How(steps=1))
    assert last.run.labels == ["my cat", "my dog"]
    assert last.run.score is None
