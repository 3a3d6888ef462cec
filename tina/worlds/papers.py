"""Worlds of the papers that are too large to come along: Caltech-256 and ImageNet, read from their official archives.

Their unseen classes are some of those (by a hash of the name) that no world which anything here learnt from has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from tina.errors import MissingData
from tina.worlds.archives import Source, entries, nested_tars
from tina.worlds.base import HERE, share, split_at, vocabulary
from tina.worlds.photos import PhotoWorld

UNSEEN = 0.25  # of the classes that are nowhere else


class LargeWorld(PhotoWorld):
    """Without texts of ours beside the names, but for things that other worlds have, too; pictures are split by a hash
    of their names, 60% train, 15% zoo, 25% test."""

    def _unseen(self) -> list[str]:
        things = vocabulary().values()
        known = {word.casefold() for thing in things for word in (thing.name, *thing.synonyms)}
        strange = [name for name in self.labels.values() if name.casefold() not in known]
        return [name for name in strange if share(f"{self.id}/{name}") < UNSEEN]

    def split_of(self, label: str, picture: str) -> str:
        """The split of a picture, by its class's label and its own name."""
        return split_at(share(f"{self.id}/{label}/{picture}"))


class Caltech256(LargeWorld):
    """256 kinds of things, 80 pictures or more each; without the clutter."""

    id = "caltech-256"
    title = "Caltech 256"
    licence = "CC BY 4.0 (Griffin, Holub, Perona, 2022)"
    home = "https://data.caltech.edu/records/nyy15-4j048/files/256_ObjectCategories.tar"
    source = Source(("256_ObjectCategories.tar",), home, "67b4f42ca05d46448c6bb8ecd2220f6d", 1_183_006_720)

    def _labels(self) -> dict[str, str]:
        """By the number that a folder's name begins with: "001" for 001.ak47."""
        names = json.loads((HERE / "classes" / f"{self.id}.json").read_text("utf-8"))
        return {f"{number:03}": name for number, name in enumerate(names, start=1)}

    def _sorted(self, path: Path) -> Iterator[tuple[str, str, bytes]]:
        for name, content in entries(path):
            match = re.search(r"256_ObjectCategories/(\d{3})\.[^/]+/([^/]+)\.jpg$", name)
            if match and match[1] in self.labels:
                yield self.split_of(match[1], match[2]), match[1], content


class ImageNet(LargeWorld):
    """The thousand classes of ILSVRC 2012, the first pictures of each in the archive of its training pictures: a tar of
    tars, one for each class."""

    id = "imagenet"
    title = "ImageNet"
    licence = "ImageNet terms: non-commercial research and education"
    home = "https://image-net.org/download.php"
    most = 200  # pictures of a class that are read
    source = Source(("ILSVRC2012_img_train.tar",), home, "1d675b47d978889d74fa0da5fadfb00e", 147_897_477_120)

    def _labels(self) -> dict[str, str]:
        """Wnid -> the first of its names that no other class has before it. timm has the lists, and is not imported."""
        spec = find_spec("timm")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        lists = Path(next(iter(spec.submodule_search_locations))) / "data" / "_info"
        lines = (lists / "imagenet_synset_to_lemma.txt").read_text("utf-8").splitlines()
        lemmas = dict(line.split("\t", 1) for line in lines)
        names: dict[str, str] = {}
        for wnid in sorted((lists / "imagenet_synsets.txt").read_text("utf-8").split()):
            words = [word.strip() for word in lemmas[wnid].split(",")]
            free = [word for word in words if word not in names.values()]
            names[wnid] = free[0] if free else f"{words[0]}, {wnid}"
        return names

    def _read(self) -> Iterator[tuple[str, str, bytes]]:
        path = self.source.find()
        if path is None:  # its home wants to know who asks
            raise MissingData(self.advice)
        return self._sorted(path)

    def _sorted(self, path: Path) -> Iterator[tuple[str, str, bytes]]:
        for name, pictures in nested_tars(path):
            wnid = Path(name).stem
            if wnid in self.labels:
                for picture, content in islice(pictures, self.most):
                    yield self.split_of(wnid, Path(picture).stem), wnid, content
