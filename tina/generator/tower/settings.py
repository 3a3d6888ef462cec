"""The constants of rows on a tower that were chosen by experiment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TowerSettings:
    """Chosen on the nine sets of tina/research/judge/photo_sets.py, all of them: of a few values each, which differ by
    less than a point. `python -m tina table everyday` measures what they give."""

    # names (words.py)
    radius: float = 0.3  # of the kernel exp((cosine - 1) / radius) between texts
    kin: float = 0.3  # weight of what a known noun's nearest relatives look like, beside the regression
    # reading a prompt (reading.py)
    centring: float = 0.5  # how much of the shown pictures' mean is taken away
    name_weight: float = 0.8  # of a name beside the mean of the pictures that are shown with it
    name_on_plain: float = 0.35  # of a name's row on plain features, where pictures are shown
    own_on_plain: float = 100.0  # of names alone that are the tower's own: rows on plain features beside the others
    name_level: float = 0.1  # what a class that is only named gains beside pictured ones, times 1 - 2 / their pictures
    # logistic regression on the shown pictures (logistic.py)
    heat: float = 10.0  # a cosine is a logit divided by this
    decay: float = 0.005  # pull towards the rows that it begins at
    rate: float = 1.0
    rounds: int = 60
    # what the transformer writes
    difference_scale: float = 12.0  # a difference of a row is this many times smaller than the tokens
    picture_heat: float = 1.3  # heat of rows that pictures were shown for, times `heat`
