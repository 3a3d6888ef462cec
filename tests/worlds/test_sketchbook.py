"""The Sketchbook: always there, always the same, varied, and neither trivial nor hopeless."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tina.errors import UserError
from tina.worlds import load_world
from tina.worlds.sketchbook import COUNTS, catalogue, draw
from tina.worlds.sketchbook.pen import Pen
from tina.worlds.sketchbook.render import STYLES, picture


@pytest.fixture(scope="module")
def world():
    return load_world("sketchbook")


def test_pictures_are_small_colour_arrays(world) -> None:
    pictures = world.pictures("test", "apple", 3)
    assert pictures.shape == (3, 32, 32, 3)
    assert pictures.dtype == np.uint8


def test_the_same_picture_comes_again_and_others_do_not() -> None:
    assert np.array_equal(draw("snail", "train", 7), draw("snail", "train", 7))
    for other in (("snail", "train", 8), ("snail", "test", 7), ("turtle", "train", 7)):
        assert not np.array_equal(draw("snail", "train", 7), draw(*other))


def test_a_shorter_request_is_the_beginning_of_a_longer_one(world) -> None:
    assert np.array_equal(world.pictures("test", "kite", 2), world.pictures("test", "kite", 5)[:2])


@pytest.mark.parametrize("name", list(catalogue()))
def test_every_class_draws_in_every_style(name: str) -> None:
    from random import Random

    for style in STYLES:
        pixels = picture(catalogue()[name], Random(f"{name} {style}"), style=style).astype(float)
        assert pixels.std() > 4, style  # something is on the paper
    pen = Pen(Random(0))
    catalogue()[name](pen)
    xs, ys = zip(*(point for mark in pen.marks for point in mark.points), strict=True)
    assert max(map(abs, xs)) < 1.45
    assert max(map(abs, ys)) < 1.45
    assert max(max(xs) - min(xs), max(ys) - min(ys)) > 1.1  # fills its square


def test_no_picture_stands_in_two_splits(world) -> None:
    for name in world.names[::9]:
        prints = {split: {p.tobytes() for p in world.pictures(split, name, 60)} for split in COUNTS}
        assert not prints["train"] & prints["test"]
        assert not prints["train"] & prints["zoo"]
        assert not prints["zoo"] & prints["test"]


def test_only_the_pictures_asked_for_are_drawn_and_only_once(cache, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr("tina.worlds.sketchbook.draw", lambda *which: drawn.append(which) or draw(*which))
    fresh = load_world("sketchbook")
    pictures, labels = fresh.batch("test", fresh.names[:10], 50)
    assert len(pictures) == len(labels) == len(drawn) == 500
    fresh.batch("test", fresh.names[:10], 30)
    assert len(drawn) == 500


def test_the_cache_holds_what_would_be_drawn(cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tina.worlds.sketchbook.COUNTS", {"train": 2, "zoo": 1, "test": 1})
    fresh = load_world("sketchbook")
    assert not fresh.cached
    fresh.prepare()
    assert fresh.cached
    assert np.array_equal(fresh.pictures("train", "owl"), np.stack([draw("owl", "train", i) for i in range(2)]))


def test_a_class_or_split_that_is_not_there_is_named(world) -> None:
    with pytest.raises(UserError, match="no class 'unicorn'"):
        world.pictures("test", "unicorn")
    with pytest.raises(UserError, match="no split 'validation'"):
        world.pictures("validation", "apple")


# -- how hard it is ---------------------------------------------------------------------------------------------------
def accuracy_of(net: nn.Module, train, test, epochs: int, rate: float) -> float:
    """Accuracy in percent after training on `train` with mirrored and shifted pictures."""
    (x, y), (tx, ty) = train, test
    optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-3)
    steps = epochs * (len(x) // 100)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    generator = torch.Generator().manual_seed(0)
    for step in range(steps):
        if step % (len(x) // 100) == 0:
            order = torch.randperm(len(x), generator=generator)
        rows = order[(step * 100) % len(x) :][:100]
        batch = x[rows] if step % 2 else x[rows].flip(3)
        dx, dy = torch.randint(-2, 3, (2,), generator=generator).tolist()
        loss = F.cross_entropy(net(batch.roll((dx, dy), (2, 3))), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        plan.step()
    with torch.inference_mode():
        return 100 * (net(tx).argmax(1) == ty).float().mean().item()


@pytest.mark.slow
def test_a_tiny_network_learns_it_and_a_linear_model_does_not(world) -> None:
    names = [world.names[i] for i in np.random.default_rng(0).permutation(len(world.names))[:10]]
    sets = []
    for split, count in (("train", 500), ("test", 100)):
        pictures, labels = world.batch(split, names, count)
        sets.append((torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1, torch.from_numpy(labels)))
    torch.manual_seed(0)
    small = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip
    assert sum(p.numel() for p in small.parameters()) < 5500
    assert 75 <= accuracy_of(small, *sets, epochs=40, rate=1e-2) <= 95
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))
    assert accuracy_of(linear, *sets, epochs=10, rate=1e-3) < 45
