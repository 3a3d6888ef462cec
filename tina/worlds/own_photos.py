"""The photographs that a Tina on an image tower was taught with: a folder of one sub-folder per class, or its zip.

    files = list_photos(Path("my/pictures"))        # every picture, with its class and its split
    world = OwnPhotos("folder:my/pictures")         # a world that reads a class's pictures when they are asked for

A picture's split is decided by a hash of its content, so that copies are always in the same one. Every class is seen.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tina.errors import BadPicture, MissingData
from tina.worlds.archives import entries
from tina.worlds.base import SPLITS, Thing, World, vocabulary
from tina.worlds.folder import FolderWorld, class_name, picture_sources, portable, split_of
from tina.worlds.pictures import EVERYDAY_MIDDLE, MAX_BYTES, file_content, middle_square, open_picture
from tina.zips import DAMAGED, open_zip, read_member

PREFIX = "folder:"


@dataclass(frozen=True)
class OwnPhoto:
    """One picture."""

    class_name: str
    title: str  # to speak of it
    digest: str  # of its content
    split: str
    source: Path | tuple[Path, str]  # a file, or an archive and the entry's name


def list_photos(path: Path) -> tuple[list[OwnPhoto], list[str]]:
    """Every picture file, the classes in their order and each class's pictures in the order of their hashes; and a
    sentence for each file that is left out. Nothing is decoded.

    Args:
        path: the folder, or a zip or tar of it.

    Returns:
        Pictures of the same content once. Of a class of several, one at least is for training and one for test.
    """
    if not path.exists():
        raise MissingData(f"{path}: there is no such folder or archive.")
    of_class: dict[str, dict[str, OwnPhoto]] = {}
    owner: dict[str, str] = {}  # digest -> class
    refused = []
    for folder, title, source in picture_sources(path):
        try:
            content = file_content(source, title) if isinstance(source, Path) else source
        except BadPicture as reason:
            refused.append(str(reason))
            continue
        name, digest = class_name(folder), hashlib.sha256(content).hexdigest()
        if owner.setdefault(digest, name) != name:
            refused.append(f"{title}: the same picture is in {owner[digest]!r}, too.")
            continue
        where = source if isinstance(source, Path) else (path, title.partition("/")[2])
        of_class.setdefault(name, {})[digest] = OwnPhoto(name, title, digest, split_of(digest), where)
    if not of_class:
        raise MissingData(f"{path}: there are no pictures in it; wanted is one sub-folder for each class.")
    return [photo for name in sorted(of_class) for photo in _balanced(of_class[name])], refused


def read_contents(photos: Iterable[OwnPhoto]) -> Iterator[tuple[OwnPhoto, bytes]]:
    """The files' contents, one at a time; an archive is read once, in its own order."""
    packed: dict[Path, dict[str, OwnPhoto]] = {}
    for photo in photos:
        if isinstance(photo.source, Path):
            yield photo, file_content(photo.source, photo.title)
        else:
            archive, name = photo.source
            packed.setdefault(archive, {})[name] = photo
    for archive, wanted in packed.items():
        for name, content in _members(archive, wanted):
            yield wanted[name], content


def _members(archive: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Of a zip only what is wanted is unpacked; it was looked through when its pictures were listed."""
    done = set()
    with suppress(*DAMAGED), open_zip(archive) as opened:  # a tar is no zip
        found = {info.filename: info for info in opened.infolist()}
        for name in (name for name in wanted if name in found):
            content = read_member(opened, found[name], MAX_BYTES)
            done.add(name)
            yield name, content
    if len(done) < len(wanted):
        yield from (pair for pair in entries(archive) if pair[0] in wanted and pair[0] not in done)


def _balanced(photos: dict[str, OwnPhoto]) -> list[OwnPhoto]:
    """As `FolderWorld` splits them, with something to train on and something to test on."""
    found = [photos[digest] for digest in sorted(photos)]
    splits = Counter(photo.split for photo in found)
    if not splits["train"]:
        at = max(i for i, photo in enumerate(found) if photo.split == ("zoo" if splits["zoo"] else "test"))
        found[at] = _moved(found[at], "train")
    splits = Counter(photo.split for photo in found)
    if not splits["test"] and len(found) > 1:
        at = min(i for i, photo in enumerate(found) if photo.split == ("zoo" if splits["zoo"] else "train"))
        found[at] = _moved(found[at], "test")
    return found


def _moved(photo: OwnPhoto, split: str) -> OwnPhoto:
    return OwnPhoto(photo.class_name, photo.title, photo.digest, split, photo.source)


class OwnPhotos(World):
    """The world of a Tina that was taught with them: its pictures are cut as photo towers look at them."""

    title = FolderWorld.title
    licence = FolderWorld.licence

    def __init__(self, id: str, names: Iterable[str], size: int = 224):
        """
        Args:
            id: folder:PATH.
            names: of its classes.
            size: of the pictures.
        """
        self.path = Path(id.removeprefix(PREFIX)).expanduser()
        self.id, self.home, self.size = portable(self.path), str(self.path), size
        words = vocabulary()
        super().__init__([words.get(name, Thing(name)) for name in names], ())

    @property
    def present(self) -> bool:
        return self.path.exists()

    @property
    def advice(self) -> str:
        return "" if self.present else f"The pictures are not on this machine: they were in {self.home}."

    @cached_property
    def photos(self) -> list[OwnPhoto]:
        """All of them, listed when first wanted; none where they are gone or hold nothing any more."""
        try:
            return [photo for photo in list_photos(self.path)[0] if photo.class_name in self.things]
        except MissingData:
            return []

    def has_pictures(self, name: str) -> bool:
        return any(photo.class_name == name for photo in self.photos)

    def counts(self) -> dict[str, int]:
        found = Counter(photo.split for photo in self.photos)
        return {split: found[split] for split in SPLITS} if self.photos else {}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        wanted = [photo for photo in self.photos if photo.class_name == name and photo.split == split]
        found = []
        for photo, content in read_contents(wanted[:count]):
            try:
                found.append(middle_square(open_picture(content, photo.title), self.size, EVERYDAY_MIDDLE))
            except BadPicture:
                continue
        return np.stack(found) if found else np.zeros((0, self.size, self.size, 3), np.uint8)
