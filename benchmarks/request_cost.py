"""What a request costs: a synchronous job of 8192 frames in a session against an empty POST of the same size.

Each has one worker process, and they take turns in one run. The bare server, on gunicorn's gthread, reads the body and
answers nothing; at another path it also parses the multipart body and decodes the WAV. Printed are requests a second
over four kept-alive connections, processor time of the server a request, the ratios to the empty POST, and what of it
the service itself computes, timed within the server. Before that, in one run with it: what a service computes, called
as a function, in ms of processor time a second of sound. Of speech neither is shown: its work is done in other
processes, and a repeated text comes from a cache. What pictures cost: `picture_cost.py`.

    .venv/bin/python benchmarks/request_cost.py [--seconds 2] [--rounds 5]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as audio serve does, before numpy is loaded

import numpy as np

from audio import wav
from audio.pcm import Pcm
from audio.services import registry
from audio.services.base import Service, State
from audio.services.inputs.sound import Sound

FRAMES = 8192
CONNECTIONS = 4
BOUNDARY = "boundary0123456789abcdef"
EMPTY, PARSED = "empty POST", "multipart and WAV alone"


@dataclass
class Target:
    """One thing to call: where, and what with."""

    name: str
    pid: int
    netloc: str
    path: str
    meta: dict[str, object]
    sound: bytes | None
    authorization: str = ""
    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    compute_us: list[float] = field(default_factory=list)

    def body(self, session: str) -> bytes:
        meta = json.dumps({**self.meta, "async": False, "state": {"session_id": session}}).encode()
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="%s"%s\r\nContent-Type: %s\r\n\r\n'
        parts = b""
        if self.sound is not None:
            parts = (head % ("attachment://x", '; filename="x.wav"', "audio/wav")).encode() + self.sound + b"\r\n"
        return parts + (head % ("meta", "", "application/json")).encode() + meta + f"\r\n--{BOUNDARY}--\r\n".encode()


def call(target: Target, session: str, until: float) -> int:
    """Post until that time over one connection; the number of answers."""
    connection = http.client.HTTPConnection(target.netloc, timeout=30)
    body = target.body(session)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Authorization": target.authorization}
    count = 0
    while not count or time.perf_counter() < until:
        connection.request("POST", target.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status == 503:  # a busy machine: as a client does, again
            continue
        if answer.status not in (200, 201):
            raise RuntimeError(f"{target.name}: {answer.status} {content[:300]!r}")
        count += 1
    connection.close()
    return count


def measure(target: Target, seconds: float, mark: str, computed: Computed) -> None:
    begin, cpu, before = time.perf_counter(), cpu_seconds(target.pid), computed.of(target.name)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        calls = [pool.submit(call, target, f"{mark}-{i}", begin + seconds) for i in range(CONNECTIONS)]
    count = sum(each.result() for each in calls)
    target.rates.append(count / (time.perf_counter() - begin))
    # The system counts in steps: what took less than one took up to one.
    took = max(cpu_seconds(target.pid) - cpu, 1 / os.sysconf("SC_CLK_TCK"))
    target.cpu_us.append(took / count * 1e6)
    target.compute_us.append((computed.of(target.name) - before) / count * 1e6)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def child_of(pid: int) -> int:
    """The one worker of a gunicorn master."""
    while True:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return int(children[0])


class Computed:
    """Processor time of all computes of a service, in seconds, as the server of SERVE adds them up in a file."""

    def __init__(self, path: Path) -> None:
        names = [f"{s.name} {s.version}" for s in registry.services().values()]
        self._place = {name: i for i, name in enumerate(names)}
        self._sums = np.memmap(path, float, "w+", shape=(len(names),))

    def of(self, name: str) -> float:
        place = self._place.get(name)
        return 0.0 if place is None else float(self._sums[place])


SERVE = """
import sys, time
import numpy as np
from audio import cli
from audio.services import registry

def timed(place, compute):
    def within(*arguments):
        begin = time.thread_time()
        try:
            return compute(*arguments)
        finally:
            sums[place] += time.thread_time() - begin
    return within

sums = np.memmap(sys.argv.pop(1), float, "r+")
for place, service in enumerate(registry.services().values()):
    object.__setattr__(service, "compute", timed(place, service.compute))
sys.exit(cli.main(sys.argv[1:]))
"""

BARE = """
import io, sys
from gunicorn.app.base import BaseApplication
from multipart import PushMultipartParser
from audio import wav
from audio.gateway.multipart_parts import split

def app(environ, start_response):
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if environ["PATH_INFO"] == "/parsed":
        for name, filename, kind, data in split(body, boundary):
            if filename:
                wav.decode(data)
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]

class Bare(BaseApplication):
    def load_config(self):
        values = dict(bind="127.0.0.1:0", workers=1, threads=16, worker_class="gthread", keepalive=75)
        for name, value in dict(values, loglevel="warning", when_ready=ready).items():
            self.cfg.set(name, value)
    def load(self):
        return app

def ready(arbiter):
    print("http://127.0.0.1:%d" % arbiter.LISTENERS[0].sock.getsockname()[1], flush=True)

