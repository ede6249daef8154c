"""The networks of face-api: age and gender, expression, recognition.

Source: V. Muehler, face-api.js (layers as its code builds them); the recognition is dlib's ResNet of 29 layers
(D. King, dlib_face_recognition_resnet_model_v1). Weights are bytes with a scale, and are kept so.
Input of each: N x 3 x rows x columns, (RGB less its mean) / 255.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.vision_models.graph import Graph

_HWIO = (3, 2, 0, 1)  # rows, columns, inputs, outputs -> outputs, inputs, rows, columns


class _Net:
    def __init__(self, manifest: bytes, data: bytes) -> None:
        self.g = Graph(half=False)
        self._stored: dict[str, tuple[NDArray[Any], dict[str, Any] | None]] = {}
        position = 0
        for entry in json.loads(manifest)[0]["weights"]:
            packing = entry.get("quantization")
            kind = np.dtype(packing["dtype"] if packing else "<f4")
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(data, kind, count, position).reshape(entry["shape"])
            self._stored[entry["name"]] = values, packing
            position += count * kind.itemsize
        if position != len(data):
            raise ValueError(f"{len(data) - position} bytes are left over")

    def weight(self, name: str, axes: tuple[int, ...] | None = None) -> str:
        values, packing = self._stored[name]
        values = values.transpose(axes) if axes else values
        return self.g.bytes_weight(values, packing["scale"], packing["min"]) if packing else self.g.weight(values)

    def conv(self, x: str, name: str, stride: int = 1, filters: str = "filters") -> str:
        return self.g.conv(
            x, self.weight(f"{name}/{filters}", _HWIO), self.weight(f"{name}/bias"), stride, auto_pad="SAME_UPPER"
        )

    def separable(self, x: str, name: str, stride: int = 1) -> str:
        depthwise = self.weight(f"{name}/depthwise_filter", (2, 3, 0, 1))
        channels = self._stored[f"{name}/depthwise_filter"][0].shape[2]
        y = self.g.node("Conv", [x, depthwise], group=channels, strides=[stride, stride], auto_pad="SAME_UPPER")
        return self.conv(y, name, filters="pointwise_filter")

    def dense(self, x: str, name: str) -> str:
        return self.g.dense(x, self.weight(f"{name}/weights"), self.weight(f"{name}/bias"))

    # dlib's: every convolution is scaled after its bias.
    def scaled(self, x: str, name: str, stride: int = 1) -> str:
        kernel, bias = self.weight(f"{name}/conv/filters", _HWIO), self.weight(f"{name}/conv/bias")
        scale = self.weight(f"{name}/scale/weights")
        wide = self.g.node("Unsqueeze", [scale, self.g.weight(np.array([1, 2, 3]))])
        kernel = self.g.node("Mul", [kernel, wide])
        bias = self.g.add(self.g.node("Mul", [bias, scale]), self.weight(f"{name}/scale/biases"))
        if stride == 1:
            return self.g.conv(x, kernel, bias, auto_pad="SAME_UPPER")
        return self.g.conv(x, kernel, bias, stride)

    def residual(self, x: str, name: str) -> str:
        y = self.scaled(self.g.relu(self.scaled(x, f"{name}/conv1")), f"{name}/conv2")
        return self.g.relu(self.g.add(y, x))

    def narrowed(self, x: str, name: str, missing: tuple[int, int]) -> str:
        """Half the size. `missing`: channels that the shortcut lacks, rows and columns that the other way does."""
        channels, edge = missing
        y = self.scaled(self.g.relu(self.scaled(x, f"{name}/conv1", 2)), f"{name}/conv2")
        if edge:
            y = self._padded(y, [0, 0, 0, 0, 0, 0, edge, edge])
        short = self.g.node("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
        if channels:
            short = self._padded(short, [0, 0, 0, 0, 0, channels, 0, 0])
        return self.g.relu(self.g.add(short, y))

    def _padded(self, x: str, pads: list[int]) -> str:
        return self.g.node("Pad", [x, self.g.weight(np.array(pads))])


def age_gender(manifest: bytes, data: bytes, path: Path) -> None:
    """Outputs: years; the probability of male."""
    net = _Net(manifest, data)
    g = net.g

    def reduced(x: str, name: str, first: bool = False) -> str:
        y = net.separable(x if first else g.relu(x), f"{name}/separable_conv0")
        y = net.separable(g.relu(y), f"{name}/separable_conv1")
        y = g.node("MaxPool", [y], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
        return g.add(y, net.conv(x, f"{name}/expansion_conv", 2))

    x = g.relu(net.conv("faces", "entry_flow/conv_in", 2))
    x = reduced(x, "entry_flow/reduction_block_0", first=True)
    x = reduced(x, "entry_flow/reduction_block_1")
    for block in range(2):
        y = x
        for layer in range(3):
            y = net.separable(g.relu(y), f"middle_flow/main_block_{block}/separable_conv{layer}")
        x = g.add(y, x)
    x = reduced(x, "exit_flow/reduction_block")
    x = g.relu(net.separable(x, "exit_flow/separable_conv"))
    both = g.node("Softmax", [net.dense(x, "fc/gender")], axis=1)
    outputs = {
        "age": (net.dense(x, "fc/age"), ["n", 1]),
        "male": (g.node("Gather", [both, g.weight(np.array(0))], axis=1), ["n"]),
    }
    g.save(path, ("faces", ["n", 3, 112, 112]), outputs)


def expression(manifest: bytes, data: bytes, path: Path) -> None:
    """Output: probabilities of neutral, happy, sad, angry, fearful, disgusted, surprised."""
    net = _Net(manifest, data)
    g = net.g
    x = "faces"
    for i in range(4):
        name = f"dense{i}"
        first = net.conv(x, f"{name}/conv0", 2) if i == 0 else net.separable(x, f"{name}/conv0", 2)
        outs = [g.relu(first)]
        outs.append(net.separable(outs[0], f"{name}/conv1"))
        for layer in (2, 3):
            outs.append(net.separable(g.relu(g.add(*outs)), f"{name}/conv{layer}"))
        x = g.relu(g.add(*outs))
    chances = g.node("Softmax", [net.dense(x, "fc")], axis=1)
    g.save(path, ("faces", ["n", 3, 112, 112]), {"chances": (chances, ["n", 7])})


def recognition(manifest: bytes, data: bytes, path: Path) -> None:
    """Output: 128 numbers, alike for one person."""
    net = _Net(manifest, data)
    x = net.g.relu(net.scaled("faces", "conv32_down", 2))
    x = net.g.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2])
    for name in ("conv32_1", "conv32_2", "conv32_3"):
        x = net.residual(x, name)
    stages: list[tuple[str, tuple[int, int], int]] = [
        ("conv64", (32, 0), 3), ("conv128", (64, 0), 2), ("conv256", (128, 1), 2)]  # fmt: skip
    for stage, missing, blocks in stages:
        x = net.narrowed(x, f"{stage}_down", missing)
        for block in range(1, blocks + 1):
            x = net.residual(x, f"{stage}_{block}")
    x = net.narrowed(x, "conv256_down_out", (0, 1))
    vector = net.g.dense(x, net.weight("fc"))
    net.g.save(path, ("faces", ["n", 3, 150, 150]), {"vector": (vector, ["n", 128])})
