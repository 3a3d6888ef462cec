"""One prompt as many, a picture left out of each."""

from __future__ import annotations

import torch

from tests.generator.tower.conftest import make_shown
from tina.generator.tower.left_out import at_once, without_pictures
from tina.generator.tower.reading import Shown
from tina.generator.tower.tina import TowerTina


def test_each_prompt_is_as_if_the_picture_had_never_been_shown(tower_tina: TowerTina) -> None:
    shown, alone = make_shown([[2, 0, 3]], named=[[0, 1, 1]]), make_shown([[0, 0, 0]])
    some = without_pictures(shown, alone, torch.arange(5))
    assert some.counts.tolist() == [[1, 0, 3]] * 2 + [[2, 0, 2]] * 2 + [[2, 0, 2]][:1]
    assert torch.equal(some.named, shown.named.expand(5, -1))
    written = tower_tina.write(some, [7] * 5)
    for m, (k, i) in enumerate([(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)]):
        rest = [j for j in range(3) if j != i]
        pictures, flags = shown.pictures.clone(), shown.shown.clone()
        pictures[0, k, :2], flags[0, k, :2] = shown.pictures[0, k, rest], shown.shown[0, k, rest]
        pictures[0, k, 2], flags[0, k, 2] = 0, False
        one = tower_tina.write(Shown(shown.mask, shown.named, pictures, flags, shown.said), [7])
        for name in one:
            torch.testing.assert_close(written[name][m], one[name][0], atol=1e-4, rtol=1e-4)


def test_without_its_only_picture_a_class_is_what_its_label_says() -> None:
    shown, alone = make_shown([[1, 2]], named=[[0, 1]]), make_shown([[0, 0]], seed=5)
    some = without_pictures(shown, alone, torch.tensor([0, 2]))
    assert some.named.tolist() == [[True, True], [False, True]]
    assert torch.equal(some.said.row[0], torch.stack([alone.said.row[0, 0], shown.said.row[0, 1]]))
    assert torch.equal(some.said.nearest[1], shown.said.nearest[0])


def test_large_prompts_are_written_few_at_a_time() -> None:
    assert at_once(make_shown([[2, 2]])) == 2**24 // (2 * 2 * 24)
