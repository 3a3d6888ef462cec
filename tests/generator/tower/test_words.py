"""From words to rows: known names, broad words, relatives, and the regression for everything else."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from tests.generator.tower.conftest import LEXICON, TEXTS, WIDTH, unit
from tina.generator.tower.lexicon import Lexicon, singulars
from tina.generator.tower.tina import TowerTina


def test_a_lexicon_finds_names_kinds_and_relatives_in_singular_and_plural() -> None:
    assert LEXICON.classes("Tabby") == LEXICON.classes("tabbies") == (0,)
    assert LEXICON.classes("cranes") == (1, 2)
    assert LEXICON.members("cats") == (0, 3)
    assert LEXICON.kin("lynx") == (0, 3)
    assert LEXICON.classes("sofa") == LEXICON.members("sofa") == LEXICON.kin("sofa") == ()
    assert LEXICON.has("Lynx")
    assert not LEXICON.has("class 1")
    assert singulars("Tea  cups") == ["tea cups", "tea cup"]
    assert singulars("bus") == ["bus"]


def test_a_lexicon_is_kept_as_bytes_and_can_forget_classes() -> None:
    assert Lexicon.from_bytes(LEXICON.to_bytes()) == LEXICON
    assert Lexicon.from_bytes(torch.zeros(0, dtype=torch.uint8)).classes("tabby") == ()
    fewer = LEXICON.without_classes({0, 1})
    assert fewer.classes("tabby") == ()
    assert fewer.classes("crane") == (2,)
    assert fewer.members("cat") == (3,)
    assert LEXICON.without_classes({0, 3}).members("cat") == ()


def test_a_known_name_has_its_own_rows_and_other_words_what_the_regression_says(tower_tina: TowerTina) -> None:
    words = tower_tina.words
    vectors = unit(4, TEXTS, seed=3)
    said = words([["tabby"], ["crane"], ["cat"], ["anything"]], vectors.split(1))
    own = F.normalize(words.own.unflatten(1, (2, -1)), dim=2)  # (C, 2, F)
    torch.testing.assert_close(said.plain[0], own[0, 0])
    torch.testing.assert_close(said.row[0], own[0, 1])
    torch.testing.assert_close(said.row[1], F.normalize(own[[1, 2], 1].mean(0), dim=0))
    lengths = words.own.chunk(2, dim=1)[0].norm(dim=1) * WIDTH**-0.5  # as the tower learnt them; others have one
    torch.testing.assert_close(said.length, torch.stack([lengths[0], lengths[1:3].mean(), *torch.ones(2)]))
    kernel = ((vectors @ words.texts.T * TEXTS**-0.5 - 1) / words.radius).exp()
    predicted = (kernel @ words.weights @ words.basis).unflatten(1, (2, -1))
    torch.testing.assert_close(said.row[3], F.normalize(predicted[3, 1], dim=0))
    broad = F.normalize(predicted[2, 1], dim=0) + F.normalize(own[[0, 3], 1].mean(0), dim=0)
    torch.testing.assert_close(said.row[2], F.normalize(broad, dim=0))
    assert said.row_size[3] == pytest.approx(float(predicted[3, 1].norm()), rel=1e-5)
    assert said.nearest[3] == pytest.approx(float((vectors[3] @ words.texts.T).max() * TEXTS**-0.5), abs=1e-5)


def test_several_texts_of_a_class_are_heard_alike(tower_tina: TowerTina) -> None:
    vectors = unit(2, TEXTS, seed=5)
    both = tower_tina.words([["tabby", "a striped one"]], [vectors])
    one, other = (
        tower_tina.words([[text]], [vector[None]])
        for text, vector in zip(("tabby", "a striped one"), vectors, strict=True)
    )
    torch.testing.assert_close(both.row, F.normalize(one.row + other.row, dim=1))
    torch.testing.assert_close(both.vector, F.normalize(one.vector + other.vector, dim=1))
    assert both.row.shape == (1, WIDTH)
