"""`folder:PATH`: anyone's own pictures, one sub-folder per class, or a zip or tar of that."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from tina.errors import BadPicture, MissingData, UserError
from tina.worlds.archives import entries, is_archive
from tina.worlds.base import SPLITS, Thing, World, share, split_at, vocabulary
from tina.worlds.pictures import file_content, is_picture_name, open_picture, square


def class_name(folder: str) -> str:
    """A class's name from a folder's.

    Args:
        folder: for example "Golden_Retriever".

    Returns:
        Spaces for underscores, and spelt as in the vocabulary where it is there: "golden retriever".
    """
    name = unicodedata.normalize("NFC", folder).replace("_", " ").strip()
    name = " ".join(name.split())
    spelling = {word.lower(): word for word in vocabulary()}
    return spelling.get(name.lower(), name)


def picture_files(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Every picture file of a folder with one sub-folder for each class, or of a zip or tar of that.

    Args:
        path: the folder or archive.

    Yields:
        (class folder, name to speak of, content).
    """
    for folder, name, source in picture_sources(path):
        yield folder, name, source.read_bytes() if isinstance(source, Path) else source


def picture_sources(path: Path) -> Iterator[tuple[str, str, bytes | Path]]:
    """As `picture_files`, with a file's path for its content."""
    if path.is_file():
        if not is_archive(path):
            raise UserError(f"{path}: neither a folder nor a zip or tar archive.")
        for name, content in entries(path):
            parts = name.replace("\\", "/").split("/")
            if len(parts) > 1 and parts[0] != "__MACOSX" and is_picture_name(name):
                yield parts[-2], f"{path.name}/{name}", content
        return
    for file in sorted(path.glob("*/**/*")):
        if file.is_symlink() or any(parent.is_symlink() for parent in file.parents if path in parent.parents):
            continue  # a link may lead anywhere
        if file.is_file() and is_picture_name(file.name):
            yield file.relative_to(path).parts[0], str(file.relative_to(path)), file


class FolderWorld(World):
    """Anyone's pictures, split by a hash of each file's content: a file and its copies are always in the same split.

    Of ten classes or more, one in five (by a hash of its name) is kept unseen, as in the worlds that ship.
    """

    title = "Your pictures"
    licence = "yours"

    def __init__(self, path: str | Path, size: int = 32):
        """
        Args:
            path: a folder with one sub-folder for each class, or a zip or tar of that.
            size: pictures are cut and scaled to size x size.
        """
        path = Path(path).expanduser()
        self.id, self.home, self.size = portable(path), str(path), size
        self.refused: list[str] = []  # a sentence for each file that could not be used
        if not path.exists():
            raise MissingData(f"{path}: there is no such folder or archive.")
        read: dict[str, dict[str, np.ndarray]] = {}  # class -> hash of the content -> pixels
        for folder, name, source in picture_sources(path):
            try:
                whole = file_content(source, name) if isinstance(source, Path) else source
                pixels = square(open_picture(whole, name), size)
            except BadPicture as reason:
                self.refused.append(str(reason))
            else:
                read.setdefault(class_name(folder), {})[hashlib.sha256(whole).hexdigest()] = pixels
        self._arrays = {name: _split(sorted(read[name].items(), key=lambda one: one[0]), size) for name in sorted(read)}
        if not self._arrays:
            detail = f" ({self.refused[0]})" if self.refused else ""
            raise MissingData(f"{path}: there are no pictures in it; wanted is one sub-folder for each class{detail}.")
        words = vocabulary()
        unseen = [name for name in self._arrays if share(name) < 0.2] if len(self._arrays) >= 10 else []
        super().__init__([words.get(name, Thing(name)) for name in self._arrays], unseen)
        for sentence in self.refused:
            print(f"left out: {sentence}", file=sys.stderr)

    def counts(self) -> dict[str, int]:
        return {split: sum(len(arrays[split]) for arrays in self._arrays.values()) for split in SPLITS}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        return self._arrays[name][split][:count]


class GoneWorld(World):
    """A folder world whose pictures are not here (any more): its classes are known from elsewhere."""

    title = FolderWorld.title
    licence = FolderWorld.licence

    def __init__(self, id: str, names: Iterable[str], size: int = 32):
        """
        Args:
            id: folder:PATH, as it was.
            names: of the classes that are known.
            size: of the pictures that were there.
        """
        self.id, self.home, self.size = id, id.removeprefix("folder:"), size
        words = vocabulary()
        super().__init__([words.get(name, Thing(name)) for name in names], ())

    @property
    def present(self) -> bool:
        return False

    @property
    def advice(self) -> str:
        return f"The pictures are not on this machine: they were in {self.home}."

    def counts(self) -> dict[str, int]:
        return {}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        raise MissingData(self.advice)


def portable(path: Path) -> str:
    """The id of a folder's world, by which it is found from any directory; a folder in one's home begins with ~, and
    names nobody."""
    place = path.expanduser().absolute()
    home = Path.home()
    return f"folder:{Path('~') / place.relative_to(home) if place.is_relative_to(home) else place}"


def split_of(digest: str) -> str:
    """60% train, 15% zoo, 25% test, by a hash of a file's content."""
    return split_at(int(digest[:8], 16) / 2**32)


def _split(pictures: list[tuple[str, np.ndarray]], size: int) -> dict[str, np.ndarray]:
    """60% train, 15% zoo, 25% test by hash; of two pictures or more, one at least is for training and one for test."""
    where: dict[str, list[np.ndarray]] = {split: [] for split in SPLITS}
    for digest, pixels in pictures:
        where[split_of(digest)].append(pixels)
    if not where["train"]:
        where["train"].append((where["zoo"] or where["test"]).pop())
    if not where["test"] and len(pictures) > 1:
        where["test"].append((where["zoo"] or where["train"]).pop(0))
    return {s: np.stack(p) if p else np.zeros((0, size, size, 3), np.uint8) for s, p in where.items()}
