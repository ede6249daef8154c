"""RetinaFace of MobileNet 0.25: a detector of faces with five points each.

Source: Deng et al., "RetinaFace: Single-stage dense face localisation in the wild" (2019), in the layout of
Pytorch_Retinaface. The weights are a pickle of PyTorch's, of which no more is read than tensors.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.vision_models.graph import Graph

Weights = dict[str, NDArray[Any]]
_EPSILON = 1e-5


class _Tensors(pickle.Unpickler):
    """Tensors as (storage, offset, shape); any other class is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: (storage, offset, size)
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name.endswith("Storage"):
            return name
        raise pickle.UnpicklingError(f"{module}.{name} has no place among weights")

    def persistent_load(self, pid: Any) -> Any:
        return pid[1], pid[2]  # type, key


def read(data: bytes) -> Weights:
    """Tensors of a file that torch.save wrote before version 1.6: four pickles, then storages."""
    stream = io.BytesIO(data)
    for _ in range(3):  # magic number, version, system
        _Tensors(stream).load()
    tensors = _Tensors(stream).load()
    keys = _Tensors(stream).load()
    types = {storage[1]: storage[0] for storage, _, _ in tensors.values()}
    kinds = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
    storages = {}
    for key in keys:
        (count,) = struct.unpack("<q", stream.read(8))
        kind = kinds[types[key]]
        storages[key] = np.frombuffer(stream.read(count * kind.itemsize), kind)
    return {
        name.removeprefix("module."): storages[storage[1]][offset : offset + int(np.prod(size))].reshape(size)
        for name, (storage, offset, size) in tensors.items()
    }


class _Net:
    def __init__(self, weights: Weights) -> None:
        self.g = Graph()
        self._weights = weights

    def block(self, x: str, conv: str, norm: str, *, stride: int = 1, leaky: bool = True) -> str:
        """A convolution with its batch norm folded in."""
        w = self._weights
        kernel = w[f"{conv}.weight"]
        scale = w[f"{norm}.weight"] / np.sqrt(w[f"{norm}.running_var"] + _EPSILON)
        bias = w[f"{norm}.bias"] - w[f"{norm}.running_mean"] * scale
        groups = 1 if kernel.shape[1] > 1 or kernel.shape[0] == 1 else kernel.shape[0]
        pad = kernel.shape[2] // 2
        y = self.g.conv(x, kernel * scale[:, None, None, None], bias, stride, pads=[pad] * 4, group=groups)
        return self.g.node("LeakyRelu", [y], alpha=0.1) if leaky else y

    def separable(self, x: str, name: str, stride: int) -> str:
        x = self.block(x, f"{name}.0", f"{name}.1", stride=stride)
        return self.block(x, f"{name}.3", f"{name}.4")

    def stage(self, x: str, name: str, strides: list[int], first: int = 0) -> str:
        for i, stride in enumerate(strides, first):
            x = self.separable(x, f"{name}.{i}", stride)
        return x

    def merged(self, fine: str, coarse: str, name: str) -> str:
        size = self.g.node("Shape", [fine])
        empty = self.g.weight(np.zeros(0, np.float32))
        up = self.g.node("Resize", [coarse, empty, empty, size], mode="nearest", nearest_mode="floor",
                         coordinate_transformation_mode="asymmetric")  # fmt: skip
        return self.block(self.g.add(fine, up), f"{name}.0", f"{name}.1")

    def context(self, x: str, name: str) -> str:
        """An SSH block: three depths of context side by side."""
        shallow = self.block(x, f"{name}.conv3X3.0", f"{name}.conv3X3.1", leaky=False)
        half = self.block(x, f"{name}.conv5X5_1.0", f"{name}.conv5X5_1.1")
        middle = self.block(half, f"{name}.conv5X5_2.0", f"{name}.conv5X5_2.1", leaky=False)
        deep = self.block(half, f"{name}.conv7X7_2.0", f"{name}.conv7X7_2.1")
        deep = self.block(deep, f"{name}.conv7x7_3.0", f"{name}.conv7x7_3.1", leaky=False)
        return self.g.relu(self.g.node("Concat", [shallow, middle, deep], axis=1))

    def head(self, x: str, name: str, values: int) -> str:
        w = self._weights
        y = self.g.conv(x, w[f"{name}.conv1x1.weight"], w[f"{name}.conv1x1.bias"])
        rows = self.g.node("Transpose", [y], perm=[0, 2, 3, 1])
        return self.g.node("Reshape", [rows, self.g.weight(np.array([1, -1, values], np.int64))])

    def heads(self, levels: list[str], name: str, values: int) -> str:
        return self.g.node("Concat", [self.head(x, f"{name}.{i}", values) for i, x in enumerate(levels)], axis=1)


def convert(data: bytes, path: Path) -> None:
    """Input: 1 x 3 x rows x columns, BGR less its mean, of sizes that 32 divides. Outputs a row an anchor."""
    net = _Net(read(data))
    x = net.block("image", "body.stage1.0.0", "body.stage1.0.1", stride=2)
    one = net.stage(x, "body.stage1", [1, 2, 1, 2, 1], first=1)
    two = net.stage(one, "body.stage2", [2, 1, 1, 1, 1, 1])
    three = net.stage(two, "body.stage3", [2, 1])
    fine, middle, coarse = (
        net.block(s, f"fpn.output{i}.0", f"fpn.output{i}.1") for i, s in enumerate((one, two, three), 1)
    )
    middle = net.merged(middle, coarse, "fpn.merge2")
    fine = net.merged(fine, middle, "fpn.merge1")
    levels = [net.context(x, f"ssh{i}") for i, x in enumerate((fine, middle, coarse), 1)]
    classes = net.g.node("Softmax", [net.heads(levels, "ClassHead", 2)], axis=2)
    outputs = {
        "boxes": (net.heads(levels, "BboxHead", 4), [1, "anchors", 4]),
        "scores": (net.g.node("Gather", [classes, net.g.weight(np.array(1))], axis=2), [1, "anchors"]),
        "points": (net.heads(levels, "LandmarkHead", 10), [1, "anchors", 10]),
    }
    net.g.save(path, ("image", [1, 3, "rows", "columns"]), outputs)
