"""Is there anything moving, and where?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audio import image as pictures
from audio.image import Image
from audio.services.base import Output, Service, State
from audio.services.fields import numbers, probability, size
from audio.services.inputs import picture


@dataclass(frozen=True)
class Inputs:
    image: Image = picture(about="The next picture of a stream.")


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    """The picture before is kept as a JPEG, at the size at which it is looked at: a tenth of its pixels."""
    targets: list[dict[str, Any]] = []
    if state is not None:
        targets, state = _compared(inputs.image, state)
    return {"input_size": inputs.image.size, "nb_targets": len(targets), "targets": targets}, state


def _compared(image: Image, state: State) -> tuple[list[dict[str, Any]], State]:
    from audio.vision import motion

    with pictures.turn(image):
        grey, scale = motion.reduced(image.grey)
    known = motion.NOTHING_KNOWN
    found: list[motion.Group] = []
    before = pictures.decode(state["before"]).grey if state else None
    if before is not None and before.shape == grey.shape:
        found, known = motion.between(before, grey, state["known"])
    targets = [
        {
            "mean_position": [round(group.x / scale), round(group.y / scale)],
            "mean_velocity": [round(group.vx / scale, 2), round(group.vy / scale, 2)],
            "confidence": round(group.confidence, 4),
        }
        for group in sorted(found, key=lambda group: -group.count)
    ]
    return targets, {"before": pictures.encode(Image(grey), "jpg"), "known": known}


SERVICE = Service(
    name="motion_detection",
    version=1,
    description=(
        "Says what moves between a picture and the one before it in its session: where, and by how much. What the "
        "camera and the light do is no motion. The first picture of a session, and one without a session, show none."
    ),
    inputs=Inputs,
    outputs={
        "input_size": size(),
        "nb_targets": {"type": "integer", "minimum": 0, "description": "How many things move."},
        "targets": {
            "type": "array",
            "description": "What moves, the most significant first.",
            "items": {
                "type": "object",
                "properties": {
                    "mean_position": numbers(2, "The middle of what moves, in pixels.", "integer"),
                    "mean_velocity": numbers(2, "By how much it moved since the picture before, in pixels."),
                    "confidence": probability(
                        "How significant it is: grows with the number of keypoints that move alike."
                    ),
                },
                "required": ["mean_position", "mean_velocity", "confidence"],
            },
        },
    },
    compute=compute,
    example=(
        {"image": "attachment://image.jpg"},
        {
            "input_size": [640, 480],
            "nb_targets": 1,
            "targets": [{"mean_position": [34, 54], "mean_velocity": [5.1, 10.3], "confidence": 0.45}],
        },
    ),
    requires=("cv2", "scipy"),
    extra="vision",
)
