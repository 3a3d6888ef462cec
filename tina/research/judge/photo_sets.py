"""Sets of photographs that nothing was made for: what the everyday Tina and her rivals are judged on.

Sets are in groups. What is reported of a set comes from settings and training without any set of its group.

To add one: a function from the archive's files to pictures, an entry in `ARCHIVES`, one in `_SETS`. Anyone's own
photographs are `folder:PATH`: a folder with one sub-folder for each class, or a zip or tar of that.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tina.errors import MissingData, UserError
from tina.worlds.archives import TARS, Source, entries
from tina.worlds.base import share, vocabulary
from tina.worlds.folder import class_name, picture_files
from tina.worlds.photos import Caltech101, TinyImageNet
from tina.worlds.pictures import is_picture_name

LIMIT = 40  # pictures of a class, the first by a hash of their names: 16 are shown and 12 tested
FIFTHS = 5
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


class Folder(Archive):
    """Anyone's own pictures; a file's id is the hash of its content, so that a copy is no second picture."""

    named_by_path = False

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
        left = set(wanted)
        for _, _, content in picture_files(self.path):
            if (file := _digest(content)) in left:
                left.remove(file)
                yield file, content


@dataclass(frozen=True, eq=False)  # so that results can be cached by it
class PhotoSet:
    """Named classes of photographs."""

    id: str
    title: str
    group: str
    archive: Archive
    pictures: Sequence[Picture]
    names: dict[str, str]  # label -> what the class is called, in the order of the classes
    descriptions: dict[str, str] = field(default_factory=dict)  # label -> a sentence about it
    times: int = 1  # so many times as many tasks as of others, where a class has few pictures
    fifths: dict[str, str] = field(default_factory=dict)  # label -> group, where a task's classes are all of one group

    @property
    def labels(self) -> list[str]:
        return list(self.names)


def photo_set(id: str) -> PhotoSet:
    """A set by its id; also "folder:PATH". MissingData where its archive is not on this machine."""
    if id.startswith("folder:"):
        return _folder(id)
    if id not in _SETS:
        raise UserError(f"There is no set {id!r}: it is one of {', '.join(_SETS)}, or folder:PATH.")
    return _SETS[id](id)


def fifths(wnids: Iterable[str]) -> dict[str, str]:
    """The groups that classes of the thousand are left out with: wnid -> "fifth 0" to "fifth 4"."""
    return {wnid: f"fifth {k % FIFTHS}" for k, wnid in enumerate(sorted(wnids))}


# -- archives: how files become pictures ------------------------------------------------------------------------------
ARCHIVES = {
    "caltech-101": Caltech101.source,
    "grocery": Source(("grocery.zip",), "https://github.com/marcusklasson/GroceryStoreDataset", "", 0),
    "pacs": Source(("pacs.zip",), "https://dali-dl.github.io/project_iccv2017.html", "", 0),
    "few-shot": Source(("few-shot.zip",), "shared/data/README.md", "", 0),
    "imagenet-1000": Source(("imagenet-1000.zip",), "https://image-net.org", "", 0),
    "tiny-imagenet": TinyImageNet.source,
}


def _archive(id: str) -> tuple[Archive, tuple[str, ...]]:
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


def _limited(pictures: Iterable[Picture]) -> list[Picture]:
    """The first LIMIT of every class by a hash of their names; of a fixed split, as many tested ones as can be in a
    task twice over, and no more than that of the rest."""
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
        if parts[1] in ("train", "val", "test") and is_picture_name(file):
            label = "/".join(parts[2:-1])
            # its training pictures lack a folder
            yield Picture(file, label.replace("Vegetables/Brown-Cap", "Vegetables/Mushroom/Brown-Cap"))


def _tree(depth: int) -> Callable[[Iterable[str]], Iterator[Picture]]:
    """Pictures whose label is their folder, without the outermost."""

    def pictures(files: Iterable[str]) -> Iterator[Picture]:
        for file in files:
            parts = file.split("/")
            if is_picture_name(file) and len(parts) == depth + 2:
                yield Picture(file, "/".join(parts[1:-1]))

    return pictures


def _thousand_pictures(files: Iterable[str]) -> Iterator[Picture]:
    for file in files:
        if is_picture_name(file):
            yield Picture(file, Path(file).name.split("_", 1)[0])


def _tiny_pictures(files: Iterable[str]) -> Iterator[Picture]:
    """The official validation pictures."""
    archive, _ = _archive("tiny-imagenet")
    name = "tiny-imagenet-200/val/val_annotations.txt"
    lines = dict(archive.read({name}))[name].decode().splitlines()
    labels = dict(line.split("\t")[:2] for line in lines if line)
    for file in files:
        if "/val/images/" in file and Path(file).name in labels:
            yield Picture(file, labels[Path(file).name])


_PICTURES = {
    "caltech-101": _caltech_pictures,
    "grocery": _grocery_pictures,
    "pacs": _tree(2),
    "few-shot": _tree(2),
    "imagenet-1000": _thousand_pictures,
    "tiny-imagenet": _tiny_pictures,
}


def pictures_of(archive: str) -> tuple[Archive, list[Picture]]:
    """The pictures that an archive is judged by, its finest labels on them."""
    found, files = _archive(archive)
    return found, _limited(_PICTURES[archive](files))


# -- sets: which pictures, and what their classes are called ----------------------------------------------------------
# Classes of caltech-101 that the tower has learnt to see: they, or a kind of them, are among the thousand (by WordNet)
INSIDE = """
    Leopards Motorbikes accordion airplanes ant barrel beaver binocular butterfly camera cannon car_side
    cellphone chair cougar_body cougar_face crab crayfish crocodile crocodile_head cup dalmatian dragonfly
    electric_guitar elephant ewer flamingo flamingo_head grand_piano hedgehog kangaroo lamp laptop llama lobster
    nautilus panda pizza platypus revolver rooster saxophone schooner scorpion soccer_ball starfish strawberry
    tick trilobite umbrella watch
