"""Where heads are turned, and where eyes look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audio.services import faces
from audio.services.inputs import Schema

if TYPE_CHECKING:
    from audio.vision.face_detection import Face

_TURNS = {"yaw": "towards the right side of the picture", "pitch": "up", "roll": "clockwise, as one sees the picture"}


def say(asked: faces.Inputs, face: Face) -> dict[str, Any]:
    from audio.vision import gaze

    look = gaze.look(asked.image.rgb, face)
    spots = {"eye_left": look.eyes[0], "eye_right": look.eyes[1], "nose": look.nose}
    angles = dict(zip((f"head_{turn}" for turn in _TURNS), look.head, strict=True))
    angles |= {"gaze_yaw": look.gaze[0], "gaze_pitch": look.gaze[1]}
    return {
        **{name: [round(float(v)) for v in spot] for name, spot in spots.items()},
        **{name: round(angle, 4) for name, angle in angles.items()},
    }


def _angle(whose: str, turn: str) -> Schema:
    return {"type": "number", "description": f"{whose} {turn} in radians: above 0 {_TURNS[turn]}."}


SERVICE = faces.service(
    name="gaze_analysis",
    description="Says where heads are turned and where eyes look, and where the eyes and the nose are in the picture.",
    say=say,
    fields={
        "eye_left": faces.point("The middle of the iris that is left in the picture, in pixels."),
        "eye_right": faces.point("The middle of the other iris."),
        "nose": faces.point("The tip of the nose."),
        **{f"head_{turn}": _angle("The head's", turn) for turn in _TURNS},
        **{f"gaze_{turn}": _angle("The eyes'", turn) for turn in ("yaw", "pitch")},
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
