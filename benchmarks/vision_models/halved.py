"""An ONNX model whose weights are stored as 16 bit floats, and a mesh's shape out of a protobuf."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def convert(data: bytes, path: Path) -> None:
    """The same graph, with half the bytes."""
    model = onnx.load_model_from_string(data)
    kept, casts = [], []
    for weight in model.graph.initializer:
        if weight.data_type != TensorProto.FLOAT or int(np.prod(weight.dims)) < 2:
            kept.append(weight)
            continue
        name = f"{weight.name}_half"
        kept.append(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def canonical(data: bytes, path: Path) -> None:
    """The canonical face of MediaPipe: `points` (468 x 3, centimetres; x right, y up, z to the camera) and `weights`.

    The file holds them as runs of 32 bit floats: five a point (with two of a texture), then an index and a weight of
    each point that the pose is fitted to.
    """
    run = re.compile(rb"(?:\x1d.{4}){2340}", re.DOTALL).search(data)
    if run is None:
        raise ValueError("there are no 468 points")
    vertices = np.frombuffer(run.group(), np.uint8).reshape(-1, 5)[:, 1:].copy().view("<f4").reshape(468, 5)
    weights = np.zeros(468, np.float32)
    tail = data[run.end() :]
    for match in re.finditer(rb"\x08([\x80-\xff]?[\x00-\x7f])\x15(.{4})", tail, re.DOTALL):
        index = sum((byte & 0x7F) << 7 * i for i, byte in enumerate(match.group(1)))
        weights[index] = np.frombuffer(match.group(2), "<f4")[0]
    np.savez_compressed(path, points=vertices[:, :3], weights=weights)
