"""The fields of what scene_analysis answers, and the names of its events."""

from __future__ import annotations

from typing import Any

from audio.services.fields import numbers, probability

EVENTS = (
    "appearance",
    "disappearance",
    "age_estimated",
    "gender_estimated",
    "focus_locked",
    "emotion_detected",
    "direction_estimated",
)
EMOTIONS = ("happiness", "surprise", "anger", "sadness")


def _known(kind: str, description: str) -> dict[str, Any]:
    return {"type": kind, "description": description}


_SURE = probability("The probability that this is so; 0: not seen now.")
_ROI = "Left, top, width and height in pixels"
_ENTITY: dict[str, Any] = {
    "face_roi": numbers(4, f"{_ROI} of the face; where no face is seen, of the place where it must be."),
    "face_roi_confidence": _SURE,
    "full_body_roi": numbers(4, f"{_ROI} of the whole body."),
    "full_body_roi_confidence": _SURE,
    "age": _known("integer", "How old the person looks, in years; not there until it is estimated."),
    "age_confidence": _SURE,
    "gender": {"type": "string", "enum": ["male", "female"], "description": "What networks take the person for."},
    "gender_confidence": _SURE,
    **{
        f"emotion_{name}": _known("number", f"How much {name} the face has, 0 to 1.") for name in ("neutral", *EMOTIONS)
    },
    "emotion_smiling_degree": _known("number", "How much of a smile, 0 to 1."),
    "emotion_confidence": _SURE,
    "face_eye": {
        "type": "array",
        "items": numbers(2, "An eye."),
        "description": "The eyes, left in the picture first; where no face is seen, where they must be.",
    },
    "face_mouth": numbers(2, "The middle of the mouth."),
    "face_nose": numbers(2, "The tip of the nose."),
    "face_confidence": _SURE,
    "gaze": numbers(
        2, "Yaw and pitch of the eyes in radians; 0: into the camera, or not known where the confidence is 0."
    ),
    "gaze_confidence": _SURE,
    "head": numbers(3, "Yaw, pitch and roll of the head in radians."),
    "head_confidence": _SURE,
    "direction": {
        "type": "string",
        "enum": ["unknown", "up", "right", "left", "down"],
        "description": "Of the way so far.",
    },
}
_EVENT = {
    "entity_id": _known("string", "Whose it is."),
    "entity_type": {"type": "string", "enum": ["human"], "description": "What it is of."},
    "type": {"type": "string", "enum": list(EVENTS), "description": "What happened."},
    "confidence": _SURE,
    "key": _known("string", "The field of the entity that tells more."),
}

OUTPUTS: dict[str, Any] = {
    "timestamp": {"type": "string", "description": "As it was sent; else the time at which the picture came."},
    "input_size": numbers(2, "Width and height of the picture in pixels."),
    "events": {
        "type": "array",
        "description": "What happened since the picture before.",
        "items": {"type": "object", "properties": _EVENT, "required": list(_EVENT)},
    },
    "entities": {
        "type": "object",
        "description": "Everybody who is there or has just gone, by identity.",
        "additionalProperties": {
            "type": "object",
            "properties": _ENTITY,
            "required": ["face_roi", "face_roi_confidence", "face_eye", "gaze", "gaze_confidence", "direction"],
        },
    },
}
