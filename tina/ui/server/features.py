"""What a backbone sees in pictures: slow to compute, and the same for every classifier on it, so it is kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from tina.blueprints.heads import Heads
from tina.classifier.classifier import as_array
from tina.classifier.own_pictures import fingerprint


class SeenPictures:
    """Features of visitors' pictures, by fingerprint: of the last `most` ones, in memory only."""

    def __init__(self, blueprint: Heads, most: int):
        self._blueprint, self._most = blueprint, most
        self._features: OrderedDict[str, Tensor] = OrderedDict()
        self._lock = Lock()

    def look(self, pictures: Sequence[np.ndarray]) -> Tensor:
        """N pictures of any size -> (N, width). The backbone runs on those alone that it has not seen yet."""
        prints = list(map(fingerprint, pictures))
        with self._lock:
            found = {one: self._features[one] for one in prints if one in self._features}
        new = {one: picture for one, picture in zip(prints, pictures, strict=True) if one not in found}
        if new:
            squares = np.stack([as_array(picture, self._blueprint) for picture in new.values()])
            found |= dict(zip(new, self._blueprint.look(self._blueprint.prepare(squares)), strict=True))
        with self._lock:
            for one in prints:
                self._features[one] = found[one]
                self._features.move_to_end(one)
            while len(self._features) > self._most:
                self._features.popitem(last=False)
        return torch.stack([found[one] for one in prints]) if prints else torch.zeros(0, self._blueprint.width)
