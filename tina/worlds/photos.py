"""The photo worlds: official archives read in place, each split decoded when first asked for, cached as arrays.

To add one: a subclass with its id, title, licence and source, whose `_sorted` gives each entry its class and split; a
`classes/<id>.json` from the archive's labels to human names; an entry in `WORLDS`.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from abc import abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from tina.errors import MissingData
from tina.storage import save_array, save_json
from tina.worlds.archives import Source, cache_folder, entries
from tina.worlds.base import HERE, SPLITS, Thing, World, share, split_at, unseen_names, vocabulary
from tina.worlds.pictures import open_picture, square


class PhotoWorld(World):
    """The base of worlds in one archive: a subclass implements `_sorted`."""

    source: Source

    def __init__(self, size: int = 32):
        self.labels, words = self._labels(), vocabulary()
        super().__init__([words.get(name, Thing(name)) for name in self.labels.values()], self._unseen())
        self.size = size
        self._arrays: dict[str, np.ndarray] = {}
        self._index: dict[str, dict[str, list[int]]] | None = None

    def _labels(self) -> dict[str, str]:
        """Official label -> name."""
        labels: dict[str, str] = json.loads((HERE / "classes" / f"{self.id}.json").read_text("utf-8"))
        return labels

    def _unseen(self) -> list[str]:
        """Names of the classes that nothing may be trained on."""
        return unseen_names()[self.id]

    @abstractmethod
    def _sorted(self, path: Path) -> Iterator[tuple[str, str, bytes | np.ndarray]]:
        """(split, official label, file content or pixels) of every picture in the archive."""

    @property
    def _cache(self) -> Path:
        return cache_folder() / "worlds" / self.id / f"{self.size}px"

    @property
    def present(self) -> bool:
        files = ("index.json", *(f"{split}.npy" for split in SPLITS))
        return self.source.find() is not None or all((self._cache / file).is_file() for file in files)

    @property
    def advice(self) -> str:
        return "" if self.present else _advice(self.title, [self.source])

    def _square(self, image: Image.Image) -> np.ndarray:
        """A picture as it is cached."""
        return square(image, self.size)

    def counts(self) -> dict[str, int]:
        return {split: sum(n for _, n in self._load()[split].values()) for split in SPLITS} if self.present else {}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        if split not in self._arrays:
            if not (self._cache / f"{split}.npy").is_file():
                self._decode(split)
            self._arrays[split] = np.load(self._cache / f"{split}.npy", mmap_mode="r")
        start, length = self._load()[split].get(name, (0, 0))
        return np.asarray(self._arrays[split][start : start + (length if count is None else min(count, length))])

    def _load(self) -> dict[str, dict[str, list[int]]]:
        """Split -> class -> (first, number) of its pictures in the split's array."""
        if self._index is None:
            if not (self._cache / "index.json").is_file():
                self._decode("test")
            self._index = json.loads((self._cache / "index.json").read_text("utf-8"))
        return self._index

    def _read(self) -> Iterator[tuple[str, str, bytes | np.ndarray]]:
        return self._sorted(self.source.get())

    def _decode(self, split: str) -> None:
        """Decodes and caches the pictures of one split, so that held-out pictures do not wait for a hundred thousand
        others, and an index of all splits."""
        counts = {s: dict.fromkeys(self.names, 0) for s in SPLITS}
        decoded: dict[str, list[np.ndarray]] = {name: [] for name in self.names}

        def of_split() -> Iterator[tuple[str, bytes | np.ndarray]]:
            for where, label, content in self._read():
                counts[where][self.labels[label]] += 1
                if where == split:
                    yield label, content

        def pixels(item: tuple[str, bytes | np.ndarray]) -> tuple[str, np.ndarray]:
            label, content = item
            if isinstance(content, bytes):
                image = open_picture(content, f"{self.title}: a picture of {label}")
            else:
                image = Image.fromarray(content)
            return self.labels[label], self._square(image)

        from tqdm.auto import tqdm

        title = f"decoding {self.title} ({split})"
        with ThreadPoolExecutor(2) as pool:
            items = tqdm(of_split(), desc=title, unit=" pictures", file=sys.stderr, mininterval=2)
            for name, picture in pool.map(pixels, items):
                decoded[name].append(picture)
        if not any(counts["test"].values()):
            raise MissingData(f"{self.source.find()}: there are no pictures of {self.title} in this archive.")
        flat = [picture for pictures in decoded.values() for picture in pictures]
        array = np.stack(flat) if flat else np.zeros((0, self.size, self.size, 3), "u1")
        save_array(array, self._cache / f"{split}.npy")
        index: dict[str, dict[str, list[int]]] = {}
        for where, of_class in counts.items():
            ends = np.cumsum(list(of_class.values())).tolist()
            index[where] = {n: [end - count, count] for (n, count), end in zip(of_class.items(), ends, strict=True)}
        save_json(index, self._cache / "index.json")


