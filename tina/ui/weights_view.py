"""Weights as pictures: kernels as tiles, a row of the last layer as a strip. Nothing here knows where they come from.

Orange is positive, blue negative, and what is near zero lets the page's own ground through, in light and dark.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tina.blueprints import Weights

from . import markup

POSITIVE, NEGATIVE = (234, 88, 12), (37, 99, 235)
LOUD = 98  # percentile of the absolute weights that is drawn at full strength


def scales(weights: Weights) -> dict[str, float]:
    """How large a weight of each layer is drawn at full strength; those of one network serve for all its relatives."""
    return {
        name: float(np.percentile(np.abs(weight.numpy()), LOUD)) or 1.0
        for name, weight in weights.items()
        if weight.ndim > 1
    }


def diverging(values: np.ndarray, scale: float) -> np.ndarray:
    """uint8, ... x 4: the sign is the colour, the size how much of it there is."""
    share = np.clip(np.abs(values) / scale, 0, 1) ** 0.75
    colour = np.where((values >= 0)[..., None], POSITIVE, NEGATIVE)
    return np.concatenate([colour, (255 * share)[..., None]], -1).astype(np.uint8)


def first_kernels(weight: np.ndarray, scale: float) -> np.ndarray:
    """Kernels on red, green and blue (n x 3 x 3 x 3) as tiles in their own colours, a pixel apart."""
    tiles = np.clip(0.5 + weight.transpose(0, 2, 3, 1) / (2 * scale), 0, 1)
    columns = int(np.ceil(np.sqrt(len(tiles))))
    rows = -(-len(tiles) // columns)
    picture = np.zeros((4 * rows - 1, 4 * columns - 1, 4), np.uint8)
    for i, tile in enumerate(tiles):
        y, x = 4 * (i // columns), 4 * (i % columns)
        picture[y : y + 3, x : x + 3, :3] = np.round(255 * tile)
        picture[y : y + 3, x : x + 3, 3] = 255
    return picture


def second_kernels(weight: np.ndarray, scale: float) -> np.ndarray:
    """Every pair of channels' kernel (out x in x 3 x 3) in its place: in downwards, out to the right."""
    out, into, height, width = weight.shape
    return diverging(weight.transpose(1, 2, 0, 3).reshape(height * into, width * out), scale)


def groups(weights: Weights) -> dict[str, list[str]]:
    """The layers with kernels by the part of the network they are in: of "block1.long.conv1" that is "block1"."""
    found: dict[str, list[str]] = {}
    for name, weight in weights.items():
        if weight.ndim == 4:
            found.setdefault(name.partition(".")[0], []).append(name)
    return found


def side_by_side(pictures: Sequence[np.ndarray], gap: int = 2) -> np.ndarray:
    """In one picture, aligned at the top, with nothing between and below them."""
    width = sum(picture.shape[1] for picture in pictures) + gap * (len(pictures) - 1)
    whole = np.zeros((max(len(picture) for picture in pictures), width, 4), np.uint8)
    at = 0
    for picture in pictures:
        whole[: len(picture), at : at + picture.shape[1]] = picture
        at += picture.shape[1] + gap
    return whole


def class_rows(weights: Weights, scale: float) -> np.ndarray:
    """K x 1 x (width + 1) x 4: each class's row, its bias at the end, without what all classes have in common."""
    head = np.concatenate([weights["head.weight"].numpy(), weights["head.bias"].numpy()[:, None]], 1)
    return diverging((head - head.mean(0))[:, None], scale)


def figure(
    labels: Sequence[str],
    weights: Weights,
    scale: dict[str, float],
    per_class: dict[str, float | None] | None = None,
    unseen: Sequence[str] = (),
) -> str:
    """All weights of a classifier: its kernels, and a row a class with how many of its pictures are recognised."""
    tiles = []
    for group, layers in groups(weights).items():
        kernels = [weights[name].numpy() for name in layers]
        first = kernels[0].shape[1] == 3
        draw = first_kernels if first else second_kernels
        drawn = side_by_side([draw(kernel, scale[name]) for name, kernel in zip(layers, kernels, strict=True)])
        count = sum(kernel.shape[0] * (1 if first else kernel.shape[1]) for kernel in kernels)
        what = f"{count} kernels of {group}"
        size = sum(kernel.size for kernel in kernels)
        tiles.append(f"<div>{markup.picture(drawn, what)}<span>{what}, {size:,} weights</span></div>")
    dense = " dense" if len(labels) > 12 else ""
    rows = "".join(
        _row(label, row, per_class and per_class.get(label), label in unseen)
        for label, row in zip(labels, class_rows(weights, scale["head.weight"]), strict=True)
    )
    return f'<div class="weights"><ol class="rows{dense}">{rows}</ol><div class="kernels">{"".join(tiles)}</div></div>'


def _row(label: str, row: np.ndarray, accuracy: float | None, unseen: bool) -> str:
    name = markup.text(label)
    mark = ' <b title="never seen in training">new</b>' if unseen else ""
    bar = "" if accuracy is None else f'<i style="--share:{accuracy:.3f}">{markup.percent(accuracy)}</i>'
    return f'<li><span title="{name}">{name}{mark}</span>{markup.picture(row, f"weights of {label}")}{bar}</li>'


def thumbnail(weights: Weights, scale: dict[str, float]) -> str:
    """The class rows alone, for setting several classifiers side by side."""
    rows = class_rows(weights, scale["head.weight"])[:, 0]
    return markup.picture(rows, "the rows of the last layer", "pix thumb")
