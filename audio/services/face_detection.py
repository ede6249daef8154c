"""Are there faces, and where?"""

from __future__ import annotations

from audio.services import faces

SERVICE = faces.service(
    name="face_detection",
    description="Says where faces are in a picture: turned, dark, small and very near ones too.",
    measure=lambda asked, face: (),
    describe=lambda asked, numbers: {},
    averaged=False,
    fields={},
    example={},
    models=(),
)
