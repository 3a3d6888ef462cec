"""The encoder's appearance is fitted in closed form to pictures and texts of seen classes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.encoder.appearance import likeness
from tina.encoder.encoder import EMBEDDED_FOLDER, Encoder
from tina.research.recipes import appearance
from tina.worlds import World, load_world, sketchbook


def clouds(classes: int, dims: int, seed: int) -> list[Tensor]:
    draw = torch.Generator().manual_seed(seed)
    return [mean + torch.randn(30, dims, generator=draw) for mean in 3 * torch.randn(classes, dims, generator=draw)]


def test_the_discriminant_classifies_pictures() -> None:
    classes = clouds(8, 12, seed=0)
    rows, projection = appearance.fisher_discriminant(classes, torch.zeros(10, 12))
    projected = [part @ projection["weight"].T + projection["bias"] for part in classes]
    correct = torch.stack([(part @ rows.T).argmax(1) == k for k, part in enumerate(projected)])
    assert correct.float().mean() > 0.9
    flat = torch.cat(projected)
    assert torch.allclose(flat.mean(0), torch.zeros(flat.shape[1]), atol=1e-4)
    assert flat.norm(dim=1).mean() == pytest.approx(1, abs=1e-4)


def test_other_pictures_vary_little_on_the_axes() -> None:
    """Here the other world's pictures vary only in the first of the features."""
    classes = clouds(8, 12, seed=0)
    others = 30 * torch.eye(12)[:1] * torch.randn(200, 1, generator=torch.Generator().manual_seed(1))
    for against, least, most in ((torch.zeros(10, 12), 0.5, 30), (others, 0, 0.5)):
        rows, projection = appearance.fisher_discriminant(classes, against)
        weights = rows @ projection["weight"]  # (C, F)
        assert least < weights[:, 0].norm() / weights[:, 1:].norm(dim=0).mean() < most


def test_words_get_the_appearance_of_their_noun_and_so_do_similar_words() -> None:
    draw = torch.Generator().manual_seed(0)
    words = F.normalize(torch.randn(6, 16, generator=draw), dim=1)
    rows = F.normalize(torch.randn(3, 4, generator=draw), dim=1)
    nouns = torch.tensor([0, 1, 2, 0, 1, 2])
    weights = appearance.fit_text_regression(words, rows[nouns])
    for texts in (words, F.normalize(words + 0.1 * torch.randn(6, 16, generator=draw), dim=1)):
        predicted = F.normalize(likeness(texts, words) @ weights, dim=1)
        assert torch.equal((predicted @ rows.T).argmax(1), nouns)


def test_appearance_is_that_of_pictures_or_else_of_things_with_similar_traits() -> None:
    traits = F.normalize(torch.tensor([[1.0, 1, 0, 0], [0, 0, 1, 1], [1, 0.8, 0, 0], [0, 0, 1, 0.8]]), dim=1)
    rows = torch.eye(2)
    predicted = appearance.predict_from_traits(traits, [0, 1], rows)
    assert torch.equal(predicted[:2], rows)
    assert torch.equal(predicted[2:].argmax(1), torch.arange(2))
    assert torch.allclose(predicted.norm(dim=1), torch.ones(4))


def test_texts_leave_half_of_the_axes_free() -> None:
    encoder = Encoder()
    basis, free = appearance.split_axes(encoder.model.text.text_projection)
    encoder.appearance = None
    texts = encoder.encode_texts(["apple", "a small vessel with sails"])
    assert len(free) >= appearance.AXES * len(appearance.WORLDS)
    assert torch.allclose((texts @ basis.T).norm(dim=1), torch.ones(2), atol=1e-5)
    assert (texts @ free.T).abs().max() < 1e-5


@pytest.mark.slow
@pytest.mark.data
def test_the_shipped_appearance_is_reproduced_from_training_pictures_of_seen_classes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fitting it again to the shipped encoder changes no vector, with drawings as they were then: none by hand."""
    monkeypatch.setattr(sketchbook, "BY_HAND", 0.0)
    monkeypatch.setattr(sketchbook, "version", lambda: "none by hand")  # what is in the cache are others
    monkeypatch.setattr(load_world("sketchbook"), "_arrays", {})
    used = set()
    pictures = World.pictures

    def record(world: World, split: str, name: str, *count: int) -> np.ndarray:
        used.add((split, name in world.seen))
        return pictures(world, split, name, *count)

    monkeypatch.setattr(World, "pictures", record)
    folder = shutil.copytree(EMBEDDED_FOLDER, tmp_path / "encoder")
    appearance.add_appearance(folder)
    assert used == {("train", True), ("zoo", True)}  # the second only for the scale
    shipped, again = Encoder(), Encoder(f"local-dir:{folder}")
    texts = load_world("photos").names[::10]
    sketches = list(load_world("sketchbook").pictures("test", "snail", 10))
    expected = shipped.encode_texts(texts) @ shipped.encode_images(sketches).T
    assert torch.allclose(again.encode_texts(texts) @ again.encode_images(sketches).T, expected, atol=5e-3)
