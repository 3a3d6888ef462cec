"""A small network as C says what it says in Python, whatever it is built of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.blueprints.test_blueprints import standing
from tina.blueprints import BLUEPRINTS
from tina.classifier.c_source import PROGRAM, to_c
from tina.classifier.classifier import Classifier
from tina.cli import main
from tina.prompts.parsing import parse

LABELS = 'apple\nünï"code\\ ?\nsnail'
PICTURES = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)


def classifier_of(id: str) -> Classifier:
    blueprint, draw = standing(id), torch.Generator().manual_seed(0)
    weights = {k: w + 0.1 * torch.randn(w.shape, generator=draw) for k, w in blueprint.init(3, draw).items()}
    return Classifier(blueprint, weights, parse(LABELS))


def compiled(folder: Path, name: str) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no C compiler: .ci/run installs it")
        pytest.skip("there is no C compiler (Debian: apt-get install gcc libc6-dev)")
    command = [compiler, "-std=c99", "-O2", "-Wall", "-Werror", f"{name}.c", "-lm", "-o", name]
    subprocess.run(command, cwd=folder, check=True)
    return folder / name


@pytest.mark.parametrize("id", BLUEPRINTS)
def test_it_says_the_same(id: str, tmp_path: Path) -> None:
    classifier = classifier_of(id)
    header, program = to_c(classifier, "mine")
    (tmp_path / "mine.h").write_text(header, "utf-8")
    (tmp_path / "mine.c").write_text(program, "utf-8")
    run = compiled(tmp_path, "mine")
    for picture, expected in zip(PICTURES, classifier.probabilities(PICTURES), strict=True):
        done = subprocess.run([run], input=picture.tobytes(), capture_output=True, check=True).stdout.decode()
        found = [line.split(" ", 1) for line in done.splitlines()]
        assert [label for _, label in found] == classifier.labels
        assert [float(share) for share, _ in found] == pytest.approx(expected.tolist(), abs=1e-4)
    short = subprocess.run([run], input=b"no picture", capture_output=True, check=False)
    assert short.returncode == 1


def test_the_program_is_short_and_the_memory_little(tmp_path: Path) -> None:
    assert len(PROGRAM.read_text("utf-8").splitlines()) <= 60
    header, _ = to_c(classifier_of("cnn-5k"), "mine")
    (count, each) = map(int, re.search(r"tina_buffer\[(\d+)\]\[(\d+)\]", header).groups())
    assert 4 * count * each <= 140_000


def test_the_verb_exports_every_kind(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    saved = classifier_of("cnn-5k").save(tmp_path / "mine.zip")
    for kind, names in (("html", ["a.html"]), ("onnx", ["a.onnx"]), ("c", ["a.h", "a.c"])):
        main(["export", str(saved), "--to", kind, "--out", str(tmp_path / names[-1]), "--json"])
        told = json.loads(capsys.readouterr().out)
        assert told["files"] == [str(tmp_path / name) for name in names]
        assert told["bytes"] == [(tmp_path / name).stat().st_size for name in names]
    assert (tmp_path / "a.onnx").read_bytes() == Classifier.load(saved).to_onnx()
    assert '#include "a.h"' in (tmp_path / "a.c").read_text("utf-8")


@pytest.mark.parametrize("arguments", [["--to", "c"], ["--to", "html", "--bits", "16"]])
def test_what_cannot_be_had_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture, arguments: list[str]) -> None:
    blueprint = standing("encoder-head:embedded")
    weights = blueprint.init(2, torch.Generator().manual_seed(0))
    saved = Classifier(blueprint, weights, parse("apple, snail")).save(tmp_path / "mine.zip")
    with pytest.raises(SystemExit) as ended:
        main(["export", str(saved), *arguments, "--out", str(tmp_path / "a")])
    assert ended.value.code == 2
    assert "take the zip instead" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [saved]
