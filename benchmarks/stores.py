"""What the stores of several machines cost: synchronous jobs of 8192 frames in sessions, and asynchronous ones.

One gateway process on SQLite and LMDB, and one on PostgreSQL and Redis, in turn in one run; the servers are started for
it, on this machine, and may lose what they have when it loses its power (fsync off). Printed are requests a second over
eight connections, and processor time a request of the gateway, of Redis and of PostgreSQL.

    .venv/bin/python benchmarks/stores.py [--seconds 3] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import requests

from audio import wav
from audio.pcm import Pcm
from tests import servers
from tests.gateway.served import Served, serving

CONNECTIONS = 8
SOUND = wav.encode(Pcm(np.random.default_rng(1).integers(-3000, 3000, (8192, 1)).astype(np.int16), 16000))
TICK = os.sysconf("SC_CLK_TCK")


def cpu(pids: list[int]) -> float:
    """Seconds of these processes and of their children, which live or are waited for."""
    total = 0.0
    for pid in pids:
        for name in (str(pid), *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / TICK
    return total


def run(served: Served, meta: dict[str, object], service: str, seconds: float) -> int:
    """How many requests were answered in that time."""
    url, auth = f"{served.url}/services/{service}/1/jobs", served.client().http.auth
    done: list[int] = []

    def post() -> None:
        session, count, deadline = str(uuid.uuid4()), 0, time.monotonic() + seconds
        with requests.Session() as http:
            http.auth = auth
            while time.monotonic() < deadline:
                body = {**meta, "state": {"session_id": session}}
                parts = {"meta": (None, json.dumps(body), "application/json")}
                if service != "dummy":
                    parts["attachment://sound"] = ("s.wav", SOUND, "audio/wav")
                count += http.post(url, files=parts, timeout=60).status_code < 300
        done.append(count)

    threads = [threading.Thread(target=post) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with servers.postgres() as postgres, servers.redis_server() as redis, tempfile.TemporaryDirectory() as folder:
        assert postgres.process is not None
        assert redis.process is not None
        with (
            serving(Path(folder) / "alone", workers=1) as alone,
            serving(Path(folder) / "several", workers=1, database=postgres.fresh(), sessions=redis.url) as several,
        ):
            for service, meta in (
                ("dummy", {"async": False}),
                ("sound_detection", {"async": False, "sound": "attachment://sound"}),
                ("dummy", {"async": True}),
            ):
                for served, kind in ((alone, "SQLite, LMDB"), (several, "PostgreSQL, Redis")):
                    pids = [served.workers(), [redis.process.pid], [postgres.process.pid]]
                    rates, costs = [], []
                    for _ in range(args.rounds):
                        before, begun = [cpu(group) for group in pids], time.monotonic()
                        count = run(served, meta, service, args.seconds)
                        rates.append(count / (time.monotonic() - begun))
                        costs.append([1e6 * (cpu(g) - b) / count for g, b in zip(pids, before, strict=True)])
                    shown = " ".join(f"{statistics.median(each):6.0f}" for each in zip(*costs, strict=True))
                    how = "asynchronous" if meta["async"] else "synchronous"
                    print(f"{service:16} {how:13} {kind:18} {statistics.median(rates):6.0f}/s  us: {shown}", flush=True)


if __name__ == "__main__":
    main()
