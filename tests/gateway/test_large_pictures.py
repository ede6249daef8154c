"""A flood of large pictures, beside somebody who sends sounds."""

from __future__ import annotations

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from audio import image
from tests.gateway.client import WAV, Client
from tests.gateway.served import serving

PIXELS = (3648, 5472)  # 20 megapixels
DECODED = 3 * PIXELS[0] * PIXELS[1]  # 60 MB of red, green and blue


def picture() -> bytes:
    rows, columns = (np.arange(n) for n in PIXELS)
    slopes = np.add.outer(rows // 16, columns // 16).astype(np.uint8)
    return image.encode(image.Image(np.stack([slopes, slopes.T.reshape(slopes.shape), 255 - slopes], axis=2)), "jpg")


def seen(client: Client, service: str, data: bytes) -> int:
    files = {
        "meta": (None, json.dumps({"image": "attachment://image", "async": False}), "application/json"),
        "attachment://image": ("large.jpg", data, "image/jpeg"),
    }
    return client.http.post(f"{client.root}/services/{service}/1/jobs", files=files, timeout=120).status_code


def peak(process: int) -> int:
    """The most memory that it ever had, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) * 1024


@pytest.mark.parametrize("service", ["motion_detection", "face_detection"])
def test_a_flood_takes_little_more_memory_than_one_picture_and_no_sound_its_answer(
    service: str, tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime", reason="the extra vision is not installed")
    data = picture()
    with serving(tmp_path / "data", workers=1) as served:
        hearing, flooding = served.client(), served.client()
        (worker,) = served.workers()
        assert seen(flooding, service, data) == hearing.sound(WAV).status_code == 201
        one = peak(worker)
        heard, over = [], threading.Event()

        def hear() -> None:
            while not over.is_set():
                heard.append(hearing.sound(WAV).status_code)

        listener = threading.Thread(target=hear)
        listener.start()
        with ThreadPoolExecutor(6) as crowd:
            answers = list(crowd.map(lambda _: seen(flooding, service, data), range(20)))
        over.set()
        listener.join()
        assert set(answers) <= {201, 503}
        assert answers.count(201) >= 6
        assert heard and set(heard) == {201}
        assert peak(worker) - one < 3 * DECODED  # six at once, and all files
