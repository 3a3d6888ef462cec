"""The projection's closed form, and how it is measured."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from tests.conftest import picture_bytes
from tina.encoder.everyday import PhotoTower
from tina.encoder.packaged import projection_file
from tina.errors import MissingData
from tina.research.recipes import everyday_projection as recipe


@pytest.fixture
def made_up() -> tuple[Tensor, Tensor, list[Tensor]]:
    """Rows (C x F), one picture's features of each class (C x F) and texts: all of them views of hidden things."""
    draw = torch.Generator().manual_seed(0)
    hidden = torch.randn(60, 8, generator=draw)
    to_features, to_texts = torch.randn(8, 40, generator=draw), torch.randn(8, 24, generator=draw)
    rows = hidden @ to_features
    pictures = rows + 3 + 0.1 * torch.randn(60, 40, generator=draw)
    texts = normalize((hidden @ to_texts)[:, None] + 0.1 * torch.randn(60, 3, 24, generator=draw), dim=2)  # (C, 3, dim)
    return rows, pictures, list(texts)


@pytest.mark.parametrize("kind", ["rows", "pictures", "both"])
def test_classes_left_out_are_found_by_their_texts(made_up: tuple[Tensor, Tensor, list[Tensor]], kind: str) -> None:
    rows, pictures, texts = made_up
    weight, bias = recipe.fit(rows[:50], pictures[:50], texts[:50])[kind]
    assert weight.shape == (24, 40)
    torch.testing.assert_close(pictures[:50].mean(0) @ weight.T + bias, torch.zeros(24), atol=1e-4, rtol=0)
    likeness = normalize(pictures[50:] @ weight.T + bias, dim=1) @ torch.stack([t[0] for t in texts[50:]]).T
    assert (likeness.argmax(1) == torch.arange(10)).float().mean() >= 0.8


def test_accuracy_is_over_tasks_or_over_the_pictures_of_a_small_set() -> None:
    names = [f"{i:02}" for i in range(12)]
    by_class = {name: torch.eye(12)[[i, (i + 1) % 12 if i < 6 else i]] for i, name in enumerate(names)}
    few = {name: by_class[name][:, :6] for name in names[:6]}

    def encode(texts: list[str]) -> Tensor:
        return torch.eye(12)[[int(text) for text in texts]]

    many = recipe.zero_shot(by_class, encode, torch.eye(12), torch.zeros(12))
    assert 70 < many["accuracy"] < 85  # six of twelve classes have one of two pictures right, or neither asked for
    assert 0 < many["interval"] < 2
    small = recipe.zero_shot(few, lambda texts: encode(texts)[:, :6], torch.eye(6), torch.zeros(6))
    assert small["accuracy"] == pytest.approx(100 * 6 / 12, abs=10)
    assert small["interval"] == pytest.approx(196 * (0.5 * 0.5 / 12) ** 0.5, abs=1)


def test_pictures_are_read_from_the_archives_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tower = PhotoTower(torch.nn.AdaptiveAvgPool2d(1), 8, [0.5] * 3, [0.5] * 3, "0123456789abcdef")
    monkeypatch.setattr(tower, "forward", lambda x: (x.mean((2, 3)),) * 2)
    monkeypatch.setattr(recipe, "open_tower", lambda id: tower)
    monkeypatch.setattr(recipe, "places", lambda: [cache / "data"])
    with pytest.raises(MissingData, match=r"pacs\.zip is not in the data folder"):
        recipe.features("tiny", "pacs")
    with zipfile.ZipFile(cache / "data" / "pacs.zip", "w") as archive:
        for i, name in enumerate(["photo/dog/a.jpg", "photo/dog/b.jpg", "art_painting/horse/a.jpg", "photo/read.me"]):
            archive.writestr(f"pacs/{name}", picture_bytes(i))
    found = recipe.features("tiny", "pacs")
    assert {name: list(by_class) for name, by_class in found.items()} == {
        "pacs, art painting": ["horse"],
        "pacs, photo": ["dog"],
    }
    assert found["pacs, photo"]["dog"].shape == (2, 3)
    (cache / "data" / "pacs.zip").unlink()
    assert torch.equal(recipe.features("tiny", "pacs")["pacs, photo"]["dog"], found["pacs, photo"]["dog"])


def test_the_card_has_the_measured_figures() -> None:
    measured = {
        id: json.loads(projection_file(id).with_name("figures.json").read_text("utf-8"))["zero-shot"]
        for id in ("everyday", "everyday-large")
    }
    lines = projection_file("everyday").with_name("README.md").read_text("utf-8").splitlines()
    titles = {
        "ridge from texts": measured["everyday"]["rows"],
        "ridge from pictures": measured["everyday"]["pictures"],
        "**both": measured["everyday"]["both"],
        "`everyday-large`": measured["everyday-large"]["both"],
    }
    sets = ["caltech-101", "grocery", "pacs, art painting", "pacs, cartoon", "pacs, photo"]
    for title, row in titles.items():
        (line,) = [line for line in lines if line.startswith(f"| {title}")]
        said = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ± ([\d.]+)", line)]
        assert said == [(row[name]["accuracy"], row[name]["interval"]) for name in sets]
