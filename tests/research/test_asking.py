"""The odd prompts of docs/asking.md come out as it says."""

from __future__ import annotations

from pathlib import Path

from tina.generator.tina import Tina
from tina.research.asking import PROMPTS, table

PAGE = Path(__file__).parents[2] / "docs" / "asking.md"


def test_the_table_in_the_docs_is_what_comes_out() -> None:
    found = table(Tina.from_pretrained())
    assert len(PROMPTS) >= 10
    assert found in PAGE.read_text("utf-8")
