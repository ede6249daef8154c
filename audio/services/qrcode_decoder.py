"""Is there a QR code, and what does it say?"""

from __future__ import annotations

from dataclasses import dataclass

from audio.image import Image, turn
from audio.services.base import Output, Service, State
from audio.services.inputs import picture


@dataclass(frozen=True)
class Inputs:
    image: Image = picture(about="The picture to look at.")


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    from audio.vision import qrcode

    with turn(inputs.image):
        code = qrcode.read(inputs.image.grey)
    return {} if code is None else {"type": "QRCODE", "data": code.text}, state


SERVICE = Service(
    name="qrcode_decoder",
    version=1,
    description=(
        "Reads a QR code or a micro QR code: small, turned, tilted, soft and dark ones too. Of several the largest. "
        "Where there is none, the answer has neither field."
    ),
    inputs=Inputs,
    outputs={
        "type": {"type": "string", "enum": ["QRCODE"], "description": "The kind of the code."},
        "data": {"type": "string", "description": "What it says."},
    },
    sometimes=frozenset({"type", "data"}),
    compute=compute,
    example=({"image": "attachment://image.jpg"}, {"type": "QRCODE", "data": "http://www.angus.ai"}),
    requires=("cv2", "zxingcpp"),
    extra="vision",
)
