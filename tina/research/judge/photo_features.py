"""Features of photographs by a tower, each picture once: what was computed is kept in the cache folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from torch import Tensor

from tina.errors import BadPicture, UserError
from tina.research.judge.photo_archives import Archive
from tina.storage import save_tensors
from tina.worlds.archives import cache_folder
from tina.worlds.pictures import open_picture

TOGETHER, SAVED = 16, 512  # pictures in a batch, and after how many new ones the file is written

T = TypeVar("T")
Square = Callable[[Image.Image], np.ndarray]  # a picture in RGB -> uint8, S x S x 3, as a tower takes it


class Tower(Protocol):
    """An image tower. `hash` is of its weights and says which features are its own."""

    hash: str

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """B x 3 x S x S from -1 to 1 -> (f, g), each B x D: means over all places and over the middle ones."""


@dataclass(frozen=True)
class Features:
    """Of pictures; both ... x D."""

    f: Tensor
    g: Tensor

    def __len__(self) -> int:
        return len(self.f)

    def at(self, index: Tensor) -> Features:
        """Those of some pictures, as float32."""
        return Features(self.f[index].float(), self.g[index].float())

    @staticmethod
    def joined(parts: Sequence[Features]) -> Features:
        return Features(torch.cat([part.f for part in parts]), torch.cat([part.g for part in parts]))


def features_of(archive: Archive, files: Sequence[str], tower: Tower, square: Square) -> Features:
    """Features of an archive's pictures in fp16, in the order of `files`; nan where a picture cannot be read.

    square: prepares a picture for this tower.
    """
    path = cache_folder() / "features" / tower.hash / f"{archive.id}.safetensors"
    known = load(path, archive)
    missing = {file for file in files if file not in known}
    if missing:
        from tqdm import tqdm

        bar = tqdm(total=len(missing), desc=f"features of {archive.id}", unit=" pictures", file=sys.stderr)
        with bar:
            for some in _batched(archive.read(missing), SAVED):
                known |= _computed(archive, some, tower, square)
                if known:
                    save(path, archive, known)
                bar.update(len(some))
    if not known:
        raise UserError(f"{archive.path}: none of its pictures can be read.")
    unreadable = torch.full_like(next(iter(known.values())), torch.nan)
    rows = torch.stack([known.get(file, unreadable) for file in files])  # (N, 2, D)
    return Features(rows[:, 0], rows[:, 1])


def load(path: Path, archive: Archive) -> dict[str, Tensor]:
    """File -> its f and g (2 x D); empty where nothing is kept, or what is kept is of another archive of that name."""
    if not path.is_file():
        return {}
    with safe_open(path, "pt") as file:
        about = file.metadata()
        if about["archive"] != _size(archive):
            return {}
        return dict(zip(json.loads(about["files"]), file.get_tensor("features"), strict=True))


def save(path: Path, archive: Archive, features: dict[str, Tensor]) -> None:
    """The other way round."""
    about = {"archive": _size(archive), "files": json.dumps(list(features))}
    save_tensors({"features": torch.stack(list(features.values()))}, path, about)


def _size(archive: Archive) -> str:
    """Tells the official archive from a reduced one of the same name. A folder's files are named by their content."""
    return str(archive.path.stat().st_size) if archive.named_by_path else ""


def _computed(archive: Archive, files: Sequence[tuple[str, bytes]], tower: Tower, square: Square) -> dict[str, Tensor]:
    """Of those that can be read."""

    def pixels(item: tuple[str, bytes]) -> np.ndarray | None:
        file, content = item
        try:
            return square(open_picture(content, file))
        except BadPicture as reason:
            print(f"left out: {str(reason).replace(file, archive.title(file))}", file=sys.stderr)
            return None

    found: dict[str, Tensor] = {}
    with ThreadPoolExecutor(2) as pool:
        pairs = list(zip((file for file, _ in files), pool.map(pixels, files), strict=True))
    readable = [(file, picture) for file, picture in pairs if picture is not None]
    for some in _batched(readable, TOGETHER):
        x = torch.from_numpy(np.stack([picture for _, picture in some])).permute(0, 3, 1, 2)
        with torch.inference_mode():
            f, g = tower(x.float() / 127.5 - 1)
        found |= dict(zip((file for file, _ in some), torch.stack([f, g], 1).half().cpu(), strict=True))
    return found


def _batched(items: Iterable[T], count: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, count)):
        yield some
