"""Rows on a tower as an ONNX file, written straight from the tower's layers: torch's exporter takes seconds for that.

to_onnx(blueprint, weights, with_logits=True)      # the file's bytes
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tina.blueprints import Blueprint, Weights
from tina.blueprints.tower import TowerHeads
from tina.classifier.tower_layers import Layer, on_layers, tower_layers
from tina.encoder.everyday import PhotoTower

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

OPSET = 17
IR = 8  # of the format; onnxruntime 1.12 and later read it


class _Graph:
    """Nodes and constants; each method appends one operation and gives the name of what it computes."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: Tensor | Sequence[float] | Sequence[int]) -> str:
        from onnx import numpy_helper

        array = value.detach().cpu().contiguous().numpy() if isinstance(value, Tensor) else np.asarray(value)
        array = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def do(self, operation: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = to or f"{operation.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name, **attributes))
        return name

    def unit(self, x: str) -> str:
        """Rows of length one."""
        length = self.do("ReduceL2", x, axes=[1], keepdims=1)
        return self.do("Div", x, self.do("Clip", length, "tiny"))


def writes(blueprint: Blueprint) -> bool:
    """Whether `to_onnx` is for this one: rows on a tower whose layers are known, where the package onnx is there."""
    return on_layers(blueprint) and find_spec("onnx") is not None


def to_onnx(blueprint: TowerHeads, weights: Weights, with_logits: bool = False) -> bytes:
    """Of rows on a tower of which `has_layers` says yes.

    Args:
        blueprint: on its features.
        weights: of one classifier.
        with_logits: as a second output.

    Returns:
        The file: prepared pictures (n x 3 x size x size, -1 to 1) in, probabilities (n x K) out.
    """
    from onnx import TensorProto, helper

    tower = blueprint.backbone.get_submodule("tower")
    assert isinstance(tower, PhotoTower)
    graph = _Graph()
    graph.constant("zero", torch.zeros(()))
    graph.constant("six", torch.tensor(6.0))
    graph.constant("tiny", torch.tensor(1e-12))
    scaled = graph.do("Mul", "pictures", graph.constant("scale", tower.scale[None]))
    x = graph.do("Add", scaled, graph.constant("shift", tower.shift[None]))
    layers, tensors = tower_layers(tower)
    for name, tensor in tensors.items():
        graph.constant(name, tensor)
    size, width = tower.size, len(blueprint.complete(weights)["features.whole_mean"])
    x, _ = _chain(graph, layers, x, size)
    logits = _head(graph, blueprint.complete(weights), x)
    graph.do("Softmax", logits, to="probabilities", axis=1)
    ways = len(weights["head.bias"])
    outputs = ["probabilities", "logits"] if with_logits else ["probabilities"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            f"rows on {width} features",
            [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, size, size])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", ways]) for name in outputs],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="tina",
    )
    model.ir_version = IR
    content: bytes = model.SerializeToString()
    return content


def _chain(graph: _Graph, layers: list[Layer], x: str, size: int) -> tuple[str, int]:
    """The last map, and how many lines it has."""
    for layer in layers:
        if layer["do"] == "sum":
            inner, size = _chain(graph, layer["ways"][0], x, size)
            x = graph.do("Add", inner, x)
            continue
        after = -(-size // layer["stride"])
        before = layer["pad"]
        behind = max((after - 1) * layer["stride"] + layer["kernel"] - size - before, 0)
        size = after
        depthwise = layer["do"] == "depthwise"
        x = graph.do(
            "Conv",
            x,
            f"{layer['name']}.weight",
            f"{layer['name']}.bias",
            kernel_shape=[layer["kernel"]] * 2,
            strides=[layer["stride"]] * 2,
            pads=[before, before, behind, behind],
            group=layer["into"] if depthwise else 1,
        )
        if layer["act"]:
            x = graph.do("Clip", x, "zero", "six")
    return x, size


def _head(graph: _Graph, weights: Weights, x: str) -> str:
    """`TowerFeatures`, the centre and the rows, on the tower's last map."""

    bounds = [graph.constant(*of) for of in (("first", [1, 1]), ("last", [-1, -1]), ("lines", [2, 3]))]
    inner = graph.do("Slice", x, *bounds)
    whole, middle = (graph.do("ReduceMean", y, axes=[2, 3], keepdims=0) for y in (x, inner))
    u = graph.unit(graph.do("Sub", whole, graph.constant("whole_mean", weights["features.whole_mean"])))
    power = graph.do("Pow", graph.do("Abs", middle), graph.constant("power", weights["features.power"]))
    z = graph.do("Mul", graph.do("Sign", middle), power)
    z = graph.do("Sub", z, graph.constant("middle_mean", weights["features.middle_mean"]))
    axes = weights["features.axes"]
    along = graph.do(
        "Mul", graph.do("MatMul", z, graph.constant("axes", axes)), graph.constant("shrink", weights["features.shrink"])
    )
    z = graph.unit(graph.do("Sub", z, graph.do("MatMul", along, graph.do("Transpose", "axes", perm=[1, 0]))))
    z = graph.unit(graph.do("Sub", z, graph.constant("centre", weights["centre.weight"])))
    rows, bias = graph.constant("rows", weights["head.weight"]), graph.constant("bias", weights["head.bias"])
    return graph.do("Gemm", graph.do("Concat", z, u, axis=1), rows, bias, to="logits", transB=1)
