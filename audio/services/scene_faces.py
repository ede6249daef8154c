"""What is seen of the faces in a picture of a scene, as fields of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from audio.image import Image

if TYPE_CHECKING:
    from audio.vision.face_detection import Face
    from audio.vision.face_mesh import Mesh

# A face is one from this score on, and counts where the mesh finds one as well: a detector alone takes backs of heads
# for faces. Chosen, as are the sizes: a head's direction can be told of smaller faces than that of the eyes.
LEAST_SCORE, LEAST_PRESENCE = 0.5, 0.5
_LEAST_HEIGHT = 16.0
_GAZE_FROM, _GAZE_FULL = 24.0, 64.0
# Of a face whose age or expression is looked at: its height in pixels and how far its head may be turned, in radians.
READABLE_HEIGHT, READABLE_TURN = 28.0, 0.7


@dataclass(frozen=True)
class Seen:
    """A face that the mesh confirms. fields: of the answer."""

    face: Face
    mesh: Mesh
    fields: dict[str, Any]

    @property
    def readable(self) -> bool:
        return float(self.face.box[3]) >= READABLE_HEIGHT and abs(self.fields["head"][0]) <= READABLE_TURN


def see(image: Image) -> list[Seen]:
    """The faces of a picture, the surest first."""
    from audio.vision import face_detection, face_mesh

    seen = []
    for face in face_detection.detect(image.rgb, LEAST_SCORE):
        if face.box[3] >= _LEAST_HEIGHT:
            mesh = face_mesh.fit(image.rgb, face)
            if mesh.presence >= LEAST_PRESENCE:
                seen.append(Seen(face, mesh, _fields(image, face, mesh)))
    return seen


def _fields(image: Image, face: Face, mesh: Mesh) -> dict[str, Any]:
    from audio.vision import gaze
    from audio.vision.boxes import clipped

    look = gaze.read(mesh)
    near = float(np.clip((face.box[3] - _GAZE_FROM) / (_GAZE_FULL - _GAZE_FROM), 0, 1))
    mouth = (face.points[3] + face.points[4]) / 2
    sure = round(mesh.presence, 4)
    return {
        "face_roi": clipped(face.box, image.width, image.height),
        "face_roi_confidence": round(face.score, 4),
        "face_eye": [[round(float(v)) for v in eye] for eye in look.eyes],
        "face_nose": [round(float(v)) for v in look.nose],
        "face_mouth": [round(float(v)) for v in mouth],
        "face_confidence": sure,
        "head": [round(angle, 4) for angle in look.head],
        "head_confidence": sure,
        "gaze": [round(angle, 4) for angle in look.gaze],
        "gaze_confidence": round(mesh.presence * near, 4),
    }


def expression(image: Image, seen: Seen) -> dict[str, Any]:
    from audio.vision import face_expression

    shares = face_expression.estimate(image.rgb, seen.face, seen.mesh)
    fields = {f"emotion_{name}": round(share, 4) for name, share in shares.items()}
    smile = fields["emotion_happiness"]
    return {**fields, "emotion_smiling_degree": smile, "emotion_confidence": round(seen.mesh.presence, 4)}
