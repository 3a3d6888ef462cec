"""The archives of photo sets in miniature, a tower of averages, and words, for tests of their table."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tina.research.judge.photo_rivals import PhotoBench, Words
from tina.worlds.photos import Caltech101

CALTECH = ("Faces", "Faces_easy", "ant", "barrel", "anchor", "pigeon")
GROCERY = ("Fruit/Apple/Golden-Delicious", "Fruit/Apple/Pink-Lady", "Fruit/Banana", "Vegetables/Brown-Cap-Mushroom")
COARSE = {"apple", "banana", "mushroom"}
THOUSAND = {
    "n01440764": "tench",
    "n01443537": "goldfish",
    "n02012849": "crane",
    "n03126707": "crane",
    "n07753592": "banana",
    "n02219486": "ant",
    "n02795169": "barrel",
    "n01484850": "great_white_shark",
    "n01491361": "tiger_shark",
    "n01494475": "hammerhead",
}
PACS = ("dog", "house", "person")
FEW_SHOT = {
    "coins": ("1c", "2e", "50c"),
    "magnetic-tiles": ("blowhole", "crack", "free"),
    "brain-scans": ("no_tumor", "glioma_tumor"),
}


def picture(label: str, number: int) -> bytes:
    """A small picture in its label's colours, with noise."""
    colours = np.random.default_rng(zlib.crc32(label.encode())).integers(60, 200, (2, 2, 3))
    noise = np.random.default_rng([number, len(label)]).integers(-60, 60, (6, 6, 3))
    file = io.BytesIO()
    Image.fromarray((colours.repeat(3, 0).repeat(3, 1) + noise).clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)


def make_archives(folder: Path) -> None:
    """All six, small ones."""
    images = [f"image_{n:04}" for n in range(1, 200)]
    caltech = []
    for label in CALTECH:
        of = {image: Caltech101.split_of(label, image) == "test" for image in images}
        some = [i for i in images if of[i]][:6] + [i for i in images if not of[i]][:17]
        caltech += [(f"caltech-101/101_ObjectCategories/{label}/{image}.jpg", label, image) for image in some]
    zipped(
        folder / "caltech-101.zip",
        [(name, picture(label, int(image[-4:]))) for name, label, image in caltech]
        + [("caltech-101/101_ObjectCategories/BACKGROUND_Google/image_0001.jpg", picture("nothing", 0))],
    )
    grocery = [
        (f"grocery/{'train' if n % 2 else 'test'}/{label}/{n:03}.jpg", picture(label, n))
        for label in GROCERY
        for n in range(45 if "Banana" in label else 21)
    ]
    banana = "grocery/iconic-images-and-descriptions/Fruit/Banana/Banana"
    grocery += [(f"{banana}_Description.txt", b"Long, bent\nand yellow.\n"), (f"{banana}_Iconic.jpg", picture("x", 0))]
    zipped(folder / "grocery.zip", grocery)
    domains = ("photo", "art_painting", "cartoon")
    pacs = [(f"pacs/{d}/{c}/{n:03}.jpg", picture(d + c, n)) for d in domains for c in PACS for n in range(21)]
    zipped(folder / "pacs.zip", pacs)
    few = [
        (f"few-shot/{d}/{c}/{n:03}.jpg", picture(d + c, n)) for d, of in FEW_SHOT.items() for c in of for n in range(21)
    ]
    zipped(folder / "few-shot.zip", few)
    zipped(
        folder / "imagenet-1000.zip",
        [(f"imagenet-1000/{wnid}_{name}.JPEG", picture(name, 0)) for wnid, name in THOUSAND.items()],
    )
    wnids = list(THOUSAND)[:2]
    tiny = [(f"val_{n}.JPEG", wnids[n % 2]) for n in range(12)]
    lines = "".join(f"{file}\t{wnid}\t0\t0\t62\t62\n" for file, wnid in tiny)
    zipped(
        folder / "tiny-imagenet-32.zip",
        [("tiny-imagenet-200/val/val_annotations.txt", lines.encode())]
        + [("tiny-imagenet-200/train/n01440764/images/n01440764_0.JPEG", picture("tench", 1))]
        + [(f"tiny-imagenet-200/val/images/{file}", picture(wnid, n)) for n, (file, wnid) in enumerate(tiny)],
    )


class Averages:
    """A tower whose features are averages of a picture's quarters, and of their middle."""

    hash = "averages"

    def __init__(self) -> None:
        self.seen = 0  # pictures

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        assert x.shape[1:] == (3, 8, 8)
        assert -1 <= x.min() <= x.max() <= 1
        self.seen += len(x)
        pool = torch.nn.functional.adaptive_avg_pool2d
        return pool(x, 2).flatten(1) + 1, pool(x[:, :, 2:6, 2:6], 2).flatten(1) + 1


def square(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((8, 8)))


def encode(texts: Sequence[str]) -> Tensor:
    seeds = [zlib.crc32(text.encode()) for text in texts]
    vectors = torch.stack([torch.randn(5, generator=torch.Generator().manual_seed(seed)) for seed in seeds])
    return torch.nn.functional.normalize(vectors, dim=1)


def bench() -> PhotoBench:
    draw = torch.Generator().manual_seed(0)
    weight, bias, projection = (
        torch.randn(*shape, generator=draw) for shape in ((len(THOUSAND), 12), (len(THOUSAND),), (12, 5))
    )
    return PhotoBench(Averages(), square, Words(encode, weight, bias, lambda f: f @ projection))
