"""Whether classifiers know what they know: how sure they are, and what they say of what is none of their classes.

    python -m tina.research.knowing sketchbook-cnn --photographs pacs.zip --out checkpoints/sketchbook-cnn/knowing.json

Classifiers for new sets of ten seen classes answer held-out pictures: how many are right, and how far probabilities are
from that (in the Sketchbook by style, too). Where a classifier can tell what is none of its classes, it is shown
pictures of other classes, photographs, and sheets with nothing on them that could be recognised, and says what the page
would say.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from tina.blueprints import Blueprint
from tina.classifier.classifier import Classifier
from tina.generator.tina import Tina
from tina.options import whole
from tina.prompts.parsing import parse
from tina.research.judge.calibration import auroc, calibration_error
from tina.storage import save_json
from tina.training.zoo.tasks import draw_task, seen_families
from tina.worlds import World, drawn
from tina.worlds.pictures import open_picture
from tina.worlds.sketchbook import Sketchbook, is_by_hand

WAYS, TASKS, PICTURES, PHOTOGRAPHS, SEED = 10, 100, 20, 200, 11
STYLES = ("by hand", "other styles")
SHEETS = 40  # of each kind
NO = torch.tensor(False)
TEXTS = ("hello", "Tina", "3 + 4 = 7", "no idea")


def measure(tina: Tina, photographs: Sequence[Image.Image] = (), tasks: int = TASKS) -> dict[str, Any]:
    """Everything in the module's docstring.

    Args:
        tina: of a zoo; its world's pictures are here.
        photographs: of anything, for classifiers of drawings.
        tasks: new sets of ten seen classes.
    """
    world = tina.world
    by_style = STYLES if isinstance(world, Sketchbook) else ("all",)
    pictures = {name: world.pictures("test", name, PICTURES) for name in world.seen}
    styles = {name: [_style(world, name, number) for number in range(len(pictures[name]))] for name in world.seen}
    rng = np.random.default_rng(SEED)
    strange = {"photographs": photographs, **sheets(rng)} if photographs else sheets(rng)
    prepared = {kind: _prepared(tina.blueprint, some) for kind, some in strange.items()}
    sure: dict[str, list[tuple[Tensor, Tensor]]] = {style: [] for style in by_style}
    apart: dict[str, list[float]] = {}
    told: dict[str, list[bool]] = {}
    for _ in range(tasks):
        task = draw_task(world.seen, seen_families(world), rng, WAYS)
        classifier = tina.generate(parse(", ".join(task)))
        own = sorted({name for names in task.values() for name in names})
        for style in by_style:
            shares, labels = _answers(classifier, task, pictures, styles, style)
            sure[style].append((shares.amax(1), shares.argmax(1) == labels))
        if classifier.none_level is None:
            continue
        like = classifier.likeness(np.concatenate([pictures[name] for name in own]))
        strangers = rng.permutation([name for name in world.seen if name not in own])[:WAYS]
        others = np.concatenate([pictures[name] for name in strangers])
        for kind, (shown, foreign) in {"other classes": (others, NO), **prepared}.items():
            none = classifier.likeness(shown).masked_fill(foreign, -torch.inf)
            apart.setdefault(kind, []).append(auroc(like, none))
            told.setdefault(kind, []).extend((none < classifier.none_level).tolist())
        told.setdefault("its own classes", []).extend((like < classifier.none_level).tolist())
    return {
        "tasks": tasks,
        "ways": WAYS,
        "styles": {style: _calibration(sure[style]) for style in by_style}
        | {"all": _calibration([part for parts in sure.values() for part in parts])},
        "auroc": {kind: float(np.mean(values)) for kind, values in apart.items()},
        "told to be none": {kind: float(np.mean(values)) for kind, values in told.items()},
    }


def _style(world: World, name: str, number: int) -> str:
    """Of a test picture."""
    return STYLES[not is_by_hand(name, "test", number)] if isinstance(world, Sketchbook) else "all"


def _answers(
    classifier: Classifier,
    task: Mapping[str, Sequence[str]],
    pictures: Mapping[str, np.ndarray],
    styles: Mapping[str, Sequence[str]],
    style: str,
) -> tuple[Tensor, Tensor]:
    """Of the held-out pictures of one style: N x K and N."""
    shown, labels = [], []
    for k, names in enumerate(task.values()):
        for name in names:
            of_style = [number for number, other in enumerate(styles[name]) if other == style]
            shown.append(pictures[name][of_style])
            labels += [k] * len(of_style)
    return classifier.probabilities(np.concatenate(shown)), torch.tensor(labels)


def _prepared(blueprint: Blueprint, pictures: Sequence[Image.Image]) -> tuple[np.ndarray, Tensor]:
    """As the network takes them, N x S x S x 3, and which of them are no drawings, as anybody can see."""
    foreign = [drawn.looks_like_photograph(picture) or drawn.is_empty(picture) for picture in pictures]
    return np.stack([blueprint.square(picture) for picture in pictures]), torch.tensor(foreign)


def _calibration(parts: Iterable[tuple[Tensor, Tensor]]) -> dict[str, float]:
    confidence, right = (torch.cat(list(of)) for of in zip(*parts, strict=True))
    return {"accuracy": float(right.float().mean()), "ece": calibration_error(confidence, right)}


def sheets(rng: np.random.Generator, size: int = 320) -> dict[str, list[Image.Image]]:
    """What people put on a canvas that is no drawing of anything."""
    return {
        "blank": [Image.new("RGB", (size, size), colour) for colour in ("white", "black", "lightgrey")],
        "scribbles": [_scribble(rng, size) for _ in range(SHEETS)],
        "words": [_written(str(rng.choice(TEXTS)), rng, size) for _ in range(SHEETS)],
        "noise": [Image.fromarray(rng.integers(0, 256, (size, size, 3), np.uint8)) for _ in range(SHEETS)],
    }


def _scribble(rng: np.random.Generator, size: int) -> Image.Image:
    """A line that goes anywhere."""
    sheet = Image.new("RGB", (size, size), "white")
    points = [tuple(map(float, point)) for point in rng.uniform(0.1, 0.9, (int(rng.integers(6, 30)), 2)) * size]
    ImageDraw.Draw(sheet).line(points, fill="black", width=int(rng.integers(3, 12)), joint="curve")
    return sheet


def _written(text: str, rng: np.random.Generator, size: int) -> Image.Image:
    sheet = Image.new("RGB", (size, size), "white")
    ImageDraw.Draw(sheet).text((30, size / 3), text, fill="black", font_size=int(rng.integers(40, 70)))
    return sheet


def photographs_of(archive: Path, count: int = PHOTOGRAPHS) -> list[Image.Image]:
    """Some of the pictures in a zip, in a folder "photo" where it has one."""
    with ZipFile(archive) as file:
        names = sorted(name for name in file.namelist() if name.lower().endswith((".jpg", ".jpeg", ".png")))
        chosen = [name for name in names if "/photo/" in name] or names
        order = np.random.default_rng(SEED).permutation(len(chosen))[:count]
        return [open_picture(file.read(chosen[at])).convert("RGB") for at in order]


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tina.research.knowing", description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--photographs", type=Path, metavar="ZIP", help="pictures of no drawn thing")
    parser.add_argument("--tasks", type=whole("--tasks", 1), default=TASKS, help="sets of ten classes")
    parser.add_argument("--out", type=Path, metavar="JSON")
    args = parser.parse_args(argv)
    photographs = photographs_of(args.photographs) if args.photographs else []
    found = measure(Tina.from_pretrained(args.checkpoint), photographs, args.tasks)
    if args.out:
        save_json(found, args.out)
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
