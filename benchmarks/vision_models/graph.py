"""Writes an ONNX graph, layer by layer. Weights are stored as 16 bit floats, and are 32 bit ones when computed with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Every method takes the names of values, and gives the name of the value that it makes."""

    def __init__(self, half: bool = True) -> None:
        self._half = half
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._count = 0

    def node(self, op: str, inputs: list[str], **attributes: Any) -> str:
        self._count += 1
        name = f"v{self._count}"
        self._nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def weight(self, value: NDArray[Any]) -> str:
        """A constant. Integers stay as they are."""
        self._count += 1
        name = f"w{self._count}"
        floating = value.dtype.kind == "f"
        half = self._half and floating and value.size > 1
        kept = value.astype(np.float16 if half else np.float32) if floating else value
        self._weights.append(numpy_helper.from_array(kept.copy(order="C"), name))
        return self.node("Cast", [name], to=TensorProto.FLOAT) if half else name

    def bytes_weight(self, value: NDArray[np.uint8], scale: float, minimum: float) -> str:
        """A constant that is kept as bytes: byte x scale + minimum."""
        levels = self.node("Cast", [self.weight(value)], to=TensorProto.FLOAT)
        scaled = self.node("Mul", [levels, self.weight(np.float32(scale).reshape(1))])
        return self.node("Add", [scaled, self.weight(np.float32(minimum).reshape(1))])

    def conv(self, x: str, weights: NDArray[Any] | str, bias: NDArray[Any] | str, stride: int = 1, **more: Any) -> str:
        """Weights are outputs x inputs a group x rows x columns."""
        names = [w if isinstance(w, str) else self.weight(w) for w in (weights, bias)]
        return self.node("Conv", [x, *names], strides=[stride, stride], **more)

    def relu(self, x: str) -> str:
        return self.node("Relu", [x])

    def add(self, *values: str) -> str:
        total = values[0]
        for value in values[1:]:
            total = self.node("Add", [total, value])
        return total

    def dense(self, x: str, weights: str, bias: str | None = None) -> str:
        """Weights are inputs x outputs; of a picture the rows and columns are averaged first."""
        flat = self.node("Flatten", [self.node("GlobalAveragePool", [x])])
        return self.node("Gemm", [flat, weights, bias] if bias else [flat, weights])

    def save(self, path: Path, source: tuple[str, list[Any]], outputs: dict[str, tuple[str, list[Any]]]) -> None:
        """`source`: name and shape of the input. `outputs`: what each is called, the value that it is, its shape."""
        named = [helper.make_node("Identity", [value], [name]) for name, (value, _) in outputs.items()]
        graph = helper.make_graph(
            [*self._nodes, *named],
            path.stem,
            [helper.make_tensor_value_info(source[0], TensorProto.FLOAT, source[1])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, (_, shape) in outputs.items()],
            self._weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString())