"""
# Families of which no class of caltech-101 is in two
BROAD = (
    *("bird", "boat", "building", "electronic device", "flower", "furniture", "insect", "mammal", "musical instrument"),
    *("reptile", "tool"),
)
COINS = {
    "1c": "one cent coin",
    "2c": "two cent coin",
    "5c": "five cent coin",
    "10c": "ten cent coin",
    "20c": "twenty cent coin",
    "50c": "fifty cent coin",
    "1e": "one euro coin",
    "2e": "two euro coin",
}
# What the vocabulary has no record of
DESCRIBED = {
    "dog": "it barks, wags its tail, fetches sticks and is kept as a pet or to guard the house",
    "horse": "a large animal with hooves, a mane and a long tail, ridden with a saddle",
    "person": "somebody with a face, two arms and two legs, wearing clothes",
}


def _words(label: str) -> str:
    return re.sub(r"[_-]", " ", label.split("/")[-1]).lower()


def _made(
    id: str,
    title: str,
    group: str,
    archive: str,
    label: Callable[[str], str | None],
    name: Callable[[str], str],
    **more,
) -> PhotoSet:
    """A set of an archive's pictures: `label` gives the class of a finest label, or None; `name` what it is called."""
    found, all_pictures = pictures_of(archive)
    labelled = ((picture, label(picture.label)) for picture in all_pictures)
    pictures = [Picture(picture.file, of, picture.part) for picture, of in labelled if of is not None]
    names = {of: name(of) for of in sorted({picture.label for picture in pictures})}
    return PhotoSet(id, title, group, found, pictures, names, **more)


def _caltech(id: str) -> PhotoSet:
    world, inside = Caltech101(), set(INSIDE.split())
    wanted = {"caltech-inside": inside, "caltech-outside": world.labels.keys() - inside}.get(id, world.labels)
    titles = {"caltech-inside": "Caltech-101, known to the tower", "caltech-outside": "Caltech-101, unknown to it"}
    descriptions = {label: world.things[name].descriptions[0] for label, name in world.labels.items()}
    return _made(
        *(id, titles.get(id, "Caltech-101"), "caltech", "caltech-101"),
        label=lambda label: label if label in wanted else None,
        name=lambda label: world.labels[label],
        descriptions=descriptions,
    )


def _caltech_broad(id: str) -> PhotoSet:
    world = Caltech101()
    families = {label: set(world.things[name].families) & {*BROAD} for label, name in world.labels.items()}
    broad = {label: next(iter(of)) for label, of in families.items() if len(of) == 1}
    return _made(id, "Caltech-101, broad classes", "caltech", "caltech-101", label=broad.get, name=str)


