"""Weights as pictures: kernels as tiles, a class's row of the last layer as a strip.

Orange is positive, blue negative, and what is near zero lets the page's own ground through, in light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from tina.blueprints import Weights
from tina.ui.markup import data_url, picture
from tina.ui.templates import render

POSITIVE, NEGATIVE = (234, 88, 12), (37, 99, 235)
FULL_COLOUR = 98  # percentile of the absolute weights that is drawn at full strength
LEGEND = 41  # colours of the legend, from blue to orange
LONGEST = 80  # weights side by side in a line; a longer row goes on in the next, or a phone would drop most of it


def scales(weights: Weights) -> dict[str, float]:
    """How large a weight of each layer is drawn at full strength; those of one network serve for all its relatives."""
    return {
        name: float(np.percentile(np.abs(weight.numpy()), FULL_COLOUR)) or 1.0
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
    pixels = np.zeros((4 * rows - 1, 4 * columns - 1, 4), np.uint8)
    for i, tile in enumerate(tiles):
        y, x = 4 * (i // columns), 4 * (i % columns)
        pixels[y : y + 3, x : x + 3, :3] = np.round(255 * tile)
        pixels[y : y + 3, x : x + 3, 3] = 255
    return pixels


def second_kernels(weight: np.ndarray, scale: float) -> np.ndarray:
    """Every pair of channels' kernel (out x in x 3 x 3) in its place: in downwards, out to the right."""
    out, into, height, width = weight.shape
    return diverging(weight.transpose(1, 2, 0, 3).reshape(height * into, width * out), scale)


def groups(weights: Weights) -> dict[str, list[str]]:
    """The layers before the last by the part of the network they are in: of "block1.long.conv1" that is "block1"."""
    by_part: dict[str, list[str]] = {}
    for name, weight in weights.items():
        if weight.ndim > 1 and name != "head.weight":
            by_part.setdefault(name.partition(".")[0], []).append(name)
    return by_part


def side_by_side(pictures: Sequence[np.ndarray], gap: int = 2) -> np.ndarray:
    """In one picture, aligned at the top, with nothing between and below them."""
    width = sum(pixels.shape[1] for pixels in pictures) + gap * (len(pictures) - 1)
    whole = np.zeros((max(map(len, pictures)), width, 4), np.uint8)
    at = 0
    for pixels in pictures:
        whole[: len(pixels), at : at + pixels.shape[1]] = pixels
        at += pixels.shape[1] + gap
    return whole


