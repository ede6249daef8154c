"""What events cost, beside doing the same without them, in one run on this machine.

    python benchmarks/events_load.py [--readers 200] [--events 1000000]

- other requests while so many readers of server-sent events are open: ratio of medians, taken by turns;
- the end of the server with all of them open;
- CPU of a job of 8192 frames that makes no event, and of one that makes one, without and with a reader who follows,
  beside a session that stores nothing;
- from part to result over the SDK's stream, and the same by polling an asynchronous job;
- a month by hour of one stream from the sums, with so many events in the table, and from the events themselves.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import requests

from audio import client, wav
from audio.console import metrics
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.pcm import Pcm
from audio.stores import streams, sums
from audio.stores.database import Database
from audio.stores.sums import Sum
from audio.stores.tables import SUM_DAYS, SUMS

FRAMES, RATE = 8192, 16000


@contextmanager
def serving(data_dir: Path, workers: int) -> Iterator[tuple[subprocess.Popen[str], str, tuple[str, str]]]:
    settings = Settings(data_dir=str(data_dir))
    prepare(settings)
    database = Database(settings.database_url)
    with database.write() as connection:
        made = streams.create(connection, "load")
    database.close()
    command = [sys.executable, "-m", "audio.cli", "serve", "--port", "0", "--workers", str(workers)]
    environ = {**os.environ, "AUDIO_DATA_DIR": str(data_dir)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
    assert process.stdout is not None
    url = next(line for line in process.stdout if line.startswith("Listening")).split()[2]
    try:
        yield process, url, (made.client_id, made.access_token)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def cpu(pid: int) -> float:
    """Seconds of processor time of a process and its children, of the threads that they have now."""
    threads = (task for one in family(pid) for task in Path(f"/proc/{one}/task").iterdir())
    return sum(int((task / "schedstat").read_text().split()[0]) for task in threads) / 1e9


def noise(level: float, seed: int) -> bytes:
    samples = np.random.default_rng(seed).normal(0, level, (FRAMES, 1)).astype(np.int16)
    return wav.encode(Pcm(samples, RATE))


def readers(url: str, auth: tuple[str, str], count: int) -> list[socket.socket]:
    """Open connections that read events, as cheap as they can be here."""
    host, port = url.removeprefix("http://").split(":")
    import base64

    token = base64.b64encode(":".join(auth).encode()).decode()
    head = f"GET /api/1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Basic {token}\r\n\r\n"
    opened = []
    for _ in range(count):
        one = socket.create_connection((host, int(port)))
        one.sendall(head.encode())
        assert b" 200 " in one.recv(4096)
        opened.append(one)
    return opened


def medians(url: str, auth: tuple[str, str], count: int = 200) -> float:
    with requests.Session() as http:
        http.auth = auth
        times = []
        for _ in range(count):
            begin = time.perf_counter()
            http.post(f"{url}/services/dummy/1/jobs", json={"async": False}, timeout=10).raise_for_status()
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def other_requests(count: int) -> None:
    from audio.gateway import server_sent_events

    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), 2) as (process, url, auth):
        each = server_sent_events._EACH
        database = Database(Settings(data_dir=folder).database_url)
        with database.write() as connection:
            more = [streams.create(connection, f"r{n}") for n in range(-(-count // each))]
        pairs = []
        for _ in range(5):
            alone = medians(url, auth)
            opened = [s for m in more for s in readers(url, (m.client_id, m.access_token), each)][:count]
            pairs.append((alone, medians(url, auth)))
            for one in opened:
                one.close()
            time.sleep(0.5)
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"other requests beside {count} readers: {ratio:.2f} of the time without them")
        opened = [s for m in more for s in readers(url, (m.client_id, m.access_token), each)]
        begin = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        print(f"SIGTERM with {len(opened)} readers: ended after {time.perf_counter() - begin:.1f} s")


def jobs(rounds: int = 25, count: int = 60) -> None:
    """CPU of the server a job, by turns: quiet chunks, and chunks of which each begins or ends a sound."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), 1) as (process, url, auth):
        http = requests.Session()
        http.auth = auth
        quiet = [noise(10, n) for n in range(8)]
        lively = [noise(10 if n % 2 else 3000, n) for n in range(8)]
        followers: list[socket.socket] = []

        def run(chunks: list[bytes], session: str, store: bool) -> float:
            before = cpu(process.pid)
            for n in range(count):
                meta = f'{{"sound":"attachment://s","async":false,"store":{str(store).lower()},"state":{{"session_id":"{session}"}}}}'
                files = {
                    "attachment://s": ("s.wav", chunks[n % 8], "audio/wav"),
                    "meta": (None, meta, "application/json"),
                }
                http.post(f"{url}/services/sound_detection/1/jobs", files=files, timeout=30).raise_for_status()
            return (cpu(process.pid) - before) / count

        for name, chunks in (("no event", quiet), ("one event", lively), ("one event that is followed", lively)):
            if name.endswith("followed"):
                followers += readers(url, auth, 1)
                time.sleep(2.0)  # until all know of them
            ratios = []
            for n in range(rounds):
                without = run(chunks, f"{name}{n}a", store=False)
                ratios.append(run(chunks, f"{name}{n}b", store=True) / without)
            print(f"a job of {FRAMES} frames, {name}: {statistics.median(ratios):.3f} of one that stores nothing")


