"""NanoDet-g, a graph of TensorFlow.js, as ONNX: for pictures of any multiple of 32, and people alone.

The file holds TensorFlow's layout (channels last) within that of the model before it (channels first), with transposes
around every convolution. Here every value has its channels first, and of each it is known which layout it had: so the
transposes fall away. What the graph computes from shapes is constant, and is left out.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.vision_models.graph import Graph

_SIDE = 416
_CLASSES, _BOX = 80, 44
_FIRST, _LAST = "NCHW", "NHWC"


class Value:
    """name: in the new graph. layout: it had in the old one. rows: of a picture of 416."""

    def __init__(self, name: str, layout: str, rows: int) -> None:
        self.name, self.layout, self.rows = name, layout, rows


class Converter:
    def __init__(self, model: bytes, weights: bytes) -> None:
        described = json.loads(model)
        self.nodes = {n["name"]: n for n in described["modelTopology"]["node"]}
        self.constants = _constants(described["weightsManifest"], weights)
        self.graph = Graph()
        self.values: dict[str, Value] = {"input_1": Value("pixels", _FIRST, _SIDE)}

    def value(self, name: str) -> Value:
        if name not in self.values:
            node = self.nodes[name]
            self.values[name] = getattr(self, f"_{node['op'].lower()}")(node)
        return self.values[name]

    def head(self, classes: str) -> str:
        """1 x cells x 45: the score of a person before the sigmoid, and the box, from the name of a class output."""
        reshape = self.nodes[self.nodes[self.nodes[classes]["input"][0]]["input"][0]]
        split = self.nodes[self.nodes[reshape["input"][0]]["input"][0]]
        name = split["input"][0]
        while self.nodes[name]["op"] == "Transpose":
            name = self.nodes[name]["input"][0]
        rows = [0, *range(_CLASSES, _CLASSES + _BOX)]
        found = self._conv(self.nodes[name], rows)
        flat = self.graph.node("Reshape", [found.name, self.graph.weight(np.array([1, len(rows), -1], np.int64))])
        return self.graph.node("Transpose", [flat], perm=[0, 2, 1])

    def _transpose(self, node: dict[str, Any]) -> Value:
        source = self.value(node["input"][0])
        return Value(source.name, _LAST if source.layout == _FIRST else _FIRST, source.rows)

    def _add(self, node: dict[str, Any]) -> Value:
        if node["input"][1] in self.constants:
            return self._conv(node)
        a, b = (self.value(name) for name in node["input"])
        return Value(self.graph.add(a.name, b.name), a.layout, a.rows)

    def _conv(self, node: dict[str, Any], rows: list[int] | None = None) -> Value:
        """An addition of a constant to a convolution."""
        conv, bias = self.nodes[node["input"][0]], self.constants[node["input"][1]].reshape(-1)
        source, kernel = self.value(conv["input"][0]), self.constants[conv["input"][1]].transpose(3, 2, 0, 1)
        stride = int(conv["attr"]["strides"]["list"]["i"][1])
        assert source.layout == _LAST and base64.b64decode(conv["attr"]["padding"]["s"]) == b"VALID"
        chosen = slice(None) if rows is None else rows
        name = self.graph.conv(source.name, kernel[chosen], bias[chosen], stride)
        return Value(name, _LAST, (source.rows - kernel.shape[2]) // stride + 1)

    def _pad(self, node: dict[str, Any]) -> Value:
        source, pads = self.value(node["input"][0]), self.constants[node["input"][1]]
        by_axis = dict(zip(source.layout, pads.tolist(), strict=True))
        ends = [by_axis[axis][end] for end in (0, 1) for axis in _FIRST]
        fill = self.constants[node["input"][2]].reshape(()) if node["op"] == "PadV2" else np.float32(0)
        inputs = [source.name, self.graph.weight(np.array(ends, np.int64)), self.graph.weight(np.asarray(fill))]
        return Value(self.graph.node("Pad", inputs), source.layout, source.rows + sum(by_axis["H"]))

    _padv2 = _pad

    def _maxpool(self, node: dict[str, Any]) -> Value:
        source = self.value(node["input"][0])
        name = self.graph.node("MaxPool", [source.name], kernel_shape=[3, 3], strides=[2, 2])
        return Value(name, source.layout, (source.rows - 3) // 2 + 1)

    def _leakyrelu(self, node: dict[str, Any]) -> Value:
        source = self.value(node["input"][0])
        return Value(self.graph.node("LeakyRelu", [source.name], alpha=0.1), source.layout, source.rows)

    def _concatv2(self, node: dict[str, Any]) -> Value:
        values = [self.value(name) for name in node["input"][:-1]]
        assert values[0].layout[int(self.constants[node["input"][-1]])] == "C"
        name = self.graph.node("Concat", [v.name for v in values], axis=1)
        return Value(name, values[0].layout, values[0].rows)

    def _resizebilinear(self, node: dict[str, Any]) -> Value:
        source, rows = self.value(node["input"][0]), int(self.constants[node["input"][1]][0])
        scales = np.array([1, 1, rows / source.rows, rows / source.rows], np.float32)
        name = self.graph.node("Resize", [source.name, "", self.graph.weight(scales)], mode="linear")
        return Value(name, source.layout, rows)


def _constants(manifest: list[dict[str, Any]], data: bytes) -> dict[str, NDArray[Any]]:
    found, at = {}, 0
    for group in manifest:
        for weight in group["weights"]:
            kind = np.dtype(weight.get("quantization", weight)["dtype"])
            count = int(np.prod(weight["shape"]))
            flat = np.frombuffer(data, kind, count, at)
            found[weight["name"]] = flat.reshape(weight["shape"]).astype(weight["dtype"])
            at += flat.nbytes
    assert at == len(data)
    return found


def convert(model: bytes, weights: bytes, path: Path) -> None:
    """Outputs for strides 8, 16 and 32: 1 x cells x 45, the log odds of a person and 4 x 11 of the box."""
    converter = Converter(model, weights)
    heads = [converter.head(name) for name in ("Identity", "Identity_1", "Identity_2")]
    converter.graph.save(
        path,
        ("pixels", [1, 3, "rows", "columns"]),
        {f"stride_{8 << k}": (head, [1, f"cells_{8 << k}", 1 + _BOX]) for k, head in enumerate(heads)},
    )
