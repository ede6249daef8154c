"""A day of a busy shop through the gateway, and its figures beside the truth.

    python -m benchmarks.busy_shop [--visits 5000] [--workers 1 2] [--cameras 4] [--seed 1] [--kill] [--stay]

Every frame in which anybody is before a camera goes to `audio serve` as a job of scene_analysis, which stores; models
alone see a list of visitors instead of the picture. Then every row, and every metric in one, by hour and by day, in UTC
and in a zone of half hours, is compared with what the list says, and the dashboard and the data API are timed. With
--kill the gateway is killed amid the day, all of it, and started again; cameras send again what was not answered.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
import uuid
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from audio.engine import opening
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import accounts, sign_ins, streams
from audio.stores.visits import VISITS
from benchmarks.busy_shop import visitors
from benchmarks.busy_shop.eyes import picture
from benchmarks.busy_shop.gateway import Gateway
from benchmarks.busy_shop.visitors import FPS, OPEN_HOURS, Visitor

_EMAIL = "shop@example.org"
_ZONES = ("UTC", "Asia/Kolkata")
# The surest answers of scene_analysis at once, but that of a gender, which must be told from none.
_SENSITIVITY = {"appearance": 1.0, "age_estimated": 1.0, "gender_estimated": 0.5}


@dataclass(frozen=True)
class Shop:
    """A gateway that serves it. cookie: of who is signed in to its console."""

    settings: Settings
    gateway: Gateway
    client_id: str
    access_token: str
    cookie: str

    @property
    def address(self) -> tuple[str, int]:
        return self.gateway.address

    def get(self, path: str, **headers: str) -> bytes:
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        if reply.status != 200:
            raise RuntimeError(f"{path}: {reply.status} {body[:300]!r}")
        return body


@contextmanager
def open_shop(args: argparse.Namespace, workers: int, folder: Path) -> Iterator[Shop]:
    settings = Settings(data_dir=str(folder / "data"))
    prepare(settings)
    with opening.database(settings) as (database, _), database.write() as connection:
        owner = accounts.create(connection, _EMAIL, "none", "admin")
        made = streams.create(connection, "shop", account_id=owner.id, plan="unlimited", tz="UTC")
        cookie = sign_ins.create(connection, owner.id, "127.0.0.1", "busy_shop")
    them = [str(args.visits), str(args.cameras), str(args.seed)]
    gateway = Gateway([*them, "--workers", str(workers), "--data-dir", settings.data_dir])
    try:
        yield Shop(settings, gateway, made.client_id, made.access_token, cookie)
    finally:
        gateway.stop()


def send(shop: Shop, them: Sequence[Visitor], camera: int, opened: datetime, failed: list[str], kill: bool) -> None:
    """The frames of one camera, one after the other, over two connections by turns: two workers take them by turns."""
    lines = [http.client.HTTPConnection(*shop.address, timeout=60) for _ in range(2)]
    session = str(uuid.uuid4())
    login = b64encode(f"{shop.client_id}:{shop.access_token}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "multipart/form-data; boundary=part"}
    mine = [one for one in them if one.camera == camera]
    frames = list(visitors.by_frame(mine))
    for turn, (frame, _) in enumerate(frames):
        meta = {
            "image": "attachment://image",
            "timestamp": (opened + timedelta(seconds=frame / FPS)).isoformat(),
            "sensitivity": _SENSITIVITY,
            "store": True,
            "async": False,
            "state": {"session_id": session},
        }
        body = (
            b'--part\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n'
            + json.dumps(meta).encode()
            + b'\r\n--part\r\nContent-Disposition: form-data; name="attachment://image"; filename="i.png"\r\n'
            + b"Content-Type: image/png\r\n\r\n"
            + picture(camera, frame)
            + b"\r\n--part--\r\n"
        )
        status, said = shop.gateway.post(lines[turn % 2], body, headers)
        if status != 201:
            failed.append(f"camera {camera}, frame {frame}: {status} {said[:300]!r}")
            return
        if kill and turn == len(frames) // 2:
            shop.gateway.kill()


def fill(shop: Shop, them: Sequence[Visitor], cameras: int, opened: datetime, *, kill: bool) -> None:
    """All frames of all cameras. kill: the gateway, when half of the first camera's are answered."""
    failed: list[str] = []
    threads = [
        threading.Thread(target=send, args=(shop, them, camera, opened, failed, kill and camera == 0))
        for camera in range(cameras)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])


