"""Are there faces, and where?"""

from __future__ import annotations

from audio.services import faces

SERVICE = faces.service(
    name="face_detection",
    description="Says where faces are in a picture: turned, dark, small and very near ones too.",
    say=lambda asked, face: {},
    fields={},
    example={},
    models=(),
)
