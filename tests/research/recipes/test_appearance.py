"""How things look, as it is put into the encoder: made of pictures and words of seen classes, in closed form."""

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
from tina.research.recipes import appearance as looks
from tina.worlds import World, load_world


def clouds(classes: int, dims: int, seed: int) -> list[Tensor]:
    draw = torch.Generator().manual_seed(seed)
    return [mean + torch.randn(30, dims, generator=draw) for mean in 3 * torch.randn(classes, dims, generator=draw)]


def test_a_picture_is_most_like_its_own_class() -> None:
    classes = clouds(8, 12, seed=0)
    rows, projection = looks.tell_apart(classes, torch.zeros(10, 12))
    shown = [part @ projection["weight"].T + projection["bias"] for part in classes]
    right = torch.stack([(part @ rows.T).argmax(1) == k for k, part in enumerate(shown)])
    assert right.float().mean() > 0.9
    together = torch.cat(shown)
    assert torch.allclose(together.mean(0), torch.zeros(together.shape[1]), atol=1e-4)
    assert together.norm(dim=1).mean() == pytest.approx(1, abs=1e-4)


def test_other_pictures_say_little_of_it() -> None:
    """Here the other world's pictures differ from one another only by the first of the properties."""
    classes = clouds(8, 12, seed=0)
    others = 30 * torch.eye(12)[:1] * torch.randn(200, 1, generator=torch.Generator().manual_seed(1))
    for against, least, most in ((torch.zeros(10, 12), 0.5, 30), (others, 0, 0.5)):
        rows, projection = looks.tell_apart(classes, against)
        said = rows @ projection["weight"]  # of each class by each property
        assert least < said[:, 0].norm() / said[:, 1:].norm(dim=0).mean() < most


def test_words_look_like_what_they_name_and_so_do_words_like_them() -> None:
    draw = torch.Generator().manual_seed(0)
    words = F.normalize(torch.randn(6, 16, generator=draw), dim=1)
    rows = F.normalize(torch.randn(3, 4, generator=draw), dim=1)
    owners = torch.tensor([0, 1, 2, 0, 1, 2])
    weights = looks.by_prompt_kind(words, rows[owners])
    for texts in (words, F.normalize(words + 0.1 * torch.randn(6, 16, generator=draw), dim=1)):
        told = F.normalize(likeness(texts, words) @ weights, dim=1)
        assert torch.equal((told @ rows.T).argmax(1), owners)


def test_things_look_as_pictures_show_and_otherwise_like_things_with_their_traits() -> None:
    traits = F.normalize(torch.tensor([[1.0, 1, 0, 0], [0, 0, 1, 1], [1, 0.8, 0, 0], [0, 0, 1, 0.8]]), dim=1)
    rows = torch.eye(2)
    found = looks.expected(traits, [0, 1], rows)
    assert torch.equal(found[:2], rows)
    assert torch.equal(found[2:].argmax(1), torch.arange(2))
    assert torch.allclose(found.norm(dim=1), torch.ones(4))


def test_texts_leave_half_of_the_axes_free() -> None:
    encoder = Encoder()
    taken, free = looks.axes_of(encoder.model.text.text_projection)
    encoder.appearance = None
    texts = encoder.encode_texts(["apple", "a small vessel with sails"])
    assert len(free) >= looks.AXES * len(looks.WORLDS)
    assert torch.allclose((texts @ taken.T).norm(dim=1), torch.ones(2), atol=1e-5)
    assert (texts @ free.T).abs().max() < 1e-5


@pytest.mark.slow
@pytest.mark.data
def test_they_come_out_again_from_training_pictures_of_seen_classes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added to what ships, they are what ships: once more is no more."""
    asked = set()
    pictures = World.pictures

    def note(world: World, split: str, name: str, *count: int) -> np.ndarray:
        asked.add((split, name in world.seen))
        return pictures(world, split, name, *count)

    monkeypatch.setattr(World, "pictures", note)
    folder = shutil.copytree(EMBEDDED_FOLDER, tmp_path / "encoder")
    looks.add_looks(folder)
    assert asked == {("train", True), ("zoo", True)}  # the second only for the scale
    shipped, again = Encoder(), Encoder(f"local-dir:{folder}")
    texts = load_world("photos").names[::10]
    sketches = list(load_world("sketchbook").pictures("test", "snail", 10))
    kept = shipped.encode_texts(texts) @ shipped.encode_images(sketches).T
    assert torch.allclose(again.encode_texts(texts) @ again.encode_images(sketches).T, kept, atol=5e-3)
