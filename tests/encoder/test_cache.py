"""Text vectors on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tina.encoder.cache import TextCache


def test_what_is_put_is_there_for_another_process(tmp_path: Path) -> None:
    vectors = torch.randn(2, 5, generator=torch.Generator().manual_seed(0))
    TextCache(tmp_path / "new" / "one.sqlite").put(["apple", "猫 🐈"], vectors)
    again = TextCache(tmp_path / "new" / "one.sqlite")
    assert "apple" in again
    assert torch.equal(torch.stack([again["apple"], again["猫 🐈"]]), vectors)


def test_what_was_never_put_is_missing(tmp_path: Path) -> None:
    cache = TextCache(tmp_path / "one.sqlite")
    assert "pear" not in cache
    with pytest.raises(KeyError):
        cache["pear"]
