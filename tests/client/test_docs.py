"""The page on the client says what is so: its code runs, from the first block to the last."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio import wav
from audio.pcm import Pcm
from tests.client.needs import needs
from tests.conftest import FIXTURES, RunningGateway

PAGE = FIXTURES.parent / "docs" / "client.md"


@needs("sound_detection", "voice_detection", "text_to_speech")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the page opens files as short samples do
def test_the_code_of_the_page(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) > 8
    noise = np.random.default_rng(1).normal(0, 3, (48000, 1))
    noise[16000:32000] *= 1000
    Path("sound.wav").write_bytes(wav.encode(Pcm(noise.astype(np.int16), 16000)))
    Path("music.flac").write_bytes(b"fLaC" + bytes(100))
    monkeypatch.setenv("AUDIO_GATEWAY", gateway.url)
    monkeypatch.setenv("AUDIO_CLIENT_ID", gateway.client_id)
    monkeypatch.setenv("AUDIO_ACCESS_TOKEN", gateway.access_token)
    names: dict[str, Any] = {
        "URL": gateway.url,
        "CLIENT_ID": gateway.client_id,
        "ACCESS_TOKEN": gateway.access_token,
    }
    for number, block in enumerate(blocks, 1):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)  # noqa: S102
    assert wav.decode(Path("output.wav").read_bytes()).frames > 0
