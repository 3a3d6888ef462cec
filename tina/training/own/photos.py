"""What the tower makes of a folder's pictures: each is looked at once, and what was seen is kept as it goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from tina.blueprints.tower import TOGETHER
from tina.encoder.everyday import PhotoTower, everyday_square
from tina.errors import BadPicture, UserError
from tina.storage import save_tensors
from tina.training import processes
from tina.worlds.own_photos import OwnPhoto, read_contents
from tina.worlds.pictures import open_picture

SAVED = 8  # batches between two saves
FEWEST = 4  # pictures of a class: some to learn from, and one to test with


@dataclass(frozen=True)
class OwnSet:
    """N pictures of C classes as the tower sees them."""

    names: tuple[str, ...]
    labels: Tensor  # (N,)
    tested: Tensor  # (N,): held out, and never learnt from
    whole: Tensor  # (N, F)
    middle: Tensor  # (N, F)

    def counts(self) -> list[tuple[int, int]]:
        """Of each class, pictures to learn from and to test with."""
        return [
            (int((~self.tested & (self.labels == k)).sum()), int((self.tested & (self.labels == k)).sum()))
            for k in range(len(self.names))
        ]


def look(
    photos: Sequence[OwnPhoto], tower: PhotoTower, folder: Path, tell: Callable[[int], None]
) -> tuple[OwnSet, list[str]]:
    """Features of all pictures that can be read, and a sentence for each that cannot.

    Args:
        photos: the pictures.
        tower: that looks at them.
        folder: where features are kept; those that are there already are not computed anew.
        tell: is told how many more are done, and may raise to stop it.
    """
    known = kept_features(folder, tower)
    broken: dict[str, str] = {}
    groups = [photos[at : at + TOGETHER] for at in range(0, len(photos), TOGETHER)]  # whoever looks, the same together
    groups = [[photo for photo in group if photo.digest not in known] for group in groups]
    mine = groups[processes.rank() :: processes.count()]
    file = folder / f"features-{processes.rank()}.safetensors"
    own: dict[str, Tensor] = {}
    batches = _batches(mine, tower.size, broken)
    for number, (digests, pictures) in enumerate(batches, start=1):
        own |= zip(digests, _seen(tower, pictures), strict=True)
        if number % SAVED == 0:
            _save(known | own, file, tower)
        tell(len(digests))
    if own:
        _save(known | own, file, tower)
    processes.wait()
    known |= own | kept_features(folder, tower)
    readable = [photo for photo in photos if photo.digest in known]
    sentences = [
        broken.get(photo.digest, f"{photo.title}: it cannot be read.") for photo in photos if photo.digest not in known
    ]
    return _as_set(readable, known), sentences


def kept_features(folder: Path, tower: PhotoTower) -> dict[str, Tensor]:
    """Digest of a picture -> both its features (2 x F), of what is kept in a folder."""
    found: dict[str, Tensor] = {}
    for file in sorted(folder.glob("features-*.safetensors")):
        try:
            with safe_open(file, "pt") as opened:
                about = opened.metadata() or {}
                if about.get("tower") == tower.hash:
                    found |= zip(json.loads(about["pictures"]), opened.get_tensor("features"), strict=True)
        except (SafetensorError, OSError, ValueError, KeyError):
            continue  # cut short: it is computed anew
    return found


def _save(features: dict[str, Tensor], file: Path, tower: PhotoTower) -> None:
    about = {"tower": tower.hash, "pictures": json.dumps(list(features))}
    save_tensors({"features": torch.stack(list(features.values()))}, file, about)


def _batches(
    groups: Sequence[Sequence[OwnPhoto]], size: int, broken: dict[str, str]
) -> Iterator[tuple[list[str], list[np.ndarray]]]:
    """Each group's digests and pictures as the tower takes them; of those that cannot be read, a sentence."""
    for group in groups:
        pictures: dict[str, np.ndarray] = {}
        for photo, content in read_contents(group):
            try:
                pictures[photo.digest] = everyday_square(open_picture(content, photo.title), size)
            except BadPicture as reason:
                broken[photo.digest] = str(reason)
        if pictures:
            yield list(pictures), list(pictures.values())


@torch.inference_mode()
def _seen(tower: PhotoTower, pictures: Sequence[np.ndarray]) -> Tensor:
    """(N, 2, F), in half precision."""
    x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return torch.stack(tower(x), 1).half().cpu().clone()


def _as_set(photos: Sequence[OwnPhoto], known: dict[str, Tensor]) -> OwnSet:
    names = tuple(dict.fromkeys(photo.class_name for photo in photos))
    number = {name: k for k, name in enumerate(names)}
    if len(names) < 2:
        raise UserError("A world has two classes or more: one sub-folder of pictures for each.")
    found = torch.stack([known[photo.digest] for photo in photos]).float()
    data = OwnSet(
        names,
        torch.tensor([number[photo.class_name] for photo in photos]),
        torch.tensor([photo.split == "test" for photo in photos]),
        found[:, 0],
        found[:, 1],
    )
    for name, (learnt, tested) in zip(names, data.counts(), strict=True):
        if learnt + tested < FEWEST or not tested:
            raise UserError(
                f"The class {name!r} has {learnt + tested} pictures that can be read: it takes {FEWEST} or more."
            )
    return data
