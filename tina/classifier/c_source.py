"""A small network as C: a header with the weights, and one short file that classifies, for microcontrollers too.

header, program = to_c(classifier, "mine")     # the texts of mine.h and mine.c
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from tina.blueprints.layers import Conv, Layers, Pool, Relu, Sum
from tina.blueprints.network import Network
from tina.classifier.classifier import Classifier
from tina.errors import UserError

PROGRAM = Path(__file__).parent / "engine" / "classify.c"


@dataclass(frozen=True)
class _Map:
    """Channels of size x size numbers, in one of the buffers."""

    buffer: int
    channels: int
    size: int

    @property
    def count(self) -> int:
        return self.channels * self.size**2

    def __str__(self) -> str:
        return f"tina_buffer[{self.buffer}]"


class _Calls:
    """The calls that compute layers, with as few buffers as that takes."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.sizes: list[int] = []  # of each buffer, the most numbers that it holds
        self.used: set[int] = set()

    def take(self, channels: int, size: int) -> _Map:
        buffer = next(i for i in range(len(self.sizes) + 1) if i not in self.used)
        self.sizes += [0] * (buffer + 1 - len(self.sizes))
        self.used.add(buffer)
        made = _Map(buffer, channels, size)
        self.sizes[buffer] = max(self.sizes[buffer], made.count)
        return made

    def run(self, layers: Layers, x: _Map, within: str = "", keep: bool = False) -> _Map:
        """Layers one after the other; `keep`: x is still needed."""
        for name, layer in layers.items():
            last, x = x, self.step(f"{within}{name}", layer, x, keep)
            if x.buffer != last.buffer:
                if not keep:
                    self.used.discard(last.buffer)
                keep = False
        return x

    def step(self, name: str, layer: object, x: _Map, keep: bool) -> _Map:
        own = _c_name(name)
        if isinstance(layer, Conv):
            y = self.take(layer.out, -(-x.size // layer.stride))
            bias = f"{own}_bias" if layer.bias else "0"
            sizes = f"{x.size}, {layer.into}, {layer.out}, {layer.kernel}, {layer.stride}"
            self.lines.append(f"conv({x}, {y}, {sizes}, {own}_weight, {bias});")
            if layer.groups:
                cells = y.size**2
                self.lines.append(f"norm({y}, {layer.out}, {cells}, {layer.groups}, {own}_scale, {own}_shift);")
            return y
        if isinstance(layer, Pool):
            y = self.take(x.channels, x.size // layer.size)
            self.lines.append(f"pool({x}, {y}, {x.size}, {x.channels}, {layer.size});")
            return y
        if isinstance(layer, Relu) and not keep:
            self.lines.append(f"relu({x}, {x.count});")
            return x
        if isinstance(layer, Sum):
            ways = sorted(layer.branches.items(), key=lambda item: not item[1])  # one without layers is x itself
            first, *rest = (self.run(layers, x, f"{name}.{way}.", keep=True) for way, layers in ways)
            for other in rest:
                self.lines.append(f"add({first}, {other}, {first.count});")
                if other.buffer != x.buffer:
                    self.used.discard(other.buffer)
            return first
        raise UserError(f"{type(layer).__name__} cannot be had in C.")


def to_c(classifier: Classifier, name: str) -> tuple[str, str]:
    """A classifier's texts.

    Args:
        classifier: a small network; a UserError for any other.
        name: of the two files, without their endings.

    Returns:
        The header (weights, labels, layers) and the program that includes it.
    """
    blueprint, whole = classifier.blueprint, classifier.blueprint.whole
    if not isinstance(whole, Network):
        raise UserError(f"The small networks can be had in C, and not {blueprint.id}: take the zip instead.")
    calls = _Calls()
    last = calls.run(whole.layers, calls.take(3, blueprint.size))
    weights = blueprint.complete(classifier.weights)
    lines = [
        f"/* {blueprint.parameters(len(classifier.labels)):,} weights written by Tina (blueprint {blueprint.id}). */",
        *(f"#define TINA_{key} {value}" for key, value in _constants(classifier, last).items()),
        f"static float tina_buffer[{len(calls.sizes)}][{max(calls.sizes)}];",
        *(_array(_c_name(key), weight) for key, weight in weights.items()),
        f"static const char *const tina_labels[] = {{{', '.join(_string(label) for label in classifier.labels)}}};",
        "#define TINA_LAYERS \\",
        *(f"  {line} \\" for line in calls.lines),
        "",
    ]
    return "\n".join(lines) + "\n", PROGRAM.read_text("utf-8").replace("NAME", name)


def _constants(classifier: Classifier, last: _Map) -> dict[str, object]:
    return {
        "SIZE": classifier.blueprint.size,
        "CLASSES": len(classifier.labels),
        "WIDTH": last.channels,
        "CELLS": last.size**2,
        "LAST": last,
    }


def _c_name(name: str) -> str:
    return "tina_" + name.replace(".", "_")


def _array(name: str, weight: Tensor) -> str:
    numbers = (f"{value:.9g}" for value in weight.flatten().tolist())
    return (
        f"static const float {name}[] = {{{', '.join(f'{n}f' if set(n) & set('.e') else f'{n}.f' for n in numbers)}}};"
    )


def _string(text: str) -> str:
    """As a string of C, whatever a label is: JSON's is one, but for what is not ASCII."""
    plain = json.dumps(text, ensure_ascii=False).replace("?", "\\?")
    return "".join(c if ord(c) < 127 else "".join(f"\\{byte:03o}" for byte in c.encode()) for c in plain)
