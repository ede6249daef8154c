"""How many streams a gateway holds in real time.

Open loop: each stream has a session and a kept-alive connection, and a chunk of 8192 frames that is due each so often,
whether or not the one before was answered. A chunk takes from when it was due to its answer. All streams begin within
the length of one chunk. Held: nothing refused, and 99 of 100 answered within the length of a chunk. The gateway is
started here; the client runs on the same processor.

    .venv/bin/python benchmarks/streams.py [--service "sound_detection 1"] [--streams 100 200] [--rate 48000]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from base64 import b64encode
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import uvloop
from events_load import cpu, serving
from request_cost import BOUNDARY, FRAMES, Target, recording, sounds_of

from audio import wav
from audio.services import registry
from audio.services.base import Service


@dataclass
class Seen:
    """What the streams of one run met: seconds from due to answered, and how many were refused, by status."""

    seconds: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)

    def quantile(self, share: float) -> float:
        return sorted(self.seconds)[int((len(self.seconds) - 1) * share)]


async def stream(target: Target, sounds: list[bytes], period: float, session: str, due: float, end: float) -> Seen:
    """One client, from its first chunk to the end, both on the clock of the loop."""
    seen, loop = Seen(), asyncio.get_running_loop()
    host, port = target.netloc.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = target.body(session)
    assert target.sound is not None
    before, _, after = body.partition(target.sound)
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nAuthorization: {target.authorization}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    for sound in cycle(sounds):  # all of one length
        if due >= end:
            break
        await asyncio.sleep(due - loop.time())
        writer.write(b"".join((head, before, sound, after)))
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(answer.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        seen.seconds.append(loop.time() - due)
        if (status := int(answer[9:12])) != 201:
            seen.refused[status] = seen.refused.get(status, 0) + 1
        due += period
    writer.close()
    await writer.wait_closed()
    return seen


async def measure(target: Target, sounds: list[bytes], period: float, count: int, seconds: float) -> Seen:
    begin = asyncio.get_running_loop().time() + 0.5
    each = await asyncio.gather(
        *(
            stream(target, sounds, period, f"{count}-{i}", begin + period * i / count, begin + seconds)
            for i in range(count)
        )
    )
    total = Seen()
    for seen in each:
        total.seconds += seen.seconds
        for status, refused in seen.refused.items():
            total.refused[status] = total.refused.get(status, 0) + refused
    return total


def chunks_of(service: Service, rate: int | None) -> tuple[list[bytes], float]:
    """Sounds to send one after another, and the seconds that each lasts."""
    pcm = recording(next(iter(sounds_of(service).values())).channels or 1)
    played = rate or pcm.rate
    chunks = [replace(c, rate=played) for c in pcm.chunks(FRAMES) if c.frames == FRAMES]
    return [wav.encode(c) for c in chunks], FRAMES / played


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--service", default="sound_detection 1")
    parser.add_argument("--streams", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rate", type=int, help="of the sound, in Hz: the recording is played faster")
    args = parser.parse_args()
    os.environ.setdefault("AUDIO_SESSION_QUOTA", str(10 * sum(args.streams)))
    service = next(s for s in registry.services().values() if f"{s.name} {s.version}" == args.service)
    sounds, period = chunks_of(service, args.rate)
    files = sounds_of(service)
    meta = {k: v for k, v in service.example[0].items() if k not in files} | dict.fromkeys(files, "attachment://x")
    path = f"/services/{service.name}/{service.version}/jobs"
    print(f"{'streams':>8}{'chunks/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'cores':>7}  refused")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), args.workers) as (process, url, credentials):
        authorization = "Basic " + b64encode(":".join(credentials).encode()).decode()
        target = Target(args.service, process.pid, urlsplit(url).netloc, path, meta, sounds[0], authorization)
        uvloop.run(measure(target, sounds, period, args.workers * 4, 2.0))  # what is loaded first is loaded
        for count in args.streams:
            before = cpu(process.pid)
            seen = uvloop.run(measure(target, sounds, period, count, args.seconds))
            cores = (cpu(process.pid) - before) / args.seconds
            held = not seen.refused and seen.quantile(0.99) < period
            print(
                f"{count:8}{len(seen.seconds) / args.seconds:10.0f}{1e3 * seen.quantile(0.5):9.1f}"
                f"{1e3 * seen.quantile(0.99):9.1f}{cores:7.2f}  {seen.refused or 'none'}{', held' if held else ''}",
                flush=True,
            )


if __name__ == "__main__":
    main()