def class_rows(weights: Weights, scale: float) -> np.ndarray:
    """K x lines x length x 4: each class's row, its bias at the end, without what all classes have in common."""
    head = np.concatenate([weights["head.weight"].numpy(), weights["head.bias"].numpy()[:, None]], 1)
    lines = -(-head.shape[1] // LONGEST)
    length = -(-head.shape[1] // lines)
    drawn = diverging(head - head.mean(0), scale)
    drawn = np.pad(drawn, ((0, 0), (0, lines * length - head.shape[1]), (0, 0)))
    return drawn.reshape(len(drawn), lines, length, 4)


def units(down: np.ndarray, up: np.ndarray, scale: Mapping[str, float]) -> np.ndarray:
    """An adapter: below each other what each hidden unit looks for, and beside it what that adds to a picture."""
    return side_by_side(
        [diverging(down, scale["adapter.down.weight"]), diverging(up.T, scale["adapter.up.weight"])], gap=8
    )


@dataclass(frozen=True)
class Row:
    """A class's row as it is drawn."""

    label: str
    picture: Markup
    accuracy: float | None  # share of its held-out pictures that are recognised
    unseen: bool
    fires: Markup | str = ""  # what it fires on, where that was asked for


@dataclass(frozen=True)
class Part:
    """What stands before the last layer in one part of the network."""

    pixels: np.ndarray
    caption: str
    reading: str  # how to read it when it is drawn large
    tiles: tuple[tuple[int, ...], ...] = ()  # by layer: x, width, height, and a kernel's width and height

    @property
    def url(self) -> Markup:
        """Its picture, as an address that needs no request."""
        return data_url(self.pixels)


@dataclass(frozen=True)
class Legend:
    """What the colours of the rows mean."""

    scale: float  # the weight that is drawn at full strength

    @property
    def picture(self) -> Markup:
        """The colours from -scale to scale."""
        colours = diverging(np.linspace(-self.scale, self.scale, LEGEND), self.scale)[None]
        alt = f"from {-self.scale:.2g}, blue, over nothing at 0 to {self.scale:.2g}, orange"
        return picture(colours, alt)


def figure(
    labels: Sequence[str],
    weights: Weights,
    scale: Mapping[str, float],
    per_class: Mapping[str, float | None] | None = None,
    unseen: Sequence[str] = (),
    fires: Mapping[int, Markup] | None = None,
    legend: bool = True,
) -> Markup:
    """All weights of a classifier: its kernels, and a row for each class with its accuracy where that is given.

    `fires`: what the rows that were clicked fire on, by position; None where they cannot be clicked.
    """
    drawn = class_rows(weights, scale["head.weight"])
    accuracies, opened = per_class or {}, fires or {}
    rows = [
        Row(label, picture(row, f"weights of {label}"), accuracies.get(label), label in unseen, opened.get(k, ""))
        for k, (label, row) in enumerate(zip(labels, drawn, strict=True))
    ]
    return render(
        "weights.html",
        rows=rows,
        style="rows" + " dense" * (len(labels) > 12) + " folded" * (drawn.shape[1] > 1),
        parts=list(parts(weights, scale)),
        legend=Legend(scale["head.weight"]) if legend else None,
        opens=fires is not None,
        scored=any(row.accuracy is not None for row in rows),
    )


def parts(weights: Weights, scale: Mapping[str, float]) -> Iterator[Part]:
    """What stands before the last layer, part by part."""
    for group, layers in groups(weights).items():
        arrays = [weights[name].numpy() for name in layers]
        size = sum(weight.size for weight in arrays)
        full = ", ".join(f"{scale[name]:.2g}" for name in layers)
        reading = f"Orange adds, blue takes away; full colour is a weight of {full} or more."
        if arrays[0].ndim == 2:
            reading += " A line is a hidden unit: on the left what it looks for, on the right what it adds."
            yield Part(units(*arrays, scale), f"{len(arrays[0])} hidden units of {group}, {size:,} weights", reading)
            continue
        first = arrays[0].shape[1] == 3  # on red, green and blue
        draw = first_kernels if first else second_kernels
        pictures = [draw(kernel, scale[name]) for name, kernel in zip(layers, arrays, strict=True)]
        count = sum(kernel.shape[0] * (1 if first else kernel.shape[1]) for kernel in arrays)
        if first:
            reading = (
                "Each square is a kernel: what it looks for in red, green and blue, pixel by pixel. Grey is nothing; "
                f"full colour is a weight of {full} or more."
            )
        else:
            reading += " Each square is a kernel: downwards what it reads from, to the right what it writes to."
        caption = f"{count} kernels of {group}, {size:,} weights"
        yield Part(side_by_side(pictures), caption, reading, () if first else _tiles(arrays, pictures))


def _tiles(kernels: Sequence[np.ndarray], pictures: Sequence[np.ndarray], gap: int = 2) -> tuple[tuple[int, ...], ...]:
    """Where the kernels of each layer are in `side_by_side(pictures, gap)`."""
    found, at = [], 0
    for kernel, pixels in zip(kernels, pictures, strict=True):
        found.append((at, pixels.shape[1], len(pixels), kernel.shape[3], kernel.shape[2]))
        at += pixels.shape[1] + gap
    return tuple(found)


def thumbnail(weights: Weights, scale: Mapping[str, float]) -> Markup:
    """The class rows alone, or an adapter where the rows are given, for setting several classifiers side by side."""
    if "adapter.down.weight" in weights:
        adapter = next(parts(weights, scale))
        return picture(adapter.pixels, adapter.caption)
    rows = class_rows(weights, scale["head.weight"])
    return picture(rows.reshape(-1, *rows.shape[2:]), "the rows of the last layer")
