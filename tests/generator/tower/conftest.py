"""A Tina on a tower in miniature: 24 features, made-up words; and prompts for her."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.generator.tower.lexicon import Lexicon
from tina.generator.tower.reading import Shown
from tina.generator.tower.tina import TowerTina
from tina.generator.tower.words import KINDS, Said
from tina.generator.transformer import TransformerConfig

WIDTH, TEXTS, AXES = 24, 16, 8
LEXICON = Lexicon({"tabby": [0], "crane": [1, 2]}, [[0, 3], [1, 2]], {"lynx": 0}, {"cat": 0})


def unit(*shape: int, seed: int = 0) -> Tensor:
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def make_tina(width: int = WIDTH, texts: int = TEXTS, tower: str = "everyday", tower_hash: str = "none") -> TowerTina:
    """With random numbers in the place of everything that is fitted."""
    config = TransformerConfig(shared=0, shared_width=0, class_width=AXES, prompt_width=16, width=16, depth=1, heads=2)
    words = LEXICON.to_bytes()
    sizes = {
        "features": width,
        "texts": texts,
        "known": 5,
        "rank": 4,
        "classes": 4,
        "bytes": len(words),
        "text_axes": 6,
    }
    tina = TowerTina(tower, tower_hash, "photos", "embedded", "none", vars(config), sizes)
    torch.manual_seed(1)
    for parameter in (*tina.network.parameters(), *tina.reader.parameters()):
        torch.nn.init.normal_(parameter, std=0.2)
    tina.reader.axes.copy_(torch.linalg.qr(torch.randn(width, AXES))[0].mT)
    tina.reader.text_axes.copy_(torch.randn(*tina.reader.text_axes.shape))
    tina.words.texts.copy_(unit(5, texts) * texts**0.5)
    tina.words.weights.copy_(torch.randn(5, 4))
    tina.words.basis.copy_(torch.randn(4, 2 * width))
    tina.words.own.copy_(torch.randn(4, 2 * width))
    tina.words.words.copy_(words)
    for function in (tina.temperature, tina.other_level):
        function.weights.copy_(0.1 * torch.randn(len(function.weights)))
    return tina


@pytest.fixture
def tower_tina() -> TowerTina:
    return make_tina()


def make_shown(counts: list[list[int]], named: list[list[int]] | None = None, seed: int = 0) -> Shown:
    """Prompts by how many pictures each class has, -1 for padding; which classes are named (by default all)."""
    count = torch.tensor(counts)
    many, ways = count.shape
    mask, most = count >= 0, max(1, int(count.max()))
    said = Said(
        unit(many, ways, WIDTH, seed=seed + 1),
        unit(many, ways, WIDTH, seed=seed + 2),
        unit(many, ways, TEXTS, seed=seed + 3),
        *torch.rand(3, many, ways, generator=torch.Generator().manual_seed(seed)).unbind(0),
        torch.rand(many, ways, KINDS, generator=torch.Generator().manual_seed(seed + 5)),
        torch.ones(many, ways),
    )
    flags = mask if named is None else torch.tensor(named, dtype=torch.bool) & mask
    shown = torch.arange(most) < count[..., None]
    pictures = unit(many, ways, most, WIDTH, seed=seed + 4) * shown[..., None]
    return Shown(mask, flags, pictures, shown, said)


def permuted(shown: Shown, order: list[int]) -> Shown:
    """The same prompts with their classes in another order."""
    said = Said(*(part[:, order] for part in vars(shown.said).values()))
    parts = (shown.mask, shown.named, shown.pictures, shown.shown)
    return Shown(*(part[:, order] for part in parts), said)
