"""Sets of photographs that nothing was made for: what the everyday Tina and her rivals are judged on.

Sets are in groups. What is reported of a set comes from settings and training without any set of its group.

To add one: its archive and how that is read in photo_archives.py, and an entry in `_SETS`. Anyone's own
photographs are `folder:PATH`: a folder with one sub-folder for each class, or a zip or tar of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tina.errors import UserError
from tina.research.judge.photo_archives import (
    Archive,
    Folder,
    Picture,
    digest_of,
    find_archive,
    limited,
    pictures_of,
)
from tina.worlds.base import vocabulary
from tina.worlds.folder import class_name, picture_files
from tina.worlds.photos import Caltech101

FIFTHS = 5


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
    archive, files = find_archive("grocery")
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
    archive = Folder(f"folder-{digest_of(str(place.resolve()).encode())[:16]}", place)
    files = {digest_of(content): class_name(folder) for folder, _, content in picture_files(place)}
    pictures = limited(Picture(file, label) for file, label in files.items())
    if not pictures:
        raise UserError(f"{place}: there are no pictures in it; wanted is one sub-folder for each class.")
    names = {label: label for label in sorted({picture.label for picture in pictures})}
    return PhotoSet(id, place.stem, id, archive, pictures, names)


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
