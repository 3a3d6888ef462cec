"""How things look stands beside what their words mean."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tina.encoder.appearance import FILE, Appearance, likeness, text_axes
from tina.encoder.encoder import EMBEDDED_FOLDER, Encoder
from tina.encoder.settings import EncoderSettings


class TextTower(nn.Module):
    """As much of an open_clip model as an appearance asks for."""

    def __init__(self, projection: Tensor):
        super().__init__()
        self.text = nn.ParameterDict({"text_projection": nn.Parameter(projection)})


@pytest.fixture
def appearance() -> Appearance:
    """Ten words on six axes of eight; the two others are for how things look in a world."""
    draw = torch.Generator().manual_seed(0)
    words = F.normalize(torch.randn(10, 6, generator=draw), dim=1)
    weights = torch.linalg.solve(likeness(words, words), torch.eye(2).repeat(5, 1))  # like one thing, like the other
    basis, free = torch.eye(8).split([6, 2])
    return Appearance(basis, words, {"toy": {"weights": weights, "axes": free}})


def test_a_text_looks_like_what_its_words_are_like(appearance: Appearance) -> None:
    vectors = appearance.add_to(appearance.words @ appearance.basis)
    assert torch.equal(vectors[:, 6:].argmax(1), torch.arange(10) % 2)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(10))


def test_what_words_mean_is_as_it_was(appearance: Appearance) -> None:
    vectors = appearance.add_to(appearance.words @ appearance.basis)
    assert torch.allclose(F.normalize(vectors[:, :6], dim=1), appearance.words, atol=1e-6)


def test_its_weight_is_the_length_beside_the_text(appearance: Appearance) -> None:
    appearance.settings = EncoderSettings(appearance_weight=2.0)
    vectors = appearance.add_to(appearance.words @ appearance.basis)
    assert torch.allclose(vectors[:, 6:].norm(dim=1) / vectors[:, :6].norm(dim=1), torch.full((10,), 2.0))


def test_it_is_saved_beside_the_weights(appearance: Appearance, tmp_path: Path) -> None:
    """In eight bits: words a little beside their places still look like the same things."""
    appearance.save(tmp_path)
    model = TextTower(appearance.basis)
    texts, again = appearance.words @ appearance.basis, Appearance.read(tmp_path, model)
    assert torch.equal(again.basis, appearance.basis)
    assert torch.allclose(appearance.add_to(texts), again.add_to(texts), atol=3e-2)
    assert Appearance.read(tmp_path / "elsewhere", model) is None


def test_the_axes_that_texts_are_written_on_do_not_hang_on_how_a_matrix_is_taken_apart() -> None:
    matrix = torch.randn(6, 8, generator=torch.Generator().manual_seed(1))
    basis = text_axes(matrix)
    assert torch.allclose(basis @ basis.T, torch.eye(6), atol=1e-5)
    assert torch.allclose(matrix @ basis.T @ basis, matrix, atol=1e-5)
    assert (torch.diagonal(basis @ matrix.T) > 0).all()


def test_an_encoder_without_its_appearance_is_another_encoder(encoder: Encoder, tmp_path: Path) -> None:
    folder = shutil.copytree(EMBEDDED_FOLDER, tmp_path / "encoder")
    (folder / FILE).unlink()
    without = Encoder(f"local-dir:{folder}", device="cpu")
    assert without.hash != encoder.hash
    assert without.appearance is None
    texts = ["apple", "a small vessel with sails"]
    assert ((without.encode_texts(texts) * encoder.encode_texts(texts)).sum(1) < 0.95).all()
    assert torch.allclose(
        encoder.appearance.add_to(without.encode_texts(texts)), encoder.encode_texts(texts), atol=1e-6
    )
