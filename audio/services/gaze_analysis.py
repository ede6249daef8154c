"""Where heads are turned, and where eyes look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audio.services import faces
from audio.services.fields import numbers
from audio.services.inputs import Schema

if TYPE_CHECKING:
    from audio.vision.face_detection import Face

_TURNS = {"yaw": "towards the right side of the picture", "pitch": "up", "roll": "clockwise, as one sees the picture"}
_SPOTS = {
    "eye_left": "The middle of the iris that is left in the picture, in pixels.",
    "eye_right": "The middle of the other iris.",
    "nose": "The tip of the nose.",
}


def _angle(name: str) -> Schema:
    whose, turn = name.split("_")
    return {"type": "number", "description": f"The {whose}'s {turn} in radians: above 0 {_TURNS[turn]}."}


_ANGLES = {name: _angle(name) for name in ("head_yaw", "head_pitch", "head_roll", "gaze_yaw", "gaze_pitch")}


def measure(asked: faces.Inputs, face: Face) -> list[float]:
    from audio.vision import gaze

    look = gaze.look(asked.image.rgb, face)
    return [*look.eyes[0], *look.eyes[1], *look.nose, *look.head, *look.gaze]


def describe(asked: faces.Inputs, numbers: faces.Numbers) -> dict[str, Any]:
    spots = {name: [round(float(v)) for v in numbers[2 * i : 2 * i + 2]] for i, name in enumerate(_SPOTS)}
    return {**spots, **{name: round(float(angle), 4) for name, angle in zip(_ANGLES, numbers[6:], strict=True)}}


SERVICE = faces.service(
    name="gaze_analysis",
    description="Says where heads are turned and where eyes look, and where the eyes and the nose are in the picture.",
    measure=measure,
    describe=describe,
    averaged=False,
    fields={
        **{name: numbers(2, about, "integer") for name, about in _SPOTS.items()},
        **_ANGLES,
    },
    example={
        "eye_left": [352, 244],
        "eye_right": [370, 243],
        "nose": [362, 255],
        "head_yaw": 0.03,
        "head_pitch": 0.23,
        "head_roll": 0.14,
        "gaze_yaw": 0.05,
        "gaze_pitch": 0.12,
    },
    models=("face_mesh",),
)
