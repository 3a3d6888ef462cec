"""What is taken away: a zip that comes back, the Python that makes the same, and files."""

from __future__ import annotations

import pytest
import torch

from tina.errors import UserError
from tina.generator.tina import Tina
from tina.prompts.parsing import parse
from tina.ui.panes import take, watch
from tina.ui.server import packing
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation, SamplingOptions


def test_a_zip_comes_back_with_the_same_accuracy(
    checkpoint: LoadedCheckpoint, generation: Generation, tmp_path
) -> None:
    file = checkpoint.classifier(generation).save(tmp_path / "mine.zip")
    again = take.reopened(checkpoint, file)
    assert again.score == generation.score
    assert again.labels == generation.labels
    assert "file" in watch.head(checkpoint, again)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(file.read_bytes()[:500])
    with pytest.raises(UserError):
        take.reopened(checkpoint, broken)


@pytest.mark.parametrize("how", [SamplingOptions(), SamplingOptions(steps=3), SamplingOptions(steps=1, seed=7)])
def test_the_python_that_is_copied_makes_the_same_classifier(
    checkpoint: LoadedCheckpoint, how: SamplingOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, generation = checkpoint.generate(parse("apple, “salt, pepper”"), how)
    monkeypatch.setattr(Tina, "from_pretrained", lambda name: {"sketchbook-cnn": checkpoint.tina}[name])
    making = take.python(checkpoint, generation, "sketchbook-cnn").split("print(")[0]
    found: dict = {}
    exec(making, found)
    assert found["classifier"].labels == generation.labels
    for name, weight in found["classifier"].weights.items():
        torch.testing.assert_close(weight, generation.steps[-1].weights[name], atol=1e-5, rtol=1e-5)


def test_the_python_that_is_copied_says_where_example_pictures_belong(checkpoint: LoadedCheckpoint) -> None:
    pictures = list(checkpoint.world.pictures("test", "snail", 2))
    *_, generation = checkpoint.generate(parse("apple, snail", {"snail": pictures}), SamplingOptions(steps=1))
    code = take.python(checkpoint, generation, "any")
    compile(code, "copied", "exec")
    assert "tina.understand('apple, snail', {'snail': ['1.png', '2.png']}), seed=0, steps=1)" in code


@pytest.mark.parametrize(("kind", "start"), [("zip", b"PK"), ("html", b"<!doctype html>"), ("onnx", b"\x08")])
def test_files_are_packed(checkpoint: LoadedCheckpoint, generation: Generation, kind: str, start: bytes) -> None:
    import base64

    file = packing.packed(checkpoint.classifier(generation), kind)
    assert file["name"] == f"tina-apple-sailboat-snail.{kind}"
    assert base64.b64decode(file["data"]).startswith(start)


def test_file_names_hold_nothing_that_a_disk_minds() -> None:
    assert packing.file_name(["../../etc", "Ünï", "<b>"]) == "tina-etc-n-b"
    assert packing.file_name(["🐌", "🐢"]) == "tina"
