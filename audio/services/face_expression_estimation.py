"""Which of five expressions faces have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audio.services import faces
from audio.services.fields import probability

if TYPE_CHECKING:
    from audio.vision.face_detection import Face

NAMES = ("neutral", "happiness", "surprise", "anger", "sadness")


def measure(asked: faces.Inputs, face: Face) -> list[float]:
    from audio.vision import face_expression, face_mesh

    shares = face_expression.estimate(asked.image.rgb, face, face_mesh.fit(asked.image.rgb, face))
    return [shares[name] for name in NAMES]


def describe(asked: faces.Inputs, numbers: faces.Numbers) -> dict[str, Any]:
    return {name: round(float(share), 4) for name, share in zip(NAMES, numbers, strict=True)}


SERVICE = faces.service(
    name="face_expression_estimation",
    description="Says how much of five expressions the shape of a face has: of a face, not of what somebody feels.",
    measure=measure,
    describe=describe,
    averaged=False,
    fields={name: probability(f"How much {name} there is; the five make 1.") for name in NAMES},
    example={"neutral": 0.09, "happiness": 0.18, "surprise": 0.63, "anger": 0.01, "sadness": 0.09},
    models=("face_mesh", "face_expression"),
)
