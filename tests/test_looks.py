"""How things look stands beside what their words mean."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from tina.encoder import EMBEDDED_FOLDER, Encoder
from tina.looks import FILE, Looks, likeness


@pytest.fixture
def looks() -> Looks:
    """A world of ten words on six axes, with two free ones for how they look."""
    draw = torch.Generator().manual_seed(0)
    words = F.pad(F.normalize(torch.randn(10, 6, generator=draw), dim=1), (0, 2))
    weights = torch.linalg.solve(likeness(words, words), torch.eye(2).repeat(5, 1))  # like one thing, like the other
    return Looks({"toy": {"words": words, "weights": weights, "axes": torch.eye(8)[6:]}})


def test_a_text_looks_like_what_its_words_are_like(looks: Looks) -> None:
    words = looks.worlds["toy"]["words"]
    said = looks.beside(words)
    assert torch.equal(said[:, 6:].argmax(1), torch.arange(10) % 2)
    assert torch.allclose(said.norm(dim=1), torch.ones(10))


def test_what_words_mean_is_as_it_was(looks: Looks) -> None:
    words = looks.worlds["toy"]["words"]
    assert torch.allclose(F.normalize(looks.beside(words)[:, :6], dim=1), words[:, :6], atol=1e-6)


def test_they_are_kept_beside_the_weights(looks: Looks, tmp_path: Path) -> None:
    looks.save(tmp_path)
    words, again = looks.worlds["toy"]["words"], Looks.read(tmp_path)
    assert torch.allclose(looks.beside(words), again.beside(words), atol=2e-2)
    assert Looks.read(tmp_path / "elsewhere") is None


def test_an_encoder_without_its_looks_is_another_encoder(tmp_path: Path) -> None:
    folder = shutil.copytree(EMBEDDED_FOLDER, tmp_path / "encoder")
    (folder / FILE).unlink()
    blind, whole = Encoder(f"local-dir:{folder}"), Encoder()
    assert blind.hash != whole.hash
    assert blind.looks is None
    texts = ["apple", "a small vessel with sails"]
    assert ((blind.encode_anew(texts) * whole.encode_anew(texts)).sum(1) < 0.95).all()
    assert torch.allclose(whole.looks.beside(blind.encode_anew(texts)), whole.encode_anew(texts), atol=1e-6)