sys.argv[1:], boundary = [], sys.argv[1]
Bare().run()
"""


@contextmanager
def server(command: list[str]) -> Iterator[tuple[int, str]]:
    """A server as a child process: its worker's pid and its URL, which is the first one that it prints."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"https?://[\w.:]+", line)
            if found:
                yield child_of(process.pid), urlsplit(found[0]).netloc
                return
        raise SystemExit(f"{command} did not start")
    finally:
        process.terminate()
        process.wait()


def recording(channels: int) -> Pcm:
    """Real sound from fixtures/: a voice in noise, or a speaker before two microphones."""
    name = "moving_speaker.wav" if channels == 2 else "voice.wav"
    return wav.decode((Path(__file__).parents[1] / "fixtures" / name).read_bytes())


def sounds_of(service: Service) -> dict[str, Sound]:
    return {n: d for n, d in service.declarations.items() if isinstance(d, Sound)}


def compute_us(service: Service, rounds: int) -> float:
    """Processor time of one chunk in a session, in microseconds: the best of some rounds over a recording."""
    pcm = recording(next(iter(sounds_of(service).values())).channels or 1)
    chunks = pcm.chunks(FRAMES)
    given = {k: v for k, v in service.example[0].items() if k != "sound"}
    inputs = [service.inputs(**given, sound=chunk) for chunk in chunks]
    best = float("inf")
    for _ in range(rounds):
        state: State | None = {}
        begin = time.process_time()
        for one in inputs:
            _, state = service.compute(one, state)
        best = min(best, (time.process_time() - begin) / pcm.frames * FRAMES)
    return best * 1e6


def targets(bare: tuple[int, str], gateway: tuple[int, str], authorization: str) -> list[Target]:
    found = []
    for service in registry.services().values():
        sounds = sounds_of(service)
        if service.files.keys() - sounds:
            continue
        meta = {k: v for k, v in service.example[0].items() if k not in sounds}
        meta |= dict.fromkeys(sounds, "attachment://x")
        sound = None
        for d in sounds.values():
            sound = wav.encode(recording(d.channels or 1).chunks(FRAMES)[5])
        path = f"/services/{service.name}/{service.version}/jobs"
        found.append(Target(f"{service.name} {service.version}", *gateway, path, meta, sound, authorization))
    mono = wav.encode(recording(1).chunks(FRAMES)[5])
    plain: dict[str, object] = {"sound": "attachment://x"}
    return [Target(EMPTY, *bare, "/", plain, mono), Target(PARSED, *bare, "/parsed", plain, mono), *found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="services whose name holds this")
    args = parser.parse_args()
    audio = str(Path(sys.executable).parent / "audio")
    with tempfile.TemporaryDirectory() as data:
        made = subprocess.check_output([audio, "streams", "create", "bench", "--json", "--data-dir", data])
        c = json.loads(made)
        authorization = "Basic " + b64encode(f"{c['client_id']}:{c['access_token']}".encode()).decode()
        serve = ["serve", "--workers", "1", "--port", "0", "--data-dir", data]
        os.environ["AUDIO_RESULT_QUOTA_MB"] = "100000"
        sums = Path(data) / "computed"
        computed = Computed(sums)
        command = [sys.executable, "-c", SERVE, str(sums), *serve]
        with server([sys.executable, "-c", BARE, BOUNDARY]) as bare, server(command) as gateway:
            found = targets(bare, gateway, authorization)
            if args.only:
                found = [t for t in found if t.name in (EMPTY, PARSED) or args.only in t.name]
            for t in found:
                measure(t, 0.5, "warm", computed)
                t.rates.clear()
                t.cpu_us.clear()
                t.compute_us.clear()
            for i in range(args.rounds):
                for t in found:
                    measure(t, args.seconds, f"{i}", computed)
    alone = [s for s in registry.services().values() if sounds_of(s) and (not args.only or args.only in s.name)]
    print(f"{'':26}{'ms a second of sound':>22}")
    for s in alone:
        pcm = recording(next(iter(sounds_of(s).values())).channels or 1)
        us = compute_us(s, args.rounds)
        print(f"{f'{s.name} {s.version}':26}{us / 1000 / (FRAMES / pcm.rate):22.2f}")
    print(f"\n{'':26}{'requests/s':>12}{'of empty':>10}{'server CPU us':>15}{'empty / it':>12}{'compute us':>12}")
    for t in found:
        rate, cpu = statistics.median(t.rates), statistics.median(t.cpu_us)
        own = (
            f"{statistics.median(t.compute_us):12.0f}" if any(t.name == f"{s.name} {s.version}" for s in alone) else ""
        )
        of_rate = statistics.median(a / b for a, b in zip(t.rates, found[0].rates, strict=True))
        of_cpu = statistics.median(b / a for a, b in zip(t.cpu_us, found[0].cpu_us, strict=True))
        print(f"{t.name:26}{rate:12.0f}{of_rate:10.2f}{cpu:15.0f}{of_cpu:12.2f}{own}")


if __name__ == "__main__":
    main()
