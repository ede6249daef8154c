"""What the audience's figures need of a person in one frame.

Conventions: pixels, x to the right, y down; a roi is [x, y, width, height]; radians, yaw and pitch are 0 for who looks
into the camera, pitch grows upward; seconds of the session's clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Of a gaze, a head or an expression: below it, it is not known. Chosen; so are the cones.
KNOWN = 0.3
# The height of a body in face sizes: standing people are 7 to 7.5 heads tall.
HEADS = 7.0


@dataclass(frozen=True)
class Cone:
    """The directions that count as towards the camera, in radians. down, up: of the pitch."""

    yaw: float
    down: float
    up: float

    def holds(self, yaw: float, pitch: float) -> bool:
        return abs(yaw) <= self.yaw and -self.down <= pitch <= self.up


# Towards a camera at the height of the eyes, and one at the ceiling, to which people look up.
CONES = {
    "facing": Cone(math.radians(25), math.radians(20), math.radians(20)),
    "ceiling": Cone(math.radians(25), math.radians(10), math.radians(45)),
}


@dataclass(frozen=True)
class Observation:
    """One person in one frame.

    time: s. x, y: centre of the body, else of the face. height: of that box. face: longer side of the face. All in
    pixels. looking: towards the camera. happiness: 0 to 1 while looking, None: not known. age, gender: None: not known.
    """

    time: float
    x: float
    y: float
    height: float
    face: float
    looking: bool
    happiness: float | None = None
    age: float | None = None
    gender: str | None = None


def observe(time: float, entity: Mapping[str, Any], cone: Cone = CONES["facing"]) -> Observation | None:
    """What `entity`, as scene_analysis answers it, tells of a person. None: held over, as nobody saw it in this frame.

    time: s. entity: has `face_roi`, and where they are known `full_body_roi`, `gaze`, `head`, `emotion_happiness`,
    `age`, `gender`, and the confidences of these.
    """
    if not (entity.get("full_body_roi_confidence", 0) > 0 or entity.get("face_roi_confidence", 0) > 0):
        return None
    x, y, width, height = entity.get("full_body_roi") or entity["face_roi"]
    _, _, face_width, face_height = entity["face_roi"]
    towards = looking(entity, cone)
    known = towards and entity.get("emotion_confidence", 0) >= KNOWN
    return Observation(
        time=time,
        x=x + width / 2,
        y=y + height / 2,
        height=height,
        face=max(face_width, face_height) if face_width else height / HEADS,
        looking=towards,
        happiness=entity.get("emotion_happiness") if known else None,
        age=entity.get("age"),
        gender=entity.get("gender"),
    )


def looking(entity: Mapping[str, Any], cone: Cone) -> bool:
    """Whether the gaze, else the head, points into the cone. No face, or neither known: no."""
    for name in ("gaze", "head"):
        direction = entity.get(name)
        if direction and entity.get(f"{name}_confidence", 0) >= KNOWN:
            return cone.holds(direction[0], direction[1])
    return False
