"""People as scene_analysis answers them, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audio.audience.observation import CONES, Cone, observe
from audio.audience.visit import Row, Visit

Entity = dict[str, Any]
FACE = 40.0


def person(x: float = 300.0, *, y: float = 100.0, height: float = 280.0, **more: Any) -> Entity:
    """Somebody in view. `gaze` in radians, with a full confidence, where it is given."""
    known = {f"{name}_confidence": 1.0 for name in ("gaze", "head") if name in more}
    return {
        "face_roi": [x, y, FACE, FACE],
        "face_roi_confidence": 0.9,
        "full_body_roi": [x - 40, y, 120.0, height],
        "full_body_roi_confidence": 0.9,
        **known,
        **more,
    }


def held(entity: Entity) -> Entity:
    return {**entity, "face_roi_confidence": 0, "full_body_roi_confidence": 0}


def visit(seconds: float, entity: Callable[[float], Entity], *, fps: float = 10, cone: Cone = CONES["facing"]) -> Row:
    """The visit of who was, at each time, `entity(time)`."""
    now: Visit | None = None
    for k in range(round(seconds * fps) + 1):
        seen = observe(k / fps, entity(k / fps), cone)
        if seen is not None:
            now = now.add(seen) if now else Visit.begin(seen)
    assert now is not None
    return now.row