def stream_latency(parts: int = 200, gap: float = 0.05) -> None:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), 2) as (_, url, auth):
        service = client.connect(url, client_id=auth[0], access_token=auth[1]).services.get_service("dummy")
        sent: list[float] = []

        def data() -> Iterator[tuple[dict[str, Any], str, bytes]]:
            for _ in range(parts):
                time.sleep(gap)
                sent.append(time.perf_counter())
                yield {}, "", b""

        came = [time.perf_counter() for _ in service.stream(data=data())]
        over = sorted(b - a for a, b in zip(sent, came, strict=True))
        polled = []
        for _ in range(50):
            begin = time.perf_counter()
            service.process({}, async_=True).wait()
            polled.append(time.perf_counter() - begin)
        print(
            f"SDK stream, {len(came)} of {parts} parts: p50 {1000 * over[len(over) // 2]:.1f} ms, "
            f"p99 {1000 * over[int(len(over) * 0.99)]:.1f} ms; an asynchronous job that is polled: "
            f"p50 {1000 * statistics.median(polled):.0f} ms"
        )


def month(count: int) -> None:
    """10 streams, 90 days of each, of three services in every quarter: levels in some 30 bins, 12 directions."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=folder)
        prepare(settings)
        database = Database(settings.database_url)
        now = time.time()
        ids = [f"{n:036d}" for n in range(10)]
        random = np.random.default_rng(1)
        rows = [
            (
                ids[n % 10],
                "sound_detection/1",
                "sound_on",
                now - 90 * 86400 * float(at),
                '{"session_id":"s","level":-30.1}',
            )
            for n, at in enumerate(random.random(count))
        ]
        with database.write() as connection:
            raw = connection.connection.cursor()
            raw.executemany("INSERT INTO events (client_id, service, type, at, data) VALUES (?, ?, ?, ?, ?)", rows)
        quarters = range(int(now // sums.QUARTER) - 90 * 96, int(now // sums.QUARTER) + 1)
        for one in ids:
            made = [(one, service, quarter_of(random, q)) for service in SERVICES for q in quarters]
            with database.write_prepared() as direct:
                sums.add_all(direct, made)

        bounds = [(now // 3600 - n) * 3600 for n in range(720, -2, -1)]

        def by_sums(histograms: bool) -> None:
            with database.read() as connection:
                assert metrics.heard(connection, ids[3], bounds, histograms=histograms).sounds.sum() > 0

        def by_events() -> None:
            with database.read() as connection:
                connection.exec_driver_sql(
                    "SELECT CAST(at / 3600 AS INT), COUNT(*) FROM events WHERE client_id = ? AND at >= ? GROUP BY 1",
                    (ids[3], now - 30 * 86400),
                ).fetchall()

        def best(work: Any, *args: Any) -> float:
            times = []
            for _ in range(40):
                begin = time.perf_counter()
                work(*args)
                times.append(time.perf_counter() - begin)
            return 1000 * min(times)

        def say(services: int) -> None:
            print(
                f"a month by hour with {count} events, {services} service(s): {best(by_sums, False):.2f} ms from the "
                f"sums, {best(by_sums, True):.2f} ms with levels and directions; "
                f"{best(by_events):.1f} ms from the events"
            )

        say(len(SERVICES))
        with database.write() as connection:
            for service in SERVICES[1:]:
                for table in (SUMS, SUM_DAYS):
                    connection.execute(table.delete().where(table.c.service == service))
        say(1)
        database.close()


SERVICES = ("sound_detection/1", "voice_detection/1", "sound_localization/1")


def quarter_of(random: np.random.Generator, quarter: int) -> Sum:
    def counts(bins: np.ndarray, each: int) -> dict[int, int]:
        return {int(place): each * int(n) for place, n in zip(*np.unique(bins, return_counts=True), strict=True)}

    levels = np.clip(np.rint(random.normal(75, 6, 600)), 0, sums.LEVELS - 1)
    directions = random.integers(0, sums.DIRECTIONS, 12)
    return Sum(quarter, 900.0, 10.0, 12, counts(levels, 15), counts(directions, 1))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--events", type=int, default=1_000_000)
    args = parser.parse_args()
    assert threading.active_count() == 1
    other_requests(args.readers)
    jobs()
    stream_latency()
    month(args.events)


if __name__ == "__main__":
    main()
