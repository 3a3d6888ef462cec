"""The best of several samples: chosen by example pictures, each judged by classifiers that never saw it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tina.errors import UserError
from tina.generator.best_of import answers, leave_one_out
from tina.generator.tina import Tina
from tina.prompts.parsing import parse

DRAW = np.random.default_rng(0)
PICTURES = [DRAW.integers(0, 256, (32, 32, 3), np.uint8) for _ in range(3)]


def test_every_seed_gets_a_share(tina: Tina) -> None:
    prompt = parse("apple, kite", {"apple": PICTURES[:2], "kite": PICTURES[2:]})
    shares = leave_one_out(tina, prompt, range(4), steps=2)
    assert shares.shape == (4,)
    assert (shares > 0).all()
    assert (shares < 1).all()
    assert torch.equal(shares[2:], leave_one_out(tina, prompt, [2, 3], steps=2))


def test_a_picture_is_judged_by_what_was_written_without_it(tina: Tina) -> None:
    """One picture of one class: without it only the names are left."""
    prompt = parse("apple, kite", {"kite": PICTURES[:1]})
    (share,) = leave_one_out(tina, prompt, [5], steps=2)
    named = tina.generate("apple, kite", seed=5, steps=2)
    assert float(share) == pytest.approx(named.predict(PICTURES[0])["kite"], abs=1e-4)


def test_without_pictures_or_seeds_there_is_nothing_to_choose_by(tina: Tina) -> None:
    with pytest.raises(UserError, match="example picture"):
        leave_one_out(tina, parse("apple, kite"), [0])
    with pytest.raises(UserError, match="at least one sample"):
        leave_one_out(tina, parse("apple, kite", {"kite": PICTURES}), [])
    with pytest.raises(UserError, match="example picture"):
        answers(tina, parse("apple, kite"))


def test_each_picture_gets_an_answer_of_one_that_was_written_without_it(tina: Tina) -> None:
    prompt = parse("apple, kite, clock", {"apple": PICTURES[:2], "kite": PICTURES[2:]})
    found = tina.leave_one_out(prompt, [3], steps=2)[0]
    assert found.shape == (3, 3)
    assert found.sum(1).tolist() == pytest.approx([1, 1, 1])
    names = [prompt.labels[k] for k in found.argmax(1)]
    assert answers(tina, prompt, seed=3, steps=2) == {"apple": names[:2], "kite": names[2:]}