class TinyImageNet(PhotoWorld):
    """`val` is the test split; one training picture in five is kept for the zoo."""

    id = "tiny-imagenet"
    title = "Tiny ImageNet"
    licence = "ImageNet terms: non-commercial research and education"
    home = "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
    source = Source(
        ("tiny-imagenet-200.zip", "tiny-imagenet-32.zip"), home, "90528d7ca1a48142e341f4ef8d21d0de", 248_100_043
    )

    def _sorted(self, path: Path) -> Iterator[tuple[str, str, bytes]]:
        waiting, labels = {}, {}
        for name, content in entries(path):
            parts = name.split("/")
            if name.endswith("val_annotations.txt"):
                labels = dict(line.split("\t")[:2] for line in content.decode().splitlines() if line)
            elif len(parts) == 5 and parts[1] == "train" and name.endswith(".JPEG"):
                yield ("zoo" if share(parts[4]) < 0.2 else "train"), parts[2], content
            elif len(parts) == 4 and parts[1] == "val" and name.endswith(".JPEG"):
                waiting[parts[3]] = content  # its label may stand further on
        for name, content in waiting.items():
            yield "test", labels[name], content


class Caltech101(PhotoWorld):
    """No official split: by a hash of the file's name, 60% train, 15% zoo, 25% test."""

    id = "caltech-101"
    title = "Caltech 101"
    licence = "CC BY 4.0 (Li, Andreeto, Ranzato, Perona, 2022)"
    home = "https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip"
    salt = 2818  # a number that leaves every class at least five test pictures
    source = Source(("caltech-101.zip",), home, "3138e1922a9193bfa496528edbbc45d0", 137_414_764)

    def _sorted(self, path: Path) -> Iterator[tuple[str, str, bytes]]:
        for name, content in entries(path):
            match = re.search(r"101_ObjectCategories/([^/]+)/(image_\d+)\.jpg$", name)
            if match and match[1] in self.labels:
                yield self.split_of(match[1], match[2]), match[1], content

    @classmethod
    def split_of(cls, label: str, image: str) -> str:
        """The split of a picture, by its class's label and its own name ("image_0001")."""
        # the two face classes are the same photographs, cropped once more: they must not straddle the splits
        return split_at(share(f"{cls.salt}/{label.replace('Faces_easy', 'Faces')}/{image}"))


class Cifar100(PhotoWorld):
    """The official test pictures are the test split; one training picture in five is kept for the zoo."""

    id = "cifar-100"
    title = "CIFAR-100"
    licence = "free for research with citation (Krizhevsky, 2009)"
    home = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"
    source = Source(("cifar-100-binary.tar.gz",), home, "03b5dce01913d631647c71ecec9e9cb8", 168_513_733)

    def _sorted(self, path: Path) -> Iterator[tuple[str, str, np.ndarray]]:
        labels = list(self.labels)
        for name, content in entries(path):
            kind = Path(name).stem
            if Path(name).suffix == ".bin" and kind in ("train", "test"):
                rows = np.frombuffer(content, np.uint8).reshape(-1, 3074)  # coarse label, fine label, R, G, B planes
                for i, row in enumerate(rows):
                    split = "test" if kind == "test" else "zoo" if share(f"cifar/{i}") < 0.2 else "train"
                    yield split, labels[row[1]], row[2:].reshape(3, 32, 32).transpose(1, 2, 0)


