"""A checkpoint's figures are drawn from the files beside it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tina.errors import UserError
from tina.research.drawing import draw
from tina.research.figures import ACCENT


def row(method: str, split: str, accuracy: float) -> dict:
    return {"method": method, "split": split, "accuracy": accuracy, "interval": [accuracy - 0.01, accuracy + 0.01]}


def test_table_and_curves_become_pictures(tmp_path: Path):
    with pytest.raises(UserError, match=r"no table\.json"):
        draw(tmp_path, tmp_path / "out")
    methods = ("chance", "slice", "tina 1 step", "tina", "tuned")
    rows = [row(method, split, 0.1 + 0.15 * i) for split in ("id", "ood") for i, method in enumerate(methods)]
    (tmp_path / "table.json").write_text(json.dumps({"ways": 10, "rows": rows}))
    ways = [
        {"method": m, "ways": k, "accuracy": 0.9 - k / 50, "interval": [0.1, 0.9]}
        for m in ("slice", "tina")
        for k in (2, 8)
    ]
    tuning = [{"method": "tuned", "seconds": s, "accuracy": 0.8, "interval": [0.7, 0.9]} for s in (0.0, 0.1, 1.0)]
    (tmp_path / "curves.json").write_text(json.dumps({"ways": ways, "tuning": tuning}))
    scored = {"accuracy": 0.5, "interval": [0.4, 0.6]}
    trials = [{"question": "zoo", "classifiers": n, "1 step": scored, "5 pictures": scored} for n in (125, 2000)]
    (tmp_path / "trials.json").write_text(json.dumps({"rows": [*trials, {"question": "size"}]}))
    files = draw(tmp_path, tmp_path / "out")
    subjects = [file.stem.removeprefix(f"{tmp_path.name}-") for file in files]
    assert subjects == ["id", "ood", "steps", "ways", "tuning", "zoo"]
    for file in files:
        ElementTree.fromstring(file.read_text("utf-8"))
    by_ways = files[3].read_text("utf-8")
    assert by_ways.index(">Tina<") < by_ways.index(">generic, sliced<")  # drawn first, in the colour that stands out
    assert by_ways.index(ACCENT) < by_ways.index(">Tina<")
    assert "fine-tuned" in files[-2].read_text("utf-8")
    assert "classifiers to learn from" in files[-1].read_text("utf-8")


def test_what_was_not_measured_is_not_drawn(tmp_path: Path):
    rows = [row(method, "mixed", 0.4) for method in ("chance", "encoder", "tina")]
    rows += [row(method, "unseen", 0.3) for method in ("tina", "tina 1 picture", "tina 5 pictures")]
    rows += [row("tina 5 pictures", "ood", 0.3)]
    (tmp_path / "table.json").write_text(json.dumps({"ways": 10, "rows": rows}))
    files = draw(tmp_path, tmp_path / "out")
    assert [file.stem.removeprefix(f"{tmp_path.name}-") for file in files] == ["unseen", "mixed", "pictures-unseen"]
