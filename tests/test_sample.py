"""Many prompts at once: a zip a line, the same however often and by however many it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tina import Classifier, sample
from tina.errors import UserError


def test_every_line_becomes_a_zip_and_none_is_written_twice(tmp_path: Path, capsys: pytest.CaptureFixture):
    (tmp_path / "prompts.txt").write_text("apple, snail\n\nguitar, piano, drum\n")
    words = ["--prompts", str(tmp_path / "prompts.txt"), "--out", str(tmp_path / "out")]
    sample.main(words)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["line"] for row in rows] == [1, 3]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["000001.zip", "000003.zip"]
    assert Classifier.load(tmp_path / "out" / "000003.zip").labels == ["guitar", "piano", "drum"]
    first = (tmp_path / "out" / "000001.zip").stat().st_mtime_ns
    (tmp_path / "out" / "000003.zip").unlink()
    sample.main(words)
    assert (tmp_path / "out" / "000001.zip").stat().st_mtime_ns == first
    assert (tmp_path / "out" / "000003.zip").is_file()


def test_a_line_that_makes_no_classifier_is_named(tmp_path: Path):
    (tmp_path / "prompts.txt").write_text("apple, snail\napple\n")
    with pytest.raises(UserError, match="line 2: A classifier needs at least two classes"):
        sample.main(["--prompts", str(tmp_path / "prompts.txt"), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"apple, sn\xe4il\n", "apple, snail".encode("utf-16")])
def test_prompts_in_another_encoding_are_a_sentence(tmp_path: Path, content: bytes):
    (tmp_path / "prompts.txt").write_bytes(content)
    with pytest.raises(UserError, match=r"prompts.txt: this is no text in UTF-8 \(from its byte"):
        sample.main(["--prompts", str(tmp_path / "prompts.txt"), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
