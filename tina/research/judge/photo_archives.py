"""The archives that sets of photographs are in: their files, and which of these are pictures of which class."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tina.errors import MissingData
from tina.worlds.archives import TARS, Source, entries
from tina.worlds.base import share
from tina.worlds.folder import picture_files
from tina.worlds.photos import Caltech101, TinyImageNet
from tina.worlds.pictures import is_picture_name

LIMIT = 40  # pictures of a class, the first by a hash of their names: 16 are shown and 12 tested
SHOWN, TESTED = "shown", "tested"  # the parts of a set with a fixed split


@dataclass(frozen=True)
class Picture:
    file: str  # in its archive
    label: str
    part: str = ""  # SHOWN or TESTED, where the set has a fixed split


@dataclass(frozen=True)
class Archive:
    """Where pictures are: features are computed and kept once for each of its files."""

    id: str
    path: Path
    named_by_path = True  # whether a file's id is its name, not its content

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """(file, content) of those that are wanted, in the archive's order."""
        if zipfile.is_zipfile(self.path):
            with zipfile.ZipFile(self.path) as archive:
                names = archive.namelist()
                if set(wanted) <= set(names):  # not in a tar inside the zip
                    yield from ((name, archive.read(name)) for name in names if name in wanted)
                    return
        for file, content in entries(self.path):
            if file in wanted:
                yield file, content

    def title(self, file: str) -> str:
        """What a person calls it."""
        return file


class Folder(Archive):
    """Anyone's own pictures; a file's id is the hash of its content, so that a copy is no second picture."""

    named_by_path = False

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
        left = set(wanted)
        for _, _, content in picture_files(self.path):
            if (file := digest_of(content)) in left:
                left.remove(file)
                yield file, content

    def title(self, file: str) -> str:
        return next(name for _, name, content in picture_files(self.path) if digest_of(content) == file)


ARCHIVES = {
    "caltech-101": Caltech101.source,
    "grocery": Source(("grocery.zip",), "https://github.com/marcusklasson/GroceryStoreDataset", "", 0),
    "pacs": Source(("pacs.zip",), "https://dali-dl.github.io/project_iccv2017.html", "", 0),
    "few-shot": Source(("few-shot.zip",), "euro coins, magnetic tiles and brain scans, repacked", "", 0),
    "imagenet-1000": Source(("imagenet-1000.zip",), "https://image-net.org", "", 0),
    "tiny-imagenet": TinyImageNet.source,
}


def find_archive(id: str) -> tuple[Archive, tuple[str, ...]]:
    """An archive and the names of its files."""
    path = ARCHIVES[id].find()
    if path is None:
        raise MissingData(
            f"{ARCHIVES[id].names[0]} is not on this machine ({ARCHIVES[id].url}): put it into a folder and set "
            "TINA_DATA to that folder."
        )
    return Archive(id, path), _files(path)


@cache
def _files(path: Path) -> tuple[str, ...]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = tuple(archive.namelist())
        if not any(name.lower().endswith(TARS) for name in names):
            return names
    return tuple(name for name, _ in entries(path))


def limited(pictures: Iterable[Picture]) -> list[Picture]:
    """The first LIMIT of every class by a hash of their names; of a fixed split 24 that may be shown, and 16 that may
    be tested."""
    by_class: dict[tuple[str, str], list[Picture]] = {}
    for picture in sorted(pictures, key=lambda picture: share(picture.file)):
        by_class.setdefault((picture.label, picture.part), []).append(picture)
    most = {"": LIMIT, SHOWN: 24, TESTED: LIMIT - 24}
    return [picture for (_, part), some in sorted(by_class.items()) for picture in some[: most[part]]]


def _caltech_pictures(files: Iterable[str]) -> Iterator[Picture]:
    """The test split of the world caltech-101 is tested, the others are shown."""
    for file in files:
        match = re.search(r"101_ObjectCategories/([^/]+)/(image_\d+)\.jpg$", file)
        if match and match[1] != "BACKGROUND_Google":
            is_test = Caltech101.split_of(match[1], match[2]) == "test"
            yield Picture(file, match[1], TESTED if is_test else SHOWN)


def _grocery_pictures(files: Iterable[str]) -> Iterator[Picture]:
    for file in files:
        parts = file.split("/")
        if len(parts) > 4 and parts[1] in ("train", "val", "test") and is_picture_name(file):
            label = "/".join(parts[2:-1])
            # its training pictures lack a folder
            yield Picture(file, label.replace("Vegetables/Brown-Cap", "Vegetables/Mushroom/Brown-Cap"))


def _tree_pictures(files: Iterable[str]) -> Iterator[Picture]:
    """Labels are "<set>/<class>"."""
    for file in files:
        parts = file.split("/")
        if is_picture_name(file) and len(parts) == 4:
            yield Picture(file, "/".join(parts[1:3]))


def _thousand_pictures(files: Iterable[str]) -> Iterator[Picture]:
    for file in files:
        if is_picture_name(file):
            yield Picture(file, Path(file).name.split("_", 1)[0])


def _tiny_pictures(files: Iterable[str]) -> Iterator[Picture]:
    """The official validation pictures are tested, training pictures are shown."""
    archive, _ = find_archive("tiny-imagenet")
    name = "tiny-imagenet-200/val/val_annotations.txt"
    lines = dict(archive.read({name}))[name].decode().splitlines()
    labels = dict(line.split("\t")[:2] for line in lines if line)
    for file in files:
        if "/val/images/" in file and Path(file).name in labels:
            yield Picture(file, labels[Path(file).name], TESTED)
        elif match := re.search(r"/train/(n\d{8})/images/", file):
            yield Picture(file, match[1], SHOWN)


_PICTURES = {
    "caltech-101": _caltech_pictures,
    "grocery": _grocery_pictures,
    "pacs": _tree_pictures,
    "few-shot": _tree_pictures,
    "imagenet-1000": _thousand_pictures,
    "tiny-imagenet": _tiny_pictures,
}


def pictures_of(archive: str) -> tuple[Archive, list[Picture]]:
    """The pictures that an archive is judged by, its finest labels on them."""
    found, files = find_archive(archive)
    return found, limited(_PICTURES[archive](files))


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
