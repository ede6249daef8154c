"""What a picture costs in one request, against the networks that look at it.

Starts a gateway with one worker process and posts a picture of 640 x 480 over one kept-alive connection: grey JPEG of
quality 80, as clients of cameras send it, or colour of quality 90. In turn with that, in this process, the networks
alone run on the very arrays that a request gives them. Printed are processor time of both, in ms, as the best of
rounds, and their ratio.

    .venv/bin/python benchmarks/picture_cost.py [--rounds 8] [--only face] [--colour]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as audio serve does, before numpy is loaded
sys.path.insert(0, str(Path(__file__).parent))

import cv2
import numpy as np
from request_cost import BOUNDARY, cpu_seconds, server

from audio import image
from audio.services import registry
from audio.services.base import Service
from audio.vision import models

SERVICES = (
    "face_detection",
    "age_and_gender_estimation",
    "face_expression_estimation",
    "gaze_analysis",
    "upper_body_detection",
)
_A_ROUND = 12

Run = tuple[models.Model, tuple[Any, ...]]


def picture(colour: bool) -> bytes:
    """The astronaut within 640 x 480."""
    whole = image.decode((Path(__file__).parents[1] / "fixtures" / "astronaut.jpg").read_bytes())
    seen = cv2.resize(whole.rgb if colour else whole.grey, (480, 480), interpolation=cv2.INTER_AREA)
    canvas = np.full((480, 640, *seen.shape[2:]), 90, np.uint8)
    canvas[:, 80:560] = seen[..., ::-1] if colour else seen
    return bytes(cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, 90 if colour else 80])[1])


def runs_of(service: Service, data: bytes) -> list[Run]:
    """The runs of networks that one request makes."""
    seen: list[Run] = []
    call = models.Model.__call__

    def noted(model: models.Model, *inputs: Any) -> Any:
        seen.append((model, inputs))
        return call(model, *inputs)

    models.Model.__call__ = noted  # type: ignore[method-assign]
    try:
        service.compute(service.inputs(image=image.decode(data)), None)
    finally:
        models.Model.__call__ = call  # type: ignore[method-assign]
    return seen


def own_ms(act: Callable[[], object]) -> float:
    begin = time.process_time()
    for _ in range(_A_ROUND):
        act()
    return (time.process_time() - begin) / _A_ROUND * 1e3


def request_ms(
    pid: int, connection: http.client.HTTPConnection, path: str, headers: dict[str, str], body: bytes
) -> float:
    begin = cpu_seconds(pid)
    for _ in range(_A_ROUND):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 201:
            raise SystemExit(f"{path}: {answer.status} {content[:300]!r}")
    return (cpu_seconds(pid) - begin) / _A_ROUND * 1e3


def body_of(data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="%s"%s\r\nContent-Type: %s\r\n\r\n'
    part = (head % ("attachment://x", '; filename="x.jpg"', "image/jpeg")).encode() + data + b"\r\n"
    meta = json.dumps({"image": "attachment://x", "async": False}).encode()
    return part + (head % ("meta", "", "application/json")).encode() + meta + f"\r\n--{BOUNDARY}--\r\n".encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--only", default="", help="services whose name holds this")
    parser.add_argument("--colour", action="store_true")
    args = parser.parse_args()
    audio, data = str(Path(sys.executable).parent / "audio"), picture(args.colour)
    services = {n: registry.get(n, 1) for n in SERVICES if args.only in n}
    networks = {n: runs_of(s, data) for n, s in services.items() if s is not None}
    spent: dict[str, tuple[list[float], list[float]]] = {n: ([], []) for n in networks}
    with tempfile.TemporaryDirectory() as directory:
        made = subprocess.check_output([audio, "streams", "create", "bench", "--json", "--data-dir", directory])
        c = json.loads(made)
        token = b64encode(f"{c['client_id']}:{c['access_token']}".encode()).decode()
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Authorization": f"Basic {token}"}
        with server([audio, "serve", "--workers", "1", "--port", "0", "--data-dir", directory]) as (pid, netloc):
            connection = http.client.HTTPConnection(netloc, timeout=60)
            for _ in range(args.rounds):
                for name, runs in networks.items():
                    whole, own = spent[name]
                    whole.append(request_ms(pid, connection, f"/services/{name}/1/jobs", headers, body_of(data)))
                    own.append(own_ms(lambda runs=runs: [model(*given) for model, given in runs]))
    print(f"{'ms of one core':28}{'request':>9}{'networks':>10}{'ratio':>8}")
    for name, (whole, own) in spent.items():
        print(f"{name:28}{min(whole):9.1f}{min(own):10.1f}{min(whole) / min(own):8.2f}")


if __name__ == "__main__":
    main()