def rows_wrong(shop: Shop, them: Sequence[Visitor], opened: datetime) -> int:
    """How many rows are there that should not be, or are not there that should."""
    names = ("first", "last", "seen", "stop", "still_total", "look", "age", "gender", "happiness")
    with opening.database(shop.settings) as (database, _), database.read() as connection:
        found = connection.execute(sa.select(*(VISITS.c[name] for name in names))).all()
    stored = Counter(tuple(round(v, 6) if isinstance(v, float) else v for v in row) for row in found)
    zero = opened.timestamp()
    wanted = Counter((zero + v.first / FPS, zero + v.last / FPS, *v.row) for v in them if v.passes)
    return (stored - wanted).total() + (wanted - stored).total()


def figures_wrong(shop: Shop, them: Sequence[Visitor], opened: datetime) -> tuple[int, int]:
    """How many figures of the data API are not those of the list, and how many there are."""
    body = json.dumps({"username": _EMAIL, "client_id": shop.client_id, "access_token": shop.access_token})
    line = http.client.HTTPConnection(*shop.address, timeout=60)
    line.request("POST", "/api-token-authstream", body, {"Content-Type": "application/json"})
    token = json.loads(line.getresponse().read())["token"]
    wrong = whole = 0
    for zone in _ZONES:
        for kind in ("global", "by_hour", "by_day"):
            buckets: dict[str, list[Visitor]] = {}
            for one in them:
                at = (opened + timedelta(seconds=one.first / FPS)).astimezone(ZoneInfo(zone))
                hour = at.replace(minute=0, second=0, microsecond=0)
                start = {"global": "global", "by_hour": hour.isoformat(), "by_day": hour.replace(hour=0).isoformat()}
                buckets.setdefault(start[kind], []).append(one)
            found = json.loads(shop.get(query(opened, kind, zone), Authorization=f"Bearer {token}"))["entities"]
            for key in found.keys() | buckets.keys():
                truth = visitors.metrics(buckets.get(key, []))
                whole += len(truth)
                for name, value in truth.items():
                    if found.get(key, {}).get(name) != value:
                        wrong += 1
                        print(f"  {name} of {key}: {found.get(key, {}).get(name)}, in truth {value}")
    return wrong, whole


def query(opened: datetime, kind: str, zone: str = "UTC", **more: str) -> str:
    asked = {
        "metrics": ", ".join(visitors.metrics([])),
        "from_date": opened.isoformat(),
        "to_date": (opened + timedelta(hours=OPEN_HOURS + 1)).isoformat(),
        "time": kind,
        "tz": zone,
    }
    return f"/api/1/entities?{urlencode({**asked, **more})}"


def milliseconds(shop: Shop, path: str, times: int = 15) -> str:
    """Of a page, from request to the last byte: the median and the longest."""
    spent = []
    for _ in range(times):
        begin = time.perf_counter()
        shop.get(path, Cookie=f"audio_session={shop.cookie}", Accept="text/html")
        spent.append(1000 * (time.perf_counter() - begin))
    return f"{statistics.median(spent):.0f} ms, the longest of {times} {max(spent):.0f}"


def day(args: argparse.Namespace, workers: int, folder: Path) -> bool:
    """One day with so many workers; whether all its figures are right."""
    them = visitors.draw(args.visits, args.cameras, args.seed)
    now = datetime.now(timezone.utc)
    opened = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=OPEN_HOURS + 2)
    with open_shop(args, workers, folder) as shop:
        begin = time.perf_counter()
        fill(shop, them, args.cameras, opened, kill=args.kill)
        frames = len({(one.camera, frame) for one in them for frame in range(one.first, one.last + 1)})
        spent = time.perf_counter() - begin
        print(f"{workers} workers: {len(them)} visitors in {frames} pictures of {args.cameras} cameras, {spent:.0f} s")
        rows, (figures, whole) = rows_wrong(shop, them, opened), figures_wrong(shop, them, opened)
        print(f"  rows that are wrong: {rows}; figures that are: {figures} of {whole}")
        print(f"  of the day: {json.dumps(visitors.metrics(them))}")
        for period in ("24h", "30d&time=by_hour"):
            print(f"  dashboard, {period}: {milliseconds(shop, f'/dashboard/{shop.client_id}?period={period}')}")
        for kind in ("by_hour", "global"):
            print(f"  data API, {kind}: {milliseconds(shop, query(opened, kind, stream=shop.client_id))}")
        if args.stay:
            print(f"  http://{shop.address[0]}:{shop.address[1]}/dashboard/{shop.client_id} with the cookie")
            input(f"  audio_session={shop.cookie}; Return ends it")
    return not rows and not figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.busy_shop")
    parser.add_argument("--visits", type=int, default=5000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill", action="store_true", help="kill the gateway amid the day and start it again")
    parser.add_argument("--stay", action="store_true", help="go on serving, for a look at the dashboard")
    args = parser.parse_args()
    right = True
    for workers in args.workers:
        with tempfile.TemporaryDirectory() as folder:
            right &= day(args, workers, Path(folder))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
