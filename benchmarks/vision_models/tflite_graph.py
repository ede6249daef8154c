"""A TFLite model of plain convolutions as an ONNX graph.

Source: the schema of TFLite, read by the package `tflite`. Rows x columns x channels become channels x rows x columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

from benchmarks.vision_models.graph import Graph

_OPTIONS = {
    "CONV_2D": tflite.Conv2DOptions,
    "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions,
    "MAX_POOL_2D": tflite.Pool2DOptions,
    "ADD": tflite.AddOptions,
}
_KINDS = {0: np.dtype("<f4"), 1: np.dtype("<f2"), 2: np.dtype("<i4")}
_PADDING = {0: "SAME_UPPER", 1: "VALID"}


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.model = tflite.Model.GetRootAsModel(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.g = Graph()
        self.names: dict[int, str] = {}
        self.constants: dict[int, NDArray[Any]] = {}

    def constant(self, index: int) -> NDArray[Any]:
        if index not in self.constants:
            tensor = self.graph.Tensors(index)
            raw = self.model.Buffers(tensor.Buffer()).DataAsNumpy()
            self.constants[index] = np.frombuffer(raw.tobytes(), _KINDS[tensor.Type()]).reshape(tensor.ShapeAsNumpy())
        return self.constants[index]

    def step(self, operator: Any) -> None:
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        kind = tflite.opcode2name(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
        inputs = [int(i) for i in operator.InputsAsNumpy()]
        output = operator.Outputs(0)
        if kind == "DEQUANTIZE":
            self.constants[output] = self.constant(inputs[0]).astype(np.float32)
            return
        options = None
        if kind in _OPTIONS:
            options = _OPTIONS[kind]()
            table = operator.BuiltinOptions()
            options.Init(table.Bytes, table.Pos)
            if kind != "MAX_POOL_2D" and options.FusedActivationFunction() != 0:
                raise ValueError(f"{kind} with an activation of its own")
        self.names[output] = getattr(self, kind.lower())(inputs, options, output)

    def _conv(self, inputs: list[int], options: Any, kernel: NDArray[Any], group: int) -> str:
        return self.g.conv(
            *(self.names[inputs[0]], kernel, self.constant(inputs[2]), options.StrideH()),
            group=group,
            auto_pad=_PADDING[options.Padding()],
        )

    def conv_2d(self, inputs: list[int], options: Any, _: int) -> str:
        return self._conv(inputs, options, self.constant(inputs[1]).transpose(0, 3, 1, 2), 1)

    def depthwise_conv_2d(self, inputs: list[int], options: Any, _: int) -> str:
        kernel = self.constant(inputs[1]).transpose(3, 0, 1, 2)
        return self._conv(inputs, options, kernel, len(kernel))

    def prelu(self, inputs: list[int], *_: Any) -> str:
        slopes = self.constant(inputs[1]).reshape(-1, 1, 1)
        return self.g.node("PRelu", [self.names[inputs[0]], self.g.weight(slopes)])

    def add(self, inputs: list[int], *_: Any) -> str:
        return self.g.add(*(self.names[i] for i in inputs))

    def max_pool_2d(self, inputs: list[int], options: Any, _: int) -> str:
        return self.g.node(
            "MaxPool",
            [self.names[inputs[0]]],
            kernel_shape=[options.FilterHeight(), options.FilterWidth()],
            strides=[options.StrideH(), options.StrideW()],
            auto_pad=_PADDING[options.Padding()],
        )

    def pad(self, inputs: list[int], *_: Any) -> str:
        before, after = self.constant(inputs[1])[[0, 3, 1, 2]].T
        pads = self.g.weight(np.concatenate([before, after]).astype(np.int64))
        return self.g.node("Pad", [self.names[inputs[0]], pads])

    def logistic(self, inputs: list[int], *_: Any) -> str:
        return self.g.node("Sigmoid", [self.names[inputs[0]]])

    def reshape(self, inputs: list[int], *_: Any) -> str:
        return self.g.node("Flatten", [self.names[inputs[0]]])


def convert(data: bytes, path: Path, source: str, outputs: list[str]) -> None:
    """Every output is flattened to N x values. `outputs`: the names of as many of them as are wanted, in order."""
    reader = _Reader(data)
    first = reader.graph.Inputs(0)
    reader.names[first] = source
    _, rows, columns, channels = (int(n) for n in reader.graph.Tensors(first).ShapeAsNumpy())
    for i in range(reader.graph.OperatorsLength()):
        reader.step(reader.graph.Operators(i))
    made = {}
    for i, name in enumerate(outputs):
        index = reader.graph.Outputs(i)
        size = int(np.prod(reader.graph.Tensors(index).ShapeAsNumpy()))
        made[name] = reader.g.node("Flatten", [reader.names[index]]), ["n", size]
    reader.g.save(path, (source, ["n", channels, rows, columns]), made)