class MiniImageNet(PhotoWorld):
    """Folders by wnid in any zip or tar, or the Hub's parquet files; by a hash, 65% train, 15% zoo, 20% test.

    Unseen are the twenty test classes of the usual few-shot split.
    """

    id = "mini-imagenet"
    title = "mini-ImageNet"
    licence = "ImageNet terms: non-commercial research and education"
    hub = "timm/mini-imagenet"
    home = f"https://huggingface.co/datasets/{hub}"
    source = Source(("mini-imagenet.zip", "mini-imagenet.tar", "mini-imagenet.tar.gz"), home, "", 0)

    def _read(self) -> Iterator[tuple[str, str, bytes]]:
        return self._sorted(path) if (path := self.source.find()) else self._from_hub()

    def _sorted(self, path: Path) -> Iterator[tuple[str, str, bytes]]:
        for name, content in entries(path):
            match = re.search(r"(n\d{8})/([^/]+)\.(jpe?g|png)$", name, re.IGNORECASE)
            if match and match[1] in self.labels:
                yield _by_share(match[2]), match[1], content

    def _from_hub(self) -> Iterator[tuple[str, str, bytes]]:
        """The Hub's training pictures (500 a class, full size: some gigabytes); its labels are the sorted wnids."""
        place = cache_folder() / "data"
        advice = f"put mini-imagenet.zip (one folder per wnid) into {place}, or set TINA_DATA to its folder"
        try:
            from pyarrow import parquet
        except ImportError as error:
            raise MissingData(f"mini-ImageNet comes as parquet files: pip install pyarrow, or {advice}.") from error
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            folder = snapshot_download(self.hub, repo_type="dataset", allow_patterns="data/train-*.parquet")
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
            raise MissingData(
                f"mini-ImageNet is not on this machine and {self.home} cannot be reached: {advice}."
            ) from error
        wnids = sorted(self.labels)
        for file in sorted(Path(folder).glob("data/train-*.parquet")):
            for batch in parquet.ParquetFile(file).iter_batches(64):
                for row in batch.to_pylist():
                    content = row["image"]["bytes"]
                    yield _by_share(hashlib.sha256(content).hexdigest()), wnids[row["label"]], content


def _advice(title: str, missing: list[Source]) -> str:
    files = " and ".join(f"{source.names[0]} ({source.url})" for source in missing)
    place = cache_folder() / "data"
    return f"The pictures of {title} are not on this machine: put {files} into {place}, or set TINA_DATA to its folder."


def _by_share(key: str) -> str:
    at = share(key)
    return "test" if at < 0.2 else "zoo" if at < 0.35 else "train"


class Photos(World):
    """Tiny ImageNet and Caltech 101 as one: a thing both show is one class with the pictures of both."""

    id = "photos"
    title = "Photos"
    licence = f"{TinyImageNet.licence}; {Caltech101.licence}"
    home = f"{TinyImageNet.home} {Caltech101.home}"

    def __init__(self, size: int = 32):
        self.parts = (TinyImageNet(size), Caltech101(size))
        things = {name: thing for part in self.parts for name, thing in part.things.items()}
        super().__init__(things.values(), {name for part in self.parts for name in part.unseen})
        self.size = size

    @property
    def present(self) -> bool:
        return all(part.present for part in self.parts)

    @property
    def advice(self) -> str:
        missing = [part.source for part in self.parts if not part.present]
        return _advice(self.title, missing) if missing else ""

    def counts(self) -> dict[str, int]:
        return {s: sum(part.counts()[s] for part in self.parts) for s in SPLITS} if self.present else {}

    def _pictures(self, split: str, name: str, count: int | None) -> np.ndarray:
        arrays = [part.pictures(split, name) for part in self.parts if name in part.things]
        return np.concatenate(arrays)[:count]
