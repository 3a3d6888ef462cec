"""How things look stands beside what their words mean."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from tina.encoder.appearance import FILE, Appearance, likeness, written_on
from tina.encoder.encoder import EMBEDDED_FOLDER, Encoder


@pytest.fixture
def looks() -> Appearance:
    """Ten words on six axes of eight; the two others are for how things look in a world."""
    draw = torch.Generator().manual_seed(0)
    words = F.normalize(torch.randn(10, 6, generator=draw), dim=1)
    weights = torch.linalg.solve(likeness(words, words), torch.eye(2).repeat(5, 1))  # like one thing, like the other
    meaning, free = torch.eye(8).split([6, 2])
    return Appearance(meaning, words, {"toy": {"weights": weights, "axes": free}})


def test_a_text_looks_like_what_its_words_are_like(looks: Appearance) -> None:
    said = looks.beside(looks.words @ looks.meaning)
    assert torch.equal(said[:, 6:].argmax(1), torch.arange(10) % 2)
    assert torch.allclose(said.norm(dim=1), torch.ones(10))


def test_what_words_mean_is_as_it_was(looks: Appearance) -> None:
    said = looks.beside(looks.words @ looks.meaning)
    assert torch.allclose(F.normalize(said[:, :6], dim=1), looks.words, atol=1e-6)


def test_they_are_kept_beside_the_weights(looks: Appearance, tmp_path: Path) -> None:
    """In eight bits: words a little beside their places still look like the same things."""
    looks.save(tmp_path)
    model = SimpleNamespace(text=SimpleNamespace(text_projection=looks.meaning))
    texts, again = looks.words @ looks.meaning, Appearance.read(tmp_path, model)
    assert torch.equal(again.meaning, looks.meaning)
    assert torch.allclose(looks.beside(texts), again.beside(texts), atol=3e-2)
    assert Appearance.read(tmp_path / "elsewhere", model) is None


def test_the_axes_that_texts_are_written_on_do_not_hang_on_how_a_matrix_is_taken_apart() -> None:
    matrix = torch.randn(6, 8, generator=torch.Generator().manual_seed(1))
    meaning = written_on(matrix)
    assert torch.allclose(meaning @ meaning.T, torch.eye(6), atol=1e-5)
    assert torch.allclose(matrix @ meaning.T @ meaning, matrix, atol=1e-5)
    assert (torch.diagonal(meaning @ matrix.T) > 0).all()


def test_an_encoder_without_its_looks_is_another_encoder(tmp_path: Path) -> None:
    folder = shutil.copytree(EMBEDDED_FOLDER, tmp_path / "encoder")
    (folder / FILE).unlink()
    blind, whole = Encoder(f"local-dir:{folder}"), Encoder()
    assert blind.hash != whole.hash
    assert blind.looks is None
    texts = ["apple", "a small vessel with sails"]
    assert ((blind.encode_texts(texts) * whole.encode_texts(texts)).sum(1) < 0.95).all()
    assert torch.allclose(whole.looks.beside(blind.encode_texts(texts)), whole.encode_texts(texts), atol=1e-6)
