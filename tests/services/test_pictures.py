"""What every service that sees keeps to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audio import image
from audio.services import registry
from audio.services.inputs import Picture

SEEING = sorted(
    {
        name
        for (name, _), service in registry.services().items()
        if any(isinstance(file, Picture) for file in service.files.values())
    }
)


@pytest.mark.parametrize("name", SEEING)
def test_a_large_picture_is_decoded_in_its_turn_and_let_go_of(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = image.encode(image.Image(np.full((60, 80, 3), 90, np.uint8)))
    decode, in_turn = image._decoded, list[bool]()

    def decoded(*given: Any) -> Any:
        in_turn.append(image._large.locked())
        return decode(*given)

    monkeypatch.setattr(image, "LARGE", 80 * 60)
    monkeypatch.setattr(image, "_decoded", decoded)
    service, picture = registry.services()[name, 1], image.decode(data)
    album = {"album": {}} if name == "face_recognition" else {}
    service.compute(service.inputs(image=picture, **album), {})
    assert in_turn == [True]
    assert "pixels" not in vars(picture)