def _grocery(id: str) -> PhotoSet:
    if id == "grocery-coarse":
        coarse = {picture.label: "/".join(picture.label.split("/")[:2]) for picture in pictures_of("grocery")[1]}
        return _made(id, "Groceries, coarse", "grocery", "grocery", label=coarse.get, name=_words)
    archive, files = _archive("grocery")
    wanted = {file: "/".join(file.split("/")[2:-1]) for file in files if file.endswith("_Description.txt")}
    descriptions = {wanted[file]: " ".join(text.decode().split()) for file, text in archive.read(wanted)}
    made = _made(id, "Groceries", "grocery", "grocery", label=str, name=_words)
    return PhotoSet(**vars(made) | {"descriptions": descriptions})


def _below(folder: str, title: str, group: str, archive: str) -> Callable[[str], PhotoSet]:
    def make(id: str) -> PhotoSet:
        words = vocabulary()
        made = _made(
            *(id, title, group, archive),
            label=lambda label: label.split("/")[1] if label.startswith(f"{folder}/") else None,
            name=lambda label: COINS.get(label, _words(label)),
        )
        descriptions = {label: DESCRIBED[name] for label, name in made.names.items() if name in DESCRIBED}
        known = {label: words[name].descriptions for label, name in made.names.items() if name in words}
        descriptions |= {label: texts[0] for label, texts in known.items() if texts}
        return PhotoSet(**vars(made) | {"descriptions": descriptions})

    return make


def thousand() -> dict[str, str]:
    """The tower's own classes in the order of its rows: wnid -> name."""
    files = [Path(picture.file).stem.split("_", 1) for picture in pictures_of("imagenet-1000")[1]]
    return {wnid: name.replace("_", " ") for wnid, name in sorted(files)}


def _imagenet(id: str) -> PhotoSet:
    """Of two classes with the same name neither is asked for: nobody could know which is meant."""
    names = thousand()
    once = {wnid for wnid, name in names.items() if list(names.values()).count(name) == 1}
    titles = {
        "imagenet-1000": ("ImageNet's thousand", "imagenet-1000"),
        "imagenet-fifths": ("ImageNet, a fifth left out", "imagenet-1000"),
        "tiny-imagenet": ("Tiny ImageNet", "tiny-imagenet"),
    }
    title, archive = titles[id]
    made = _made(
        *(id, title, "imagenet", archive),
        label=lambda wnid: wnid if wnid in once else None,
        name=lambda wnid: names[wnid],
        times=5 if archive == "imagenet-1000" else 1,
    )
    return PhotoSet(**vars(made) | {"fifths": fifths(names) if id == "imagenet-fifths" else {}})


def _folder(id: str) -> PhotoSet:
    place = Path(id.removeprefix("folder:")).expanduser()
    if not place.exists():
        raise UserError(f"{place}: there is no such folder or archive.")
    archive = Folder(f"folder-{_digest(str(place.resolve()).encode())[:16]}", place)
    files = {_digest(content): class_name(folder) for folder, _, content in picture_files(place)}
    pictures = _limited(Picture(file, label) for file, label in files.items())
    if not pictures:
        raise UserError(f"{place}: there are no pictures in it; wanted is one sub-folder for each class.")
    names = {label: label for label in sorted({picture.label for picture in pictures})}
    return PhotoSet(id, place.stem, id, archive, pictures, names)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


_SETS: dict[str, Callable[[str], PhotoSet]] = {
    "caltech": _caltech,
    "grocery": _grocery,
    "grocery-coarse": _grocery,
    "photo": _below("photo", "PACS, photographs", "pacs", "pacs"),
    "art": _below("art_painting", "PACS, paintings", "pacs", "pacs"),
    "cartoon": _below("cartoon", "PACS, cartoons", "pacs", "pacs"),
    "coins": _below("coins", "Euro coins", "few-shot", "few-shot"),
    "tiles": _below("magnetic-tiles", "Magnetic tiles", "few-shot", "few-shot"),
    "scans": _below("brain-scans", "Brain scans", "few-shot", "few-shot"),
    "caltech-inside": _caltech,
    "caltech-outside": _caltech,
    "caltech-broad": _caltech_broad,
    "imagenet-1000": _imagenet,
    "imagenet-fifths": _imagenet,
    "tiny-imagenet": _imagenet,
}
NINE = tuple(_SETS)[:9]  # the mean is over these, and settings are chosen on them
SETS = tuple(_SETS)
GROUPS = {"caltech": 1, "grocery": 2, "pacs": 3, "few-shot": 3}  # how many of the nine are of each
